"""Pages of the deals that should be closed in some days, newest first: several reads, each of a bounded part.

Deals are listed by the month in which they should be closed, and by owner and month. A page of a few months is the
newest of each month's page. Where the days are more months than that, or have no end, most deals may be meant, and
the newest of the list are looked at; where hardly any of those is, the days may be those of few deals, which are
gone through; and else the months are, or the list, a window at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, repeat
from typing import Any, Final

from service.deals.models import month_after, month_of
from service.deals.repository import CLOSING_IN, CLOSING_IN_OF_OWNER, DEAL_BY_ID
from service.reads.ordinary import Search
from service.reads.relations import Relation

FEW_MONTHS: Final = 3
"""That are read before the list is looked at."""
MAX_MONTHS: Final = 24
"""That are read at once."""
FEW: Final = 6000
"""Deals of some days that are gone through at once, and sorted."""
FIRST_DAY: Final = "0000"
"""Before every day."""
LAST_DAY: Final = "9999-12-31~"
"""After every day."""
_FIRST_WINDOW: Final = 200
_WINDOW: Final = 2000
"""Deals of a list that one statement looks at."""
_LOOKED_AT: Final = ("id", "position", "expectedCloseOn")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Closing:
    """What is looked for: in which list, behind which position, with which days and properties."""

    relation: Relation
    prefix: str
    """Of places in the list."""
    first: str
    end: str
    """The day after the last."""
    common: Mapping[str, str]
    """Properties that the deals have, in the list's names."""
    checked: Mapping[str, str]
    """Those of them that the list does not tell, which all of its deals have or none has."""

    async def page(self, search: Search, *, before: str, limit: int) -> list[Row]:
        """The rows of the newest of them."""
        months = months_between(self.first, self.end)
        if 0 < len(months) <= FEW_MONTHS:
            return await self._of_months(search, months, before, limit, search.columns(DEAL_BY_ID))
        found = await self._found(search, months, before, limit)
        each = await asyncio.gather(*(search.rows(DEAL_BY_ID, {}, deal_id) for deal_id in found[:limit]))
        return [row for rows in each for row in rows]

    async def _found(self, search: Search, months: list[str], before: str, limit: int) -> list[str]:
        found: list[str] = []
        for window in chain((_FIRST_WINDOW,), repeat(_WINDOW)):
            rows = await self._window(search, before, window)
            if rows and any(rows[0][name] != value for name, value in self.checked.items()):
                break
            found += [row["id"] for row in rows if self._is_meant(row["expectedCloseOn"])]
            if len(found) >= limit or len(rows) < window:
                break
            before = rows[-1]["position"]
            if window == _WINDOW:
                continue
            if await self._are_few(search):
                return found + await self._of_days(search, before, limit)
            if months:
                return found + [row["id"] for row in await self._of_months(search, months, before, limit)]
        return found

    def _is_meant(self, day: str | None) -> bool:
        return day is not None and self.first <= day < self.end

    async def _window(self, search: Search, before: str, limit: int) -> list[Row]:
        columns = (*_LOOKED_AT, *self.checked)
        parameters = {"from": self.prefix, "before": self.prefix + before, "limit": limit}
        return await search.reader.rows(self.relation, columns, parameters, "")

    async def _are_few(self, search: Search) -> bool:
        counted = {"first": self.first, "end": self.end, "limit": FEW + 1}
        ((many,),) = await search.reader.graph.rows("deals/closing_count", **counted)
        return bool(many <= FEW)

    async def _of_months(
        self, search: Search, months: list[str], before: str, limit: int, columns: tuple[str, ...] = ()
    ) -> list[Row]:
        """The newest of some months, with these columns and their positions."""
        named = tuple(dict.fromkeys((*columns, "id", "position")))
        each = await asyncio.gather(*(self._of_month(search, one, before, limit, named) for one in months))
        return sorted((row for rows in each for row in rows), key=_position, reverse=True)[:limit]

    async def _of_month(
        self, search: Search, month: str, before: str, limit: int, columns: tuple[str, ...]
    ) -> list[Row]:
        owner = self.common.get("owner")
        relation = CLOSING_IN if owner is None else CLOSING_IN_OF_OWNER
        place = f"{month}\n" if owner is None else f"{owner}\n{month}\n"
        parameters = {"from": place, "before": place + before, **self._conditions(), "limit": limit}
        return await search.reader.rows(relation, columns, parameters, "")

    async def _of_days(self, search: Search, before: str, limit: int) -> list[str]:
        parameters = {"before": before, **self._conditions(), "owner": self.common.get("owner"), "limit": limit}
        return [str(deal_id) for (deal_id,) in await search.reader.graph.rows("deals/closing_on", **parameters)]

    def _conditions(self) -> dict[str, Any]:
        given = {name: self.common.get(name) for name in ("pipelineId", "stageId", "state")}
        return {"first": self.first, "end": self.end, **given}


def _position(row: Row) -> str:
    return str(row["position"])


def months_between(first: str, end: str) -> list[str]:
    """The months of some days; none where they are too many to be read at once."""
    if first == FIRST_DAY or end == LAST_DAY:
        return []
    last = month_of((date.fromisoformat(end) - timedelta(days=1)).isoformat())
    months, month = list[str](), month_of(first)
    while month <= last:
        if len(months) == MAX_MONTHS:
            return []
        months.append(month)
        month = month_after(month)
    return months
