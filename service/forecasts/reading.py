"""The streaming read that reports on deals are made of: slices of bounded size, in the order of an index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime, time
from itertools import product
from typing import Any, Final

from service.deals.models import DealState
from service.forecasts.models import Days, Expected, History, Move, Range
from service.graph.client import Graph
from service.positions import END, millis, position

_PAGE: Final = 20_000
"""Places of deals that are read at once."""
_SLICE: Final = 1_000
"""Deals of one statement: some 30 ms of an engine with all their moves."""
_DAY_MILLIS: Final = 86_400_000

Rows = Sequence[Sequence[Any]]


async def histories(graph: Graph, pipeline_id: str, range_: Range) -> AsyncIterator[Rows]:
    """The deals of a pipeline that the range may have to do with, slice by slice; see `history`."""
    scope = f"{pipeline_id}\n"
    slices = _slices(graph, "forecasts/places_in_pipeline", scope, scope + position(range_.end))
    async for slice_ in slices:
        yield await graph.rows("forecasts/histories", **slice_, **{"from": range_.start})


async def expected(graph: Graph, pipeline_ids: Iterable[str], days: Days) -> AsyncIterator[Rows]:
    """The deals that a forecast of these days may count, slice by slice; see `expectation`."""
    parameters = {
        "from": days.start.isoformat(),
        "to": days.end.isoformat(),
        # A day more at either end has every zone's; which day it is to be is told of each deal.
        "closedFrom": _midnight(days.start) - _DAY_MILLIS,
        "closedBefore": _midnight(days.end) + _DAY_MILLIS,
    }
    for pipeline_id, state in product(pipeline_ids, (DealState.OPEN, DealState.WON)):
        scope = f"{pipeline_id}\n{state.value}\n"
        async for slice_ in _slices(graph, "forecasts/places_in_state", scope, scope + END):
            yield await graph.rows("forecasts/expected", **slice_, **parameters)


async def _slices(graph: Graph, query: str, after: str, before: str) -> AsyncIterator[dict[str, str]]:
    """The first and the last place of each slice of a list."""
    more = True
    while more:
        places = sorted(one for (one,) in await graph.rows(query, after=after, before=before, limit=_PAGE))
        more = len(places) == _PAGE
        for start in range(0, len(places), _SLICE):
            slice_ = places[start : start + _SLICE]
            yield {"first": slice_[0], "last": slice_[-1]}
        after = places[-1] if places else after


def history(row: Sequence[Any]) -> History:
    """A deal's history from the columns of `forecasts/histories`."""
    created_at, amount, currency, lost_reason, moves = row
    return History(created_at, amount, currency, lost_reason, [Move(*one) for _, *one in sorted(moves)])


def expectation(row: Sequence[Any]) -> Expected:
    """A deal of a forecast from the columns of `forecasts/expected`."""
    return Expected(*row)


def _midnight(day: date) -> int:
    return millis(datetime.combine(day, time(), UTC))
