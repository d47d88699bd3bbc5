"""Reports by GraphQL on a small world, on an engine with nobody else: every number by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.journeys.service import Analyst
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, ORDER, RECORD_MANY, Api
from tests.integration.forms import day, identify, order, touch
from tests.integration.refused import REFUSED

MINUTE = 1 / 24 / 60
IN = f'from: "{day(0)}", to: "{day(30)}"'
STEPS = 'steps: [{type: "view"}, {type: "cart"}, {order: true}]'


def visit(who: str, number: int, type_: str, at: float, channel: str = "web", **more: Any) -> dict[str, Any]:
    return touch(f"{who}-{number}", ("user_id", who), type=type_, channel=channel, at=day(at), **more)


TOUCHES = [
    # Ann: by an ad, then by mail, bought; came back direct and bought again.
    visit("ann", 1, "view", 1, "ads", campaign={"name": "spring", "source": "google", "medium": "cpc"}),
    visit("ann", 2, "cart", 1 + 5 * MINUTE, "mail"),
    visit("ann", 3, "view", 3, "direct"),
    # Bob: saw, put in the cart, and was lost there.
    visit("bob", 1, "view", 2, "ads"),
    visit("bob", 2, "cart", 2 + 10 * MINUTE, "ads"),
    visit("bob", 3, "newsletter", 2 + 20 * MINUTE, "mail", direction="OUTBOUND"),
    # Cat: saw twice, never more; the second time with a page.
    visit("cat", 1, "view", 4, "mail"),
    visit("cat", 2, "view", 5, "web", page={"url": "https://shop.example/sale/shoes"}),
    # Dan: ordered by phone; nothing is known before.
]
ORDERS = [
    order("o1", "1", "10.00 EUR", ("user_id", "ann"), at=day(1 + 10 * MINUTE)),
    order("o2", "2", "30.50 EUR", ("user_id", "ann"), at=day(3 + 10 * MINUTE)),
    order("o3", "3", "7 USD", ("user_id", "dan"), at=day(6), channel="phone"),
    order("o4", "4", "1000 EUR", ("user_id", "bob"), at=day(2.5), status="CANCELLED"),
]


@pytest.fixture(scope="module")
async def graph(alone: Engine) -> AsyncIterator[Graph]:
    async with alone.migrated() as graph:
        yield graph


@pytest.fixture(scope="module")
async def world(graph: Graph) -> AsyncIterator[Api]:
    async with open_services(Settings(), graph) as services:
        api = Api(graph, services)
        empty = await api.field(f"{{ funnel(input: {{{STEPS}, {IN}}}) {{ steps {{ count rateFromPrevious }} }} }}")
        assert empty == {"steps": [{"count": 0, "rateFromPrevious": 0.0}] * 3}
        await api.field(RECORD_MANY, input={"items": TOUCHES})
        for one in ORDERS:
            await api.done(ORDER, input=one)
        yield api


async def test_a_funnel_with_who_was_lost_where(world: Api) -> None:
    query = f"""{{ funnel(input: {{{STEPS}, {IN}, breakdown: CHANNEL}}) {{ breakdown {{ key counts }} steps {{
      index count rateFromStart rateFromPrevious droppedOff medianTimeFromPrevious
      lost {{ nodes {{ identifiers {{ value }} }} pageInfo {{ hasNextPage }} }} }} }} }}"""
    found = await world.field(query)
    view, cart, bought = found["steps"]
    assert (view["index"], view["count"], view["rateFromStart"], view["droppedOff"]) == (0, 3, 1.0, 1)
    assert (cart["count"], cart["rateFromPrevious"], cart["droppedOff"]) == (2, 2 / 3, 1)
    assert (bought["count"], bought["rateFromStart"], bought["droppedOff"]) == (1, 1 / 3, 0)
    assert view["medianTimeFromPrevious"] is None
    assert cart["medianTimeFromPrevious"] == "PT7M30S"
    assert bought["medianTimeFromPrevious"] == "PT5M"
    lost = [[one["identifiers"][0]["value"] for one in step["lost"]["nodes"]] for step in found["steps"]]
    assert lost == [["cat"], ["bob"], []]
    assert found["breakdown"] == [{"key": "ads", "counts": [2, 2, 1]}, {"key": "mail", "counts": [1, 0, 0]}]


async def test_pages_of_the_lost(world: Api) -> None:
    steps = 'steps: [{type: "view"}, {order: true, channel: "fax"}]'
    query = f"""query ($after: String) {{ funnel(input: {{{steps}, {IN}}}) {{ steps {{
      lost(first: 2, after: $after) {{ nodes {{ identifiers {{ value }} }} edges {{ cursor }}
        pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }} }}"""
    first = (await world.field(query))["steps"][0]["lost"]
    # Who stopped last comes first: the earliest best attempt of each counts.
    assert [one["identifiers"][0]["value"] for one in first["nodes"]] == ["cat", "bob"]
    assert first["pageInfo"]["hasNextPage"] is True
    after = first["pageInfo"]["endCursor"]
    assert after == first["edges"][1]["cursor"]
    second = (await world.field(query, after=after))["steps"][0]["lost"]
    assert [one["identifiers"][0]["value"] for one in second["nodes"]] == ["ann"]
    assert second["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "endCursor": second["edges"][0]["cursor"],
    }


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ('window: "PT10M"', [3, 2, 1]),
        ('window: "PT9M"', [3, 1, 0]),
        ("entry: FIRST", [3, 2, 1]),
        ("order: STRICT", [3, 2, 1]),
        ("order: ANY", [4, 2, 1]),
        ("per: SESSION", [5, 2, 1]),
        ('exclude: [{channel: "mail"}]', [3, 1, 0]),
        ('exclude: [{type: "newsletter"}]', [3, 2, 1]),
    ],
)
async def test_funnels_of_all_sorts(world: Api, more: str, counts: list[int]) -> None:
    steps = STEPS
    if "order: ANY" in more:  # Ann did all three, Bob two, Cat and Dan one each.
        counts = [4, 2, 1]
    found = await world.field(f"{{ funnel(input: {{{steps}, {IN}, {more}}}) {{ steps {{ count }} }} }}")
    assert [one["count"] for one in found["steps"]] == counts


async def test_only_the_first_step_must_lie_in_the_range(world: Api) -> None:
    query = (
        f"""{{ funnel(input: {{{STEPS}, from: "{day(1)}", to: "{day(1 + MINUTE)}"}}) {{ steps {{ count }} }} }}"""
    )
    assert [one["count"] for one in (await world.field(query))["steps"]] == [1, 1, 1]


ATTRIBUTION = """conversions value conversionProbability
  credits { key conversions share value removalEffect touchpoints }
  topPaths { keys converted notConverted value }"""


async def attributed(world: Api, more: str, conversion: str = "order: true") -> dict[str, Any]:
    query = f"{{ attribution(input: {{{IN}, conversion: {{{conversion}}}, {more}}}) {{ {ATTRIBUTION} }} }}"
    found: dict[str, Any] = await world.field(query)
    return found


async def test_orders_without_a_touch_have_a_row_of_their_own(world: Api) -> None:
    found = await attributed(world, 'model: LINEAR, currency: "EUR"')
    assert (found["conversions"], found["value"]) == (3, "40.50")
    rows = {one["key"]: (one["conversions"], one["value"], one["touchpoints"]) for one in found["credits"]}
    assert rows == {
        "(none)": (1.0, "0", 0),
        "direct": (1.0, "30.5", 1),
        "ads": (0.5, "5", 3),
        "mail": (0.5, "5", 2),
        "web": (0.0, "0", 1),
    }
    assert found["topPaths"] == [
        {"keys": [], "converted": 1, "notConverted": 0, "value": "0"},
        {"keys": ["ads", "mail"], "converted": 1, "notConverted": 0, "value": "10"},
        {"keys": ["direct"], "converted": 1, "notConverted": 0, "value": "30.5"},
        {"keys": ["ads", "ads"], "converted": 0, "notConverted": 1, "value": "0"},
        {"keys": ["mail", "web"], "converted": 0, "notConverted": 1, "value": "0"},
    ]


@pytest.mark.parametrize(
    ("more", "credits"),
    [
        ("model: FIRST_TOUCH", {"ads": 1.0, "direct": 1.0, "(none)": 1.0}),
        ("model: LAST_TOUCH", {"mail": 1.0, "direct": 1.0, "(none)": 1.0}),
        ("model: LAST_NON_DIRECT", {"mail": 1.0, "direct": 1.0, "(none)": 1.0}),
        ("model: J_SHAPED", {"ads": 0.25, "mail": 0.75, "direct": 1.0, "(none)": 1.0}),
        ("model: PARTICIPATION", {"ads": 1.0, "mail": 1.0, "direct": 1.0, "(none)": 1.0}),
        ("model: SHAPLEY", {"ads": 0.5, "mail": 0.5, "direct": 1.0, "(none)": 1.0}),
        ('model: LINEAR, lookback: "PT5M"', {"mail": 1.0, "(none)": 2.0}),
        ('model: LINEAR, lookback: "PT10M"', {"ads": 0.5, "mail": 0.5, "direct": 1.0, "(none)": 1.0}),
        ('model: LINEAR, touchpoints: {channels: ["mail"]}', {"mail": 1.0, "(none)": 2.0}),
        ("model: LINEAR, groupBy: CAMPAIGN", {"spring": 0.5, "(not set)": 1.5, "(none)": 1.0}),
        ("model: LINEAR, groupBy: MEDIUM", {"cpc": 0.5, "(not set)": 1.5, "(none)": 1.0}),
    ],
)
async def test_models_of_attribution(world: Api, more: str, credits: dict[str, float]) -> None:  # noqa: A002
    found = await attributed(world, more)
    assert found["value"] is None
    assert {one["key"]: one["conversions"] for one in found["credits"] if one["conversions"]} == pytest.approx(
        credits
    )


async def test_touchpoints_are_conversions_too(world: Api) -> None:
    found = await attributed(world, "model: MARKOV", 'touchpointType: "cart"')
    assert (found["conversions"], found["conversionProbability"]) == (2, 0.5)
    rows = {one["key"]: (one["conversions"], one["removalEffect"]) for one in found["credits"]}
    assert rows == {"ads": (2.0, 1.0), "direct": (0.0, 0.0), "mail": (0.0, 0.0), "web": (0.0, 0.0)}


async def test_won_deals_are_conversions_when_they_are_closed(world: Api) -> None:
    made = await world.done(
        CREATE_DEAL,
        input={"by": {"userId": "cat"}, "title": "Boots", "amount": {"amount": "99", "currency": "EUR"}},
    )
    await world.done(CLOSE_DEAL, input={"dealId": made["deal"]["id"], "outcome": "WON"})
    found = await world.field(
        f"""{{ attribution(input: {{from: "{day(0)}", to: "2100-01-01T00:00:00Z", conversion: {{wonDeal: true}},
          model: FIRST_TOUCH, currency: "EUR", lookback: "P3000D"}}) {{ {ATTRIBUTION} }} }}"""
    )
    assert (found["conversions"], found["value"]) == (1, "99")
    assert [one["key"] for one in found["credits"] if one["conversions"]] == ["mail"]
    stages = """{ funnel(input: {steps: [{type: "view"}, {dealStage: "New"}, {dealStage: "Won"}],
      from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z"}) { steps { count } } }"""
    assert [one["count"] for one in (await world.field(stages))["steps"]] == [3, 1, 1]


async def test_customers_on_a_path(world: Api) -> None:
    async def found(more: str) -> list[str]:
        query = f"{{ customersOnPath(input: {{{IN}, {more}}}) {{ nodes {{ identifiers {{ value }} }} }} }}"
        return [one["identifiers"][0]["value"] for one in (await world.field(query))["nodes"]]

    assert await found('steps: [{type: "view"}]') == ["cat", "ann", "bob"]
    assert await found('steps: [{type: "view"}], absent: {order: true}') == ["cat", "bob"]
    assert await found('steps: [{type: "view"}, {type: "cart"}], absent: {order: true}') == ["bob"]
    assert await found('steps: [{type: "view"}, {type: "cart"}], within: "PT5M"') == ["ann"]
    assert await found('steps: [{type: "view"}, {type: "cart"}], within: "PT4M"') == []
    assert await found('steps: [{pageContains: "/sale/"}]') == ["cat"]


async def test_lifecycle_by_day(world: Api) -> None:
    query = f"""{{ lifecycle(input: {{from: "{day(1)}", to: "{day(6)}", period: DAY}}) {{
      period new returning resurrecting dormant }} }}"""
    rows = [tuple(one.values())[1:] for one in await world.field(query)]
    assert rows == [(1, 0, 0, 0), (1, 0, 0, 1), (0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 0, 0)]


async def test_retention_in_a_time_zone(world: Api) -> None:
    query = f"""{{ retention(input: {{{IN}, period: DAY, periods: 3, cohort: {{type: "view"}},
      timeZone: "America/New_York"}}) {{ cohorts {{ period size returned }} }} }}"""
    cohorts = (await world.field(query))["cohorts"]
    # Midnight in UTC is the evening before.
    assert cohorts == [
        {"period": "2024-03-01", "size": 1, "returned": [1, 0, 1]},
        {"period": "2024-03-02", "size": 1, "returned": [1, 0, 0]},
        {"period": "2024-03-04", "size": 1, "returned": [1, 1, 0]},
    ]


async def test_numbers_follow_who_is_who(world: Api) -> None:
    """Two devices are two customers until somebody signs in on both; then nobody is counted twice."""
    query = (
        f"""{{ funnel(input: {{steps: [{{type: "look"}}, {{type: "buy"}}], {IN}}}) {{ steps {{ count }} }} }}"""
    )

    async def counts() -> list[int]:
        return [one["count"] for one in (await world.field(query))["steps"]]

    pair = [
        touch("pair-1", ("cookie", "pair-1"), type="look", at=day(10)),
        touch("pair-2", ("cookie", "pair-2"), type="look", at=day(11)),
        touch("pair-3", ("cookie", "pair-2"), type="buy", at=day(12)),
    ]
    await world.field(RECORD_MANY, input={"items": pair})
    assert await counts() == [2, 1]
    joined = identify("pair-4", "crm", {"name": "Pair"}, ("cookie", "pair-1"), ("cookie", "pair-2"))
    merged = await world.field(
        """mutation ($input: IdentifyCustomerInput!) { identifyCustomer(input: $input) { customer { id } } }""",
        input=joined,
    )
    assert await counts() == [1, 1]
    split = """mutation ($input: SplitCustomerInput!) { splitCustomer(input: $input) {
      customers { id } userErrors { message } } }"""
    leaving = {"kind": "cookie", "value": "pair-2"}
    form = {"customerId": merged["customer"]["id"], "identifiers": [leaving], "reason": "two people"}
    assert (await world.field(split, input=form))["userErrors"] == []
    assert await counts() == [2, 1]


async def refusal(world: Api, query: str, **variables: Any) -> str:
    answer = await world.answer(query, **variables)
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}, error
    return str(error["message"])


@pytest.mark.parametrize(("query", "message"), REFUSED)
async def test_bad_input_is_refused_in_words(world: Api, query: str, message: str) -> None:
    text = query.replace("$IN", IN).replace("$ORDER", "conversion: {order: true}")
    told = await refusal(world, f"{{ {text} }}")
    assert told.startswith(message), told


async def test_a_thousand_steps_are_too_many(world: Api) -> None:
    query = (
        f"""query ($steps: [StepInput!]!) {{ funnel(input: {{steps: $steps, {IN}}}) {{ steps {{ count }} }} }}"""
    )
    told = await refusal(world, query, steps=[{"order": True}] * 1000)
    assert told == "input.steps: 1000 steps; at most 20"


async def test_shapley_of_5_000_channels_is_refused(world: Api) -> None:
    for start in range(0, 5_000, 500):
        items = [visit("eve", n, "view", 20, f"channel-{n}") for n in range(start, start + 500)]
        await world.field(RECORD_MANY, input={"items": items})
    await world.done(ORDER, input=order("o9", "9", "1 EUR", ("user_id", "eve"), at=day(21)))
    query = f"attribution(input: {{{IN}, model: MODEL, conversion: {{order: true}}}}) {{ conversions }}"
    for model in ("SHAPLEY", "MARKOV"):
        told = await refusal(world, "{ " + query.replace("MODEL", model) + " }")
        assert told.startswith(f"input.groupBy: 5,004 keys by CHANNEL; {model} takes at most 1,000")
    assert (await world.field("{ " + query.replace("MODEL", "LINEAR") + " }"))["conversions"] == 4


async def test_a_report_that_takes_too_long_is_given_up(graph: Graph, world: Api) -> None:
    del world
    async with open_services(Settings(report_timeout_seconds=0.001), graph) as services:
        assert isinstance(services.analyst, Analyst)
        answer = await Api(graph, services).answer(f"{{ retention(input: {{{IN}}}) {{ cohorts {{ size }} }} }}")
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "DEADLINE_EXCEEDED"}
    assert "REPORT_TIMEOUT_SECONDS" in error["message"]
