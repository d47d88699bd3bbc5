"""Pipelines: made and changed; what history names stays, and what is refused changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.asking import (
    CLOSE_DEAL,
    DEAL,
    MOVE_DEAL,
    REOPEN_DEAL,
    UPSERT_PIPELINE,
    Api,
)
from tests.integration.test_deals import PIPELINE, QUALIFIED, cookie, create

__all__ = ["cookie"]

STAGES: list[dict[str, Any]] = [
    {"name": "Due", "probability": 0.6},
    {"name": "Talk", "probability": 0.7},
    {"name": "Renewed", "probability": 1.0, "kind": "WON"},
    {"name": "Gone", "probability": 0.0, "kind": "LOST"},
]


async def made(api: Api, name: str, stages: list[dict[str, Any]] = STAGES, **more: Any) -> dict[str, Any]:
    """A pipeline after an upsert."""
    payload = await api.done(UPSERT_PIPELINE, input={"name": name, "stages": stages, **more})
    pipeline: dict[str, Any] = payload["pipeline"]
    return pipeline


def given(pipeline: dict[str, Any]) -> list[dict[str, Any]]:
    """A pipeline's stages as they are given."""
    return [{name: stage[name] for name in ("id", "name", "probability", "kind")} for stage in pipeline["stages"]]


async def test_a_new_pipeline_takes_deals(api: Api, cookie: str) -> None:
    pipeline = await made(api, f"Renewals {cookie}")
    assert [
        (stage["name"], stage["position"], stage["probability"], stage["kind"]) for stage in pipeline["stages"]
    ] == [
        ("Due", 1, 0.6, "OPEN"),
        ("Talk", 2, 0.7, "OPEN"),
        ("Renewed", 3, 1.0, "WON"),
        ("Gone", 4, 0.0, "LOST"),
    ]
    assert (await api.field("{ pipelines { id } }"))[0] == {"id": PIPELINE}
    assert pipeline in await api.field("{ pipelines { id name stages { id name position probability kind } } }")
    deal = await create(api, cookie, pipelineId=pipeline["id"], amount={"amount": "50", "currency": "EUR"})
    assert (deal["stage"]["name"], deal["weightedAmount"]["amount"]) == ("Due", "30.0")
    other = await api.field(
        MOVE_DEAL, input={"dealId": deal["id"], "stageId": "stg_00000000000070008000000000000002"}
    )
    assert other["userErrors"][0]["code"] == "STAGE_NOT_IN_PIPELINE"
    closed = (await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON"}))["deal"]
    assert closed["stage"]["name"] == "Renewed"


async def test_stages_are_renamed_reordered_added_and_estimated_anew(api: Api, cookie: str) -> None:
    pipeline = await made(api, f"First {cookie}")
    deal = await create(api, cookie, pipelineId=pipeline["id"])
    due, talk, won, lost = given(pipeline)
    stages = [
        talk,
        due | {"name": "Called", "probability": 0.65},
        {"name": "Offer", "probability": 0.9},
        won,
        lost,
    ]
    changed = await made(api, f"Second {cookie}", stages, id=pipeline["id"])
    assert [(stage["name"], stage["probability"]) for stage in changed["stages"]] == [
        ("Talk", 0.7),
        ("Called", 0.65),
        ("Offer", 0.9),
        ("Renewed", 1.0),
        ("Gone", 0.0),
    ]
    assert [stage["position"] for stage in changed["stages"]] == [1, 2, 3, 4, 5]
    assert (changed["id"], changed["name"]) == (pipeline["id"], f"Second {cookie}")
    now = await api.field(DEAL, id=deal["id"])
    assert (now["stage"]["name"], now["probability"], now["version"]) == ("Called", 0.65, 1)
    # The same again changes nothing.
    assert await made(api, f"Second {cookie}", given(changed), id=pipeline["id"]) == changed


async def test_a_stage_with_history_is_taken_out_and_put_back(api: Api, cookie: str) -> None:
    pipeline = await made(api, f"Sales {cookie}")
    due, talk, won, lost = given(pipeline)
    deal = await create(api, cookie, pipelineId=pipeline["id"])
    form = {"id": pipeline["id"], "name": pipeline["name"], "stages": [talk, won, lost]}
    refused = await api.field(UPSERT_PIPELINE, input=form)
    message = f"stages: deals are in Due ({due['id']}); move them to another stage before it is taken out"
    error = {"code": "INVALID", "message": message, "field": ["stages"]}
    assert refused == {"pipeline": None, "userErrors": [error]}
    await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON"})
    without = await made(api, pipeline["name"], [talk, won, lost], id=pipeline["id"])
    assert [stage["name"] for stage in without["stages"]] == ["Talk", "Renewed", "Gone"]
    history = (await api.field(DEAL, id=deal["id"]))["stageHistory"]
    assert [(one["from"], one["to"]) for one in history] == [
        ({"name": "Due"}, {"name": "Renewed"}),
        (None, {"name": "Due"}),
    ]
    stage = "query ($id: ID!) { node(id: $id) { ... on Stage { name } } }"
    assert await api.field(stage, id=due["id"]) == {"name": "Due"}
    gone = await api.field(REOPEN_DEAL, input={"dealId": deal["id"]})
    assert [one["field"] for one in gone["userErrors"]] == [["stageId"]]
    move = await api.field(REOPEN_DEAL, input={"dealId": deal["id"], "stageId": due["id"]})
    assert [one["code"] for one in move["userErrors"]] == ["STAGE_NOT_IN_PIPELINE"]
    back = await made(api, pipeline["name"], [due, talk, won, lost], id=pipeline["id"])
    assert given(back) == [due, talk, won, lost]
    assert (await api.done(REOPEN_DEAL, input={"dealId": deal["id"]}))["deal"]["stage"]["id"] == due["id"]
    # One that no deal was ever in goes without a trace.
    await made(api, pipeline["name"], [due, won, lost], id=pipeline["id"])
    assert await api.field(stage, id=talk["id"]) is None


def changed(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [stage | fields if n == number else stage for n, stage in enumerate(STAGES)]


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"id": "pip_" + "0" * 32}, "NOT_FOUND", ["id"]),
        ({"name": " "}, "INVALID", ["name"]),
        ({"name": "sALES"}, "ALREADY_EXISTS", ["name"]),
        ({"stages": []}, "INVALID", ["stages"]),
        ({"stages": STAGES[:3]}, "INVALID", ["stages"]),
        ({"stages": STAGES[1:2] + STAGES[3:]}, "INVALID", ["stages"]),
        ({"stages": STAGES + [{"name": f"S{n}", "probability": 0.5} for n in range(47)]}, "TOO_MANY", ["stages"]),
        ({"stages": changed(1, name="due")}, "INVALID", ["stages", "0", "name"]),
        ({"stages": changed(0, name="x" * 201)}, "INVALID", ["stages", "0", "name"]),
        ({"stages": changed(0, probability=1.01)}, "INVALID", ["stages", "0", "probability"]),
        ({"stages": changed(0, probability=-0.01)}, "INVALID", ["stages", "0", "probability"]),
        ({"stages": changed(2, probability=0.9)}, "INVALID", ["stages", "2", "probability"]),
        ({"stages": changed(3, probability=0.1)}, "INVALID", ["stages", "3", "probability"]),
        (
            {"stages": changed(0, id=QUALIFIED)},
            "STAGE_NOT_IN_PIPELINE",
            ["stages", "0", "id"],
        ),
    ],
)
async def test_a_wrong_pipeline_is_not_made(
    api: Api, unique: str, form: dict[str, Any], code: str, field: list[str]
) -> None:
    everything = "{ pipelines { id name stages { id name position probability kind } } }"
    before = await api.field(everything)
    payload = await api.field(UPSERT_PIPELINE, input={"name": unique, "stages": STAGES} | form)
    assert payload["pipeline"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.field(everything) == before


async def test_the_kind_of_a_stage_that_was_used_stays(api: Api, cookie: str) -> None:
    pipeline = await made(api, f"Kinds {cookie}")
    due, talk, won, lost = given(pipeline)
    await create(api, cookie, pipelineId=pipeline["id"])
    form = {"id": pipeline["id"], "name": pipeline["name"]}
    stages = [due | {"kind": "WON", "probability": 1.0}, talk, won, lost]
    payload = await api.field(UPSERT_PIPELINE, input=form | {"stages": stages})
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [("INVALID", ["stages", "0", "kind"])]
    unused = [due, talk | {"kind": "LOST", "probability": 0.0}, won, lost]
    assert given(await made(api, pipeline["name"], unused, id=pipeline["id"])) == unused
    twice = await api.field(UPSERT_PIPELINE, input=form | {"stages": [due, due | {"name": "Again"}, won, lost]})
    assert [(one["code"], one["field"]) for one in twice["userErrors"]] == [("INVALID", ["stages", "0", "id"])]
