"""`customer-graph match`: all customers, resumed where it ended, beside others; and what several matchers do."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.identity.matching.blocks import MAX_BLOCK
from service.matches import everyone as matching
from service.matches.matcher import Matcher
from service.services import Services
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import Api
from tests.integration.candidates import LIST, alike, born, duplicates, known, name_of, settle
from tests.integration.committing import committed

UNMATCHED = Settings(matching=False)


@pytest.fixture
async def world(alone: Engine) -> AsyncIterator[Graph]:
    """A graph with nobody in it."""
    async with alone.migrated() as graph:
        labels = ("MatchCandidate", "MatchKey", "SourceProfile", "Identifier", "Customer", "Message", "MatchModel")
        await committed(
            graph,
            *((f"MATCH (n:{label}) DETACH DELETE n", {}) for label in labels),
            ("MATCH (k:Counter {name: 'matching'}) SET k.after = null", {}),
        )
        yield graph


@asynccontextmanager
async def opened(graph: Graph, settings: Settings = UNMATCHED) -> AsyncIterator[tuple[Api, Services]]:
    async with open_services(settings, graph) as services:
        yield Api(graph, services), services


async def everyone(services: Services, *, again: bool = False, learning: bool = False) -> tuple[int, int]:
    return await services.everyone.match(again=again, learning=learning, show=lambda *_: None)


async def pairs(graph: Graph) -> list[str]:
    """The pairs of all candidates."""
    return [pair for (pair,) in await graph.run("MATCH (m:MatchCandidate) RETURN m.pair ORDER BY m.pair")]


async def couples(api: Api, unique: str, count: int) -> list[list[str]]:
    return [await alike(api, unique, number=number) for number in range(count)]


def expected(ids: list[list[str]]) -> list[str]:
    return sorted("\n".join(sorted(f"customer:{one}" for one in pair)) for pair in ids)


async def test_a_graph_from_before_is_matched(world: Graph, unique: str) -> None:
    async with opened(world) as (api, services):
        ids = await couples(api, unique, 5)
        assert await world.run("MATCH (c:Customer) WHERE c.matchDue > '' RETURN count(c)") == [[0]]
        assert await everyone(services, learning=True) == (10, 5)
        assert await pairs(world) == expected(ids)
        # What comes later is all that is left for the next start.
        ids.append(await alike(api, unique, number=9))
        assert await everyone(services) == (2, 1)
        assert await everyone(services) == (0, 0)
        assert await pairs(world) == expected(ids)
        before = await api.field(LIST)
        assert await everyone(services, again=True) == (12, 0)
        assert await api.field(LIST) == before
    assert await world.run("MATCH (l:MatchModel) RETURN l.name, l.version > 0") == [["current", True]]
    assert await world.run("MATCH (c:Customer) WHERE c.matchDue > '' RETURN count(c)") == [[0]]


async def test_the_counts_of_keys_are_exact(world: Graph, unique: str) -> None:
    async with opened(world, Settings()) as (api, _):
        await couples(api, unique, 4)
        await settle(world)
    wrong = "MATCH (k:MatchKey) WHERE k.many <> COUNT { (k)<-[:MATCHED_BY]-() } RETURN count(k)"
    assert await world.run(wrong) == [[0]]
    assert (await world.run("MATCH (k:MatchKey) WHERE k.many > 1 RETURN count(k) > 1")) == [[True]]


async def test_two_at_once_find_each_pair_once(
    world: Graph, alone: Engine, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PAGE", 7)
    second = alone.graph()
    try:
        async with opened(world) as (api, one), opened(second) as (_, other):
            ids = await couples(api, unique, 15)
            done = await asyncio.gather(everyone(one), everyone(other))
            assert sum(seen for seen, _ in done) == 30
            assert await pairs(world) == expected(ids)
    finally:
        await second.close()


async def test_two_services_find_all_pairs_once_whoever_records_whom(
    world: Graph, alone: Engine, unique: str
) -> None:
    second = alone.graph()
    try:
        async with opened(world, Settings()) as (one, _), opened(second, Settings()) as (other, _):
            apis = [one, other]

            async def record(number: int, place: int) -> str:
                birth = str(born(unique, number))
                said = {"name": name_of(unique, number), "birthDate": birth, "city": "Kyiv"}
                key = ("cookie", f"{unique}-{number}-{place}")
                message = f"{unique}-{number}-{place}"
                return await known(apis[place], message, f"source{place}", said, key)

            made = await asyncio.gather(*(record(number, place) for number in range(12) for place in range(2)))
            await settle(world)
            ids = [list(made[start : start + 2]) for start in range(0, len(made), 2)]
            assert await pairs(world) == expected(ids)
    finally:
        await second.close()


def ending(after: int) -> Any:
    """A way to write that never comes back after so many transactions."""
    insist, left = Matcher.insist, iter(range(after))

    async def ended(self: Matcher, write: Any) -> Any:
        if next(left, None) is None:
            await asyncio.Event().wait()
        return await insist(self, write)

    return ended


# Whoever is cancelled in the moment of connecting leaves the driver's socket to the collector, which closes it.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_what_was_broken_off_is_taken_up(world: Graph, unique: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of its transactions, the matcher ends; another one does what is left."""
    for ends_after in range(4):
        with monkeypatch.context() as broken:
            broken.setattr(Matcher, "insist", ending(ends_after))
            async with opened(world, Settings()) as (api, _):
                ids = await alike(api, unique, number=ends_after)
                await asyncio.sleep(0.3)
        async with opened(world, Settings()) as (api, _):
            await settle(world)
            (candidate,) = await duplicates(api, ids[0])
            assert {candidate["a"]["id"], candidate["b"]["id"]} == set(ids)


async def test_very_many_who_are_all_alike_are_not_all_compared(world: Graph, unique: str) -> None:
    async with opened(world) as (api, services):
        said = {"name": "Test Testov", "birthDate": "1990-01-01"}
        raw = [
            {
                "messageId": f"{unique}-{number}",
                "source": "crm",
                "attributes": said,
                "identifiers": [{"kind": "cookie", "value": f"{unique}-{number}"}],
            }
            for number in range(MAX_BLOCK + 150)
        ]
        await services.recorder.commit([services.recorder.identify_command(one) for one in raw])
        began = time.monotonic()
        await everyone(services)
        assert time.monotonic() - began < 60
        ((many, most),) = await world.run(
            """MATCH (i:Identifier {kind: 'customer'}) WITH COUNT { (i)<-[:PROPOSES]-() } AS each
               RETURN sum(each) / 2, max(each)"""
        )
        # Once their keys find more than a block, they are followed no more.
        assert many <= MAX_BLOCK * 100
        assert most <= MAX_BLOCK
        found = await api.field(LIST)
        assert len(await duplicates(api, found["nodes"][0]["a"]["id"])) <= 100


@pytest.mark.timeout(180)
async def test_the_command_is_killed_and_goes_on(world: Graph, alone: Engine, unique: str, tmp_path: Path) -> None:
    async with opened(world) as (api, _):
        ids = await couples(api, unique, 60)
        command = [sys.executable, "-m", "service.cli", "match", "--no-learn"]
        environment = alone.environment() | {"CUSTOMER_GRAPH_CONFIG": str(tmp_path / "none.toml")}
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
        give_up = time.monotonic() + 60
        while not await pairs(world):
            assert time.monotonic() < give_up
            assert process.returncode is None
            await asyncio.sleep(0.01)
        process.kill()
        await process.communicate()
        assert len(await pairs(world)) < 60
        assert await world.run("MATCH (c:Customer) WHERE c.matchDue > '' RETURN count(c) > 0") == [[True]]
        again = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
        told, wrong = await again.communicate()
        assert again.returncode == 0, wrong
        assert b"new candidates found. See matchCandidates." in told
        assert await pairs(world) == expected(ids)
