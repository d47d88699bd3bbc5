"""How well records were put together, when it is known who is who.

Both measures are sums over the contingency table (how many records have this label and that), so they take time
linear in the number of records, however large a cluster is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """What share of what was said is true, and what share of what is true was said."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two (van Rijsbergen 1979, Information Retrieval)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many pairs of records are in one cluster: as predicted, in truth, and in both."""

    predicted: int
    true: int
    both: int

    @property
    def wrong(self) -> int:
        """Pairs put together that are not the same: what to look at where nothing should be merged."""
        return self.predicted - self.both

    @property
    def agreement(self) -> Agreement:
        """Nothing predicted is nothing said wrongly; nothing to find is nothing missed."""
        return Agreement(
            precision=self.both / self.predicted if self.predicted else 1.0,
            recall=self.both / self.true if self.true else 1.0,
        )


def pairs(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> Pairs:
    """Count the pairs of records that share a cluster.

    Both are labels of clusters, one for each record, in the same order; what a label is does not matter. The pairs
    are those of Rand (1971, Objective criteria for the evaluation of clustering methods), counted from the table
    as Hubert and Arabie (1985, Comparing partitions) do.
    """
    return Pairs(
        predicted=_pairs_within(Counter(predicted).values()),
        true=_pairs_within(Counter(true).values()),
        both=_pairs_within(Counter(zip(predicted, true, strict=True)).values()),
    )


def b_cubed(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> Agreement:
    """B³: how much of a record's cluster belongs with it, and how much of what belongs is there, on average.

    Labels as for `pairs`. Bagga and Baldwin 1998, Algorithms for scoring coreference chains. A cell of the table
    with n records gives each of the n the precision n / size of the predicted cluster, hence n² / size in all.
    """
    if not true and not predicted:
        return Agreement(1.0, 1.0)
    said, is_so = Counter(predicted), Counter(true)
    precision = recall = 0.0
    for (one, other), count in Counter(zip(predicted, true, strict=True)).items():
        precision += count * count / said[one]
        recall += count * count / is_so[other]
    return Agreement(precision / len(true), recall / len(true))


def _pairs_within(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
