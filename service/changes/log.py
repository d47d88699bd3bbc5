"""Reading the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.changes.models import Change, ChangeFilter, place
from service.errors import CursorExpired
from service.graph.client import Graph
from service.identity.records import own_key

SLICE: Final = 1_000
"""Changes that a statement reads."""
MAX_SLICES: Final = 20
"""Of one page: a filter that leaves nearly all out must not keep a request for ever; its end is where it came."""


@dataclass(frozen=True, slots=True)
class Page:
    """Changes that passed a filter, oldest first."""

    changes: Sequence[Change]
    end: int
    """The number of the last change that was looked at, or left out."""
    has_more: bool


async def end(graph: Graph) -> int:
    """The number of the last change; 0 before the first."""
    ((number,),) = await graph.rows("changes/end")
    return int(number)


async def page(graph: Graph, after: int | None, wanted: ChangeFilter, size: int) -> Page:
    """The next changes behind one, or from the oldest on.

    Raises:
        CursorExpired: the change behind it is not in the log any more.
    """
    last, found = await end(graph), list[Change]()
    at = min(after if after is not None else await _oldest(graph, last), last)
    for _ in range(MAX_SLICES):
        upto = min(at + SLICE, last)
        if at == upto:
            break
        for change in await between(graph, at, upto):
            at = int(change.place)
            if wanted.passes(change):
                found.append(change)
                if len(found) == size:
                    return Page(found, at, at < last)
    return Page(found, at, at < last)


async def _oldest(graph: Graph, last: int) -> int:
    """The number before that of the oldest change."""
    rows = await graph.rows("changes/first")
    return int(rows[0][0]) - 1 if rows else last


async def between(graph: Graph, after: int, upto: int) -> list[Change]:
    """The changes behind one number up to another, oldest first; SLICE at most are meant to be asked for at once.

    Raises:
        CursorExpired: they are not all in the log any more.
    """
    rows = await graph.rows("changes/between", after=place(after), upto=place(upto))
    if len(rows) < upto - after:
        raise CursorExpired
    return [_change(row) for row in sorted(rows)]


def _change(row: Sequence[Any]) -> Change:
    where, kind, at, customer_id, previous_ids, fields, subject_id, pipeline_id, owners = row
    return Change(
        where, kind, at, customer_id, previous_ids or (), fields or (), subject_id, pipeline_id, owners or ()
    )


async def check(graph: Graph, after: int) -> None:
    """Raises CursorExpired where what is behind a number is not in the log any more."""
    if after < await end(graph):
        await between(graph, after, after + 1)


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
        last = min(first + SLICE, upto)
        rows = await graph.rows("changes/concerned", after=place(first), upto=place(last))
        if len(rows) < last - first:
            return None
        for customer_id, previous_ids in rows:
            found.update(previous_ids or ())
            if customer_id is not None:
                found.add(customer_id)
    return found
