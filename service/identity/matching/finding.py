"""Finding the people of a table: from texts to groups of records, unsupervised. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.identity.matching.blocks import Places, candidate_pairs
from service.identity.matching.clustering import Grouping, group
from service.identity.matching.comparing import compare
from service.identity.matching.copies import Copies, copies_of
from service.identity.matching.keys import parts_of
from service.identity.matching.learning import CHUNK, Pairs, expected_model, hopeful_pairs, learn, random_pairs
from service.identity.matching.model import Bits, Model, score
from service.identity.matching.records import Records, records_of
from service.identity.matching.tables import Table

Progress = Callable[[str, float], None]
"""Told what is being done, and how much of all is done: from 0 to 1."""

_ROUNDS: Final = 3
"""Of learning and grouping: each counts people as the one before found them."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which records are of one person."""

    labels: list[int]
    """The cluster of each record, numbered from 0 in order of first records."""
    probabilities: list[float]
    """Of each record: the mean probability over the others of its cluster that it belongs to it; 1 if alone."""
    model: Model


def match_table(table: Table, progress: Progress = lambda *_: None) -> Clusters:
    """Groups the rows of a table by person."""
    progress("reading", 0.0)
    copies = copies_of(table)
    records = records_of(copies.table)
    progress("finding candidates", 0.1)
    candidates = candidate_pairs(parts_of(records))
    progress("comparing", 0.3)
    random = random_pairs(records)
    model = expected_model(records, random)
    pairs = hopeful_pairs(records, candidates, model)
    labels = np.arange(records.count)
    for turn in range(_ROUNDS):
        progress("learning", 0.4 + 0.6 * turn / _ROUNDS)
        model = learn(records, random, pairs, labels, model)
        progress("grouping", 0.4 + 0.6 * (turn + 0.5) / _ROUNDS)
        found = _grouped(copies, records, pairs, model)
        labels = found.labels
    progress("done", 1.0)
    labels, sure = copies.whole(found.labels, found.probabilities)
    return Clusters(_in_order(labels), np.round(sure, 4).tolist(), model)


def _grouped(copies: Copies, records: Records, pairs: Pairs, model: Model) -> Grouping:
    def scores(first: Places, second: Places) -> Bits:
        found = np.empty(len(first))
        for start in range(0, len(first), CHUNK):
            part = slice(start, start + CHUNK)
            found[part] = score(model, compare(records, first[part], second[part]), len(first[part]))
        return copies.certain(first, second, found)

    linked = score(model, pairs.compared, len(pairs))
    one, other = copies.pairs()
    first, second = np.r_[pairs.first, one], np.r_[pairs.second, other]
    bits = copies.certain(first, second, np.r_[linked, np.zeros(len(one))])
    return group(records.count, first, second, bits, scores)


def _in_order(labels: Places) -> list[int]:
    """Labels numbered in the order in which they come."""
    known: dict[int, int] = {}
    return [known.setdefault(label, len(known)) for label in labels.tolist()]
