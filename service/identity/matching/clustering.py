"""From scored pairs to people: agglomeration by average linkage inside components. Pure.

Sokal and Michener 1958. Two groups become one while the mean probability over all pairs across them is at least a
half, pairs that blocking missed included: one wrong link joins nothing, which is where joining whatever is linked
fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from service.identity.matching.blocks import Places
from service.identity.matching.model import Bits, probability

Scores = Callable[[Places, Places], Bits]
"""The scores, in bits, of pairs of records given by their places."""

THRESHOLD: Final = 0.5
_LINKED: Final = -3.0
"""Bits from which a pair makes a component: pairs that are unlikely alone may be likely among others."""
_TIGHTER: Final = 4.0
"""Bits by which links must be better where a component is too large to look at every pair of it."""
MAX_COMPONENT: Final = 1_000
"""Records, all pairs of which are looked at."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """To which group each record belongs, and the mean probability that it does."""

    labels: NDArray[np.int64]
    probabilities: Bits


def group(count: int, first: Places, second: Places, scores: Bits, score: Scores) -> Grouping:
    """Groups records by scored candidate pairs; `score` is asked for pairs that are no candidates."""
    labels = np.full(count, -1, np.int64)
    sure = np.ones(count)
    used = 0
    for members in _batches(_components(count, first, second, scores)):
        pairs = [np.triu_indices(len(one), 1) for one in members]
        one = np.concatenate([of[a] for of, (a, _) in zip(members, pairs, strict=True)])
        other = np.concatenate([of[b] for of, (_, b) in zip(members, pairs, strict=True)])
        chance = probability(score(one, other))
        at = 0
        for of, (a, _) in zip(members, pairs, strict=True):
            found, certain = _agglomerated(len(of), chance[at : at + len(a)])
            at += len(a)
            labels[of], sure[of] = used + found, certain
            used += int(found.max()) + 1
    alone = labels < 0
    labels[alone] = used + np.arange(alone.sum())
    return Grouping(np.unique(labels, return_inverse=True)[1].astype(np.int64), sure)


def _batches(components: Iterator[Places], most: int = 1_000_000) -> Iterator[list[Places]]:
    """Components together, as many as have so many pairs."""
    batch: list[Places] = []
    pairs = 0
    for one in components:
        batch.append(one)
        pairs += len(one) * (len(one) - 1) // 2
        if pairs >= most:
            yield batch
            batch, pairs = [], 0
    if batch:
        yield batch


def _components(count: int, first: Places, second: Places, scores: Bits) -> Iterator[Places]:
    """The records of each component of two or more; those of too large ones by better links only."""
    waiting = [(np.arange(count), np.arange(len(first)), _LINKED)]
    place = np.full(count, -1, np.int64)
    while waiting:
        nodes, edges, least = waiting.pop()
        edges = edges[scores[edges] > least]
        place[nodes] = np.arange(len(nodes))
        one, other = place[first[edges]], place[second[edges]]
        graph = coo_array((np.ones(len(edges)), (one, other)), shape=(len(nodes), len(nodes)))
        many, label = connected_components(graph, directed=False)
        order, starts = _sorted(label, many)
        edge_order, edge_starts = _sorted(label[one], many)
        for number in np.flatnonzero(np.diff(starts) > 1).tolist():
            members = np.sort(nodes[order[starts[number] : starts[number + 1]]])
            if len(members) <= MAX_COMPONENT:
                yield members
            else:
                inside = edges[edge_order[edge_starts[number] : edge_starts[number + 1]]]
                waiting.append((members, inside, least + _TIGHTER))


def _sorted(label: NDArray[np.int32], many: int) -> tuple[Places, Places]:
    """The order by label, and where each label begins in it."""
    order = np.argsort(label, kind="stable")
    return order, np.searchsorted(label[order], np.arange(many + 1))


def _agglomerated(size: int, chance: Bits) -> tuple[NDArray[np.int64], Bits]:
    """Labels from 0 and probabilities of the records of one component, by the probabilities of all its pairs."""
    if size == 2:
        together = chance[0] >= THRESHOLD
        return np.array([0, 0 if together else 1]), np.full(2, chance[0] if together else 1.0)
    labels = _cut(size, linkage(1 - chance, "average"))
    full = np.zeros((size, size))
    full[np.triu_indices(size, 1)] = chance
    full += full.T
    mates = (labels[:, None] == labels[None, :]) & ~np.eye(size, dtype=bool)
    many = mates.sum(1)
    return labels, np.where(many > 0, (full * mates).sum(1) / np.maximum(many, 1), 1.0)


def _cut(size: int, tree: Bits) -> NDArray[np.int64]:
    """Labels from 0 of the records of a tree of merges, those below the threshold done."""
    members = [[place] for place in range(size)]
    for one, other, distance, _ in tree.tolist():
        # The distance of a merge is never less than those below it.
        if distance > 1 - THRESHOLD:
            break
        members.append(members[int(one)] + members[int(other)])
        members[int(one)] = members[int(other)] = []
    labels = np.zeros(size, np.int64)
    for label, group_of in enumerate(filter(None, members)):
        labels[group_of] = label
    return labels
