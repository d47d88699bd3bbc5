"""Reports by GraphQL on the shop of the reference data: the numbers that independent tools found."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.graph.client import counting_round_trips
from tests.conftest import Engine
from tests.integration.asking import Api
from tests.integration.shop import RANGE, opened
from tests.reference import expected, needed

pytestmark = needed
EXPECTED = expected("journeys")


@pytest.fixture(scope="module")
async def shop(alone: Engine) -> AsyncIterator[Api]:
    async with opened(alone) as api:
        yield api


def funnel(more: str = "") -> str:
    types = EXPECTED["funnel_ordered_no_window_user_id"]["steps"]
    steps = ", ".join(f'{{type: "{one}"}}' for one in types)
    return f"""{{ funnel(input: {{steps: [{steps}], {RANGE} {more}}}) {{
      steps {{ index count droppedOff rateFromStart rateFromPrevious medianTimeFromPrevious }} }} }}"""


async def counts(shop: Api, more: str = "") -> list[int]:
    steps = (await shop.field(funnel(more)))["steps"]
    found = [step["count"] for step in steps]
    assert [step["droppedOff"] for step in steps] == [
        a - b for a, b in zip(found, [*found[1:], found[-1]], strict=True)
    ]
    return found


async def test_funnels_without_a_window(shop: Api) -> None:
    assert await counts(shop) == EXPECTED["funnel_ordered_no_window_user_id"]["counts"]
    by_session = await counts(shop, "per: SESSION")
    assert by_session == EXPECTED["funnel_ordered_no_window_session_id"]["counts"]


@pytest.mark.parametrize(("name", "window"), [("30m", "PT30M"), ("7d", "P7D")])
async def test_funnels_with_a_window(shop: Api, name: str, window: str) -> None:
    wanted = EXPECTED[f"funnel_window_{name}"]
    assert await counts(shop, f'window: "{window}"') == wanted["ordered"]
    assert await counts(shop, f'window: "{window}", entry: FIRST') == wanted["first_entry"]
    assert await counts(shop, f'window: "{window}", order: STRICT') == wanted["strict"]
    assert await counts(shop, f'window: "{window}", order: ANY') == wanted["any_order"]


FLOW = f"""query ($start: String, $end: String, $steps: Int!) {{ journeyFlow(input: {{{RANGE}, startAt: $start,
  endAt: $end, maxSteps: $steps, topNodes: 50, collapseRepeats: false}}) {{ journeys
    nodes {{ step key journeys }} links {{ step from to journeys }} variants {{ keys journeys share }} }} }}"""


async def test_transitions_starts_ends_and_variants(shop: Api) -> None:
    flow = await shop.field(FLOW, steps=30)
    assert flow["journeys"] == EXPECTED["sessions_by_inactivity_timeout_minutes"]["strictly_greater"]["30"]
    transitions, ends = Counter[str](), Counter[str]()
    for link in flow["links"]:
        if link["to"] == "(end)":
            ends[link["from"]] += link["journeys"]
        else:
            transitions[f"{link['from']} -> {link['to']}"] += link["journeys"]
    assert transitions == EXPECTED["transitions_within_session"]
    assert ends == EXPECTED["session_ends"]
    starts = {node["key"]: node["journeys"] for node in flow["nodes"] if node["step"] == 0}
    assert starts == EXPECTED["session_starts"]
    variants = [[" > ".join(one["keys"]), one["journeys"]] for one in flow["variants"]]
    assert variants == EXPECTED["top_session_variants"]
    assert flow["variants"][0]["share"] == pytest.approx(70 / 3605)


async def test_what_comes_behind_and_before_an_anchor(shop: Api) -> None:
    behind = await shop.field(FLOW, start="add_to_cart", steps=2)
    assert {link["to"]: link["journeys"] for link in behind["links"]} == EXPECTED["next_after_add_to_cart"]
    before = await shop.field(FLOW, end="add_to_cart", steps=2)
    assert {link["from"]: link["journeys"] for link in before["links"]} == EXPECTED["previous_before_add_to_cart"]
    assert {link["step"] for link in before["links"]} == {-1}


@pytest.mark.parametrize("minutes", ["1", "5", "10", "30", "60"])
async def test_sessions_by_their_timeout(shop: Api, minutes: str) -> None:
    query = f'{{ journeyFlow(input: {{{RANGE}, sessionTimeout: "PT{minutes}M"}}) {{ journeys }} }}'
    wanted = EXPECTED["sessions_by_inactivity_timeout_minutes"]["strictly_greater"][minutes]
    assert (await shop.field(query))["journeys"] == wanted


async def test_time_to_convert(shop: Api) -> None:
    query = f"""{{ timeToConvert(input: {{{RANGE}, start: {{type: "product_view"}}, end: {{type: "purchase"}},
      per: SESSION}}) {{ customers mean median p90 histogram {{ from to customers }} }} }}"""
    times = await shop.field(query)
    wanted = EXPECTED["time_to_convert_product_view_to_purchase_per_session_seconds"]
    assert times["customers"] == wanted["n"] == sum(one["customers"] for one in times["histogram"])
    assert [seconds(times[name]) for name in ("mean", "median", "p90")] == pytest.approx(
        [wanted["mean"], wanted["median"], wanted["p90_linear"]], abs=1e-6
    )


def seconds(duration: str) -> float:
    hours, _, rest = duration.removeprefix("PT").rpartition("H")
    minutes, _, rest = rest.rpartition("M")
    return float(hours or 0) * 3600 + float(minutes or 0) * 60 + float(rest.removesuffix("S") or 0)


async def test_retention(shop: Api) -> None:
    query = f"{{ retention(input: {{{RANGE}, periods: 26}}) {{ cohorts {{ period size returned }} }} }}"
    cohorts = (await shop.field(query))["cohorts"]
    found = {
        one["period"]: {str(week): many for week, many in enumerate(one["returned"]) if many} for one in cohorts
    }
    assert found == EXPECTED["weekly_retention_any_event_monday_weeks_utc"]
    assert all(one["size"] == one["returned"][0] for one in cohorts)


async def test_reports_of_one_query_read_the_graph_once(shop: Api) -> None:
    steps = '[{type: "product_view"}, {type: "purchase"}]'
    query = f"""{{ funnel(input: {{steps: {steps}, {RANGE}}}) {{ steps {{ count }} }}
      retention(input: {{{RANGE}}}) {{ cohorts {{ size }} }}
      attribution(input: {{{RANGE}, conversion: {{touchpointType: "purchase"}}, model: MARKOV,
        groupBy: CAMPAIGN}}) {{ conversions }}
      journeyFlow(input: {{{RANGE}}}) {{ journeys }} }}"""
    with counting_round_trips() as names:
        answer = await shop.answer(query)
    assert "errors" not in answer
    assert names.count("journeys/customers") == 1
    assert names.count("journeys/touchpoints_in_full") == names.count("journeys/orders_and_deals")
    assert "journeys/touchpoints" not in names
    assert answer["data"]["funnel"]["steps"][0]["count"] == 598


async def test_other_requests_are_answered_meanwhile(shop: Api) -> None:
    report = asyncio.create_task(shop.field(FLOW, steps=30))
    found: Any = await shop.field('{ customer(by: {userId: "user_0000"}) { id } }')
    assert found["id"]
    await report
