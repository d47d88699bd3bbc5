"""What reads cost: the service beside @neo4j/graphql over the same graph, and beside the raw driver.

    python -m tests.neo4j.server 5 -- python -m tests.benchmarks.reads [--customers N] [--only WORDS]

On a Neo4j only, because the peer speaks to no other engine; Node and npm are needed. Processor time a request is
that of the server's process, with all of its threads, while 32 connections ask; of three questions: a profile (a
customer by a cookie, with 4 identifiers, the newest 50 touchpoints, orders and deals), a customer by a cookie with
no more than a name, and the 20 customers who were seen last, with their identifiers. Sequential: the time of a
profile from one connection, beside the raw driver's running one equivalent statement. Recording: mutations a
second from 64 connections, gathered by the committer, beside one transaction for each.

All ways take turns in slices, on one graph. The first slice of each is longer and not counted: it warms up both
sides, and Node's compiler needs a thousand requests to be done. Before that the service and the peer are asked the
same and have to answer the same; after each slice its customers must be those who were asked for.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks import ingest
from tests.benchmarks.callers import callers, post_all
from tests.benchmarks.filling import People, fill, unique_name
from tests.benchmarks.measuring import (
    Engine,
    Server,
    median,
    milliseconds,
    opened,
    percentile,
    print_table,
    ratio,
    run,
    serving,
)
from tests.benchmarks.peer.process import peer_serving, version
from tests.benchmarks.profile import CONNECTIONS, Load, by_driver
from tests.benchmarks.questions import LIST, LISTED, ONE, PROFILE, Person, Question
from tests.benchmarks.site import Site

WARM_UP = 4
"""How many times as long the slice is that is not counted."""
COMPARED = 20
"""Customers whose answers are compared."""
SINCE = 1_780_000_000_000
"""Later than all that `Site` records: so the customers seen last are alike in all slices."""
RECORDED_A_REQUEST = 4
"""Recording is quick when it is gathered, and a slice of it has to fill many batches."""
USERS, COOKIES = 400, 2000
"""Whose events are recorded, as in `ingest`."""

SERVICE, APART, FALLBACK, PEER, DRIVER, SINGLE = "service", "apart", "fallback", "peer", "driver", "single"
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    SERVICE: {},
    APART: {"CUSTOMER_GRAPH_COALESCED_READS": "false"},
    FALLBACK: {"CUSTOMER_GRAPH_COMPILED_READS": "false"},
}
"""The service as it is; without coalescing; without compiled plans."""

Found = Mapping[str, float]
"""What a slice found, by what was measured: cpu, p50, p99 (seconds), rate (a second)."""
Slice = Callable[[int], Awaitable[Found]]
"""Makes so many requests."""


@dataclass(slots=True)
class Way:
    """One way of asking or recording, and what its slices found."""

    slice: Slice
    found: list[Found] = field(default_factory=list)

    def values(self, measured: str) -> list[float]:
        return [one[measured] for one in self.found]


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table: two ways, what is compared of them, and what the ratio is to be."""

    name: str
    what: str
    """What they do: the name of a question, SEQUENTIAL or RECORDING."""
    ways: tuple[str, str]
    measured: str
    must: float | None = None
    aim: float | None = None

    @property
    def at_least(self) -> bool:
        return self.measured == "rate"

    def verdict(self, value: float) -> str:
        if self.must is None or self.aim is None:
            return ""
        sign = -1 if self.at_least else 1
        if sign * value <= sign * self.aim:
            return "aim met"
        return "met" if sign * value <= sign * self.must else "MISSED"


SEQUENTIAL, RECORDING = "sequential", "recording"
FIGURES = (
    Figure("profile, CPU, coalescing off / peer", PROFILE.name, (APART, PEER), "cpu", 0.35, 0.25),
    Figure("profile, CPU, coalescing on / peer", PROFILE.name, (SERVICE, PEER), "cpu", 0.15, 0.10),
    Figure("profile, CPU, compiled plans off / peer", PROFILE.name, (FALLBACK, PEER), "cpu", 1.0, 0.5),
    Figure(f"{ONE.name}, CPU, coalescing off / peer", ONE.name, (APART, PEER), "cpu"),
    Figure(f"{ONE.name}, CPU, coalescing on / peer", ONE.name, (SERVICE, PEER), "cpu", 0.50, 0.40),
    Figure(f"{LIST.name}, CPU, coalescing off / peer", LIST.name, (APART, PEER), "cpu"),
    Figure(f"{LIST.name}, CPU, coalescing on / peer", LIST.name, (SERVICE, PEER), "cpu", 0.40, 0.30),
    Figure("sequential profile, p50 / raw driver", SEQUENTIAL, (SERVICE, DRIVER), "p50", 1.6, 1.3),
    Figure("sequential profile, p99 / raw driver", SEQUENTIAL, (SERVICE, DRIVER), "p99"),
    Figure("sequential profile, p50, coalescing off / raw driver", SEQUENTIAL, (APART, DRIVER), "p50"),
    Figure("sequential profile, p99, coalescing off / raw driver", SEQUENTIAL, (APART, DRIVER), "p99"),
    Figure("recording, grouped / one transaction each", RECORDING, (SERVICE, SINGLE), "rate", 4, 7),
)


class Bench:
    """A filled graph, the servers over it, each started when it is first asked for, and the ways to ask them."""

    def __init__(self, engine: Engine, people: People, stack: ExitStack) -> None:
        self._engine = engine
        self._people = people
        self._stack = stack
        self._servers: dict[str, Server] = {}
        self._ids: dict[str, str] = {}
        """Of the customers, by cookie."""
        self._chance = random.Random(0)
        self._site = Site("recorded", USERS, COOKIES)

    async def fill(self) -> None:
        await fill(self._engine, self._people)
        statement = """MATCH (i:Identifier)-[:IDENTIFIES]->(c:Customer) WHERE i.key STARTS WITH $prefix
            RETURN i.value, c.id"""
        rows = await self._engine.graph.run(statement, "ids", prefix=f"cookie:{self._people.name}-")
        self._ids = {str(cookie): str(customer_id) for cookie, customer_id in rows}
        assert len(self._ids) == self._people.count

    def server(self, name: str) -> Server:
        if name not in self._servers:
            if name == PEER:
                opening = peer_serving(self._engine)
            elif name == SINGLE:
                opening = serving(self._engine, max_batch=1)
            else:
                opening = serving(self._engine, environment=ENVIRONMENTS[name])
            self._servers[name] = self._stack.enter_context(opening)
        return self._servers[name]

    def way(self, what: str, name: str) -> Way:
        """How these slices are made of the server of this name, or of the driver."""
        if what == RECORDING:
            return Way(self._recording(self.server(name), RECORDED_A_REQUEST if name == SERVICE else 1))
        if what == SEQUENTIAL:
            ask = by_driver(self._engine) if name == DRIVER else self._asking(PROFILE, name)
            return Way(self._slicing(ask, connections=1))
        question = next(one for one in (PROFILE, ONE, LIST) if one.name == what)
        return Way(self._slicing(self._asking(question, name), CONNECTIONS))

    def _cookies(self, count: int) -> list[str]:
        return [self._people.cookie(self._chance.randrange(self._people.count)) for _ in range(count)]

    def _slicing(self, ask: Callable[[list[str], int], Awaitable[Load]], connections: int) -> Slice:
        async def made(requests: int) -> Found:
            load = await ask(self._cookies(requests), connections)
            return {
                "cpu": load.cpu_a_request,
                "p50": median(load.seconds),
                "p99": percentile(load.seconds, 0.99),
                "rate": load.rate,
            }

        return made

    def _asking(self, question: Question, name: str) -> Callable[[list[str], int], Awaitable[Load]]:
        """A question about these cookies, from so many connections."""
        self.server(name)

        async def ask(cookies: list[str], connections: int) -> Load:
            answers, load = await self._answers(question, name, cookies, connections)
            found = Counter[str]()
            for customers in answers:
                question.check(customers)
                found.update(customer["id"] for customer in customers)
            assert found == Counter(await self._expected(question, cookies)), (question.name, name)
            return load

        return ask

    async def _answers(
        self, question: Question, name: str, cookies: list[str], connections: int
    ) -> tuple[list[list[Person]], Load]:
        """The customers of each answer, as the answers came."""
        server, of_peer = self.server(name), name == PEER
        query = question.of_peer if of_peer else question.of_service
        customers = question.peer_customers if of_peer else question.service_customers
        requests: list[dict[str, Any]] = [{} for _ in cookies]
        if question is not LIST:
            requests = [{"key": f"cookie:{one}"} if of_peer else {"cookie": one} for one in cookies]
        async with callers(server.port, connections) as opened_connections:
            cpu, began = server.cpu_seconds(), time.perf_counter()
            answers, seconds = await post_all(opened_connections, query, requests)
            load = Load(seconds, time.perf_counter() - began, server.cpu_seconds() - cpu)
        return [customers(answer) for answer in answers], load

    async def _expected(self, question: Question, cookies: list[str]) -> list[str]:
        """The ids of all customers in the answers, in any order."""
        if question is not LIST:
            return [self._ids[cookie] for cookie in cookies]
        statement = "MATCH (c:Customer) RETURN c.id ORDER BY c.lastSeenPosition DESC LIMIT $limit"
        rows = await self._engine.graph.run(statement, "last_seen", limit=LISTED)
        return [customer_id for (customer_id,) in rows] * len(cookies)

    def _recording(self, server: Server, events_a_request: int) -> Slice:
        record = ingest.posting(server, ingest.CALLERS)

        async def made(requests: int) -> Found:
            events = self._site.events(max(requests * events_a_request, ingest.CALLERS))
            return {"rate": len(events) / await record(events)}

        return made

    async def compare(self, question: Question, names: list[str]) -> None:
        """The answers of these are equal, also where they are asked at once."""
        cookies = [self._people.cookie(number) for number in range(min(COMPARED, self._people.count))]
        told = []
        for name in names:
            answers, _ = await self._answers(question, name, cookies, COMPARED)
            told.append(sorted(answers, key=lambda customers: [customer["id"] for customer in customers]))
        for name, others in zip(names, told, strict=True):
            for one, other in zip(told[0], others, strict=True):
                assert one == other, (question.name, names[0], one, name, other)


async def measure(bench: Bench, figures: list[Figure], requests: int, slices: int) -> dict[tuple[str, str], Way]:
    """All ways that the figures are about, slice by slice."""
    pairs = list(dict.fromkeys((figure.what, name) for figure in figures for name in figure.ways))
    ways = {pair: bench.way(*pair) for pair in pairs}
    for question in (PROFILE, ONE, LIST):
        await bench.compare(question, [name for what, name in pairs if what == question.name])
    for number in range(slices + 1):
        for way in ways.values():
            found = await way.slice(requests if number else requests * WARM_UP)
            if number:
                way.found.append(found)
    return ways


def report(figures: list[Figure], ways: Mapping[tuple[str, str], Way]) -> None:
    rows = []
    for figure in figures:
        of, beside = (ways[figure.what, name].values(figure.measured) for name in figure.ways)
        written = _a_second if figure.measured == "rate" else milliseconds
        value, sign = ratio(of, beside), ">=" if figure.at_least else "<="
        targets = ["" if target is None else f"{sign} {target:g}" for target in (figure.must, figure.aim)]
        absolute = [written(median(values)) for values in (of, beside)]
        rows.append([figure.name, f"{value:.2f}", *targets, figure.verdict(value), *absolute])
    header = ["", "ratio", "must", "aim", "verdict", "service", "beside"]
    print_table(f"Reads on Neo4j; the peer is @neo4j/graphql {version()}", header, rows)


def _a_second(rate: float) -> str:
    return f"{rate:,.0f}/s"


async def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--customers", type=int, default=2000, help="in the graph (default 2000)")
    parser.add_argument(
        "--requests", type=int, default=300, help="of a slice (default 300; fewer leave Node cold)"
    )
    parser.add_argument("--slices", type=int, default=5, help="that count (default 5)")
    parser.add_argument("--only", default="", metavar="WORDS", help="the figures with these words in their name")
    given = parser.parse_args()
    figures = [figure for figure in FIGURES if given.only in figure.name]
    if not figures:
        parser.error(f"no figure has {given.only!r} in its name: " + "; ".join(figure.name for figure in FIGURES))
    async with opened("neo4j") as engine:
        people = People(unique_name("reads"), max(given.customers, LISTED), touchpoints=60, since=SINCE)
        with ExitStack() as stack:
            bench = Bench(engine, people, stack)
            await bench.fill()
            report(figures, await measure(bench, figures, given.requests, given.slices))


if __name__ == "__main__":
    run(main())
