"""From scored pairs to people."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.matching import clustering
from service.identity.matching.blocks import Places
from service.identity.matching.clustering import group
from service.identity.matching.model import Bits, probability

Matrix = list[list[float]]


def grouped(bits: Matrix, linked: set[tuple[int, int]] | None = None) -> tuple[list[set[int]], list[float]]:
    """Groups by a matrix of scores, of which these pairs are candidates: all without."""
    size = len(bits)
    table = np.array(bits).reshape(size, size)
    pairs = sorted(linked if linked is not None else set(combinations(range(size), 2)))
    first, second = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))

    def score(one: Places, other: Places) -> Bits:
        scores: Bits = table[np.minimum(one, other), np.maximum(one, other)]
        return scores

    found = group(size, first, second, table[first, second], score)
    members: dict[int, set[int]] = {}
    for record, label in enumerate(found.labels.tolist()):
        members.setdefault(label, set()).add(record)
    return sorted(members.values(), key=min), found.probabilities.tolist()


def by_hand(bits: Matrix) -> list[set[int]]:
    """Average linkage as it is defined, over all records."""
    chance = probability(np.array(bits).reshape(len(bits), len(bits)))
    groups = [{record} for record in range(len(bits))]
    while len(groups) > 1:
        means = {
            (a, b): np.mean([chance[min(x, y), max(x, y)] for x in groups[a] for y in groups[b]])
            for a, b in combinations(range(len(groups)), 2)
        }
        (a, b), best = max(means.items(), key=lambda item: item[1])
        if best < clustering.THRESHOLD:
            break
        groups[a] |= groups.pop(b)
    return sorted(groups, key=min)


@given(st.integers(1, 8), st.integers(0, 2**32))
def test_groups_are_those_of_average_linkage_within_components(size: int, seed: int) -> None:
    # Every pair is linked well enough to be of one component, and no two alike: then the order of merges is given.
    bits = np.random.default_rng(seed).uniform(-2.9, 6, (size, size)).tolist()
    assert grouped(bits)[0] == by_hand(bits)


def test_one_wrong_link_joins_nothing() -> None:
    bits = np.full((6, 6), -20.0)
    for three in ((0, 1, 2), (3, 4, 5)):
        for one, other in combinations(three, 2):
            bits[one, other] = 10
    bits[2, 3] = 5
    groups, sure = grouped(bits.tolist())
    assert groups == [{0, 1, 2}, {3, 4, 5}]
    assert sure == pytest.approx([float(probability(np.array(10.0)))] * 6)


def test_pairs_that_are_no_candidates_count_too() -> None:
    bits = np.full((3, 3), 10.0)
    assert grouped(bits.tolist(), {(0, 1), (1, 2)})[0] == [{0, 1, 2}]
    bits[0, 2] = -20
    assert len(grouped(bits.tolist(), {(0, 1), (1, 2)})[0]) == 2


def test_nothing_and_nobody() -> None:
    assert grouped([]) == ([], [])
    assert grouped([[0.0]]) == ([{0}], [1.0])
    assert grouped([[0.0, -5.0], [0.0, 0.0]]) == ([{0}, {1}], [1.0, 1.0])


def test_a_component_that_is_too_large_is_cut_at_its_weaker_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering, "MAX_COMPONENT", 4)
    bits = np.full((8, 8), -20.0)
    for four in ((0, 1, 2, 3), (4, 5, 6, 7)):
        for one, other in combinations(four, 2):
            bits[one, other] = 10
    bits[3, 4] = 0.5
    assert grouped(bits.tolist())[0] == [{0, 1, 2, 3}, {4, 5, 6, 7}]
