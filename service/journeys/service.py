"""Answering what analysts ask: reads once for all that an operation asks, computes beside the event loop."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Final

from service.errors import BadInput, ReportTooLong
from service.graph.client import Graph
from service.journeys import reading
from service.journeys.models import Journeys, Label, StepKind, TouchpointDimension
from service.journeys.questions.checks import Question
from service.journeys.steps import Named
from service.journeys.wanted import Wanted
from service.reads.ordinary import Reader

MAX_KEPT_STEPS: Final = 3_000_000
"""Of journeys that are kept for the next report: some 150 MB."""
_TURNS: Final = 3
"""Of the event loop without a further report: then the graph is read."""
_VALUES: Final = (
    TouchpointDimension.TYPE,
    TouchpointDimension.CHANNEL,
    TouchpointDimension.CAMPAIGN,
    TouchpointDimension.SOURCE,
    TouchpointDimension.MEDIUM,
)
"""In the order of `reading.values`."""


class Analyst:
    """Answers questions about many journeys."""

    def __init__(self, graph: Graph, timeout_seconds: float) -> None:
        self._graph = graph
        self._timeout_seconds = timeout_seconds
        self._one_at_a_time = asyncio.Lock()
        self._kept: tuple[int, Wanted, Journeys] | None = None

    async def answer(self, together: Together, question: Question) -> Any:
        """The answer to a question.

        Args:
            together: of the operation that asks: its questions share one read.
            question: checked.

        Raises:
            BadInput: it names something that is nowhere, or comes to too much.
            ReportTooLong: it took longer than a report may.
        """
        deadline = asyncio.timeout(self._timeout_seconds)
        try:
            async with deadline:
                wanted = question.wanted
                whole = await together.journeys(wanted)
                await self._check(question.names, whole)
                return await asyncio.to_thread(lambda: question.answer(wanted.of(whole)))
        except TimeoutError:
            if deadline.expired():
                raise ReportTooLong from None
            raise

    async def journeys(self, wanted: Wanted) -> Journeys:
        """The journeys of all customers, read anew if anything was written since they were read last.

        One read at a time: who comes meanwhile is often served by it, and memory stays bounded.
        """
        async with self._one_at_a_time:
            clock = await self._clock()
            if self._kept is not None:
                read_at, told, journeys = self._kept
                if read_at == clock and told.covers(wanted):
                    return journeys
                if read_at == clock:
                    wanted |= told
            self._kept = None
            journeys = await reading.read(self._graph, wanted)
            if len(journeys) <= MAX_KEPT_STEPS and await self._clock() == clock:
                self._kept = clock, wanted, journeys
            return journeys

    async def _clock(self) -> int:
        ((clock,),) = await self._graph.rows("graph/clock")
        return int(clock)

    async def _check(self, names: Iterable[Named], journeys: Journeys) -> None:
        """Raises BadInput where a name is nowhere in the graph; in an empty one, none is looked for."""
        missing = [one for one in names if not _is_told(one, journeys.labels)]
        stages = [one for one in missing if one.dimension is None]
        if stages:
            await self._check_stages(stages)
        values = [one for one in missing if one.dimension is not None]
        known: dict[TouchpointDimension, set[str]] = {one: set() for one in _VALUES}
        if values:
            async for rows in reading.values(self._graph):
                for row in rows:
                    for dimension, value in zip(_VALUES, row, strict=True):
                        if value is not None:
                            known[dimension].add(value)
                values = [one for one in values if one.dimension and one.value not in known[one.dimension]]
                if not values:
                    return
        for field, named, value in values:
            if named is not None and known[TouchpointDimension.TYPE]:
                what = f"no touchpoint has the {named.value.lower()} {value!r}"
                raise BadInput(field, what + _meant(value, known[named]))

    async def _check_stages(self, named: Iterable[Named]) -> None:
        stages = {
            name: stage_id for *_, of in await self._graph.rows("deals/pipelines") for stage_id, name, *_ in of
        }
        for field, _, value in named:
            if value not in stages and value not in stages.values():
                raise BadInput(field, f"no pipeline has the stage {value!r}" + _meant(value, stages))


class Together:
    """The questions of one operation: those that come at the same time share one read."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        self._open: _Round | None = None

    async def journeys(self, wanted: Wanted) -> Journeys:
        """The journeys of all customers, with what is wanted at least."""
        if self._open is None:
            self._open = _Round()
            self._open.task = asyncio.create_task(self._read(self._open))
        return await self._open.joined(wanted)

    async def _read(self, round_: _Round) -> Journeys:
        seen = 0
        while seen < len(round_.wanted):
            seen = len(round_.wanted)
            for _ in range(_TURNS):
                await asyncio.sleep(0)
        self._open = None
        return await self._analyst.journeys(reduce(or_, round_.wanted))


class _Round:
    """What is read at once."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []
        self.task: asyncio.Task[Journeys] | None = None
        self._waiting = 0

    async def joined(self, wanted: Wanted) -> Journeys:
        """What is read, for one more who wants something of it."""
        assert self.task is not None
        self.wanted.append(wanted)
        self._waiting += 1
        try:
            # Shielded: one that gives up must not end the others' read; the last one ends it.
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.task.cancel()


async def answered(reader: Reader, question: Question) -> Any:
    """The answer to a question, asked beside the others of the reader's operation; see `Analyst.answer`."""
    together = reader.memo.setdefault(Together, Together(reader.services.analyst))
    return await reader.services.analyst.answer(together, question)


def _is_told(named: Named, labels: Iterable[Label]) -> bool:
    if named.dimension is None:
        return any(named.value in (one.stage, one.stage_id) for one in labels)
    dimension = named.dimension
    return any(one.kind is StepKind.TOUCHPOINT and one.of(dimension) == named.value for one in labels)


def _meant(value: str, known: Iterable[str]) -> str:
    """What was meant, perhaps."""
    close = difflib.get_close_matches(value, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
