"""Who belongs to an account, and what deals it has: pages that are found by several bounded reads.

Those by hand come first, the latest first, then those by domain, the latest address first. A customer with several
memberships is with the account of the highest, and is listed there in its place, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from service import ids
from service.accounts import repository
from service.accounts.models import BY_DOMAIN, BY_HAND
from service.deals.repository import ACCOUNT_PAGE, DEAL_BY_ID
from service.identity.records import own_key
from service.positions import END, is_position
from service.reads.ordinary import Search

_AT_ONCE: Final = 500
"""Members that one statement reads."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A customer, and the place of the membership."""

    customer_id: str
    place: str


def is_place(text: str) -> bool:
    """Whether a text, say from a cursor, has the form of a membership's place."""
    if text.startswith(BY_HAND):
        return is_position(text.removeprefix(BY_HAND))
    return text.startswith(BY_DOMAIN) and ids.prefix_of(text.removeprefix(BY_DOMAIN)) == ids.IDENTIFIER


async def customers(search: Search, *, before: str, limit: int) -> list[Row]:
    """A page of who belongs to an account."""
    found: list[Member] = []
    async for some in _members(search, before, min(limit, _AT_ONCE)):
        found += some
        if len(found) >= limit:
            break
    found = found[:limit]
    each = await asyncio.gather(*(search.rows(repository.MEMBER, {}, own_key(one.customer_id)) for one in found))
    place = repository.MEMBER.place
    return [row | {place: one.place} for one, rows in zip(found, each, strict=True) for row in rows]


async def deals(search: Search, *, before: str, limit: int) -> list[Row]:
    """A page of the deals that name an account, and of those of its customers that name none."""
    account_id = _id(search)
    own = {"from": f"{account_id}\n", "before": f"{account_id}\n{before}", "limit": limit}
    latest = await search.reader.rows(ACCOUNT_PAGE, ("id", "position"), own, "")
    parameters = {"before": before, "limit": limit}
    async for some in _members(search, BY_HAND + END, _AT_ONCE):
        asked = (
            search.reader.rows(repository.DEALS_OF, ("id", "position"), parameters, own_key(one.customer_id))
            for one in some
        )
        latest = [*latest, *(row for rows in await asyncio.gather(*asked) for row in rows)]
        latest = sorted(latest, key=lambda row: row["position"], reverse=True)[:limit]
    each = await asyncio.gather(*(search.rows(DEAL_BY_ID, {}, row["id"]) for row in latest))
    return [row for rows in each for row in rows]


async def _members(search: Search, before: str, at_once: int) -> AsyncIterator[list[Member]]:
    """Who belongs to an account, in order, some at a time."""
    async for some in _memberships(search, before, at_once):
        asked = (search.reader.rows(repository.MEMBERSHIPS, (), {}, one.customer_id) for one in some)
        each = await asyncio.gather(*asked)
        yield [one for one, rows in zip(some, each, strict=True) if _is_highest(one, rows)]


def _is_highest(one: Member, memberships: list[Row]) -> bool:
    return all(row["p"] <= one.place for row in memberships)


async def _memberships(search: Search, before: str, at_once: int) -> AsyncIterator[list[Member]]:
    """All memberships of an account, also of customers who are with another one, in order, some at a time."""
    last = before
    while last.startswith(BY_HAND):
        parameters = {"before": last.removeprefix(BY_HAND), "limit": at_once}
        rows = await search.reader.rows(repository.BY_HAND, (), parameters, _id(search))
        some = [Member(row["c"], BY_HAND + row["p"]) for row in rows]
        yield some
        last = some[-1].place if len(some) == at_once else BY_DOMAIN + END
    account = await search.reader.rows(repository.ACCOUNT_BY_ID, ("id", "domain"), {}, _id(search))
    domain = account[0]["domain"] if account else None
    while domain is not None and last:
        upper = f"{domain} {last.removeprefix(BY_DOMAIN)}"
        parameters = {"from": f"{domain} ", "before": upper, "limit": at_once}
        rows = await search.reader.rows(repository.BY_DOMAIN, (), parameters, "")
        some = [Member(row["c"], BY_DOMAIN + row["p"].removeprefix(f"{domain} ")) for row in rows]
        yield some
        last = some[-1].place if len(some) == at_once else ""


def _id(search: Search) -> str:
    assert search.source is not None
    return str(search.source["id"])
