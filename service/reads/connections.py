"""Pages: how a connection's edges, nodes and page information are made of rows, by both executors.

A page is read with one row more than it shows, which tells whether there is a next one. A cursor is the place of
its row, opaque to clients: its position, or what else orders the list.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from service.errors import BadInput
from service.lists import place
from service.positions import END, is_position
from service.reads.relations import Bound, Relation

MAX_FIRST: Final = 100

PAGE_INFO: Final = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")


def page_size(first: int) -> int:
    """A checked `first`."""
    if not 1 <= first <= MAX_FIRST:
        raise BadInput("first", f"from 1 to {MAX_FIRST} at once; page on with after: pageInfo.endCursor")
    return first


def cursor(place: str) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(after: str, is_place: Callable[[str], bool] = is_position) -> str:
    """The place that a cursor stands for."""
    try:
        place = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        place = ""
    if not is_place(place) or cursor(place) != after:
        raise BadInput("after", "not a cursor of this list; use a pageInfo.endCursor of the same list")
    return place


def page_info(
    rows: Sequence[Any], place: int | str, size: int, behind: bool
) -> tuple[bool, bool, str | None, str | None]:
    """The values of PAGE_INFO, of rows with their place at `place`; `behind` a cursor or not."""
    last = min(len(rows), size) - 1
    return (
        len(rows) > size,
        behind,
        cursor(rows[0][place]) if rows else None,
        cursor(rows[last][place]) if rows else None,
    )


def connection(rows: Sequence[Mapping[str, Any]], bound: Bound) -> dict[str, Any]:
    """A page of rows by property: what GraphQL's own execution answers with."""
    assert bound.relation is not None
    shown, place = rows[: bound.size], bound.relation.place
    if rows and place not in rows[0]:  # Neither cursors nor pageInfo were asked for.
        return {"nodes": shown, "edges": [{"node": row} for row in shown]}
    info = page_info(rows, place, bound.size, bound.behind)
    return {
        "nodes": shown,
        "edges": [{"cursor": cursor(row[place]), "node": row} for row in shown],
        "pageInfo": dict(zip(PAGE_INFO, info, strict=True)),
    }


def page_of_list(relation: Relation, values: Collection[str], first: int, after: str | None) -> Bound:
    """A page of a list by some values (see `service.lists`), newest first, behind a cursor."""
    size = page_size(first)
    before = place_of(after) if after is not None else END
    parameters = {"from": place(values, ""), "before": place(values, before), "limit": size + 1}
    return Bound(relation, parameters, size, after is not None)


def page_before(relation: Relation, first: int, after: str | None) -> Bound:
    """A page of what a relation leads to, newest first, behind a cursor."""
    size = page_size(first)
    before = place_of(after) if after is not None else END
    return Bound(relation, {"before": before, "limit": size + 1}, size, after is not None)
