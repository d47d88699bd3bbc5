"""Lists of deals: which index answers a filter.

What deals of a list have in common (owner, pipeline, state, stage, in any combination) is one range of one index,
newest first. For the days by which they should be closed see `service.deals.closing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

from service import ids
from service.deals.closing import FIRST_DAY, LAST_DAY, Closing
from service.deals.models import SCOPES
from service.deals.repository import PAGE, PAGES
from service.errors import BadInput
from service.lists import place
from service.positions import END
from service.reads.connections import page_of_list, place_of
from service.reads.relations import Bound, Relation, Seek

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
    def values(self) -> list[str]:
        """What the list tells of its deals."""
        return [self.common[name] for name in SCOPES.get(self.listed, ())]

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
    days = (first.isoformat() if first else FIRST_DAY, end.isoformat() if end else LAST_DAY)
    return Wanted(
        {name: value for name, value in common.items() if value is not None}, days if first or end else None
    )


def page(where: Wanted, first: int, after: str | None) -> Bound:
    """A page of the deals that are wanted, newest first, behind a cursor."""
    bound = page_of_list(PAGES[where.listed], where.values, first, after)
    seek: Seek | None = None
    if where.closing is not None:
        prefix = place(where.values, "")
        closing = Closing(PAGES[where.listed], prefix, *where.closing, where.common, where.checked)
        before = place_of(after) if after is not None else END
        seek = partial(closing.page, before=before, limit=bound.size + 1)
    elif where.checked:
        seek = partial(_checked, where=where, parameters=bound.parameters)
    return replace(bound, seek=seek)


async def _checked(search: Any, where: Wanted, parameters: Mapping[str, Any]) -> list[Row]:
    """A page of a stage's deals, which are all of the pipeline and state that were asked for, or none is."""
    relation: Relation = PAGES[where.listed]
    looked_at = await search.reader.rows(relation, tuple(where.checked), {**parameters, "limit": 1}, "")
    if not looked_at or any(looked_at[0][name] != value for name, value in where.checked.items()):
        return []
    rows: list[Row] = await search.rows(relation, parameters, "")
    return rows
