"""What deals did in a pipeline within a time: exact counts over their histories. Pure.

Everything is told as of the end of the range: what happened later does not count, so that the report of a past
time stays as it is. Only amounts are those of now, as their history is not kept.

Stages that were taken out of the pipeline since are told of too, where deals did something in them within the
range: without them a funnel would not add up, and the report of a past time would change with the pipeline.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from service.deals.models import Pipeline, Stage, StageKind
from service.forecasts.models import EXACT, NOT_SET, History, Move, Range

_NOWHERE: Final = -1.0
"""Behind no stage: to be lost is not to go on."""


@dataclass(slots=True)
class StageTally:
    """What is counted of one stage."""

    entered: int = 0
    """Deals that came into it in the range, each once, however often it came; one that jumped over it did not."""
    moved: int = 0
    """Of these, the ones that after coming went on to a later open stage, or were won, before the range ended."""
    stays: int = 0
    """Stays that ended in the range, whenever they began."""
    stayed_millis: int = 0
    """How long these were together."""
    open_deals: int = 0
    """Deals that were in it at the end of the range, if it is an open stage."""
    open_amounts: dict[str, Decimal] = field(default_factory=dict)
    """What these are worth, by currency."""

    @property
    def average_millis(self) -> int | None:
        """How long the stays were on average, to the millisecond."""
        return _average(self.stayed_millis, self.stays)


@dataclass(slots=True)
class PipelineReport:
    """What is counted of a pipeline: deals are added one after the other."""

    pipeline: Pipeline
    range: Range
    former: Sequence[Stage] = ()
    """Stages that were taken out of the pipeline: no deal is in them now, but deals were."""
    stages: dict[str, StageTally] = field(init=False)
    """By id, in the pipeline's order, each former one where it was."""
    won: int = 0
    """Deals that stood as won at the end of the range, by a closing within it."""
    lost: int = 0
    """Deals that stood as lost at the end of the range, by a closing within it."""
    lost_reasons: Counter[str] = field(default_factory=Counter)
    """How many of these were lost for which reason."""
    _winning_millis: int = 0
    _kinds: Mapping[str, StageKind] = field(init=False)
    _ranks: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """Begins with nothing in any stage."""
        stages = _in_order(self.pipeline.stages, self.former)
        self.stages = {one.id: StageTally() for one in stages}
        self._kinds = {one.id: one.kind for one in stages}
        self._ranks = {one.id: _rank(one.kind, number) for number, one in enumerate(stages)}

    @property
    def told(self) -> dict[str, StageTally]:
        """The stages that are told of: all of the pipeline, and former ones in which there was something."""
        former = {one.id for one in self.former}
        return {one: tally for one, tally in self.stages.items() if one not in former or tally != StageTally()}

    @property
    def average_millis_to_win(self) -> int | None:
        """From creation to the closing that stands, of the deals won."""
        return _average(self._winning_millis, self.won)

    def converts(self, stage_id: str) -> bool:
        """Whether deals can go on from a stage: it does not end them."""
        return self._kinds[stage_id] is StageKind.OPEN

    def add_all(self, deals: Iterable[History]) -> None:
        """Counts deals of the pipeline."""
        for deal in deals:
            self._add(deal)

    def _add(self, deal: History) -> None:
        moves = [move for move in deal.moves if move.at < self.range.end]
        if not moves:
            return
        self._count_entries(moves)
        for move in moves:
            if move.at >= self.range.start and move.left in self.stages and move.millis_in_stage is not None:
                self.stages[move.left].stays += 1
                self.stages[move.left].stayed_millis += move.millis_in_stage
        self._count_standing(deal, moves[-1])

    def _count_entries(self, moves: list[Move]) -> None:
        went_on: dict[str, bool] = {}
        for move in moves:
            if move.at < self.range.start or move.entered not in self.stages:
                continue
            rank = self._ranks[move.entered]
            for stage_id in went_on:
                went_on[stage_id] |= rank > self._ranks[stage_id] and self.converts(stage_id)
            went_on.setdefault(move.entered, False)
        for stage_id, moved in went_on.items():
            self.stages[stage_id].entered += 1
            self.stages[stage_id].moved += moved

    def _count_standing(self, deal: History, last: Move) -> None:
        """Where the deal was at the end of the range."""
        kind = self._kinds.get(last.entered)
        if kind is StageKind.OPEN:
            tally = self.stages[last.entered]
            tally.open_deals += 1
            if deal.amount is not None and deal.currency is not None:
                before = tally.open_amounts.get(deal.currency, Decimal(0))
                tally.open_amounts[deal.currency] = EXACT.add(before, Decimal(deal.amount))
        elif last.at < self.range.start:
            return
        elif kind is StageKind.WON:
            self.won += 1
            self._winning_millis += last.at - deal.created_at
        elif kind is StageKind.LOST:
            self.lost += 1
            # What the deal itself says is of its last closing.
            reason = last.lost_reason or (deal.lost_reason if last is deal.moves[-1] else None)
            self.lost_reasons[reason or NOT_SET] += 1


def _in_order(stages: Sequence[Stage], former: Sequence[Stage]) -> list[Stage]:
    """Those of the pipeline, and each former one before the stage that has its place now."""
    placed = [((one.position, 0, one.id), one) for one in former]
    placed += [((one.position, 1, one.id), one) for one in stages]
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def _rank(kind: StageKind, number: int) -> float:
    """How far a deal has come in a stage: won is the farthest, lost is nowhere."""
    match kind:
        case StageKind.OPEN:
            return number
        case StageKind.WON:
            return math.inf
        case StageKind.LOST:
            return _NOWHERE


def _average(total: int, count: int) -> int | None:
    return round(Fraction(total, count)) if count else None
