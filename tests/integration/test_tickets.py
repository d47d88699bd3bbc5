"""Tickets: opened, answered, resolved and taken up again, listed; whatever is refused changes nothing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import ADD_NOTE, OPEN_TICKET, RECORD, TICKET, UPDATE_TICKET, Api
from tests.integration.forms import shown, touch
from tests.integration.log import kinds, told
from tests.integration.paging import PAGE, itself, of_customer, walk
from tests.integration.test_deals import seconds

LIST = f"""query ($filter: TicketFilter, $first: Int!, $after: String) {{
  tickets(filter: $filter, first: $first, after: $after) {{ {PAGE} }} }}"""
HOURS = {"URGENT": 1, "HIGH": 4, "NORMAL": 24, "LOW": 72}


async def person(api: Api, name: str) -> str:
    """The id of a new customer with a cookie of this name."""
    recorded = await api.done(RECORD, input=touch(f"first-{name}", ("cookie", name)))
    customer_id: str = recorded["customer"]["id"]
    return customer_id


async def opened(api: Api, cookie: str, **form: Any) -> dict[str, Any]:
    given = {"by": {"cookie": cookie}, "subject": "Brakes", "channel": "email", **form}
    ticket: dict[str, Any] = (await api.done(OPEN_TICKET, input=given))["ticket"]
    return ticket


async def update(api: Api, ticket: dict[str, Any], **form: Any) -> dict[str, Any]:
    changed: dict[str, Any] = (await api.done(UPDATE_TICKET, input={"ticketId": ticket["id"], **form}))["ticket"]
    return changed


def due(ticket: dict[str, Any], hours: int) -> str:
    return shown(datetime.fromisoformat(ticket["occurredAt"]) + timedelta(hours=hours))


def lasted(ticket: dict[str, Any], until: str) -> float:
    opened_at, ended_at = (datetime.fromisoformat(ticket[name]) for name in ("occurredAt", until))
    return (ended_at - opened_at).total_seconds()


async def test_a_new_ticket(api: Api, graph: Graph, unique: str) -> None:
    customer = await person(api, unique)
    ticket = await opened(api, unique, text="They squeak.\nLoudly.", owner="Olga")
    assert ticket == {
        "id": ticket["id"],
        "subject": "Brakes",
        "text": "They squeak.\nLoudly.",
        "state": "OPEN",
        "priority": "NORMAL",
        "channel": "email",
        "occurredAt": ticket["occurredAt"],
        "firstRespondedAt": None,
        "resolvedAt": None,
        "responseDueAt": due(ticket, 24),
        "responseTime": None,
        "resolutionTime": None,
        "owner": "Olga",
        "version": 1,
        "customer": {"id": customer},
        "notes": {"nodes": []},
    }
    assert ticket["id"].startswith("tkt_")
    assert await api.field(TICKET, id=ticket["id"]) == ticket
    assert await told(graph, ticket["id"]) == [("TICKET_OPENED", customer, [], ["Olga"])]


@pytest.mark.parametrize("priority", list(HOURS))
async def test_by_its_priority_an_answer_is_due(api: Api, unique: str, priority: str) -> None:
    await person(api, unique)
    ticket = await opened(api, unique, priority=priority)
    assert ticket["responseDueAt"] == due(ticket, HOURS[priority])
    for other, hours in HOURS.items():
        changed = await update(api, ticket, priority=other)
        assert (changed["priority"], changed["responseDueAt"]) == (other, due(ticket, hours))


async def test_the_first_reply_is_the_response(api: Api, graph: Graph, unique: str) -> None:
    customer = await person(api, unique)
    ticket = await opened(api, unique, owner="Olga")
    await asyncio.sleep(0.02)
    answered = await update(api, ticket, reply="Bring it in.", expectedVersion=1)
    (note,) = answered["notes"]["nodes"]
    at = answered["firstRespondedAt"]
    assert note == {
        "id": note["id"],
        "text": "Bring it in.",
        "by": "Olga",
        "kind": "REPLY",
        "occurredAt": at,
        "customer": {"id": customer},
        "subject": {"__typename": "Ticket", "id": ticket["id"]},
    }
    time = answered["responseTime"]
    assert answered == ticket | {
        "state": "PENDING",
        "firstRespondedAt": at,
        "responseTime": time,
        "version": 2,
        "notes": {"nodes": [note]},
    }
    assert seconds(time) == lasted(answered, "firstRespondedAt") >= 0.02
    second = await update(api, ticket, reply="Tomorrow?", by="Max")
    assert (second["firstRespondedAt"], second["version"], second["state"]) == (at, 3, "PENDING")
    assert [one["by"] for one in second["notes"]["nodes"]] == ["Max", "Olga"]
    assert await told(graph, ticket["id"], note["id"]) == [
        ("TICKET_OPENED", customer, [], ["Olga"]),
        ("TICKET_UPDATED", customer, ["firstRespondedAt", "notes", "state"], ["Olga"]),
        ("NOTE_ADDED", customer, [], ["Olga"]),
        ("TICKET_UPDATED", customer, ["notes"], ["Olga"]),
    ]


async def test_a_reply_of_nobody_named_is_the_agents(api: Api, unique: str) -> None:
    await person(api, unique)
    answered = await update(api, await opened(api, unique), reply="Yes.")
    assert [one["by"] for one in answered["notes"]["nodes"]] == ["agent"]


@pytest.mark.parametrize("state", ["OPEN", "PENDING", "RESOLVED"])
async def test_a_reply_may_say_the_state(api: Api, unique: str, state: str) -> None:
    await person(api, unique)
    answered = await update(api, await opened(api, unique), reply="Yes.", state=state)
    assert (answered["state"], answered["resolvedAt"] is not None) == (state, state == "RESOLVED")
    assert answered["firstRespondedAt"] is not None


async def test_a_resolved_ticket_can_be_taken_up_again(api: Api, graph: Graph, unique: str) -> None:
    await person(api, unique)
    ticket = await opened(api, unique)
    resolved = await update(api, ticket, state="RESOLVED")
    assert seconds(resolved["resolutionTime"]) == lasted(resolved, "resolvedAt")
    assert (resolved["responseTime"], resolved["version"]) == (None, 2)
    assert await update(api, ticket, state="RESOLVED") == resolved
    reopened = await update(api, ticket, state="OPEN")
    assert (reopened["resolvedAt"], reopened["resolutionTime"], reopened["version"]) == (None, None, 3)
    await update(api, ticket, state="RESOLVED")
    answered = await update(api, ticket, state="PENDING", reply="Again?")
    assert (answered["state"], answered["resolvedAt"]) == ("PENDING", None)
    assert [fields for _, _, fields, _ in (await told(graph, ticket["id"]))[1:]] == [
        ["resolvedAt", "state"],
        ["resolvedAt", "state"],
        ["resolvedAt", "state"],
        ["firstRespondedAt", "notes", "resolvedAt", "state"],
    ]


async def test_a_resolved_ticket_is_not_answered(api: Api, graph: Graph, unique: str) -> None:
    await person(api, unique)
    resolved = await update(api, await opened(api, unique), state="RESOLVED")
    before = await graph.run(COUNT)
    message = (
        "reply: the ticket is resolved; reopen it with the reply (state OPEN or PENDING), or write a note on it"
    )
    error = {"code": "INVALID", "message": message, "field": ["reply"]}
    for form in ({}, {"state": "RESOLVED"}):
        payload = await api.field(UPDATE_TICKET, input={"ticketId": resolved["id"], "reply": "Too late", **form})
        assert payload == {"ticket": None, "userErrors": [error]}
    assert await api.field(TICKET, id=resolved["id"]) == resolved
    assert await graph.run(COUNT) == before
    note = {"subjectId": resolved["id"], "text": "Asked again", "by": "Max"}
    assert (await api.done(ADD_NOTE, input=note))["note"]["subject"]["id"] == resolved["id"]


async def test_what_changes_nothing_is_no_change(api: Api, graph: Graph, unique: str) -> None:
    await person(api, unique)
    ticket = await opened(api, unique, owner="Olga")
    assert await update(api, ticket, owner="Olga", state="OPEN", priority="NORMAL") == ticket
    cleared = await update(api, ticket, owner=None)
    assert cleared == ticket | {"owner": None, "version": 2}
    assert await kinds(graph, ticket["id"]) == ["TICKET_OPENED", "TICKET_UPDATED"]


async def test_an_idempotency_key_opens_one_ticket(api: Api, graph: Graph, unique: str) -> None:
    await person(api, unique)
    tickets = await asyncio.gather(
        *(opened(api, unique, subject=f"{n}", idempotencyKey=unique) for n in range(10))
    )
    assert all(ticket == tickets[0] for ticket in tickets)
    assert await kinds(graph, tickets[0]["id"]) == ["TICKET_OPENED"]


async def test_of_agents_with_the_same_version_exactly_one_answers(api: Api, unique: str) -> None:
    await person(api, unique)
    ticket = await opened(api, unique)
    forms = [{"ticketId": ticket["id"], "expectedVersion": 1, "reply": f"Reply {n}"} for n in range(20)]
    payloads = await asyncio.gather(*(api.field(UPDATE_TICKET, input=form) for form in forms))
    (winner,) = (payload for payload in payloads if payload["userErrors"] == [])
    assert {error["code"] for payload in payloads for error in payload["userErrors"]} == {"VERSION_CONFLICT"}
    now = await api.field(TICKET, id=ticket["id"])
    assert now == winner["ticket"]
    assert (now["version"], len(now["notes"]["nodes"])) == (2, 1)


COUNT = "MATCH (n) WHERE n:Task OR n:Ticket OR n:Note OR n:Message OR n:Change RETURN count(n)"


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"by": {"cookie": "nobody has this"}}, "NOT_FOUND", ["by"]),
        ({"by": {"id": "cus_" + "0" * 32}}, "NOT_FOUND", ["by"]),
        ({"by": {"id": "deal_" + "0" * 32}}, "INVALID", ["by", "id"]),
        ({"by": {"email": "no address"}}, "INVALID", ["by", "email"]),
        ({"subject": ""}, "INVALID", ["subject"]),
        ({"subject": "x" * 201}, "INVALID", ["subject"]),
        ({"text": " \n"}, "INVALID", ["text"]),
        ({"text": "x" * 10_001}, "INVALID", ["text"]),
        ({"channel": ""}, "INVALID", ["channel"]),
        ({"owner": "x" * 10_000}, "INVALID", ["owner"]),
    ],
)
async def test_a_wrong_ticket_is_not_opened(
    api: Api, graph: Graph, unique: str, form: dict[str, Any], code: str, field: list[str]
) -> None:
    await person(api, unique)
    before = await graph.run(COUNT)
    given = {"by": {"cookie": unique}, "subject": "Brakes", "channel": "email", **form}
    payload = await api.field(OPEN_TICKET, input=given)
    assert payload["ticket"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await graph.run(COUNT) == before


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"ticketId": "tkt_" + "0" * 32}, "NOT_FOUND", ["ticketId"]),
        ({"expectedVersion": 2}, "VERSION_CONFLICT", ["expectedVersion"]),
        ({"state": None}, "INVALID", ["state"]),
        ({"priority": None}, "INVALID", ["priority"]),
        ({"owner": "x" * 10_000}, "INVALID", ["owner"]),
        ({"reply": ""}, "INVALID", ["reply"]),
        ({"reply": "x" * 10_001}, "INVALID", ["reply"]),
        ({"by": " "}, "INVALID", ["by"]),
    ],
)
async def test_a_wrong_update_changes_nothing(
    api: Api, graph: Graph, unique: str, form: dict[str, Any], code: str, field: list[str]
) -> None:
    await person(api, unique)
    ticket = await opened(api, unique)
    before = await graph.run(COUNT)
    payload = await api.field(UPDATE_TICKET, input={"ticketId": ticket["id"], "reply": "Yes.", **form})
    assert payload["ticket"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.field(TICKET, id=ticket["id"]) == ticket
    assert await graph.run(COUNT) == before


@pytest.fixture(scope="module")
async def some(api: Api, engine: object) -> list[dict[str, Any]]:
    """Tickets of two owners of one customer, in all states and of two priorities."""
    unique = f"tickets-{id(engine):x}"
    await person(api, unique)
    tickets = []
    for number in range(15):
        owner = (f"Olga {unique}", f"Max {unique}")[number % 2]
        ticket = await opened(api, unique, owner=owner, priority=("HIGH", "LOW")[number % 3 == 0])
        if number % 4:
            ticket = await update(api, ticket, state=("OPEN", "PENDING", "RESOLVED", "PENDING")[number % 4])
        tickets.append(ticket)
    return tickets


@pytest.mark.parametrize("first", [2, 100])
@pytest.mark.parametrize("state", ["OPEN", "RESOLVED", None])
@pytest.mark.parametrize("priority", ["HIGH", "URGENT", None])
@pytest.mark.parametrize("owned", [True, False])
async def test_lists(
    api: Api, some: list[dict[str, Any]], first: int, state: str | None, priority: str | None, owned: bool
) -> None:
    where = {"owner": some[0]["owner"] if owned else None, "state": state, "priority": priority}
    where = {name: value for name, value in where.items() if value is not None}
    if not owned and first == 2:
        return  # There are those of other tests too: once is enough.
    expected = [one for one in some[::-1] if all(one[name] == value for name, value in where.items())]
    mine = {one["id"] for one in some}
    found = [one for one in await walk(api, LIST, first, itself, filter=where) if one in mine]
    assert found == [one["id"] for one in expected]


async def test_tickets_of_a_customer(api: Api, some: list[dict[str, Any]]) -> None:
    by = {"id": some[0]["customer"]["id"]}
    for first in (4, 100):
        assert await walk(api, of_customer("tickets"), first, by=by) == [one["id"] for one in some[::-1]]


async def test_a_ticket_and_its_notes_follow_a_merge(api: Api, unique: str) -> None:
    one, other = f"1-{unique}", f"2-{unique}"
    await person(api, one)
    await person(api, other)
    ticket = await update(api, await opened(api, one), reply="Yes.")
    joined = await api.done(RECORD, input=touch(f"join-{unique}", ("cookie", one), ("cookie", other)))
    customer = {"id": joined["customer"]["id"]}
    now = await api.field(TICKET, id=ticket["id"])
    assert (now["customer"], [note["customer"] for note in now["notes"]["nodes"]]) == (customer, [customer])
