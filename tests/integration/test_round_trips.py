"""Every query costs its depth in round trips, never its width."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from service.graph.client import Graph, counting_round_trips
from service.services import Services
from tests.integration.asking import CREATE_DEAL, IDENTIFY, ORDER, RECORD_MANY, Api
from tests.integration.forms import day, identify, order, touch

FLAT = """id displayName identifiers { kind value }
  touchpoints(first: 50) { nodes { id type channel occurredAt campaign { name } page { url } properties } }
  orders { nodes { id total { amount currency } lines { sku } } }
  deals { nodes { id title state amount { amount currency }
    stage { name kind } pipeline { name } probability } }"""
FLAT_COST = [
    "customers/of_identifier",
    "deals/of_customer+identity/of_customer+touchpoints/newest+touchpoints/orders_of_customer",
    "deals/pipeline_by_id+deals/stage+deals/stage",
]
"""Of GraphQL's own execution; a plan costs one."""

DEEP = """id attributes { name candidates { identifier { value } } } previousIds
  identifiers { value customer { id } }
  touchpoints(first: 50) { nodes { identifiers { value customer { id } } customer { id } } }
  orders { nodes { customer { id } } }
  deals { nodes { customer { id } stage { id } stageHistory { to { name } from { name } deal { title } } } }
  journey { nodes { id
    ... on Touchpoint { identifiers { id } } ... on DealStageChange { to { id } deal { id } } } }
  summary { touchpoints orders revenue { amount } openDeals wonDeals wonAmount { amount } timeToFirstConversion
    channels { channel } firstTouchpoint { id customer { id } } lastTouchpoint { id } }"""
# In how many places of the document each relation is asked for. Places that are reached at different times cost
# a statement each, at most; places that are reached together share one.
DEEP_PLACES = Counter(
    {
        "customers/of_identifier": 7,
        "customers/previous_ids": 1,
        "customers/profiles_of_customer": 1,
        "deals/by_id": 2,
        "deals/of_customer": 1,
        "deals/stage": 1,
        "deals/stage_by_id": 3,
        "deals/stage_changes": 1,
        "deals/values": 1,
        "identity/by_key": 1,
        "identity/of_customer": 1,
        "identity/of_touchpoint": 2,
        "journeys/oldest": 1,
        "touchpoints/channels": 1,
        "touchpoints/count": 1,
        "touchpoints/newest": 2,
        "touchpoints/oldest": 2,
        "touchpoints/order_values": 1,
        "touchpoints/orders_of_customer": 1,
    }
)
DEEP_COST = 7


async def cost(api: Api, ids: list[str], fields: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The statements that the profiles of these customers cost, and the profiles."""
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ {fields} }} }} }}"
    with counting_round_trips() as names:
        profiles = await api.field(query, ids=ids)
    return sorted(names), profiles


@pytest.fixture(scope="module")
async def customers(api: Api) -> list[str]:
    """20 customers with 1 to 20 cookies, 3 to 60 touchpoints, 1 to 2 orders and deals, each with attributes."""
    ids = []
    for number in range(1, 21):
        cookies = [("cookie", f"trip-{number}-{n}") for n in range(number)]
        items = [touch(f"trip-join-{number}", *cookies)]
        items += [
            touch(f"trip-{number}-{n}", cookies[n % number], at=day(n), campaign={"name": "spring"})
            for n in range(3 * number - 1)
        ]
        answer = await api.field(RECORD_MANY, input={"items": items})
        ids.append(answer["results"][0]["customer"]["id"])
        for n in range(1 + number % 2):
            form = order(f"trip-o-{number}-{n}", f"trip-{number}-{n}", "1 EUR", cookies[-1], at=day(n))
            await api.done(ORDER, input=form)
            form = {"by": {"cookie": cookies[-1][1]}, "title": f"{number}", "idempotencyKey": f"trip-{number}-{n}"}
            await api.done(CREATE_DEAL, input=form)
        form = identify(f"trip-i-{number}", "crm", {"name": f"Kim {number}"}, cookies[0])
        await api.done(IDENTIFY, input=form)
    return ids


async def test_without_a_plan_a_profile_costs_its_relations_for_few_and_many(
    api: Api, customers: list[str]
) -> None:
    for some in (customers[:1], customers[-1:], customers):
        names, profiles = await cost(api, some, FLAT)
        assert [profile["id"] for profile in profiles] == some
        assert names == FLAT_COST


async def test_a_deep_profile_costs_no_more_than_its_places(api: Api, customers: list[str]) -> None:
    for some in (customers[:1], customers[-1:], customers):
        names, _ = await cost(api, some, DEEP)
        relations = [relation for name in names for relation in name.split("+")]
        assert set(relations) == set(DEEP_PLACES)
        assert Counter(relations) <= DEEP_PLACES
        assert len(names) <= DEEP_COST


async def test_the_profiles_that_were_counted_are_whole(api: Api, customers: list[str]) -> None:
    _, profiles = await cost(api, customers, FLAT)
    for number, profile in enumerate(profiles, 1):
        assert profile["displayName"] == f"Kim {number}"
        assert len(profile["identifiers"]) == number
        assert len(profile["touchpoints"]["nodes"]) == min(50, 3 * number)
        assert len(profile["orders"]["nodes"]) == len(profile["deals"]["nodes"]) == 1 + number % 2


async def test_customers_by_name_cost_one_statement(api: Api, customers: list[str]) -> None:
    query = (
        f"""{{ {" ".join(f'c{n}: customer(by: {{cookie: "trip-{n}-0"}}) {{ {FLAT} }}' for n in (1, 7, 20))} }}"""
    )
    with counting_round_trips() as names:
        answer = await api.answer(query)
    assert [answer["data"][name]["id"] for name in ("c1", "c7", "c20")] == [customers[n - 1] for n in (1, 7, 20)]
    assert len(names) == 1
    # It is called by the fragments that it is made of, in the order in which they are read.
    assert names[0].startswith("plan of customers/of_identifier")
    assert "+touchpoints/newest" in names[0]


async def test_without_a_plan_a_customer_by_name_costs_as_much_as_one_by_id(
    graph: Graph, services: Services, customers: list[str]
) -> None:
    api = Api(graph, services, compiled=False)
    query = (
        f"""{{ {" ".join(f'c{n}: customer(by: {{cookie: "trip-{n}-0"}}) {{ {FLAT} }}' for n in (1, 7, 20))} }}"""
    )
    with counting_round_trips() as names:
        answer = await api.answer(query)
    assert [answer["data"][name]["id"] for name in ("c1", "c7", "c20")] == [customers[n - 1] for n in (1, 7, 20)]
    assert sorted(names) == FLAT_COST


async def test_a_recording_costs_the_same_for_one_and_for_many(api: Api, unique: str) -> None:
    """Events like each other: each joins a new cookie to a known one."""
    query = """mutation ($input: RecordTouchpointsInput!) { recordTouchpoints(input: $input) {
      results { touchpoint { id } customer { id } } } }"""
    names: dict[int, list[str]] = {}
    for many in (1, 40):
        known = [touch(f"k{many}-{n}-{unique}", ("cookie", f"{many}-{n}-{unique}")) for n in range(many)]
        await api.field(query, input={"items": known})
        joins = [
            touch(
                f"j{many}-{n}-{unique}", ("cookie", f"{many}-{n}-{unique}"), ("cookie", f"new-{many}-{n}-{unique}")
            )
            for n in range(many)
        ]
        with counting_round_trips() as counted:
            answer = await api.field(query, input={"items": joins})
        assert len({one["customer"]["id"] for one in answer["results"]}) == many
        names[many] = counted
    # The transaction is the committer's, another task's: here are the reads of the answer.
    assert names[1] == names[40]
    assert len(names[1]) == 1
