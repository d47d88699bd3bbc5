"""Two processes killed in turn, many writers, subscribers and webhooks: all are told what was acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from service.changes import log
from service.changes.models import Change
from service.graph.client import Graph
from service.reads.connections import cursor
from tests.clients.subscriber import Subscriber, by_events, by_socket
from tests.clients.webhook_receivers import failing_receiver
from tests.clients.world import MortalService, Writers, opened

WRITERS = 32
SUBSCRIBERS = 20
WEBHOOKS = 3
KILLS = 3
KILL_SECONDS = 20.0
"""After which one of the processes is killed, and then the other."""
DOWN_SECONDS = 1.0
PATIENCE_SECONDS = 90.0


async def changes_behind(graph: Graph, after: int) -> list[Change]:
    """The whole log behind a number."""
    end, found = await log.end(graph), list[Change]()
    for start in range(after, end, log.SLICE):
        found += await log.between(graph, start, min(start + log.SLICE, end))
    return found


@pytest.mark.timeout(600)
async def test_everybody_is_told_what_was_acknowledged(
    request: pytest.FixtureRequest, tmp_path: Path, unique: str
) -> None:
    async with opened(request.config, tmp_path, "one", "two") as world, AsyncExitStack() as stack:
        graph = world.address.graph()
        first, start = await log.end(graph), await world.newest()
        subscribers = [
            Subscriber(f"{by.__name__} {number}", [*world.services][:: 1 - 2 * (number % 2)], by, start)
            for number in range(SUBSCRIBERS // 2)
            for by in (by_socket, by_events)
        ]
        receivers = [
            await stack.enter_async_context(failing_receiver(world.services[0], f"{unique} {number}", start))
            for number in range(WEBHOOKS)
        ]
        try:
            writers = Writers(world.services, unique, count=WRITERS, people=2000, pause_seconds=0.15)
            for number in range(KILLS):
                await asyncio.sleep(KILL_SECONDS)
                await restart(world.services[number % 2])
            await writers.more(WRITERS)
            await writers.stop()
            changes = await changes_behind(graph, first)
            last = cursor(changes[-1].place)
            await until(lambda: all(one.last == last or not one.is_at_work() for one in subscribers))
            await until(lambda: all(one.has(changes) for one in receivers))
        finally:
            await asyncio.gather(*(one.stop() for one in subscribers))
            await graph.close()
    cursors = [cursor(one.place) for one in changes]
    for one in subscribers:
        one.check(start, cursors)
    for receiver in receivers:
        receiver.check(changes)
    told = [one.subject_id for one in changes if one.kind == "TOUCHPOINT_RECORDED"]
    assert set(told) == set(writers.acknowledged.values())
    assert len(set(told)) == len(told) == len(writers.acknowledged)
    # Each was cut off, and went on.
    assert min(len(one.told) for one in subscribers) >= 2
    assert {"CUSTOMER_CREATED", "CUSTOMERS_MERGED"} <= {one.kind for one in changes}


async def restart(service: MortalService) -> None:
    """Kills one, and starts it again after a moment."""
    await service.kill()
    await asyncio.sleep(DOWN_SECONDS)
    await service.start()


async def until(told: Callable[[], bool]) -> None:
    """Waits until all were told."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not told():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
