"""What is wanted of the graph by a report."""

from __future__ import annotations

from dataclasses import dataclass

from service.journeys.models import Journeys, StepKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report needs of the graph: which times, and what is to be told of steps."""

    start: int | None = None
    """Epoch milliseconds; None: from the beginning."""
    end: int | None = None
    """Epoch milliseconds, exclusive; None: to the last."""
    kinds: frozenset[StepKind] = frozenset({StepKind.TOUCHPOINT})
    campaigns: bool = False
    """Whether the campaigns of touchpoints are told."""
    pages: tuple[str, ...] = ()
    """Texts of which it is told whether a page's address contains them; sorted."""

    def __or__(self, other: Wanted) -> Wanted:
        """What serves both."""
        return Wanted(
            None if self.start is None or other.start is None else min(self.start, other.start),
            None if self.end is None or other.end is None else max(self.end, other.end),
            self.kinds | other.kinds,
            self.campaigns or other.campaigns,
            tuple(sorted({*self.pages, *other.pages})),
        )

    def covers(self, other: Wanted) -> bool:
        """Whether what was read for this has all that the other wants."""
        return (
            (self.start is None or (other.start is not None and self.start <= other.start))
            and (self.end is None or (other.end is not None and self.end >= other.end))
            and self.kinds >= other.kinds
            and self.campaigns >= other.campaigns
            and {*self.pages} >= {*other.pages}
        )

    def of(self, journeys: Journeys) -> Journeys:
        """The part of what was read for several that this report asked for."""
        inside = journeys.where(lambda label: label.kind in self.kinds)
        if self.start is not None:
            inside &= journeys.at >= self.start
        if self.end is not None:
            inside &= journeys.at < self.end
        return journeys if inside.all() else journeys.only(inside)
