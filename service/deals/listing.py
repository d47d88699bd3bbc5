"""Lists of deals: which index answers a filter.

What deals of a list have in common (owner, pipeline, state, stage, in any combination) is one range of one index,
newest first; those that should be closed within some days are one of another, the soonest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

from service import ids
from service.deals.models import CLOSING, SCOPES, is_closing_place
from service.deals.repository import CLOSING_PAGES, PAGE, PAGES
from service.errors import BadInput
from service.lists import place
from service.reads.connections import page_of_list, page_size, place_of
from service.reads.relations import Bound, Relation

Row = dict[str, Any]

FIRST_DAY: Final = "0000"
"""Before every day."""
LAST_DAY: Final = "9999-12-31~"
"""After every day."""


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
        return (_LISTS if self.closing is None else _CLOSING_LISTS)[named]

    @property
    def told(self) -> tuple[str, ...]:
        """The names of what the list tells of its deals."""
        return {**SCOPES, **CLOSING}.get(self.listed, ())

    @property
    def values(self) -> list[str]:
        """What the list tells of its deals."""
        return [self.common[name] for name in self.told]

    @property
    def checked(self) -> Mapping[str, str]:
        """What the list does not tell: a stage is of one pipeline and one state, which may be others."""
        return {name: value for name, value in self.common.items() if name not in self.told}


_LISTS: Final = {frozenset(common): name for name, common in SCOPES.items()} | {frozenset[str](): PAGE.listed}
_CLOSING_LISTS: Final = {frozenset(common): name for name, common in CLOSING.items()}


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
    days = (first.isoformat() if first else FIRST_DAY, end.isoformat() if end else LAST_DAY)
    return Wanted(
        {name: value for name, value in common.items() if value is not None}, days if first or end else None
    )


def page(where: Wanted, first: int, after: str | None) -> Bound:
    """A page of the deals that are wanted behind a cursor: newest first, or by the day of closing."""
    if where.closing is None:
        bound = page_of_list(PAGES[where.listed], where.values, first, after)
    else:
        bound = _closing_page(where, *where.closing, first, after)
    if where.checked:
        return replace(bound, seek=partial(_checked, where=where, bound=bound))
    return bound


def _closing_page(where: Wanted, start: str, end: str, first: int, after: str | None) -> Bound:
    size = page_size(first)
    # The least text above a place: no deal lies between.
    behind = place_of(after, is_closing_place) + "\x01" if after is not None else ""
    parameters = {
        "from": place(where.values, max(start, behind)),
        "before": place(where.values, end),
        "limit": size + 1,
    }
    return Bound(CLOSING_PAGES[where.listed], parameters, size, after is not None)


async def _checked(search: Any, where: Wanted, bound: Bound) -> list[Row]:
    """A page of a stage's deals, which are all of the pipeline and state that were asked for, or none is."""
    relation: Relation | None = bound.relation
    assert relation is not None
    looked_at = await search.reader.rows(relation, tuple(where.checked), {**bound.parameters, "limit": 1}, "")
    if not looked_at or any(looked_at[0][name] != value for name, value in where.checked.items()):
        return []
    rows: list[Row] = await search.rows(relation, bound.parameters, "")
    return rows
