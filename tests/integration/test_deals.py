"""Deals: created, moved and closed with their history; whatever is refused changes nothing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, DEAL, MOVE_DEAL, RECORD, Api
from tests.integration.forms import touch

PIPELINE = "pip_00000000000070008000000000000001"
NEW, QUALIFIED, PROPOSAL, NEGOTIATION, WON, LOST = (f"stg_0000000000007000800000000000000{n}" for n in range(1, 7))


def seconds(duration: str) -> float:
    """Of a short ISO 8601 duration, such as PT1.5S or PT1M2S."""
    clock = duration.removeprefix("PT").removesuffix("S")
    minutes, _, rest = clock.rpartition("M")
    return float(minutes or 0) * 60 + float(rest)


@pytest.fixture
async def cookie(api: Api, unique: str) -> str:
    """The cookie of a customer."""
    await api.done(RECORD, input=touch(f"first-{unique}", ("cookie", unique)))
    return unique


async def create(api: Api, cookie: str, **more: Any) -> dict[str, Any]:
    """A new deal."""
    deal: dict[str, Any] = (
        await api.done(CREATE_DEAL, input={"by": {"cookie": cookie}, "title": "Sedan", **more})
    )["deal"]
    return deal


async def deals_of(api: Api, cookie: str) -> list[str]:
    """The titles of a customer's deals, newest first."""
    query = "query ($by: CustomerBy!) { customer(by: $by) { deals { nodes { title } } } }"
    return [deal["title"] for deal in (await api.field(query, by={"cookie": cookie}))["deals"]["nodes"]]


async def test_the_default_pipeline(api: Api) -> None:
    pipelines = await api.field("{ pipelines { id name stages { id name position probability kind } } }")
    stages = [
        (NEW, "New", 1, 0.1, "OPEN"),
        (QUALIFIED, "Qualified", 2, 0.25, "OPEN"),
        (PROPOSAL, "Proposal", 3, 0.5, "OPEN"),
        (NEGOTIATION, "Negotiation", 4, 0.8, "OPEN"),
        (WON, "Won", 5, 1.0, "WON"),
        (LOST, "Lost", 6, 0.0, "LOST"),
    ]
    names = ("id", "name", "position", "probability", "kind")
    shown = [dict(zip(names, stage, strict=True)) for stage in stages]
    assert pipelines[0] == {"id": PIPELINE, "name": "Sales", "stages": shown}


async def test_a_new_deal_is_in_the_first_stage(api: Api, cookie: str) -> None:
    money = {"amount": "24900.50", "currency": "EUR"}
    more = {"owner": "Olga", "source": "phone", "expectedCloseOn": "2026-12-24", "amount": money}
    deal = await create(api, cookie, **more)
    customer = await api.customer(cookie=cookie)
    assert customer is not None
    move = {"from": None, "to": {"name": "New"}, "by": "Olga", "timeInStage": None}
    assert deal == {
        "id": deal["id"],
        "title": "Sedan",
        "state": "OPEN",
        "version": 1,
        "probability": 0.1,
        "forecastCategory": "PIPELINE",
        "lostReason": None,
        "owner": "Olga",
        "source": "phone",
        "expectedCloseOn": "2026-12-24",
        "createdAt": deal["createdAt"],
        "closedAt": None,
        "amount": money,
        "weightedAmount": {"amount": "2490.050", "currency": "EUR"},
        "pipeline": {"id": PIPELINE, "name": "Sales"},
        "stage": {"id": NEW, "name": "New", "kind": "OPEN"},
        "customer": {"id": customer["id"]},
        "stageHistory": [move | {"occurredAt": deal["createdAt"], "deal": {"id": deal["id"]}}],
    }
    assert await api.field(DEAL, id=deal["id"]) == deal


@pytest.mark.parametrize(
    ("stage", "amount", "probability", "weighted", "category"),
    [
        (NEW, "0.01", 0.1, "0.001", "PIPELINE"),
        (QUALIFIED, "999999999999999.99999999", 0.25, "249999999999999.9999999975", "PIPELINE"),
        (PROPOSAL, "3", 0.5, "1.5", "BEST_CASE"),
        (NEGOTIATION, "0.00000001", 0.8, "0.000000008", "COMMIT"),
    ],
)
async def test_the_weighted_amount_is_exact(
    api: Api, cookie: str, stage: str, amount: str, probability: float, weighted: str, category: str
) -> None:
    deal = await create(api, cookie, stageId=stage, amount={"amount": amount, "currency": "USD"})
    assert deal["stage"]["id"] == stage
    assert deal["weightedAmount"] == {"amount": weighted, "currency": "USD"}
    assert (deal["probability"], deal["forecastCategory"]) == (probability, category)
    assert (await create(api, cookie, stageId=stage))["weightedAmount"] is None


async def test_moves_keep_a_history(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    steps = [(QUALIFIED, "Olga"), (NEGOTIATION, None), (NEW, "Max")]
    for version, (stage, by) in enumerate(steps, 1):
        await asyncio.sleep(0.02)
        form = {"dealId": deal["id"], "stageId": stage, "by": by, "expectedVersion": version}
        moved = (await api.done(MOVE_DEAL, input=form))["deal"]
        assert (moved["version"], moved["stage"]["id"], moved["state"]) == (version + 1, stage, "OPEN")
    closed = (await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON", "by": "Ann"}))["deal"]
    assert [
        (one["from"] and one["from"]["name"], one["to"]["name"], one["by"]) for one in closed["stageHistory"]
    ] == [
        ("New", "Won", "Ann"),
        ("Negotiation", "New", "Max"),
        ("Qualified", "Negotiation", None),
        ("New", "Qualified", "Olga"),
        (None, "New", None),
    ]
    assert (closed["state"], closed["version"], closed["probability"]) == ("WON", 5, 1.0)
    assert closed["closedAt"] == closed["stageHistory"][0]["occurredAt"]
    assert closed["forecastCategory"] == "CLOSED"
    times = [datetime.fromisoformat(one["occurredAt"]) for one in closed["stageHistory"]]
    for one, (later, earlier) in zip(closed["stageHistory"], pairwise(times), strict=False):
        assert timedelta(seconds=seconds(one["timeInStage"])) == later - earlier > timedelta(0)
    assert closed["stageHistory"][-1]["timeInStage"] is None
    short = "query ($id: ID!) { node(id: $id) { ... on Deal { stageHistory(first: 2) { to { name } } } } }"
    latest = {"stageHistory": [{"to": {"name": "Won"}}, {"to": {"name": "New"}}]}
    assert await api.field(short, id=deal["id"]) == latest


async def test_a_lost_deal_has_its_reason(api: Api, cookie: str) -> None:
    deal = await create(api, cookie, amount={"amount": "10", "currency": "EUR"})
    form = {"dealId": deal["id"], "outcome": "LOST", "lostReason": "price", "expectedVersion": 1}
    lost = (await api.done(CLOSE_DEAL, input=form))["deal"]
    assert (lost["state"], lost["lostReason"], lost["forecastCategory"]) == ("LOST", "price", "OMITTED")
    assert Decimal(lost["weightedAmount"]["amount"]) == 0


async def test_a_move_to_where_it_is_changes_nothing(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    assert (await api.done(MOVE_DEAL, input={"dealId": deal["id"], "stageId": NEW}))["deal"] == deal


async def test_of_movers_with_the_same_version_exactly_one_wins(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    stages = (QUALIFIED, PROPOSAL, NEGOTIATION)
    forms = [
        {"dealId": deal["id"], "stageId": stages[n % 3], "expectedVersion": 1, "by": f"mover {n}"}
        for n in range(20)
    ]
    payloads = await asyncio.gather(*(api.field(MOVE_DEAL, input=form) for form in forms))
    (winner,) = (payload for payload in payloads if payload["userErrors"] == [])
    message = "expectedVersion: the deal is at version 2 by now; read it again"
    error = {"code": "VERSION_CONFLICT", "message": message, "field": ["expectedVersion"]}
    assert [payload for payload in payloads if payload is not winner] == [
        {"deal": None, "userErrors": [error]}
    ] * 19
    now = await api.field(DEAL, id=deal["id"])
    assert now == winner["deal"]
    assert (now["version"], len(now["stageHistory"])) == (2, 2)


async def test_moves_without_a_version_all_count(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    stages = [QUALIFIED, PROPOSAL] * 10
    forms = [{"dealId": deal["id"], "stageId": stage} for stage in stages]
    await asyncio.gather(*(api.done(MOVE_DEAL, input=form) for form in forms))
    now = await api.field(DEAL, id=deal["id"])
    assert (now["version"], len(now["stageHistory"])) == (21, 21)


NOBODY = "nobody is known by this; record a touchpoint, or identify the customer first"
NO_DEAL = "deal_" + "0" * 32


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"by": {"cookie": "nobody has this"}}, "NOT_FOUND", ["by"]),
        ({"by": {"id": "cus_" + "0" * 32}}, "NOT_FOUND", ["by"]),
        ({"by": {"id": NO_DEAL}}, "INVALID", ["by", "id"]),
        ({"by": {"email": "no address"}}, "INVALID", ["by", "email"]),
        ({"title": " "}, "INVALID", ["title"]),
        ({"amount": {"amount": "-0.01", "currency": "EUR"}}, "INVALID", ["amount"]),
        ({"amount": {"amount": "1", "currency": "EURO"}}, "INVALID", ["amount", "currency"]),
        ({"pipelineId": "pip_" + "0" * 32}, "NOT_FOUND", ["pipelineId"]),
        ({"stageId": "stg_" + "0" * 32}, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
        ({"stageId": WON}, "INVALID", ["stageId"]),
        ({"owner": ""}, "INVALID", ["owner"]),
    ],
)
async def test_a_wrong_new_deal_is_not_made(
    api: Api, graph: Graph, cookie: str, changed: dict[str, Any], code: str, field: list[str]
) -> None:
    count = "MATCH (n) WHERE n:Deal OR n:Message OR n:Identifier OR n:Customer RETURN count(n)"
    before = await graph.run(count)
    form = {"by": {"cookie": cookie}, "title": "Sedan", "idempotencyKey": cookie} | changed
    payload = await api.field(CREATE_DEAL, input=form)
    assert payload["deal"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    if code == "NOT_FOUND" and field == ["by"]:
        assert payload["userErrors"][0]["message"] == f"by: {NOBODY}"
    assert await graph.run(count) == before
    # The key of what was refused is still free.
    assert (await create(api, cookie, idempotencyKey=cookie))["version"] == 1


@pytest.mark.parametrize(
    ("mutation", "changed", "code", "field"),
    [
        (MOVE_DEAL, {"dealId": NO_DEAL}, "NOT_FOUND", ["dealId"]),
        (MOVE_DEAL, {"dealId": "nonsense"}, "NOT_FOUND", ["dealId"]),
        (MOVE_DEAL, {"stageId": "stg_" + "0" * 32}, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
        (MOVE_DEAL, {"stageId": WON}, "INVALID", ["stageId"]),
        (MOVE_DEAL, {"stageId": LOST}, "INVALID", ["stageId"]),
        (MOVE_DEAL, {"expectedVersion": 2}, "VERSION_CONFLICT", ["expectedVersion"]),
        (MOVE_DEAL, {"by": " "}, "INVALID", ["by"]),
        (CLOSE_DEAL, {"dealId": NO_DEAL}, "NOT_FOUND", ["dealId"]),
        (CLOSE_DEAL, {"outcome": "LOST"}, "INVALID", ["lostReason"]),
        (CLOSE_DEAL, {"lostReason": "price"}, "INVALID", ["lostReason"]),
        (CLOSE_DEAL, {"expectedVersion": 0}, "VERSION_CONFLICT", ["expectedVersion"]),
    ],
)
async def test_a_wrong_change_changes_nothing(
    api: Api, cookie: str, mutation: str, changed: dict[str, Any], code: str, field: list[str]
) -> None:
    deal = await create(api, cookie)
    form = {"dealId": deal["id"]} | ({"stageId": PROPOSAL} if mutation == MOVE_DEAL else {"outcome": "WON"})
    payload = await api.field(mutation, input=form | changed)
    assert payload["deal"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.field(DEAL, id=deal["id"]) == deal


@pytest.mark.parametrize("outcome", ["WON", "LOST"])
async def test_a_closed_deal_stays_as_it_is(api: Api, cookie: str, outcome: str) -> None:
    deal = await create(api, cookie)
    reason = {"lostReason": "price"} if outcome == "LOST" else {}
    closed = (await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": outcome, **reason}))["deal"]
    message = f"dealId: the deal is {outcome.lower()} already"
    error = {"code": "DEAL_CLOSED", "message": message, "field": ["dealId"]}
    for mutation, form in ((MOVE_DEAL, {"stageId": NEW}), (CLOSE_DEAL, {"outcome": "WON"})):
        payload = await api.field(mutation, input={"dealId": deal["id"], **form})
        assert payload == {"deal": None, "userErrors": [error]}
    assert await api.field(DEAL, id=deal["id"]) == closed


async def test_an_idempotency_key_makes_one_deal(api: Api, cookie: str) -> None:
    forms = [
        {"by": {"cookie": cookie}, "title": f"Deal {number}", "idempotencyKey": cookie} for number in range(10)
    ]
    payloads = await asyncio.gather(*(api.done(CREATE_DEAL, input=form) for form in forms))
    assert all(payload == payloads[0] for payload in payloads)
    await api.done(MOVE_DEAL, input={"dealId": payloads[0]["deal"]["id"], "stageId": PROPOSAL})
    again = await api.done(CREATE_DEAL, input=forms[3] | {"by": {"cookie": "nobody has this"}})
    assert again["deal"] == await api.field(DEAL, id=payloads[0]["deal"]["id"])
    assert again["deal"]["version"] == 2
    assert len(await deals_of(api, cookie)) == 1
    for title in ("One", "Two"):
        await create(api, cookie, title=title)
    assert (await deals_of(api, cookie))[:2] == ["Two", "One"]


async def test_a_deal_named_by_a_former_id_follows_the_merge(api: Api, cookie: str) -> None:
    other = ("user_id", cookie)
    second = await api.done(RECORD, input=touch(f"2-{cookie}", other))
    first = await api.customer(cookie=cookie)
    assert first is not None
    before = await create(api, cookie, by={"id": first["id"]}, title="Before")
    assert before["customer"] == {"id": first["id"]}
    await api.done(RECORD, input=touch(f"3-{cookie}", ("cookie", cookie), other))
    after = await create(api, cookie, by={"id": first["id"]}, title="After")
    # The second is known: it survives, though it is the younger.
    assert after["customer"] == {"id": second["customer"]["id"]}
    assert (await api.field(DEAL, id=before["id"]))["customer"] == {"id": second["customer"]["id"]}
    assert await deals_of(api, cookie) == ["After", "Before"]
    journey = """query ($by: CustomerBy!) { customer(by: $by) {
      journey(filter: {kinds: [DEAL_STAGE_CHANGE]}) { nodes { ... on DealStageChange { deal { title } } } } } }"""
    steps = (await api.field(journey, by={"id": first["id"]}))["journey"]["nodes"]
    assert [step["deal"]["title"] for step in steps] == ["Before", "After"]
