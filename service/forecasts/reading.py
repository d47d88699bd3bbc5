"""The streaming read that reports on deals are made of: slices of bounded size, in the order of an index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from service.forecasts.models import Days, Expected, History, Move, Range
from service.graph.client import Graph
from service.positions import millis

_PAGE: Final = 20_000
"""Ids of deals that are read at once."""
_SLICE: Final = 1_000
"""Deals of one statement: some 30 ms of an engine with all their moves."""
_DAY_MILLIS: Final = 86_400_000

Rows = Sequence[Sequence[Any]]


async def histories(graph: Graph, pipeline_id: str, range_: Range) -> AsyncIterator[Rows]:
    """The deals of a pipeline that the range may have to do with, slice by slice; see `history`."""
    async for first, last in _slices(graph):
        yield await graph.rows(
            "forecasts/histories", first=first, last=last, pipelineId=pipeline_id, **{"from": range_.start}
        )


async def expected(graph: Graph, pipeline_id: str | None, days: Days) -> AsyncIterator[Rows]:
    """The deals that a forecast of these days may count, slice by slice; see `expectation`."""
    parameters = {
        "pipelineId": pipeline_id,
        "from": days.start.isoformat(),
        "to": days.end.isoformat(),
        # A day more at either end has every zone's; which day it is to be is told of each deal.
        "closedFrom": _midnight(days.start) - _DAY_MILLIS,
        "closedBefore": _midnight(days.end) + _DAY_MILLIS,
    }
    async for first, last in _slices(graph):
        yield await graph.rows("forecasts/expected", first=first, last=last, **parameters)


async def _slices(graph: Graph) -> AsyncIterator[tuple[str, str]]:
    """The first and the last id of each slice of all deals."""
    after, more = "", True
    while more:
        ids = sorted(one for (one,) in await graph.rows("forecasts/deal_ids", after=after, limit=_PAGE))
        more = len(ids) == _PAGE
        for start in range(0, len(ids), _SLICE):
            slice_ = ids[start : start + _SLICE]
            yield slice_[0], slice_[-1]
        after = ids[-1] if ids else ""


def history(row: Sequence[Any]) -> History:
    """A deal's history from the columns of `forecasts/histories`."""
    created_at, amount, currency, lost_reason, moves = row
    return History(created_at, amount, currency, lost_reason, [Move(*one) for _, *one in sorted(moves)])


def expectation(row: Sequence[Any]) -> Expected:
    """A deal of a forecast from the columns of `forecasts/expected`."""
    return Expected(*row)


def _midnight(day: Any) -> int:
    return millis(datetime.combine(day, time(), UTC))
