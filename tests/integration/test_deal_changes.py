"""Deals: updated and reopened, with what the log says; whatever is refused changes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import CLOSE_DEAL, DEAL, MOVE_DEAL, REOPEN_DEAL, UPDATE_DEAL, Api
from tests.integration.test_deals import LOST, NEGOTIATION, NEW, NO_DEAL, PIPELINE, PROPOSAL, WON, cookie, create

__all__ = ["cookie"]


async def changes(graph: Graph, deal_id: str) -> list[list[Any]]:
    """What the log says of a deal: kind, fields, owners."""
    read = """MATCH (c:Change) WHERE c.subjectId = $id WITH c ORDER BY c.place
    RETURN collect([c.kind, c.fields, c.owners, c.pipelineId, c.customerId])"""
    ((found,),) = await graph.run(read, id=deal_id)
    return [list(one) for one in found]


async def test_an_update_changes_what_is_given_and_clears_nulls(api: Api, graph: Graph, cookie: str) -> None:
    money = {"amount": "100", "currency": "EUR"}
    deal = await create(api, cookie, amount=money, owner="Olga", expectedCloseOn="2027-01-31", source="phone")
    form = {"dealId": deal["id"], "title": "Van", "owner": "Max", "amount": None, "expectedVersion": 1}
    updated = (await api.done(UPDATE_DEAL, input=form))["deal"]
    new = {"title": "Van", "owner": "Max", "amount": None, "weightedAmount": None, "version": 2}
    assert updated == deal | new
    assert await api.field(DEAL, id=deal["id"]) == updated
    # The same again is nothing new.
    assert (await api.done(UPDATE_DEAL, input=form | {"expectedVersion": 2}))["deal"] == updated
    cleared = {"dealId": deal["id"], "owner": None, "expectedCloseOn": None, "amount": money}
    last = (await api.done(UPDATE_DEAL, input=cleared))["deal"]
    assert (last["owner"], last["expectedCloseOn"], last["amount"], last["version"]) == (None, None, money, 3)
    customer = deal["customer"]["id"]
    assert await changes(graph, deal["id"]) == [
        ["DEAL_CREATED", [], ["Olga"], PIPELINE, customer],
        ["DEAL_UPDATED", ["amount", "owner", "title"], ["Max", "Olga"], PIPELINE, customer],
        ["DEAL_UPDATED", ["amount", "expectedCloseOn", "owner"], ["Max"], PIPELINE, customer],
    ]


async def test_a_forecast_set_by_hand_holds_until_it_is_withdrawn_or_the_deal_ends(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    by_hand = {"dealId": deal["id"], "forecastCategory": "COMMIT"}
    assert (await api.done(UPDATE_DEAL, input=by_hand))["deal"]["forecastCategory"] == "COMMIT"
    moved = (await api.done(MOVE_DEAL, input={"dealId": deal["id"], "stageId": PROPOSAL}))["deal"]
    assert moved["forecastCategory"] == "COMMIT"
    withdrawn = {"dealId": deal["id"], "forecastCategory": None}
    assert (await api.done(UPDATE_DEAL, input=withdrawn))["deal"]["forecastCategory"] == "BEST_CASE"
    await api.done(UPDATE_DEAL, input=by_hand | {"forecastCategory": "OMITTED"})
    won = (await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON"}))["deal"]
    assert won["forecastCategory"] == "CLOSED"
    # What was thought of its chances before it ended is not what they are now.
    assert (await api.done(REOPEN_DEAL, input={"dealId": deal["id"]}))["deal"]["forecastCategory"] == "BEST_CASE"


async def test_a_reopened_deal_goes_on_and_keeps_its_history(api: Api, graph: Graph, cookie: str) -> None:
    deal = await create(api, cookie, stageId=NEGOTIATION, owner="Olga")
    lost = {"dealId": deal["id"], "outcome": "LOST", "lostReason": "price"}
    await api.done(CLOSE_DEAL, input=lost)
    again = (await api.done(REOPEN_DEAL, input={"dealId": deal["id"], "by": "Max"}))["deal"]
    assert (again["state"], again["stage"]["id"], again["version"]) == ("OPEN", NEGOTIATION, 3)
    assert (again["lostReason"], again["closedAt"], again["forecastCategory"]) == (None, None, "COMMIT")
    await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON"})
    last = (await api.done(REOPEN_DEAL, input={"dealId": deal["id"], "stageId": NEW}))["deal"]
    assert [
        (one["from"] and one["from"]["name"], one["to"]["name"], one["by"]) for one in last["stageHistory"]
    ] == [
        ("Won", "New", None),
        ("Negotiation", "Won", None),
        ("Lost", "Negotiation", "Max"),
        ("Negotiation", "Lost", None),
        (None, "Negotiation", "Olga"),
    ]
    assert [one[:3] for one in await changes(graph, deal["id"])] == [
        ["DEAL_CREATED", [], ["Olga"]],
        ["DEAL_CLOSED", ["closedAt", "lostReason", "stage", "state"], ["Olga"]],
        ["DEAL_STAGE_MOVED", ["closedAt", "lostReason", "stage", "state"], ["Olga"]],
        ["DEAL_CLOSED", ["closedAt", "stage", "state"], ["Olga"]],
        ["DEAL_STAGE_MOVED", ["closedAt", "stage", "state"], ["Olga"]],
    ]


async def test_of_closers_movers_and_editors_with_the_same_version_exactly_one_wins(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    guarded = {"dealId": deal["id"], "expectedVersion": 1}
    asked = [
        *((MOVE_DEAL, {"stageId": PROPOSAL}) for _ in range(7)),
        *((UPDATE_DEAL, {"title": f"Title {n}"}) for n in range(7)),
        *((CLOSE_DEAL, {"outcome": "WON"}) for _ in range(6)),
    ]
    payloads = await asyncio.gather(*(api.field(mutation, input=guarded | form) for mutation, form in asked))
    (winner,) = (payload for payload in payloads if payload["userErrors"] == [])
    codes = [one["userErrors"][0]["code"] for one in payloads if one is not winner]
    assert codes == ["VERSION_CONFLICT"] * 19
    assert await api.field(DEAL, id=deal["id"]) == winner["deal"]
    assert winner["deal"]["version"] == 2


@pytest.mark.parametrize(
    ("mutation", "changed", "code", "field"),
    [
        (UPDATE_DEAL, {"dealId": NO_DEAL}, "NOT_FOUND", ["dealId"]),
        (UPDATE_DEAL, {"title": None}, "INVALID", ["title"]),
        (UPDATE_DEAL, {"title": "x" * 201}, "INVALID", ["title"]),
        (UPDATE_DEAL, {"owner": "x" * 10_000}, "INVALID", ["owner"]),
        (UPDATE_DEAL, {"amount": {"amount": "-1", "currency": "EUR"}}, "INVALID", ["amount"]),
        (UPDATE_DEAL, {"amount": {"amount": "1", "currency": "XYZ"}}, "INVALID", ["amount", "currency"]),
        (UPDATE_DEAL, {"forecastCategory": "CLOSED"}, "INVALID", ["forecastCategory"]),
        (UPDATE_DEAL, {"title": "Van", "expectedVersion": 2}, "VERSION_CONFLICT", ["expectedVersion"]),
        (REOPEN_DEAL, {"dealId": NO_DEAL}, "NOT_FOUND", ["dealId"]),
        (REOPEN_DEAL, {}, "INVALID", ["dealId"]),
    ],
)
async def test_a_wrong_update_changes_nothing(
    api: Api, graph: Graph, cookie: str, mutation: str, changed: dict[str, Any], code: str, field: list[str]
) -> None:
    deal = await create(api, cookie)
    before = await changes(graph, deal["id"])
    payload = await api.field(mutation, input={"dealId": deal["id"]} | changed)
    assert payload["deal"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.field(DEAL, id=deal["id"]) == deal
    assert await changes(graph, deal["id"]) == before


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"stageId": WON}, "INVALID", ["stageId"]),
        ({"stageId": LOST}, "INVALID", ["stageId"]),
        ({"stageId": "stg_" + "0" * 32}, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
        ({"by": "x" * 10_000}, "INVALID", ["by"]),
    ],
)
async def test_a_wrong_reopening_leaves_a_deal_closed(
    api: Api, cookie: str, form: dict[str, Any], code: str, field: list[str]
) -> None:
    deal = await create(api, cookie)
    closed = (await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON"}))["deal"]
    payload = await api.field(REOPEN_DEAL, input={"dealId": deal["id"]} | form)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.field(DEAL, id=deal["id"]) == closed


async def test_a_closed_deal_is_corrected_but_not_forecast(api: Api, cookie: str) -> None:
    deal = await create(api, cookie)
    await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "LOST", "lostReason": "price"})
    title = {"dealId": deal["id"], "title": "Van"}
    assert (await api.done(UPDATE_DEAL, input=title))["deal"]["title"] == "Van"
    payload = await api.field(UPDATE_DEAL, input={"dealId": deal["id"], "forecastCategory": "COMMIT"})
    message = "forecastCategory: the deal is lost, and forecast as that; reopen it first"
    error = {"code": "DEAL_CLOSED", "message": message, "field": ["forecastCategory"]}
    assert payload == {"deal": None, "userErrors": [error]}
