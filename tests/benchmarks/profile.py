"""What the profile query costs, beside the raw driver running one equivalent statement.

    python -m tests.benchmarks.profile [--engine embedded|neo4j] [--customers N]

The query: a customer by a cookie, with id, state, 4 identifiers, the newest 50 touchpoints, orders and deals.
Service and raw driver take turns in slices on one engine. Sequential: the time of a request, over HTTP or from
the statement's sending to its record. At 32 connections: requests a second, and the processor time that a request
takes of the service's process; of the raw driver, that of this process, which then does nothing else.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.callers import callers, post_all
from tests.benchmarks.filling import People, fill, unique_name
from tests.benchmarks.measuring import (
    Engine,
    Server,
    arguments,
    median,
    milliseconds,
    opened,
    percentile,
    print_table,
    ratio,
    run,
    serving,
)

CONNECTIONS = 32
QUERY = """query ($cookie: String!) {
  customer(by: { cookie: $cookie }) {
    id
    state
    identifiers { kind value lastSeenAt }
    touchpoints(first: 50) { nodes { id type channel occurredAt page { url title } } }
    orders(first: 20) { nodes { id orderNumber status total { amount currency } } }
    deals(first: 20) { nodes { id title state amount { amount currency } } }
  }
}"""
STATEMENT = """MATCH (:Identifier {key: $key})-[:IDENTIFIES]->(c:Customer)
RETURN c.id, c.state,
  COLLECT { MATCH (c)<-[:IDENTIFIES]-(i:Identifier) WHERE i.kind <> 'customer'
    RETURN [i.kind, i.value, i.lastSeenAt] },
  COLLECT { MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
    WITH t ORDER BY t.position DESC LIMIT 50
    RETURN [t.id, t.type, t.channel, t.occurredAt, t.pageUrl, t.pageTitle] },
  COLLECT { MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:PLACED]->(o:Order)
    WITH o ORDER BY o.position DESC LIMIT 20
    RETURN [o.id, o.orderNumber, o.status, o.total, o.currency] },
  COLLECT { MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(d:Deal)
    WITH d ORDER BY d.position DESC LIMIT 20
    RETURN [d.id, d.title, d.state, d.amount, d.currency] }"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one slice found: the seconds of each request, of all together, and of the processor."""

    seconds: list[float]
    total: float
    cpu: float

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.total

    @property
    def cpu_a_request(self) -> float:
        return self.cpu / len(self.seconds)


@dataclass(slots=True)
class Way:
    """A way of asking, and what its slices found."""

    name: str
    ask: Callable[[list[str], int], Awaitable[Load]]
    sequential: list[Load] = field(default_factory=list)
    together: list[Load] = field(default_factory=list)


def over_http(server: Server) -> Callable[[list[str], int], Awaitable[Load]]:
    """The profile query of these cookies, from so many connections."""

    async def ask(cookies: list[str], connections: int) -> Load:
        async with callers(server.port, connections) as opened_connections:
            cpu, began = server.cpu_seconds(), time.perf_counter()
            requests = ({"cookie": cookie} for cookie in cookies)
            answers, seconds = await post_all(opened_connections, QUERY, requests)
            load = Load(seconds, time.perf_counter() - began, server.cpu_seconds() - cpu)
        for answer in answers:
            customer = answer["customer"]
            found = [len(customer["identifiers"])]
            found += [len(customer[name]["nodes"]) for name in ("touchpoints", "orders", "deals")]
            assert found == [4, 50, 3, 1], found
        return load

    return ask


def by_driver(engine: Engine) -> Callable[[list[str], int], Awaitable[Load]]:
    """The statement for these cookies, from so many sessions at once."""

    async def ask(cookies: list[str], connections: int) -> Load:
        waiting, seconds = iter(cookies), list[float]()
        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(_work(engine, waiting, seconds) for _ in range(connections)))
        return Load(seconds, time.perf_counter() - began, time.process_time() - cpu)

    return ask


async def _work(engine: Engine, waiting: Iterator[str], seconds: list[float]) -> None:
    for cookie in waiting:
        began = time.perf_counter()
        row = await _row(engine, f"cookie:{cookie}")
        seconds.append(time.perf_counter() - began)
        found = [len(part) for part in row[2:]]
        assert found == [4, 50, 3, 1], found


async def _row(engine: Engine, key: str) -> list[Any]:
    database = engine.address.database
    async with engine.driver.session(database=database, default_access_mode="READ", fetch_size=-1) as session:
        record = await (await session.run(STATEMENT, {"key": key})).single(strict=True)
        return list(record.values())


async def measure(engine: Engine, customers: int, requests: int, slices: int) -> list[Way]:
    """Both ways, slice by slice; the first slice of each is not counted."""
    people = People(unique_name("profile"), customers, touchpoints=60)
    await fill(engine, people)
    chance = random.Random(0)
    with serving(engine) as server:
        ways = [Way("service over HTTP", over_http(server)), Way("raw driver", by_driver(engine))]
        for number in range(slices + 1):
            for way in ways:
                cookies = [people.cookie(chance.randrange(customers)) for _ in range(requests)]
                alone, together = await way.ask(cookies, 1), await way.ask(cookies, CONNECTIONS)
                if number:
                    way.sequential.append(alone)
                    way.together.append(together)
    return ways


def report(engine: Engine, ways: list[Way]) -> None:
    figures: list[tuple[str, Callable[[Way], list[float]], Callable[[float], str]]] = [
        ("sequential, p50", lambda way: [median(one.seconds) for one in way.sequential], milliseconds),
        ("sequential, p99", lambda way: [percentile(one.seconds, 0.99) for one in way.sequential], milliseconds),
        (
            f"requests a second, {CONNECTIONS} connections",
            lambda way: [one.rate for one in way.together],
            lambda rate: f"{rate:,.0f}",
        ),
        (
            f"CPU a request, {CONNECTIONS} connections",
            lambda way: [one.cpu_a_request for one in way.together],
            milliseconds,
        ),
    ]
    service, raw = ways
    rows = []
    for name, values, written in figures:
        of_service, of_raw = values(service), values(raw)
        compared = ratio(of_service, of_raw)
        rows.append([name, written(median(of_service)), written(median(of_raw)), f"{compared:.2f}"])
    print_table(f"Profile query, {engine.name}", ["", *(way.name for way in ways), "service / raw"], rows)


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=300, help="of a slice (default 300)")
    parser.add_argument("--slices", type=int, default=5)
    given = parser.parse_args()
    async with opened(given.engine) as engine:
        report(engine, await measure(engine, given.customers, given.requests, given.slices))


if __name__ == "__main__":
    run(main())
