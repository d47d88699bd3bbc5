"""Matching all customers, for a graph from before there was matching, or by a model that was learned anew.

Customers are gone through by id, a page at a time: a page is marked, and how far it goes is kept, in one
transaction; then it is matched. So it may be broken off anywhere: what was marked is matched by the next start,
or by a service, and the next start goes on behind it. Two at once take different pages.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from service import ids
from service.errors import NotMigrated
from service.graph.client import Graph, Transaction
from service.identity.matching.judging import learned
from service.identity.matching.tables import Person
from service.identity.models import CustomerState
from service.matches.matcher import BATCH, Matcher
from service.matches.records import records
from service.positions import position
from service.settings import Settings

PAGE: Final = 200
"""Customers that are marked at once."""
SAMPLE: Final = 20_000
"""Records to learn from; of more customers that many at random."""
_ID_PAGE: Final = 2000
_RECORDS: Final = 500

Show = Callable[[str, int, int], None]
"""Told what is being done, how many customers are done, and of how many."""


class Everyone:
    """Matches all customers."""

    def __init__(self, graph: Graph, matcher: Matcher, settings: Settings) -> None:
        self._graph = graph
        self._matcher = matcher
        self._survivorship = settings.golden_rules

    async def match(self, *, again: bool, learning: bool, show: Show) -> tuple[int, int]:
        """Matches all customers, or those that are left; how many were looked at, how many candidates are new.

        Raises:
            NotMigrated: the graph's schema is not up to date.
            ServiceError: the graph cannot be written any more. What was done stays.
        """
        start = "" if again else await self._progress()
        if again:
            await self._matcher.insist(lambda transaction: transaction.write("matches/set_progress", after=""))
        if learning:
            await self._learn(show)
        total, left = await self._count(""), await self._count(start)
        await self._matcher.take_up_left()
        seen = found = 0
        show("Matching", total - left, total)
        while page := await self._matcher.insist(self._mark_page):
            marks = {customer_id: mark for customer_id, mark in page if mark}
            waiting = list(marks.items())
            while waiting:
                some, waiting = dict(waiting[:BATCH]), waiting[BATCH:]
                found += await self._matcher.match_all(some)
            seen += len(page)
            show("Matching", min(total - left + seen, total), total)
        return seen, found

    async def _progress(self) -> str:
        rows = await self._graph.rows("matches/progress")
        if not rows:
            raise NotMigrated
        return str(rows[0][0])

    async def _count(self, after: str) -> int:
        ((many,),) = await self._graph.rows("matches/customer_count", after=after)
        return int(many)

    async def _mark_page(self, transaction: Transaction) -> list[tuple[str, str]]:
        """The next customers by id, each with its mark; an empty one where nothing is known to match by."""
        now = time.time_ns() // 1_000_000
        ((after,),) = await transaction.rows("matches/lock", now=now)
        rows = await transaction.rows("matches/customer_page", after=after, limit=PAGE)
        page = [(one, position(now, one) if _is_told_of(row) else "") for one, *row in rows]
        marked = [{"id": customer_id, "due": mark} for customer_id, mark in page if mark]
        if marked:
            await transaction.write("matches/mark_due", rows=marked)
        if page:
            await transaction.write("matches/set_progress", after=max(customer_id for customer_id, _ in page))
        return page

    async def _learn(self, show: Show) -> None:
        """Learns a model from the records of some customers, or of all where they are few."""
        people: list[Person] = []
        total = await self._count("")
        async for some in self._sample(-(-total // SAMPLE)):
            read = await records(self._graph, some, self._survivorship)
            people += [person for person in read.values() if person]
            show("Reading a sample", len(people), min(total, SAMPLE))
        if not people:
            return
        show("Learning", 0, 0)
        model = await asyncio.to_thread(learned, people)
        version, text = time.time_ns() // 1_000_000, model.to_json()
        await self._matcher.insist(
            lambda transaction: transaction.write("matches/set_model", version=version, model=text)
        )

    async def _sample(self, stride: int) -> AsyncIterator[list[str]]:
        """One of so many customers, by the random end of their ids; some of them at a time."""
        after, waiting = "", list[str]()
        while rows := await self._graph.rows("matches/customer_page", after=after, limit=_ID_PAGE):
            after = max(row[0] for row in rows)
            waiting += [one for one, *row in rows if _is_told_of(row) and _random_of(one) % stride == 0]
            while len(waiting) >= _RECORDS:
                some, waiting = waiting[:_RECORDS], waiting[_RECORDS:]
                yield some
        if waiting:
            yield waiting


def _is_told_of(row: list[Any]) -> bool:
    """Whether a customer has an identifier of their own giving, or an attribute."""
    state, values = row
    return bool(state == CustomerState.KNOWN.value or values > 0)


def _random_of(customer_id: str) -> int:
    return int(customer_id.removeprefix(ids.CUSTOMER)[-8:], 16)
