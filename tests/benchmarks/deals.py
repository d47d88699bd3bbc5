"""How long a page of deals takes among many, by filter.

    python -m tests.benchmarks.deals [--engine embedded|neo4j] [--deals N]

A hundred thousand deals of two pipelines, twenty-five owners and two years. Each filter's first page of 20 and a
page in the middle of the list, over HTTP, with what a list shows of a deal; filters take turns. Some mean few.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from service import ids
from service.deals.models import closing_place, places
from service.ids import Mint
from service.positions import position
from service.reads.connections import cursor
from tests.benchmarks import forms
from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.filling import People, fill, unique_name
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
    verdict,
)

OWNERS, CUSTOMERS, DAYS, PAGE = 25, 500, 730, 20
TARGET_MS = 30
NOW = time.time_ns() // 1_000_000
DAY = 86_400_000
SALES = "pip_00000000000070008000000000000001"
RENEWALS = "pip_00000000000070008000000000000009"
KINDS = ("OPEN", "OPEN", "OPEN", "OPEN", "WON", "LOST")
WEIGHTS = (3, 3, 2, 2, 30, 60)
QUERY = """query ($filter: DealFilter, $after: String) {
  deals(filter: $filter, first: 20, after: $after) {
    nodes {
      id title state owner expectedCloseOn amount { amount currency } stage { name } customer { displayName }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
SECOND_PIPELINE = """UNWIND $rows AS row
MERGE (p:Pipeline {id: row.pipeline}) ON CREATE SET p.name = 'Renewals', p.position = 2
MERGE (s:Stage {id: row.id})
ON CREATE SET s.name = row.name, s.position = row.position, s.probability = 0.5, s.kind = row.kind
MERGE (p)-[:HAS_STAGE]->(s)"""


def stage(pipeline: str, number: int) -> str:
    """The id of a stage of a pipeline, from 1."""
    return f"stg_000000000000700080000000000000{int(pipeline == RENEWALS)}{number}"


def filters() -> dict[str, dict[str, str]]:
    """What is asked for, by what the table calls it."""
    month = {"expectedCloseFrom": _day(0), "expectedCloseTo": _day(30)}
    past = {"expectedCloseFrom": _day(-600), "expectedCloseTo": _day(-593)}
    sales, owner, open_ = {"pipelineId": SALES}, {"owner": "owner 3"}, {"state": "OPEN"}
    offer = {"stageId": stage(SALES, 3)}
    return {
        "all": {},
        "pipeline": sales,
        "stage": offer,
        "state": open_,
        "owner": owner,
        "owner, state": owner | open_,
        "pipeline, state": sales | open_,
        "owner, pipeline, state": owner | sales | open_,
        "owner, stage": owner | offer,
        "all five": owner | sales | open_ | offer | month,
        "this month": month,
        "owner, this month": owner | month,
        "a week long ago": past,
        "owner, a week long ago": owner | past,
        "open, a week long ago": open_ | past,
        "owner, stage, a week long ago": owner | offer | past,
        "a year that hardly any is of": {"expectedCloseFrom": "2040-01-01", "expectedCloseTo": "2041-01-01"},
        "an owner who has none": {"owner": "nobody"},
    }


def _day(days: int) -> str:
    return (datetime.fromtimestamp(NOW / 1000, UTC) + timedelta(days=days)).date().isoformat()


def deals(count: int, keys: list[str], mint: Mint) -> Iterator[dict[str, Any]]:
    """Deals of all kinds, the oldest first."""
    chance = random.Random(7)
    for number in range(count):
        at = NOW - DAYS * DAY * (count - number) // count
        pipeline, place = chance.choice((SALES, RENEWALS)), chance.choices(range(6), WEIGHTS)[0]
        deal = forms.deal(mint(ids.DEAL), chance.choice(keys), f"Deal {number}", "1200.50", at) | {
            "pipelineId": pipeline,
            "stageId": stage(pipeline, place + 1),
            "state": KINDS[place],
            "owner": f"owner {chance.randrange(OWNERS)}",
            "expectedCloseOn": _day((at - NOW) // DAY + chance.randrange(20, 120)),
        }
        yield deal | places(deal)


async def fill_with_deals(engine: Engine, count: int) -> None:
    """Customers, a second pipeline, and the deals."""
    people = People(unique_name("deals"), CUSTOMERS, 0, 2, orders=0, deals=0)
    await fill(engine, people)
    stages = [
        {"pipeline": RENEWALS, "id": stage(RENEWALS, n), "name": f"Stage {n}", "position": n, "kind": KINDS[n - 1]}
        for n in range(1, 7)
    ]
    async with engine.driver.session(database=engine.address.database) as session:
        await (await session.run(SECOND_PIPELINE, {"rows": stages})).consume()
    keys = [f"user_id:{people.name}-user_id-{number}" for number in range(CUSTOMERS)]
    rows = deals(count, keys, Mint(NOW))
    while some := list(islice(rows, 3000)):
        await forms.write(engine.driver, engine.address.database, {"deals": some})


async def measure(caller: Caller, times: int) -> dict[tuple[str, bool], tuple[list[float], int]]:
    """By filter, and whether it is a page in the middle: the seconds of each request, and how many deals came."""
    middle = position(NOW - DAYS * DAY // 2)
    found: dict[tuple[str, bool], tuple[list[float], int]] = {}
    for number in range(times + 3):
        for name, by in filters().items():
            by_day = by.get("expectedCloseFrom")
            # In the middle of the days of a week; what is made later comes behind.
            behind = closing_place(by_day, middle) if by_day is not None else middle
            for after in (None, cursor(behind)):
                began = time.perf_counter()
                answer = await caller.post(QUERY, {"filter": by, "after": after})
                seconds, _ = found.setdefault((name, bool(after)), ([], 0))
                if number >= 3:
                    seconds.append(time.perf_counter() - began)
                found[name, bool(after)] = (seconds, len(answer["deals"]["nodes"]))
    return found


def _row(name: str, deep: bool, seconds: list[float], deals: int) -> list[object]:
    times = (median(seconds), percentile(seconds, 0.95))
    return [f"{name}{', in the middle' if deep else ''}", deals, *map(milliseconds, times)]


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=30)
    given = parser.parse_args()
    async with opened(given.engine) as engine:
        await fill_with_deals(engine, given.deals)
        with serving(engine) as server:
            async with callers(server.port, 1) as (caller,):
                found = await measure(caller, given.times)
        rows = [_row(name, deep, *measured) for (name, deep), measured in found.items()]
        print_table(f"A page of {given.deals:,} deals, {engine.name}", ["filter", "deals", "p50", "p95"], rows)
        worst = max(median(own) for own, _ in found.values()) * 1000
        print(verdict("the slowest filter's p50 in ms", worst, TARGET_MS, at_least=False))


if __name__ == "__main__":
    run(main())
