"""What takes too long is given up in time, here and by an engine that honours it; the pool is whole afterwards."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from service.deadlines import due_by, due_within
from service.errors import ConnectionsTaken, DeadlineExceeded, Unavailable
from service.graph.client import Graph
from tests.clients.proxy import Proxy
from tests.conftest import Engine

SECONDS = 0.5
LATE = 1.0
"""At most, on a machine that does other things."""
ENDLESS = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a * b = -1 RETURN count(*)"
ENDED_SECONDS = 5.0


@pytest.fixture
async def proxy(engine: Engine) -> AsyncIterator[Proxy]:
    """The way to the engine."""
    async with Proxy() as proxy:
        proxy.lead_to(engine.uri)
        yield proxy


@pytest.fixture
async def own(engine: Engine, proxy: Proxy) -> AsyncIterator[Graph]:
    """A graph with a small pool of its own."""
    graph = Graph(
        f"bolt://127.0.0.1:{proxy.port}",
        user=engine.user,
        password=engine.password,
        database=engine.database,
        embedded=engine.embedded,
        pool_size=2,
        timeout_seconds=4 * SECONDS,
        acquire_seconds=SECONDS,
    )
    # At once, so that all connections of the pool are open.
    assert all(await asyncio.gather(answers(graph), answers(graph)))
    yield graph
    await graph.close()


async def answers(graph: Graph) -> bool:
    """Whether it does, as it should."""
    return await graph.run("RETURN 1") == [[1]]


@pytest.fixture
def slow(engine: Engine, proxy: Proxy) -> Iterator[str]:
    """A statement that is not answered in the test's time: Neo4j works on it, the embedded engine is not heard."""
    if not engine.embedded:
        yield ENDLESS
        return
    proxy.fall_silent()
    yield "RETURN 2"
    proxy.speak()


async def _running(graph: Graph) -> int:
    """How many slow statements the engine works on."""
    statement = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND' RETURN count(*)"
    return int((await graph.run(statement))[0][0])


async def _all_ended(graph: Graph) -> None:
    """Waits until the engine works on none of them: Neo4j. The embedded engine works on what nobody waits for."""
    if graph.embedded:
        return
    async with asyncio.timeout(ENDED_SECONDS):
        while await _running(graph):  # noqa: ASYNC110 -- nothing tells it
            await asyncio.sleep(0.05)


async def test_a_read_ends_with_the_time_of_its_request(
    own: Graph, slow: str, proxy: Proxy, graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    began = time.monotonic()
    with caplog.at_level(logging.WARNING), due_by(due_within(SECONDS)), pytest.raises(DeadlineExceeded):
        await own.run(slow)
    assert SECONDS * 0.9 < time.monotonic() - began < SECONDS + LATE
    await _all_ended(graph)
    proxy.speak()
    assert await answers(own)
    assert caplog.records == []


async def test_what_has_no_time_left_is_not_read(own: Graph, slow: str) -> None:
    began = time.monotonic()
    with due_by(due_within(-1)), pytest.raises(DeadlineExceeded):
        await own.run(slow)
    assert time.monotonic() - began < LATE


async def test_a_read_of_nobodys_request_ends_too(own: Graph, slow: str) -> None:
    with pytest.raises(Unavailable):
        await own.run(slow)


async def test_a_transaction_ends_and_has_written_nothing(
    own: Graph, slow: str, proxy: Proxy, graph: Graph, unique: str
) -> None:
    began = time.monotonic()

    async def write() -> None:
        async with own.transaction() as transaction:
            await transaction._run("CREATE (m:Message {key: $key})", "", {"key": unique})
            await transaction._run(slow, "", {})

    with due_by(due_within(SECONDS)), pytest.raises(DeadlineExceeded):
        await write()
    assert time.monotonic() - began < SECONDS + LATE
    proxy.speak()
    await _all_ended(graph)
    assert await graph.run("MATCH (m:Message {key: $key}) RETURN count(m)", "", key=unique) == [[0]]


async def test_who_goes_away_cancels_the_read(own: Graph, slow: str, proxy: Proxy, graph: Graph) -> None:
    with due_by(due_within(30)):
        reading = asyncio.create_task(own.run(slow))
        if graph.embedded:
            await asyncio.sleep(SECONDS)
        else:
            async with asyncio.timeout(ENDED_SECONDS):
                while not await _running(graph):  # noqa: ASYNC110 -- nothing tells it
                    await asyncio.sleep(0.02)
        reading.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert time.monotonic() - began < LATE
    await _all_ended(graph)
    proxy.speak()
    assert await answers(own)


async def test_a_pool_that_is_used_up_is_told_of_and_recovers(
    own: Graph, slow: str, proxy: Proxy, graph: Graph
) -> None:
    with due_by(due_within(4 * SECONDS)):
        reading = [asyncio.create_task(own.run(slow)) for _ in range(2)]
        await asyncio.sleep(SECONDS / 2)
        began = time.monotonic()
        with pytest.raises(ConnectionsTaken):
            await own.run("RETURN 1")
        assert time.monotonic() - began < SECONDS + LATE
        ended = await asyncio.gather(*reading, return_exceptions=True)
    assert [type(one) for one in ended] == [DeadlineExceeded, DeadlineExceeded]
    proxy.speak()
    assert await answers(own)
    await _all_ended(graph)
