"""A service on an engine, each behind a proxy, and writers who go on whatever ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.conftest import Client, ServiceProcess, touch
from tests.clients.engine import MortalEngine
from tests.clients.proxy import Proxy
from tests.conftest import Engine

RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  userErrors { code } touchpoint { id } } }"""
LOG = """query ($after: String) { changes(after: $after, first: 100) { endCursor hasNextPage newestCursor
  nodes { cursor kind customerId previousCustomerIds subject { id } } } }"""
_PAUSE_SECONDS = 0.1


class MortalService:
    """A service process at one address, which can be killed and started again."""

    def __init__(self, engine: Engine, proxy: Proxy, folder: Path, name: str) -> None:
        # Receivers of webhooks are on this machine.
        self._environment = engine.environment() | {"CUSTOMER_GRAPH_WEBHOOK_LOOPBACK": "true"}
        self._proxy = proxy
        self._folder = folder
        self._name = name
        self._starts = 0
        self._process: ServiceProcess | None = None
        self.client = Client(self.http)

    @property
    def http(self) -> str:
        """Its address for HTTP, without a path."""
        return f"http://127.0.0.1:{self._proxy.port}"

    @property
    def given(self) -> dict[str, Any]:
        """What consumers are told of it."""
        return {"http": f"{self.http}/graphql", "ws": f"ws{self.http.removeprefix('http')}/graphql"}

    async def start(self) -> None:
        self._starts += 1
        log = self._folder / f"{self._name}-{self._starts}.log"
        self._process = await asyncio.to_thread(ServiceProcess, self._environment, log)
        self._proxy.lead_to(self._process.address)

    async def kill(self) -> None:
        """Ends it as a crash would."""
        assert self._process is not None
        self._process.process.kill()
        await asyncio.to_thread(self._process.process.wait)

    async def stop(self) -> int:
        """Asks it to end; its exit code."""
        await self.client.http.aclose()
        assert self._process is not None
        return await asyncio.to_thread(self._process.stop)

    def cut(self) -> None:
        """Resets all connections to it."""
        self._proxy.cut()


class World:
    """One engine and its services."""

    def __init__(self, engine: MortalEngine, address: Engine, services: Sequence[MortalService]) -> None:
        self.engine = engine
        self.address = address
        self.services = services

    async def restart_engine(self) -> None:
        """Kills the engine, and starts it again after a moment."""
        await asyncio.to_thread(self.engine.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(self.engine.start)

    async def newest(self) -> str:
        """The cursor of the log's end."""
        page = await self.services[0].client.field(LOG)
        cursor: str = page["newestCursor"]
        return cursor

    async def log(self, after: str) -> list[dict[str, Any]]:
        """All changes behind a cursor."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.services[0].client.field(LOG, after=after)
            found += page["nodes"]
            if not page["hasNextPage"]:
                return found
            after = page["endCursor"]


@asynccontextmanager
async def opened(config: pytest.Config, folder: Path, *names: str) -> AsyncIterator[World]:
    """An engine, and a service for each name."""
    async with Proxy() as way, _proxies(len(names)) as proxies:
        engine = MortalEngine(config, folder / "engine", way)
        address = await asyncio.to_thread(engine.start)
        try:
            async with address.migrated():
                pass
            pairs = zip(proxies, names, strict=True)
            services = [MortalService(address, proxy, folder, name) for proxy, name in pairs]
            await asyncio.gather(*(one.start() for one in services))
            try:
                yield World(engine, address, services)
            finally:
                codes = await asyncio.gather(*(one.stop() for one in services))
            assert set(codes) == {0}
        finally:
            await asyncio.to_thread(engine.stop)


@asynccontextmanager
async def _proxies(count: int) -> AsyncIterator[list[Proxy]]:
    if count == 0:
        yield []
        return
    async with Proxy() as first, _proxies(count - 1) as others:
        yield [first, *others]


class Writers:
    """Record touchpoints of people who turn out to be the same now and then, each until it is acknowledged."""

    def __init__(
        self,
        services: Sequence[MortalService],
        unique: str,
        *,
        count: int,
        people: int,
        turn: str = "a",
        pause_seconds: float = 0,
    ) -> None:
        """They begin at once. Those of another turn write other messages of the same people."""
        self.acknowledged: dict[str, str] = {}
        """Ids of touchpoints by message."""
        self._services = services
        self._unique = unique
        self._turn = turn
        self._people = people
        self._pause_seconds = pause_seconds
        self._chance = random.Random(unique)
        self._over = False
        self._tasks = [asyncio.create_task(self._write(number)) for number in range(count)]

    async def stop(self) -> None:
        """Waits until what they began is acknowledged."""
        self._over = True
        await asyncio.gather(*self._tasks)

    async def more(self, count: int) -> None:
        """Waits until so many more are acknowledged."""
        enough = len(self.acknowledged) + count
        while len(self.acknowledged) < enough:
            for task in self._tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.02)

    async def _write(self, number: int) -> None:
        count = 0
        while not self._over:
            count += 1
            message = f"{self._unique}-{self._turn}-{number}-{count}"
            keys = [
                ("cookie", f"{self._unique}-{one}")
                for one in self._chance.sample(range(self._people), self._chance.choice((1, 1, 1, 1, 1, 2)))
            ]
            await self._recorded(number + count, touch(message, "page_view", "web", "2026-05-01T00:00:00Z", *keys))
            await asyncio.sleep(self._pause_seconds)

    async def _recorded(self, turn: int, form: dict[str, Any]) -> None:
        """Sends it to one service or another until one answers that it is stored."""
        while True:
            client = self._services[turn % len(self._services)].client
            turn += 1
            try:
                answer = await client.answer(RECORD, input=form)
            except (httpx.HTTPError, ValueError):
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if "errors" not in answer:
                payload = answer["data"]["recordTouchpoint"]
                assert payload["userErrors"] == []
                self.acknowledged[form["messageId"]] = payload["touchpoint"]["id"]
                return
            await asyncio.sleep(_PAUSE_SECONDS)


def check_acknowledged(log: Sequence[dict[str, Any]], acknowledged: dict[str, str]) -> None:
    """Each touchpoint that was acknowledged is told of exactly once, and no other is."""
    told = [one["subject"]["id"] for one in log if one["kind"] == "TOUCHPOINT_RECORDED"]
    assert len(told) == len(set(told))
    assert set(told) == set(acknowledged.values())
    assert len(acknowledged) == len(set(acknowledged.values()))
