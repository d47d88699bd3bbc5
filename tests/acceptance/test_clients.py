"""Clients that others wrote follow the log through everything that can end: each sees exactly what it holds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.clients import gql_client, node
from tests.clients.consumer import Consumer
from tests.clients.world import Writers, check_acknowledged, opened

pytestmark = pytest.mark.front

PATIENCE_SECONDS = 90


async def until_seen(consumers: Sequence[Consumer], cursor: str) -> None:
    """Waits until each has seen a change."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for one in consumers:
            while cursor not in one.cursors:  # noqa: ASYNC110
                await asyncio.sleep(0.1)


@pytest.mark.timeout(600)
async def test_each_client_ends_with_what_the_log_holds(
    request: pytest.FixtureRequest, tmp_path: Path, unique: str
) -> None:
    programs = {"gql": [sys.executable, gql_client.__file__]}
    if node.is_there():
        folder = await asyncio.to_thread(node.workplace, tmp_path / "node")
        programs |= {name: node.command(folder / f"{name}.mjs") for name in node.NAMES}
    async with opened(request.config, tmp_path, "service") as world:
        (service,) = world.services
        start = await world.newest()
        given = service.given | {"after": start}
        consumers = [Consumer(name, command, given, tmp_path) for name, command in programs.items()]
        try:
            writers = Writers(world.services, unique, count=4, people=40)
            await writers.more(30)
            await until_seen(consumers, await world.newest())
            for _ in range(3):
                service.cut()
                await writers.more(20)
            await service.kill()
            await asyncio.sleep(0.5)
            await service.start()
            await writers.more(20)
            await world.restart_engine()
            await writers.more(20)
            service.cut()
            await writers.more(20)
            await writers.stop()
            log = await world.log(start)
            await until_seen(consumers, log[-1]["cursor"])
            for one in consumers:
                one.check(log, start)
                # It was cut off at each of these, and knew.
                assert len([line for line in one.lines if "after" in line]) >= 5
        finally:
            for one in consumers:
                one.stop()
        check_acknowledged(log, writers.acknowledged)
        assert {"CUSTOMER_CREATED", "CUSTOMERS_MERGED", "TOUCHPOINT_RECORDED"} <= {one["kind"] for one in log}
