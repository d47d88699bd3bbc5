"""Telling those who ask alike, over the real log: who takes no more goes on from there, whatever happens then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from service.access.models import OPERATOR
from service.changes.feed import Feed
from service.changes.retention import Retention
from service.errors import CursorExpired
from service.graph.client import Graph
from service.services import Services
from tests.acceptance.streams import without_heartbeat
from tests.integration.asking import Api
from tests.integration.stewarding import merge, undo
from tests.integration.test_feed import seen
from tests.integration.test_retention import pruned

CHANGES = """subscription ($after: String, $filter: ChangeFilter) { changes(after: $after, filter: $filter) {
  cursor kind customerId previousCustomerIds } }"""
PAGE = """query ($after: String!) { changes(after: $after) {
  nodes { cursor kind customerId previousCustomerIds } } }"""


class Counting(Feed):
    """Counts how often anybody takes changes out of it."""

    taken = 0

    async def behind(self, number: int) -> Any:
        found = await super().behind(number)
        self.taken += 1
        return found


@pytest.fixture
async def feed(graph: Graph) -> AsyncIterator[Counting]:
    one = Counting(graph, kept=3)
    running = asyncio.create_task(one.run())
    yield one
    running.cancel()


class Subscriber:
    """One who is told; takes no more while the gate is shut."""

    def __init__(self, api: Api, **variables: Any) -> None:
        self.told: list[dict[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        stream = api._executor.stream(
            query=CHANGES,
            variables=variables,
            operation_name=None,
            caller=OPERATOR,
            may_write=True,
            send=self._send,
        )
        self.task = asyncio.create_task(stream)

    async def _send(self, answer: bytes) -> None:
        await self.gate.wait()
        self.told += without_heartbeat(json.loads(answer)["data"]["changes"])

    async def until(self, cursor: str) -> None:
        """Waits until it has been told up to a change."""
        async with asyncio.timeout(30):
            while not any(one["cursor"] == cursor for one in self.told):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def telling(graph: Graph, services: Services, feed: Counting) -> Api:
    """A process of its own, which keeps few of the newest changes."""
    return Api(graph, replace(services, feed=feed))


async def newest(api: Api) -> str:
    cursor: str = (await api.field("{ changes { newestCursor } }"))["newestCursor"]
    return cursor


async def ended(*subscribers: Subscriber) -> None:
    for one in subscribers:
        one.task.cancel()
    await asyncio.gather(*(one.task for one in subscribers), return_exceptions=True)


async def test_the_log_is_read_once_for_all_who_ask_alike(telling: Api, feed: Counting, unique: str) -> None:
    after = await newest(telling)
    everybody = [Subscriber(telling, after=after) for _ in range(30)]
    slow = everybody[::10]
    await seen(telling, f"{unique}-1", unique)
    for one in everybody:
        await one.until(await newest(telling))
    for one in slow:
        one.gate.clear()
    before = feed.taken
    await seen(telling, f"{unique}-2", unique)
    for one in everybody:
        if one not in slow:
            await one.until(await newest(telling))
    assert feed.taken == before + 1
    for number in range(8):  # More than is kept in memory.
        await seen(telling, f"{unique}-more-{number}", unique)
    for one in slow:
        one.gate.set()
    for one in everybody:
        await one.until(await newest(telling))
    logged = (await telling.field(PAGE, after=after))["nodes"]
    for one in everybody:
        assert one.told == logged
    # They keep up again.
    before = feed.taken
    await seen(telling, f"{unique}-last", unique)
    for one in everybody:
        await one.until(await newest(telling))
    assert feed.taken == before + 1
    await ended(*everybody)


async def test_who_was_away_is_told_of_customers_as_they_were_then(telling: Api, unique: str) -> None:
    """A filter's customers merge and part again while one of two takes nothing."""
    one, other = [await seen(telling, f"{unique}-{name}", f"{unique}-{name}") for name in "ab"]
    chosen = {"customerIds": [other], "kinds": ["TOUCHPOINT_RECORDED", "CUSTOMER_SPLIT"]}
    after = await newest(telling)
    slow, quick = [Subscriber(telling, after=after, filter=chosen) for _ in range(2)]
    await seen(telling, f"{unique}-first", f"{unique}-b")
    for each in (slow, quick):
        await each.until(await newest(telling))
    slow.gate.clear()
    await seen(telling, f"{unique}-second", f"{unique}-b")
    event = (await merge(telling, one, other))["event"]["id"]
    await seen(telling, f"{unique}-of-both", f"{unique}-a")
    await quick.until(await newest(telling))
    await undo(telling, event)
    await seen(telling, f"{unique}-not-theirs", f"{unique}-a")
    await seen(telling, f"{unique}-last", f"{unique}-b")
    last = await newest(telling)
    await quick.until(last)
    slow.gate.set()
    await slow.until(last)
    touched = [one["customerId"] for one in quick.told if one["kind"] == "TOUCHPOINT_RECORDED"]
    assert touched == [other, other, one, other]
    assert slow.told == quick.told
    await ended(slow, quick)


async def test_who_falls_off_the_end_of_the_log_is_told_so(telling: Api, graph: Graph, unique: str) -> None:
    after = await newest(telling)
    slow, quick = Subscriber(telling, after=after), Subscriber(telling, after=after)
    await seen(telling, unique, unique)
    for each in (slow, quick):
        await each.until(await newest(telling))
    slow.gate.clear()
    for number in range(10):
        await seen(telling, f"{unique}-{number}", unique)
    await quick.until(await newest(telling))
    await pruned(Retention(graph, days=10_000.0, most=2))
    slow.gate.set()
    with pytest.raises(CursorExpired):
        await asyncio.wait_for(slow.task, 30)
    # What was being sent when it stopped came, and then nothing, rather than anything with a gap before it.
    assert slow.told == quick.told[: len(slow.told)]
    assert len(slow.told) == 3
    await seen(telling, f"{unique}-last", unique)
    await quick.until(await newest(telling))
    await ended(quick)
