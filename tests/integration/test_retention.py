"""How long the log of changes is kept: the oldest go first, and whoever is behind them is told so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from service.app import open_services
from service.changes import log
from service.changes.models import ChangeFilter, place
from service.changes.retention import Retention
from service.errors import Conflict, CursorExpired
from service.graph.client import Graph
from service.journeys.models import StepKind
from service.journeys.service import Analyst
from service.journeys.wanted import Wanted
from service.reads.connections import cursor
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import RECORD, Api
from tests.integration.forms import touch
from tests.integration.test_changes import PAGE

ALL = ChangeFilter()
LONG = 10_000.0
DAY_MILLIS = 86_400_000


async def record(api: Api, unique: str, count: int) -> None:
    """So many touchpoints of as many new customers: two changes each."""
    keys = [("cookie", f"{unique}-{number}") for number in range(count)]
    await asyncio.gather(*(api.done(RECORD, input=touch(f"m-{key[1]}", key)) for key in keys))


async def pruned(retention: Retention) -> int:
    """Deletes all that need not be kept; how many that was."""
    count = 0
    while step := await retention.step():
        count += step
    return count


async def kept(graph: Graph) -> list[str]:
    """The places that are in the graph."""
    ((places,),) = await graph.run("MATCH (c:Change) RETURN collect(c.place)")
    return sorted(places)


def places(begin: int, end: int) -> list[str]:
    return [place(number) for number in range(begin + 1, end + 1)]


async def test_so_many_are_kept(api: Api, graph: Graph, unique: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await record(api, unique, 40)
    # What other tests left goes at once, the rest a few at a time.
    await pruned(Retention(graph, days=LONG, most=70))
    monkeypatch.setattr("service.changes.retention.SLICE", 7)
    begin, end = await log.begin(graph), await log.end(graph)
    assert await pruned(Retention(graph, days=LONG, most=end)) == 0
    assert await pruned(Retention(graph, days=LONG, most=11)) == end - begin - 11
    assert await log.begin(graph) == end - 11
    assert await kept(graph) == places(end - 11, end)
    assert [int(one.place) for one in (await log.page(graph, None, ALL, 100)).changes] == [
        *range(end - 10, end + 1)
    ]
    assert len((await log.page(graph, end - 11, ALL, 100)).changes) == 11
    with pytest.raises(CursorExpired):
        await log.page(graph, end - 12, ALL, 100)


async def test_the_young_are_kept(api: Api, graph: Graph, unique: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await record(api, f"a-{unique}", 3)
    middle = await log.end(graph)
    await record(api, f"b-{unique}", 3)
    end = await log.end(graph)
    (first,) = (await log.page(graph, middle, ALL, 1)).changes
    passed = 0
    monkeypatch.setattr("service.changes.retention._passed", lambda: passed)
    monkeypatch.setattr("service.changes.retention._now", lambda: first.at + passed)
    retention = Retention(graph, days=3, most=10**6)
    passed = 3 * DAY_MILLIS
    await pruned(retention)
    assert await kept(graph) == places(middle, end)
    passed += 1
    assert await pruned(retention) > 0
    assert place(middle + 1) not in await kept(graph)


async def test_a_clock_that_is_set_makes_nothing_old(
    api: Api, graph: Graph, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(api, unique, 3)
    retention = Retention(graph, days=3, most=10**6)
    there = await kept(graph)
    for years in (10, -10):
        now = time.time_ns() // 1_000_000 + years * 365 * DAY_MILLIS
        monkeypatch.setattr("service.changes.retention._now", lambda now=now: now)
        assert await pruned(retention) == 0
        # Nor in a process that starts while it is wrong and sees it put right.
        with monkeypatch.context() as right:
            late = Retention(graph, days=3, most=10**6)
            right.setattr("service.changes.retention._now", lambda: time.time_ns() // 1_000_000)
            assert await pruned(late) == 0
    assert await kept(graph) == there


async def test_at_the_end_of_a_log_that_is_gone_no_cursor_has_expired(api: Api, graph: Graph, unique: str) -> None:
    await record(api, f"a-{unique}", 2)
    end = await log.end(graph)
    await pruned(Retention(graph, days=LONG, most=0))
    assert await kept(graph) == []
    at_end, before = cursor(place(end)), cursor(place(end - 1))
    empty = {"endCursor": at_end, "hasNextPage": False, "nodes": []}
    assert await api.field(PAGE, after=at_end) == empty
    assert await api.field(PAGE) == empty
    assert await api.field("{ changes { newestCursor } }") == {"newestCursor": at_end}
    (error,) = (await api.answer(PAGE, after=before))["errors"]
    assert error["extensions"]["code"] == "CURSOR_EXPIRED"
    assert "newestCursor" in error["message"]
    await record(api, f"b-{unique}", 1)
    for after in (at_end, None):
        told = await api.field(PAGE, after=after)
        assert [one["kind"] for one in told["nodes"]] == ["CUSTOMER_CREATED", "TOUCHPOINT_RECORDED"]
    (error,) = (await api.answer(PAGE, after=before))["errors"]
    assert error["extensions"]["code"] == "CURSOR_EXPIRED"


async def test_an_empty_graph_has_a_cursor_to_go_on_from(alone: Engine) -> None:
    """Nobody is told anything before there is a change; the first one is behind the cursor."""
    async with alone.migrated() as graph, open_services(Settings(), graph) as services:
        api = Api(graph, services)
        assert await Retention(graph, days=LONG, most=0).step() == 0
        page = await api.field("{ changes { newestCursor endCursor } }")
        assert page == {"newestCursor": cursor(place(0)), "endCursor": None}
        await record(api, "first", 1)
        told = await api.field(PAGE, after=page["newestCursor"])
        assert [one["kind"] for one in told["nodes"]] == ["CUSTOMER_CREATED", "TOUCHPOINT_RECORDED"]


async def test_a_report_goes_on_where_the_log_is_gone(api: Api, graph: Graph, unique: str) -> None:
    analyst, wanted = Analyst(graph, 60), Wanted(kinds=frozenset({StepKind.TOUCHPOINT}))
    before = len(await analyst.journeys(wanted))
    end = await log.end(graph)
    await record(api, unique, 3)
    await pruned(Retention(graph, days=LONG, most=1))
    assert await log.concerned(graph, end, await log.end(graph)) is None
    assert len(await analyst.journeys(wanted)) == before + 3


async def following(graph: Graph, stop: asyncio.Event) -> AsyncIterator[int | None]:
    """The numbers that a reader sees; None where it is told that its cursor has expired, and begins anew."""
    at: int | None = await log.end(graph)
    while not stop.is_set():
        try:
            page = await log.page(graph, at, ALL, 50)
        except CursorExpired:
            at = None
            yield None
            continue
        for one in page.changes:
            yield int(one.place)
        at = page.end
        await asyncio.sleep(0.02)


async def test_a_reader_is_never_led_past_a_gap(
    api: Api, graph: Graph, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes delete nearly all while it is written: readers see every number, or are told."""
    monkeypatch.setattr("service.changes.retention.SLICE", 5)
    over, stop = asyncio.Event(), asyncio.Event()

    async def read() -> list[int | None]:
        return [one async for one in following(graph, stop)]

    async def delete() -> None:
        retention = Retention(graph, days=LONG, most=3)
        while not over.is_set():
            try:
                await retention.step()
            except Conflict:
                await asyncio.sleep(0.001)

    begin = await log.end(graph)
    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(read()) for _ in range(3)]
        deleting = [group.create_task(delete()) for _ in range(2)]
        for number in range(20):
            await record(api, f"{unique}-{number}", 8)
        over.set()
        await asyncio.wait(deleting)
        stop.set()
    end = await log.end(graph)
    assert end - begin == 320
    for reader in readers:
        seen = reader.result()
        assert len([one for one in seen if one is not None]) > 10
        assert all(one is None or other is None or other == one + 1 for one, other in pairwise(seen))
        numbers = [one for one in seen if one is not None]
        assert numbers == sorted(set(numbers))
    assert await kept(graph) == places(await log.begin(graph), end)


async def test_a_service_deletes_by_its_settings(
    graph: Graph, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them, too."""
    monkeypatch.setattr("service.changes.retention.LOOK_SECONDS", 0.05)
    settings = Settings(matching=False, changes_kept=1_000)
    async with open_services(settings, graph) as services, open_services(settings, graph):
        await record(Api(graph, services), unique, 520)
        end = await log.end(graph)
        async with asyncio.timeout(10):
            while await log.begin(graph) < end - 1_000:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
    assert await kept(graph) == places(end - 1_000, end)
