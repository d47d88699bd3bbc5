"""Pages: every list is walked exactly once, in its order, whatever the filter and the size of the page."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.asking import CREATE_DEAL, MOVE_DEAL, ORDER, RECORD, RECORD_MANY, Api
from tests.integration.forms import Key, day, order, touch
from tests.integration.paging import inside, of_customer, walk

TOUCHPOINTS = of_customer("touchpoints")
FILTERED = of_customer("touchpoints", ", $filter: TouchpointFilter!", ", filter: $filter")
ORDERS = of_customer("orders")
DEALS = of_customer("deals")
JOURNEY = of_customer(
    "journey", ", $order: JourneyOrder!, $filter: JourneyFilter", ", order: $order, filter: $filter"
)
PROPOSAL = "stg_00000000000070008000000000000003"


@dataclass(frozen=True)
class Fact:
    """Something that was recorded: its id, its time, and the order in which it came."""

    id: str
    at: str
    number: int
    type: str = ""
    channel: str = ""
    campaign: str | None = None


@dataclass
class World:
    """One customer over three cookies, and all that they did."""

    by: dict[str, str]
    touchpoints: list[Fact]
    orders: list[Fact]
    deals: list[str]
    moves: list[str]


def newest(facts: list[Fact]) -> list[str]:
    """Ids, newest first; of one moment, the one recorded last comes first."""
    return [fact.id for fact in sorted(facts, key=lambda fact: (fact.at, fact.number), reverse=True)]


@pytest.fixture(scope="module")
async def world(api: Api, engine: object) -> World:
    """23 touchpoints of which many are of one moment, 7 orders likewise, 3 deals with a move each."""
    unique = f"pages-{id(engine):x}"
    cookies: list[Key] = [("cookie", f"{n}-{unique}") for n in range(3)]
    chance = random.Random(1)
    items = [
        touch(
            f"{number}-{unique}",
            *(cookies if number == 0 else [chance.choice(cookies)]),
            at=day(chance.choice((1, 2, 2, 2, 3))),
            type=chance.choice(("page_view", "ad_click")),
            channel=chance.choice(("web", "email", "social_ad")),
            campaign={"name": chance.choice(("spring", "autumn"))} if chance.random() < 0.5 else None,
        )
        for number in range(23)
    ]
    results = (await api.field(RECORD_MANY, input={"items": items[:12]}))["results"]
    touchpoints, orders = [], []
    for number, item in enumerate(items):
        if number >= 12:  # The rest one by one, with orders of the same moments in between.
            results.append(await api.done(RECORD, input=item))
            if number < 19:
                form = order(
                    f"o{number}-{unique}", f"{number}", "1 EUR", cookies[number % 3], at=day(2 + number % 2)
                )
                placed = (await api.done(ORDER, input=form | {"source": unique, "channel": "web"}))["order"]["id"]
                orders.append(Fact(placed, form["occurredAt"], number * 2 + 1, channel="web"))
        campaign = item["campaign"]["name"] if item["campaign"] else None
        fact_id = results[number]["touchpoint"]["id"]
        touchpoints.append(Fact(fact_id, item["occurredAt"], number * 2, item["type"], item["channel"], campaign))
    deals, moves = [], []
    for number in range(3):
        form = {"by": {"cookie": cookies[number][1]}, "title": f"Deal {number}"}
        deals.append((await api.done(CREATE_DEAL, input=form))["deal"]["id"])
        await api.done(MOVE_DEAL, input={"dealId": deals[-1], "stageId": PROPOSAL})
        history = "query ($id: ID!) { node(id: $id) { ... on Deal { stageHistory { id } } } }"
        moves += [one["id"] for one in reversed((await api.field(history, id=deals[-1]))["stageHistory"])]
    return World({"cookie": cookies[0][1]}, touchpoints, orders, deals, moves)


@pytest.mark.parametrize("first", [4, 22, 23, 100])
async def test_touchpoints_newest_first(api: Api, world: World, first: int) -> None:
    assert await walk(api, TOUCHPOINTS, first, by=world.by) == newest(world.touchpoints)


@pytest.mark.parametrize("first", [1, 3, 7, 100])
async def test_orders_newest_first(api: Api, world: World, first: int) -> None:
    assert len(world.orders) == 7
    assert await walk(api, ORDERS, first, by=world.by) == newest(world.orders)


@pytest.mark.parametrize("first", [1, 2, 3, 100])
async def test_deals_newest_first(api: Api, world: World, first: int) -> None:
    assert await walk(api, DEALS, first, by=world.by) == world.deals[::-1]


@pytest.mark.parametrize("first", [5, 36, 100])
async def test_a_journey_from_both_ends(api: Api, world: World, first: int) -> None:
    facts = newest([*world.touchpoints, *world.orders])[::-1]
    assert len(facts + world.moves) == 36
    oldest_first = await walk(api, JOURNEY, first, by=world.by, order="OLDEST_FIRST", filter=None)
    assert oldest_first == facts + world.moves
    newest_first = await walk(api, JOURNEY, first, by=world.by, order="NEWEST_FIRST", filter=None)
    assert newest_first == (facts + world.moves)[::-1]


def kept(fact: Fact, where: dict[str, Any]) -> bool:
    """Whether a filter keeps a touchpoint or order."""
    return (
        where.get("from", "") <= fact.at < where.get("to", "~")
        and ("types" not in where or fact.type in where["types"])
        and ("channels" not in where or fact.channel in where["channels"])
        and ("campaign" not in where or fact.campaign == where["campaign"])
    )


@pytest.mark.parametrize(
    "where",
    [
        {"from": day(2)},
        {"to": day(2)},
        {"from": day(2), "to": day(3)},
        {"from": day(2), "to": day(2)},
        {"from": day(2.0001)},
        {"types": ["ad_click"]},
        {"types": ["ad_click", "page_view", "call"]},
        {"types": []},
        {"channels": ["email", "web"]},
        {"campaign": "spring"},
        {"campaign": "winter"},
        {"types": ["page_view"], "channels": ["web", "social_ad"], "campaign": "autumn", "to": day(3)},
    ],
)
async def test_filtered_touchpoints(api: Api, world: World, where: dict[str, Any]) -> None:
    expected = newest([fact for fact in world.touchpoints if kept(fact, where)])
    for first in (2, 100):
        assert await walk(api, FILTERED, first, by=world.by, filter=where) == expected


@pytest.mark.parametrize("direction", ["OLDEST_FIRST", "NEWEST_FIRST"])
@pytest.mark.parametrize(
    "where",
    [
        {"from": day(2), "to": day(3)},
        {"channels": ["web"]},
        {"kinds": ["ORDER"]},
        {"kinds": ["DEAL_STAGE_CHANGE"]},
        {"kinds": ["ORDER", "TOUCHPOINT"], "from": day(3)},
        {"kinds": ["DEAL_STAGE_CHANGE"], "channels": ["web"]},
        {"kinds": []},
    ],
)
async def test_a_filtered_journey(api: Api, world: World, where: dict[str, Any], direction: str) -> None:
    kinds = where.get("kinds", ["TOUCHPOINT", "ORDER", "DEAL_STAGE_CHANGE"])
    facts = [*(world.touchpoints * ("TOUCHPOINT" in kinds)), *(world.orders * ("ORDER" in kinds))]
    expected = newest([fact for fact in facts if kept(fact, where)])[::-1]
    if "DEAL_STAGE_CHANGE" in kinds and "channels" not in where and "to" not in where:
        expected += world.moves
    for first in (3, 100):
        found = await walk(api, JOURNEY, first, by=world.by, order=direction, filter=where)
        assert found == (expected if direction == "OLDEST_FIRST" else expected[::-1])


@pytest.mark.parametrize("query", [TOUCHPOINTS, JOURNEY])
async def test_a_cursor_stays_valid_after_a_merge(api: Api, unique: str, query: str) -> None:
    """What the other customer had after the cursor comes; what they had before it does not."""
    a, b = ("cookie", f"a-{unique}"), ("cookie", f"b-{unique}")
    facts: dict[str, list[Fact]] = {"a": [], "b": []}
    for number in range(12):
        name, key = ("a", a) if number % 2 else ("b", b)
        form = touch(f"{number}-{unique}", key, at=day(1 + number // 4))
        recorded = await api.done(RECORD, input=form)
        facts[name].append(Fact(recorded["touchpoint"]["id"], form["occurredAt"], number))
    variables: dict[str, Any] = {"by": {"cookie": a[1]}}
    variables |= {"order": "NEWEST_FIRST", "filter": None} if query == JOURNEY else {}
    page = inside(await api.field(query, first=3, after=None, **variables))
    assert [node["id"] for node in page["nodes"]] == newest(facts["a"])[:3]
    joined = await api.done(RECORD, input=touch(f"join-{unique}", a, b, at=day(9)))
    last = facts["a"][-3]
    both = [fact for fact in facts["a"] + facts["b"] if (fact.at, fact.number) < (last.at, last.number)]
    assert len(both) == 7
    rest = inside(await api.field(query, first=100, after=page["pageInfo"]["endCursor"], **variables))
    assert [node["id"] for node in rest["nodes"]] == newest(both)
    assert rest["pageInfo"]["hasNextPage"] is False
    again = await walk(api, query, 5, **variables)
    assert again == [joined["touchpoint"]["id"], *newest(facts["a"] + facts["b"])]


async def test_pages_of_one_moment_are_in_the_order_of_recording(api: Api, unique: str) -> None:
    cookies = [("cookie", f"{n}-{unique}") for n in range(2)]
    items = [touch(f"{n}-{unique}", *(cookies[::-1] if n == 0 else [cookies[n % 2]])) for n in range(120)]
    answer = await api.field(RECORD_MANY, input={"items": items})
    ids = [one["touchpoint"]["id"] for one in answer["results"]]
    assert ids == sorted(ids)
    assert await walk(api, TOUCHPOINTS, 50, by={"cookie": cookies[1][1]}) == ids[::-1]
    variables: dict[str, Any] = {"by": {"cookie": cookies[1][1]}, "order": "OLDEST_FIRST", "filter": None}
    assert await walk(api, JOURNEY, 50, **variables) == ids
