"""Bad input of every kind, on every mutation that takes it: an error that names the field, and no change.

What else each mutation refuses is tested beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from service.api.refusing import RequestRefused
from service.graph.client import Graph
from tests.integration.asking import (
    ADD_NOTE,
    CLOSE_DEAL,
    CREATE_DEAL,
    CREATE_TASK,
    MOVE_DEAL,
    OPEN_TICKET,
    RECORD,
    REOPEN_DEAL,
    UPDATE_DEAL,
    UPDATE_TASK,
    UPDATE_TICKET,
    UPSERT_PIPELINE,
    Api,
)
from tests.integration.forms import touch
from tests.integration.leads import CONVERT_LEAD, CREATE_LEAD, UPDATE_LEAD, create_lead, lead_form

COUNT = """MATCH (n) WHERE n:Deal OR n:DealStageChange OR n:Lead OR n:Task OR n:Ticket OR n:Note OR n:Pipeline
  OR n:Stage OR n:Identifier OR n:Message OR n:Change RETURN count(n)"""
LABELS = ("Deal", "Lead", "Task", "Ticket", "Stage")
Form = dict[str, Any]


@dataclass(slots=True)
class World:
    """What a sales team has: bad input is given on each of these."""

    graph: Graph
    names: dict[str, str]
    """Ids, and what else forms name, by what this test calls them."""

    def filled(self, form: Form) -> Form:
        """A form with the ids of what it names."""
        return {
            name: self.names.get(value, value) if isinstance(value, str) else value for name, value in form.items()
        }

    async def state(self) -> list[Any]:
        """How many there are of all kinds, and every property of those that bad input is given on."""
        ids = [value for value in self.names.values() if "_" in value]
        return [await self.graph.run(COUNT)] + [
            await self.graph.run(
                f"MATCH (n:{label}) WHERE n.id IN $ids RETURN n.id, properties(n) ORDER BY n.id", ids=ids
            )
            for label in LABELS
        ]


@pytest.fixture(scope="module")
async def world(api: Api, graph: Graph) -> World:
    cookie = "bad-input"
    await api.done(RECORD, input=touch(f"first-{cookie}", ("cookie", cookie)))

    async def deal(**closing: str) -> str:
        made = await api.done(CREATE_DEAL, input={"by": {"cookie": cookie}, "title": "Sedan", "owner": "Olga"})
        deal_id: str = made["deal"]["id"]
        if closing:
            await api.done(CLOSE_DEAL, input={"dealId": deal_id, **closing})
        return deal_id

    stages = [
        {"name": "Due", "probability": 0.5},
        {"name": "Signed", "probability": 1, "kind": "WON"},
        {"name": "Gone", "probability": 0, "kind": "LOST"},
    ]
    pipeline = (await api.done(UPSERT_PIPELINE, input={"name": "Bad input", "stages": stages}))["pipeline"]
    by = {"cookie": cookie}
    ticket = (await api.done(OPEN_TICKET, input={"by": by, "subject": "Brakes", "channel": "email"}))["ticket"]
    return World(
        graph,
        {
            "a deal": await deal(),
            "a won deal": await deal(outcome="WON"),
            "a lost deal": await deal(outcome="LOST", lostReason="price"),
            "a lead": (await create_lead(api, ("cookie", cookie)))["id"],
            "a task": (await api.done(CREATE_TASK, input={"title": "Call"}))["task"]["id"],
            "a ticket": ticket["id"],
            "another pipeline": pipeline["id"],
            "a stage of another pipeline": pipeline["stages"][0]["id"],
            "a stage": "stg_00000000000070008000000000000002",
        },
    )


BY = {"by": {"cookie": "bad-input"}}
NEW_DEAL: Form = {**BY, "title": "Van"}
DEAL, WON, LOST = {"dealId": "a deal"}, {"dealId": "a won deal"}, {"dealId": "a lost deal"}
LEAD, TASK, TICKET = {"leadId": "a lead"}, {"taskId": "a task"}, {"ticketId": "a ticket"}
NOTE = {"subjectId": "a deal", "text": "Likes red"}
NEW_TICKET = {**BY, "subject": "Lights", "channel": "email"}
NEW_LEAD = lead_form(("cookie", "bad-input"))
NEGATIVE = [{"amount": {"amount": amount, "currency": "EUR"}} for amount in ("-1", "-0.00000001")]
UNKNOWN = [{"amount": {"amount": "1", "currency": currency}} for currency in ("EURO", "XYZ", "eur", "")]
OWNER = {"owner": "O" * 10_240}
SOMEBODY = {"by": "O" * 10_240}
FOREIGN = {"stageId": "a stage of another pipeline"}

CASES: list[tuple[str, Form, str, list[str]]] = [
    # A stage of another pipeline.
    (CREATE_DEAL, NEW_DEAL | FOREIGN, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
    (
        CREATE_DEAL,
        NEW_DEAL | {"pipelineId": "another pipeline", "stageId": "a stage"},
        "STAGE_NOT_IN_PIPELINE",
        ["stageId"],
    ),
    (MOVE_DEAL, DEAL | FOREIGN, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
    (REOPEN_DEAL, WON | FOREIGN, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
    (REOPEN_DEAL, LOST | FOREIGN, "STAGE_NOT_IN_PIPELINE", ["stageId"]),
    # Closing, moving or forecasting a closed deal; reopening an open one.
    *(
        (CLOSE_DEAL, deal | ending, "DEAL_CLOSED", ["dealId"])
        for deal in (WON, LOST)
        for ending in ({"outcome": "WON"}, {"outcome": "LOST", "lostReason": "price"})
    ),
    *((MOVE_DEAL, deal | {"stageId": "a stage"}, "DEAL_CLOSED", ["dealId"]) for deal in (WON, LOST)),
    *(
        (UPDATE_DEAL, deal | {"forecastCategory": "COMMIT"}, "DEAL_CLOSED", ["forecastCategory"])
        for deal in (WON, LOST)
    ),
    (REOPEN_DEAL, DEAL, "INVALID", ["dealId"]),
    # A negative amount, and a currency that there is not.
    *(
        (mutation, form | amount, "INVALID", field)
        for amounts, field in ((NEGATIVE, ["amount"]), (UNKNOWN, ["amount", "currency"]))
        for amount in amounts
        for mutation, form in ((CREATE_DEAL, NEW_DEAL), (UPDATE_DEAL, DEAL), (CONVERT_LEAD, LEAD))
    ),
    # An owner, or a name, of ten kilobytes.
    *(
        (mutation, form | OWNER, "INVALID", ["owner"])
        for mutation, form in (
            (CREATE_DEAL, NEW_DEAL),
            (UPDATE_DEAL, DEAL),
            (CREATE_LEAD, NEW_LEAD),
            (UPDATE_LEAD, LEAD),
            (CREATE_TASK, {"title": "Call"}),
            (UPDATE_TASK, TASK),
            (OPEN_TICKET, NEW_TICKET),
            (UPDATE_TICKET, TICKET),
        )
    ),
    *(
        (mutation, form | SOMEBODY, "INVALID", ["by"])
        for mutation, form in (
            (MOVE_DEAL, DEAL | {"stageId": "a stage"}),
            (CLOSE_DEAL, DEAL | {"outcome": "WON"}),
            (REOPEN_DEAL, WON),
            (ADD_NOTE, NOTE),
            (UPDATE_TICKET, TICKET | {"reply": "Bring it in."}),
        )
    ),
]


@pytest.mark.parametrize(("mutation", "form", "code", "field"), CASES)
async def test_bad_input_is_told_by_its_field_and_changes_nothing(
    api: Api, world: World, mutation: str, form: Form, code: str, field: list[str]
) -> None:
    before = await world.state()
    payload = await api.field(mutation, input=world.filled(form))
    errors = payload.pop("userErrors")
    assert [(error["code"], error["field"]) for error in errors] == [(code, field)]
    assert all(len(error["message"]) < 500 for error in errors)
    # Nothing is shown as if it had been done.
    assert not any(payload.values())
    assert await world.state() == before


async def test_a_stage_of_another_pipeline_is_not_put_into_one(api: Api, world: World) -> None:
    before = await world.state()
    stages = [
        {"id": world.names["a stage"], "name": "Due", "probability": 0.5},
        {"name": "Signed", "probability": 1, "kind": "WON"},
        {"name": "Gone", "probability": 0, "kind": "LOST"},
    ]
    for form in ({}, {"id": world.names["another pipeline"]}):
        payload = await api.field(UPSERT_PIPELINE, input={"name": "Bad input 2", "stages": stages, **form})
        assert payload["pipeline"] is None
        assert [error["code"] for error in payload["userErrors"]] == ["STAGE_NOT_IN_PIPELINE"]
        assert [error["field"] for error in payload["userErrors"]] == [["stages", "0", "id"]]
    assert await world.state() == before


@pytest.mark.parametrize("time", ["0000-01-01T00:00:00Z", "0000-12-31T23:59:59.999+00:00"])
@pytest.mark.parametrize(("mutation", "form"), [(CREATE_TASK, {"title": "Call"}), (UPDATE_TASK, TASK)])
async def test_a_due_date_in_year_0_fails_the_request(
    api: Api, world: World, mutation: str, form: Form, time: str
) -> None:
    await _refused(api, world, mutation, form | {"dueAt": time}, "dueAt", "a DateTime is ISO 8601")


@pytest.mark.parametrize(
    ("mutation", "form"), [(CREATE_DEAL, NEW_DEAL), (UPDATE_DEAL, DEAL), (CONVERT_LEAD, LEAD)]
)
async def test_a_closing_day_in_year_0_fails_the_request(
    api: Api, world: World, mutation: str, form: Form
) -> None:
    await _refused(
        api, world, mutation, form | {"expectedCloseOn": "0000-01-01"}, "expectedCloseOn", "a Date is ISO 8601"
    )


async def _refused(api: Api, world: World, mutation: str, form: Form, field: str, reason: str) -> None:
    before = await world.state()
    with pytest.raises(RequestRefused) as refused:
        await api.answer(mutation, input=world.filled(form))
    (error,) = refused.value.errors
    assert f" at .{field}: " in error["message"]
    assert reason in error["message"]
    assert await world.state() == before
