"""Reading the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from service.changes.models import Change, ChangeFilter, place
from service.errors import Conflict, CursorExpired
from service.graph.client import Graph, Row
from service.identity.records import own_key

SLICE: Final = 1_000
"""Changes that a statement reads."""
MAX_SLICES: Final = 20
"""Of one page: a filter that leaves nearly all out must not keep a request for ever; its end is where it came."""
_BEGINNINGS: Final = 5
"""How often the log's beginning is looked for, while what was the oldest change is deleted."""
_PAUSES: Final = (0.005, 0.02, 0.1, 0.5, 1.0)
"""Seconds after which changes are looked for again that must be there."""


@dataclass(frozen=True, slots=True)
class Page:
    """Changes that passed a filter, oldest first."""

    changes: Sequence[Change]
    end: int
    """The number of the last change that was looked at, or left out."""
    newest: int
    """The number of the last change that there is."""

    @property
    def has_more(self) -> bool:
        """Whether the log goes on behind the end."""
        return self.end < self.newest


async def end(graph: Graph) -> int:
    """The number of the last change; 0 before the first."""
    ((number,),) = await graph.rows("changes/end")
    return int(number)


async def page(graph: Graph, after: int | None, wanted: ChangeFilter, size: int) -> Page:
    """The next changes behind one, or from the oldest on.

    Raises:
        CursorExpired: the change behind it is not in the log any more.
    """
    if after is not None:
        return await _page(graph, after, wanted, size)
    for _ in range(_BEGINNINGS):
        with suppress(CursorExpired):
            return await _page(graph, await begin(graph), wanted, size)
    raise CursorExpired


async def _page(graph: Graph, after: int, wanted: ChangeFilter, size: int) -> Page:
    last, found = await end(graph), list[Change]()
    at = min(after, last)
    for _ in range(MAX_SLICES):
        upto = min(at + SLICE, last)
        if at == upto:
            break
        for change in await between(graph, at, upto):
            at = int(change.place)
            if wanted.passes(change):
                found.append(change)
                if len(found) == size:
                    return Page(found, at, last)
    return Page(found, at, last)


async def begin(graph: Graph) -> int:
    """The number before that of the oldest change that is kept; that of the last one where none is."""
    rows = await graph.rows("changes/begin")
    return int(rows[0][0]) if rows else 0


async def between(graph: Graph, after: int, upto: int) -> list[Change]:
    """The changes behind one number up to another, oldest first; SLICE at most are meant to be asked for at once.

    Raises:
        CursorExpired: they are not all in the log any more.
        Conflict: some are missing, and stay so.
    """
    return [_change(row) for row in sorted(await _all(graph, "changes/between", after, upto))]


async def _all(graph: Graph, query: str, after: int, upto: int) -> list[Row]:
    """What a query says of all changes behind one number up to another.

    Raises:
        CursorExpired: they are not all in the log any more.
        Conflict: some are missing, and stay so.
    """
    for pause in (*_PAUSES, None):
        rows = await graph.rows(query, after=place(after), upto=place(upto))
        if len(rows) >= upto - after:
            return rows
        if after < await begin(graph):
            raise CursorExpired
        # What is being committed appears piece by piece, and the number of the last change may come first.
        if pause is not None:
            await asyncio.sleep(pause)
    raise Conflict


def _change(row: Sequence[Any]) -> Change:
    where, kind, at, customer_id, previous_ids, fields, subject_id, pipeline_id, owners = row
    return Change(
        where, kind, at, customer_id, previous_ids or (), fields or (), subject_id, pipeline_id, owners or ()
    )


async def check(graph: Graph, after: int) -> int:
    """The number of the last change; raises CursorExpired where what is behind a number is not there any more."""
    last = await end(graph)
    if after < last:
        await between(graph, after, after + 1)
    return last


async def also_known_as(graph: Graph, customer_ids: Sequence[str]) -> frozenset[str]:
    """All ids of the customers that some ids name: a change before a merge is one of the survivor's.

    Without those that name nobody.
    """
    rows = await graph.rows("changes/also_known_as", keys=[own_key(one) for one in customer_ids])
    return frozenset(one for (one,) in rows)


async def is_pipeline(graph: Graph, pipeline_id: str) -> bool:
    """Whether there is such a pipeline."""
    return bool(await graph.rows("changes/pipeline", id=pipeline_id))


async def concerned(graph: Graph, after: int, upto: int) -> set[str] | None:
    """Ids of the customers that changes behind one number up to another are about, and of those they were before.

    None where the log does not have all of these changes any more.
    """
    found: set[str] = set()
    for first in range(after, upto, SLICE):
        try:
            rows = await _all(graph, "changes/concerned", first, min(first + SLICE, upto))
        except CursorExpired:
            return None
        for customer_id, previous_ids in rows:
            found.update(previous_ids or ())
            if customer_id is not None:
                found.add(customer_id)
    return found
