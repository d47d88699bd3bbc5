"""Answering what analysts ask: reads once for all that an operation asks, computes beside the event loop."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Final

from service.changes import log
from service.deadlines import report_within
from service.errors import BadInput
from service.graph.client import Graph
from service.journeys import reading
from service.journeys.models import Journeys, Label, StepKind, TouchpointDimension
from service.journeys.questions.checks import Question
from service.journeys.reading import Reading
from service.journeys.steps import Named
from service.journeys.wanted import Wanted
from service.reads.ordinary import Reader

MAX_KEPT_STEPS: Final = 3_000_000
"""Of journeys that are kept for the next report: some 150 MB."""
MAX_CHANGES: Final = 50_000
"""Since journeys were read, after which all are read again."""
_ROUNDS: Final = 3
"""Of reading what changed while it was read: after the first, there is little left of the smallest."""
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
        self._kept: Reading | None = None
        self._read_up_to = 0
        """The number of the last change that is in what is kept."""

    async def answer(self, together: Together, question: Question) -> Any:
        """The answer to a question.

        Args:
            together: of the operation that asks: its questions share one read.
            question: checked.

        Raises:
            BadInput: it names something that is nowhere, or comes to too much.
            ReportTooLong: it took longer than a report may.
        """
        async with report_within(self._timeout_seconds):
            wanted = question.wanted
            whole = await together.journeys(wanted)
            await self._check(question.names, whole)
            return await asyncio.to_thread(lambda: question.answer(wanted.of(whole)))

    async def journeys(self, wanted: Wanted) -> Journeys:
        """The journeys of all customers as they are now.

        What was read last is kept, and brought up to date: only the customers that the log of changes names since
        are read again. One at a time: who comes meanwhile is often served by it, and memory stays bounded.
        """
        async with self._one_at_a_time:
            end, kept = await log.end(self._graph), self._kept
            everything = wanted | kept.wanted if kept is not None else wanted
            stages = await reading.stages(self._graph, everything)
            if kept is None or not kept.wanted.covers(wanted) or kept.stages != stages:
                kept, self._kept = Reading(self._graph, everything, stages), None
                self._read_up_to = await self._read_all(kept, end)
            elif end != self._read_up_to:
                self._kept = None
                self._read_up_to = await self._catch_up(kept, self._read_up_to, end)
            if len(kept.journeys) <= MAX_KEPT_STEPS:
                self._kept = kept
            return kept.journeys

    async def _read_all(self, kept: Reading, end: int) -> int:
        """Reads all, then what changed meanwhile: else one that was merged could be met on both sides."""
        await kept.read()
        return await self._catch_up(kept, end, await log.end(self._graph))

    async def _catch_up(self, kept: Reading, begin: int, end: int) -> int:
        """Reads anew whom changes concern; the number of the last change that is in it."""
        for _ in range(_ROUNDS):
            if begin == end:
                break
            changed = None
            if end - begin <= MAX_CHANGES:
                changed = await log.concerned(self._graph, begin, end)
            await kept.read(None if changed is None else sorted(changed))
            begin, end = end, await log.end(self._graph)
        return begin

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
            name: stage_id
            for _, _, of, *_ in await self._graph.rows("deals/pipelines")
            for stage_id, name, *_ in of
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
        if self._open is None or self._open.is_over:
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

    @property
    def is_over(self) -> bool:
        """Whether it is of no use to one more: all who wanted something have given up."""
        return self.task is None or self.task.done() or self.task.cancelling() > 0

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
