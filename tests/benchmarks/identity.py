"""What merges and splits cost, and what an attempt to build a giant does to other writers.

    python -m tests.benchmarks.identity [--engine embedded|neo4j] [--touchpoints N] [--rounds N]

Merging: two customers with 10 touchpoints each, and two with N (default 10,000) each, merged by hand and undone,
turn by turn; the time of the mutation over HTTP. It is to cost the number of identifiers, not of facts: 1.5 × at
most. A giant: one e-mail address on 5,000 events, each with a cookie of its own, from 8 connections, while another
connection records for other people; the time of the other's requests beside what it is while nothing else writes
and while the same number of events come without anything in common. At most 2 × the latter.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.filling import unique_name
from tests.benchmarks.measuring import (
    Engine,
    arguments,
    median,
    milliseconds,
    opened,
    percentile,
    print_table,
    run,
    serving,
)

RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  customer { id } userErrors { code } } }"""
RECORD_MANY = """mutation ($input: RecordTouchpointsInput!) { recordTouchpoints(input: $input) {
  results { customer { id } userErrors { code } } } }"""
MERGE = """mutation ($input: MergeCustomersInput!) { mergeCustomers(input: $input) {
  event { id } userErrors { code } } }"""
UNDO = """mutation ($input: UndoIdentityEventInput!) { undoIdentityEvent(input: $input) {
  customers { id } userErrors { code } } }"""
LARGEST = """MATCH (c:Customer) WITH COUNT { (c)<-[:IDENTIFIES]-() } AS n RETURN max(n)"""
GIANT_EVENTS, GIANT_CALLERS = 5000, 32
BATCH = 250


def touch(message: str, *keys: tuple[str, str]) -> dict[str, Any]:
    """The input of one event."""
    identifiers = [{"kind": kind, "value": value} for kind, value in keys]
    return {"messageId": message, "type": "page_view", "channel": "web", "identifiers": identifiers}


async def customer_with(caller: Caller, name: str, touchpoints: int) -> str:
    """The id of a new customer with an address, a cookie and so many touchpoints."""
    keys = ("email", f"{name}@example.com"), ("cookie", name)
    items = [touch(f"{name}-{number}", *keys) for number in range(touchpoints)]
    customer_id = ""
    for start in range(0, touchpoints, BATCH):
        answer = await caller.post(RECORD_MANY, {"input": {"items": items[start : start + BATCH]}})
        customer_id = answer["recordTouchpoints"]["results"][-1]["customer"]["id"]
    return customer_id


async def merged_and_undone(caller: Caller, pair: list[str]) -> tuple[float, float]:
    """The seconds of merging two customers, and of undoing it."""
    began = time.perf_counter()
    merged = (await caller.post(MERGE, {"input": {"customerIds": pair, "reason": "benchmark"}}))["mergeCustomers"]
    between = time.perf_counter()
    assert merged["userErrors"] == [], merged
    form = {"eventId": merged["event"]["id"], "reason": "benchmark"}
    undone = (await caller.post(UNDO, {"input": form}))["undoIdentityEvent"]
    ended = time.perf_counter()
    assert {one["id"] for one in undone["customers"]} == set(pair)
    return between - began, ended - between


async def merging(caller: Caller, touchpoints: int, rounds: int) -> None:
    name = unique_name("merge")
    sizes = (10, touchpoints)
    pairs = {size: [await customer_with(caller, f"{name}-{size}-{side}", size) for side in "ab"] for size in sizes}
    times: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    for number in range(rounds + 1):
        for size in sizes:
            seconds = await merged_and_undone(caller, pairs[size])
            if number:
                times[size].append(seconds)
    rows = []
    for place, what in enumerate(("merge", "undo, which splits")):
        small, large = (median([one[place] for one in times[size]]) for size in sizes)
        rows.append([what, milliseconds(small), milliseconds(large), f"{large / small:.2f}", "<= 1.5"])
    header = ["", "10 touchpoints each", f"{touchpoints:,} each", "ratio", "must"]
    print_table("Merging two customers, p50 over HTTP", header, rows)


async def recording_beside(port: int, items: list[dict[str, Any]]) -> list[float]:
    """The seconds of single events for other people, while these come from other connections."""
    seconds: list[float] = []
    name = unique_name("other")
    async with callers(port, GIANT_CALLERS + 1) as (other, *writers):
        waiting = iter(items)
        finished = asyncio.Event()

        async def write(caller: Caller) -> None:
            for item in waiting:
                answer = (await caller.post(RECORD, {"input": item}))["recordTouchpoint"]
                assert answer["userErrors"] == []

        async def record() -> None:
            while not finished.is_set():
                began = time.perf_counter()
                await other.post(
                    RECORD, {"input": touch(f"{name}-{len(seconds)}", ("cookie", f"{name}-{len(seconds) % 50}"))}
                )
                seconds.append(time.perf_counter() - began)

        recording = asyncio.create_task(record())
        await asyncio.gather(*(write(caller) for caller in writers))
        finished.set()
        await recording
    return seconds


async def giant(engine: Engine, port: int) -> None:
    rows = []
    beside: list[float] = []
    for shared in (None, "email", "device", "phone"):
        name = unique_name("giant")
        items = []
        for number in range(GIANT_EVENTS):
            keys = [("email", f"{name}-{number}@example.com"), ("cookie", f"{name}-{number}")]
            if shared == "email":
                keys[0] = ("email", f"{name}@example.com")
            elif shared is not None:
                value = f"+4930{abs(hash(name)) % 10**8:08d}" if shared == "phone" else name
                keys.append((shared, value))
            items.append(touch(f"{name}-{number}", *keys))
        began = time.perf_counter()
        seconds = await recording_beside(port, items)
        rate = GIANT_EVENTS / (time.perf_counter() - began)
        beside = beside or seconds
        ((largest,),) = await engine.graph.run(LARGEST)
        ratio = median(seconds) / median(beside)
        rows.append(
            [
                f"one {shared} on all" if shared else "nothing in common",
                f"{rate:,.0f}/s",
                milliseconds(median(seconds)),
                milliseconds(percentile(seconds, 0.99)),
                f"{ratio:.2f}",
                "<= 2" if shared else "",
                str(largest),
            ]
        )
    header = ["5,000 events with", "recorded", "others' p50", "others' p99", "ratio", "must", "largest customer"]
    print_table(f"Others while somebody tries to build a giant, {engine.name}", header, rows)


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--touchpoints", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    async with opened(given.engine) as engine:
        with serving(engine) as server:
            async with callers(server.port, 1) as (caller,):
                await merging(caller, given.touchpoints, given.rounds)
            await giant(engine, server.port)


if __name__ == "__main__":
    run(main())
