"""Whether a page of the newest touchpoints costs more where there are many.

    python -m tests.benchmarks.newest [--engine embedded|neo4j] [--others N]

The newest 50 touchpoints of a customer with 10,000 on five identifiers, beside those of one with 100 on five, in a
graph with some 100,000 of other customers. Both take turns. Measured twice: the service's query of the graph alone
(the relation that its reads use), and the whole of a GraphQL request over HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from service.api.schema import types
from service.positions import END
from service.reads.fetching import Wanted, fetch
from service.touchpoints.api import touchpoints_between
from service.touchpoints.repository import NEWEST
from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.filling import People, fill, unique_name
from tests.benchmarks.measuring import (
    Engine,
    arguments,
    median,
    milliseconds,
    opened,
    print_table,
    run,
    serving,
    verdict,
)

MANY, FEW, IDENTIFIERS, PAGE = 10_000, 100, 5, 50
OTHER_CUSTOMERS = 1000
QUERY_ALONE = "the query alone"
QUERY = """query ($cookie: String!) {
  customer(by: { cookie: $cookie }) { touchpoints(first: 50) { nodes { id type channel occurredAt } } }
}"""

Ask = Callable[[People], Awaitable[int]]
"""Reads the page of the only customer, and says how many touchpoints came."""


async def by_query(engine: Engine, customers: list[People]) -> Ask:
    """The service's query of the graph."""
    find = "MATCH (:Identifier {key: $key})-[:IDENTIFIES]->(c:Customer) RETURN c.id"
    ids = {}
    for people in customers:
        ((customer_id,),) = await engine.graph.run(find, "find", key=f"cookie:{people.cookie(0)}")
        ids[people.name] = customer_id
    page = touchpoints_between("", END, PAGE)
    columns = types.columns(NEWEST, types.object("Touchpoint").fields.keys())

    async def ask(people: People) -> int:
        (found,) = await fetch(engine.graph, [Wanted(NEWEST, columns, page, [ids[people.name]])])
        assert isinstance(found, list)
        return len(found[0])

    return ask


def over_http(caller: Caller) -> Ask:
    """The GraphQL request."""

    async def ask(people: People) -> int:
        answer = await caller.post(QUERY, {"cookie": people.cookie(0)})
        return len(answer["customer"]["touchpoints"]["nodes"])

    return ask


async def measure(ask: Ask, customers: list[People], times: int) -> list[list[float]]:
    """The seconds of each request, for each of the customers in turn; a warming-up before is not counted."""
    seconds: list[list[float]] = [[] for _ in customers]
    for number in range(times + times // 10):
        for people, own in zip(customers, seconds, strict=True):
            began = time.perf_counter()
            assert await ask(people) == PAGE
            if number >= times // 10:
                own.append(time.perf_counter() - began)
    return seconds


def report(engine: Engine, found: dict[str, list[list[float]]]) -> None:
    medians = {name: [median(own) for own in seconds] for name, seconds in found.items()}
    rows = [
        [name, milliseconds(many), milliseconds(few), f"{many / few:.2f}"] for name, (many, few) in medians.items()
    ]
    header = ["p50", f"of {MANY:,}", f"of {FEW}", "ratio"]
    print_table(f"The newest {PAGE} touchpoints, {engine.name}", header, rows)
    many, few = medians[QUERY_ALONE]
    print(verdict(f"{MANY:,} / {FEW}, {QUERY_ALONE}", many / few, 5, at_least=False))


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--others", type=int, default=100_000, help="touchpoints of other customers")
    parser.add_argument("--times", type=int, default=200)
    given = parser.parse_args()
    customers = [
        People(unique_name(name), 1, touchpoints, IDENTIFIERS)
        for name, touchpoints in (("many", MANY), ("few", FEW))
    ]
    others = People(unique_name("others"), OTHER_CUSTOMERS, given.others // OTHER_CUSTOMERS)
    async with opened(given.engine) as engine:
        for people in (others, *customers):
            await fill(engine, people)
        found = {QUERY_ALONE: await measure(await by_query(engine, customers), customers, given.times)}
        with serving(engine) as server:
            async with callers(server.port, 1) as (caller,):
                found["over HTTP"] = await measure(over_http(caller), customers, given.times)
        report(engine, found)


if __name__ == "__main__":
    run(main())
