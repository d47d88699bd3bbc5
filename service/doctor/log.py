"""The log of changes: without a gap from its beginning to its end, and nothing outside."""

from __future__ import annotations

from typing import Final

from service.changes import log
from service.changes.models import is_place, place
from service.doctor.findings import RESTORE, Finding, Found, Patient
from service.graph.client import Graph

SLICE: Final = 10_000
_FEW: Final = 5


async def continuity(patient: Patient) -> Found:
    """Whether every number from the beginning to the end has its change, and no other number has."""
    graph = patient.graph
    begin, end = await log.begin(graph), await log.end(graph)
    missing, examples = 0, list[str]()
    for after in range(begin, end, SLICE):
        upto = min(after + SLICE, end)
        lacking = upto - after - await _count(graph, after, upto)
        if lacking <= 0:
            continue
        first = await _first_missing(graph, after, upto)
        # What was deleted meanwhile because it is old enough is no gap.
        if first <= await log.begin(graph):
            continue
        missing += lacking
        if len(examples) < _FEW:
            examples.append(str(first))
    if missing:
        yield Finding(
            "log",
            f"changes are missing between {begin + 1} and {end}: who follows the log stops there",
            "Restore a backup; or let all who follow the log read anew, and go on from newestCursor.",
            missing,
            tuple(examples),
        )
    async for finding in _outside(graph):
        yield finding


async def _outside(graph: Graph) -> Found:
    begin, end = await log.begin(graph), await log.end(graph)
    rows = await graph.rows("doctor/changes_outside", begin=place(begin), end=place(end), limit=_FEW)
    numbers = sorted(int(where) for (where,) in rows if is_place(where))
    strange = [where for (where,) in rows if not is_place(where)]
    if strange:
        yield Finding("log", "there are changes at no place of the log", RESTORE, len(strange))
    # Written and deleted meanwhile is not outside.
    end = await log.end(graph)
    beyond = tuple(str(one) for one in numbers if one > end)
    before = tuple(str(one) for one in numbers if one <= begin)
    if beyond:
        yield Finding(
            "log",
            f"there are changes behind the end, which is {end}: the next commits fail",
            RESTORE,
            len(beyond),
            beyond,
        )
    if before:
        yield Finding(
            "log", f"there are changes before the beginning, which is {begin + 1}", RESTORE, len(before), before
        )


async def _count(graph: Graph, after: int, upto: int) -> int:
    ((many,),) = await graph.rows("doctor/changes", after=place(after), upto=place(upto))
    return int(many)


async def _first_missing(graph: Graph, after: int, upto: int) -> int:
    """The first number without a change, found by halving."""
    while upto - after > 1:
        middle = (after + upto) // 2
        if await _count(graph, after, middle) < middle - after:
            upto = middle
        else:
            after = middle
    return upto
