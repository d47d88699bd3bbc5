"""Lists of deals: which index answers a filter, and pages that one statement would look at too many deals for.

What deals of a list have in common (owner, pipeline, state, stage, in any combination) is one range of one index,
newest first. The day by which they should be closed is looked at in the newest of that range; where hardly any of
those is meant, the few deals of those days are gone through instead, and where these are many, the range is, a
bounded number of deals at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, repeat
from typing import Any, Final

from service import ids
from service.deals.models import SCOPES
from service.deals.repository import CLOSING, DEAL_BY_ID, PAGE, PAGES
from service.errors import BadInput
from service.positions import END
from service.reads.connections import page_size, place_of
from service.reads.relations import Bound, Relation, Seek

FEW: Final = 4000
"""Deals of some days that are gone through at once, and sorted."""
_FIRST_WINDOW: Final = 500
_WINDOW: Final = 2000
"""Deals of a range that are looked at by one statement."""
_LOOKED_AT: Final = ("id", "position", "expectedCloseOn")
_DAYS: Final = ("0000", "9999-12-31~")
"""Before and after every day."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What deals of a list have in common, by property; and the days by which they should be closed."""

    common: Mapping[str, str]
    closing: tuple[str, str] | None
    """From the first of them to the one after the last."""

    @property
    def listed(self) -> str:
        """The property that orders the list."""
        named = frozenset(self.common) - ({"pipelineId", "state"} if "stageId" in self.common else set())
        return _LISTS[named]

    @property
    def prefix(self) -> str:
        """What the places of the list begin with."""
        return "".join(f"{self.common[name]}\n" for name in SCOPES.get(self.listed, ()))

    @property
    def checked(self) -> Mapping[str, str]:
        """What the list does not tell: a stage is of one pipeline and one state, which may be others."""
        told = SCOPES.get(self.listed, ())
        return {name: value for name, value in self.common.items() if name not in told}


_LISTS: Final = {frozenset(common): name for name, common in SCOPES.items()} | {frozenset[str](): PAGE.listed}


def wanted(
    pipeline_id: str | None,
    stage_id: str | None,
    state: str | None,
    owner: str | None,
    closing: tuple[date | None, date | None],
) -> Wanted:
    """What a filter asks for; raises BadInput."""
    for field, given, prefix in (("pipelineId", pipeline_id, ids.PIPELINE), ("stageId", stage_id, ids.STAGE)):
        if given is not None and ids.prefix_of(given) != prefix:
            raise BadInput(f"filter.{field}", f"{given[:64]!r} is no such id; those begin with {prefix}")
    if owner is not None and not owner.strip().isprintable():
        raise BadInput("filter.owner", "control characters are not allowed")
    first, end = closing
    if first is not None and end is not None and first >= end:
        raise BadInput("filter.expectedCloseTo", "must be after expectedCloseFrom: the day itself is left out")
    common = {
        "pipelineId": pipeline_id,
        "stageId": stage_id,
        "state": state,
        "owner": owner.strip() if owner is not None else None,
    }
    days = (first.isoformat() if first else _DAYS[0], end.isoformat() if end else _DAYS[1])
    return Wanted(
        {name: value for name, value in common.items() if value is not None}, days if first or end else None
    )


def page(where: Wanted, first: int, after: str | None) -> Bound:
    """A page of the deals that are wanted, newest first, behind a cursor."""
    size = page_size(first)
    before = place_of(after) if after is not None else END
    parameters = _range(where, before, size + 1)
    seek: Seek | None = None
    if where.closing is not None:
        seek = partial(_closing, where=where, before=before, limit=size + 1)
    elif where.checked:
        seek = partial(_checked, where=where, parameters=parameters)
    return Bound(PAGES[where.listed], parameters, size, after is not None, seek=seek)


def _range(where: Wanted, before: str, limit: int) -> dict[str, Any]:
    return {"from": where.prefix, "before": where.prefix + before, "limit": limit}


async def _checked(search: Any, where: Wanted, parameters: Mapping[str, Any]) -> list[Row]:
    """A page of a stage's deals, which are all of the pipeline and state that were asked for, or none is."""
    relation: Relation = PAGES[where.listed]
    looked_at = await search.reader.rows(relation, tuple(where.checked), {**parameters, "limit": 1}, "")
    if not looked_at or _is_another(looked_at[0], where):
        return []
    rows: list[Row] = await search.rows(relation, parameters, "")
    return rows


async def _closing(search: Any, where: Wanted, before: str, limit: int) -> list[Row]:
    """A page of the deals that should be closed in some days."""
    assert where.closing is not None
    first, end = where.closing
    relation, columns = PAGES[where.listed], (*_LOOKED_AT, *where.checked)
    found: list[str] = []
    for window in chain((_FIRST_WINDOW,), repeat(_WINDOW)):
        rows: list[Row] = await search.reader.rows(relation, columns, _range(where, before, window), "")
        if rows and _is_another(rows[0], where):
            break
        found += [row["id"] for row in rows if first <= (row["expectedCloseOn"] or "") < end]
        if len(found) >= limit or len(rows) < window:
            break
        before = rows[-1]["position"]
        if window == _FIRST_WINDOW and await _are_few(search, first, end):
            found += await _of_days(search, where, before, limit)
            break
    each = await asyncio.gather(*(search.rows(DEAL_BY_ID, {}, one) for one in found[:limit]))
    return [row for rows in each for row in rows]


def _is_another(row: Row, where: Wanted) -> bool:
    return any(row[name] != value for name, value in where.checked.items())


async def _are_few(search: Any, first: str, end: str) -> bool:
    counted = {"from": first, "to": end, "limit": FEW + 1}
    ((many,),) = await search.reader.graph.rows("deals/closing_count", **counted)
    return bool(many <= FEW)


async def _of_days(search: Any, where: Wanted, before: str, limit: int) -> list[str]:
    """The ids of those of some days, which are few."""
    assert where.closing is not None
    first, end = where.closing
    any_of = dict.fromkeys(("pipelineId", "stageId", "state", "owner")) | dict(where.common)
    parameters = {"from": first, "to": end, "before": before, "limit": limit, **any_of}
    return [row["id"] for row in await search.reader.rows(CLOSING, ("id",), parameters, "")]
