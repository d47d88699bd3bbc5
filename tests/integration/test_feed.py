"""Following the log in one process: what comes, from whomever, without a gap, and what is further back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from service.changes import log
from service.changes.feed import Feed
from service.changes.following import Following, Heartbeat
from service.changes.models import Change, ChangeFilter, ChangeKind
from service.graph.client import Graph
from tests.integration.asking import RECORD, Api
from tests.integration.forms import touch
from tests.integration.stewarding import merge, undo

ALL = ChangeFilter()


@pytest.fixture
async def feed(graph: Graph) -> AsyncIterator[Feed]:
    """Of another process than the one that writes: nobody wakes it."""
    one = Feed(graph, kept=5)
    running = asyncio.create_task(one.run())
    yield one
    running.cancel()


async def seen(api: Api, message: str, cookie: str) -> str:
    """Records a touchpoint: two changes for a new cookie, one for a known one."""
    payload = await api.field(RECORD, input=touch(message, ("cookie", cookie)))
    customer_id: str = payload["customer"]["id"]
    return customer_id


async def collected(following: AsyncIterator[Sequence[Change] | Heartbeat], count: int) -> list[Change]:
    """The next changes; heartbeats are left out."""
    found: list[Change] = []
    async with asyncio.timeout(20):
        async for some in following:
            found += () if isinstance(some, Heartbeat) else some
            if len(found) >= count:
                return found
    raise AssertionError


async def test_what_another_process_writes_is_seen(api: Api, graph: Graph, feed: Feed, unique: str) -> None:
    start = await log.end(graph)
    waiting = asyncio.create_task(feed.behind(start))
    customer = await seen(api, f"{unique}-1", unique)
    found = await asyncio.wait_for(waiting, 20)
    assert [(int(one.place) - start, one.kind, one.customer_id) for one in found] == [
        (1, "CUSTOMER_CREATED", customer),
        (2, "TOUCHPOINT_RECORDED", customer),
    ]
    assert await feed.beyond(start) == start + 2


async def test_whoever_is_far_behind_reads_the_log(api: Api, graph: Graph, feed: Feed, unique: str) -> None:
    start = await log.end(graph)
    await feed.beyond(start - 1)
    for number in range(20):
        await seen(api, f"{unique}-{number}", unique)
        await feed.beyond(start + number + 1)
    everything = await log.between(graph, start, start + 21)
    # Behind what is kept, within it, at its seam, and at the end.
    for place in (0, 3, 10, 11, 15, 16, 20):
        assert await feed.behind(start + place) == everything[place:]


async def test_a_reader_has_all_once_and_in_order(api: Api, graph: Graph, feed: Feed, unique: str) -> None:
    start = await log.end(graph)
    await asyncio.gather(*(seen(api, f"{unique}-a{number}", f"{unique}-{number % 3}") for number in range(12)))
    reading = asyncio.create_task(collected(Following(graph, feed, start, ALL), 27))
    for number in range(12):
        await seen(api, f"{unique}-b{number}", f"{unique}-{number % 3}")
    found = await reading
    assert [int(one.place) for one in found] == list(range(start + 1, start + 28))
    assert found == await log.between(graph, start, start + 27)


async def test_heartbeats_are_past_what_is_left_out(api: Api, graph: Graph, feed: Feed, unique: str) -> None:
    start = await log.end(graph)
    following = Following(graph, feed, start, ChangeFilter(owner="nobody"), beat_seconds=0.3)
    await seen(api, unique, unique)
    numbers = []
    async with asyncio.timeout(20):
        async for some in following:
            assert isinstance(some, Heartbeat)
            numbers.append(some.number)
            if some.number == start + 2:
                break
    assert numbers == sorted(numbers)


async def test_customers_are_followed_through_merge_and_split(
    api: Api, graph: Graph, feed: Feed, unique: str
) -> None:
    one, other = [await seen(api, f"{unique}-{name}", f"{unique}-{name}") for name in "ab"]
    start = await log.end(graph)
    wanted = ChangeFilter(customer_ids=frozenset({other}))
    reading = asyncio.create_task(collected(Following(graph, feed, start, wanted, [other]), 5))
    await seen(api, f"{unique}-not", f"{unique}-a")
    event = (await merge(api, one, other))["event"]["id"]
    await seen(api, f"{unique}-of-both", f"{unique}-a")
    await undo(api, event)
    await seen(api, f"{unique}-not-either", f"{unique}-a")
    await seen(api, f"{unique}-own", f"{unique}-b")
    found = [(one.kind, one.customer_id) for one in await reading]
    assert found[:2] == [
        (ChangeKind.CUSTOMERS_MERGED.value, one),
        (ChangeKind.TOUCHPOINT_RECORDED.value, one),
    ]
    assert found[-1] == (ChangeKind.TOUCHPOINT_RECORDED.value, other)
    assert {kind for kind, _ in found[2:-1]} == {ChangeKind.CUSTOMER_SPLIT.value}


async def test_the_graph_may_be_away_for_a_while(api: Api, graph: Graph, unique: str) -> None:
    class Away(Graph):
        """Does not answer the first times."""

        failures = 2

        async def rows(self, name: str, /, **parameters: Any) -> list[Any]:
            from service.errors import Unavailable

            if self.failures:
                self.failures -= 1
                raise Unavailable
            return await graph.rows(name, **parameters)

    feed = Feed(Away.__new__(Away))
    running = asyncio.create_task(feed.run())
    start = await log.end(graph)
    await seen(api, unique, unique)
    assert len(await asyncio.wait_for(feed.behind(start), 20)) == 2
    running.cancel()
