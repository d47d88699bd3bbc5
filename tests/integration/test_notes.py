"""Notes and calls: on customers, deals and tickets, and once on the journey; what is refused changes nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import (
    ADD_NOTE,
    CREATE_DEAL,
    NOTE,
    OPEN_TICKET,
    RECORD,
    UPDATE_TICKET,
    Api,
)
from tests.integration.forms import day, shown, touch
from tests.integration.log import told
from tests.integration.paging import of_customer, walk

JOURNEY = of_customer(
    "journey", ", $order: JourneyOrder!, $filter: JourneyFilter", ", order: $order, filter: $filter"
)
COUNT = "MATCH (n) WHERE n:Task OR n:Ticket OR n:Note OR n:Message OR n:Change RETURN count(n)"


class Person:
    """A customer with a deal and a ticket."""

    def __init__(self, api: Api, cookie: str) -> None:
        self.api = api
        self.by = {"cookie": cookie}
        self.id = self.deal = self.ticket = ""

    async def come(self) -> None:
        cookie = self.by["cookie"]
        recorded = await self.api.done(RECORD, input=touch(f"first-{cookie}", ("cookie", cookie)))
        self.id = recorded["customer"]["id"]
        made = await self.api.done(CREATE_DEAL, input={"by": self.by, "title": "Sedan", "owner": "Dan"})
        self.deal = made["deal"]["id"]
        form = {"by": self.by, "subject": "Brakes", "channel": "email", "owner": "Tim"}
        self.ticket = (await self.api.done(OPEN_TICKET, input=form))["ticket"]["id"]

    async def note(self, on: str, text: str = "Likes red", **form: Any) -> dict[str, Any]:
        given = {"subjectId": on, "text": text, "by": "Olga", **form}
        note: dict[str, Any] = (await self.api.done(ADD_NOTE, input=given))["note"]
        return note


@pytest.fixture
async def person(api: Api, unique: str) -> Person:
    one = Person(api, unique)
    await one.come()
    return one


async def test_a_note_is_on_what_it_was_written_on(api: Api, graph: Graph, person: Person) -> None:
    for type_, on, owners in (
        ("Customer", person.id, []),
        ("Deal", person.deal, ["Dan"]),
        ("Ticket", person.ticket, ["Tim"]),
    ):
        note = await person.note(on)
        assert note == {
            "id": note["id"],
            "text": "Likes red",
            "by": "Olga",
            "kind": "NOTE",
            "occurredAt": note["occurredAt"],
            "customer": {"id": person.id},
            "subject": {"__typename": type_, "id": on},
        }
        assert note["id"].startswith("note_")
        assert await api.field(NOTE, id=note["id"]) == note
        assert await told(graph, note["id"]) == [("NOTE_ADDED", person.id, [], owners)]


async def test_a_note_on_a_lead(api: Api, graph: Graph, person: Person) -> None:
    create = """mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id }
      userErrors { message } } }"""
    who = [{"kind": "cookie", "value": person.by["cookie"]}]
    form = {"title": "Asked for an offer", "source": "form", "owner": "Lea", "identifiers": who}
    lead = (await api.done(create, input=form))["lead"]["id"]
    note = await person.note(lead)
    assert note["subject"] == {"__typename": "Lead", "id": lead}
    assert note["customer"] == {"id": person.id}
    assert await told(graph, note["id"]) == [("NOTE_ADDED", person.id, [], ["Lea"])]
    query = "query ($id: ID!) { node(id: $id) { ... on Lead { notes { nodes { id } } } } }"
    assert await api.field(query, id=lead) == {"notes": {"nodes": [{"id": note["id"]}]}}
    assert await walk(api, of_customer("notes"), 2, by=person.by) == [note["id"]]
    kinds = {"kinds": ["NOTE"]}
    assert await walk(api, JOURNEY, 2, by=person.by, order="OLDEST_FIRST", filter=kinds) == [note["id"]]


async def test_a_call_happened_when_it_did(person: Person) -> None:
    call = await person.note(person.deal, "Will think about it", kind="CALL", occurredAt=day(3))
    assert (call["kind"], call["occurredAt"]) == ("CALL", day(3))


async def test_notes_are_listed_once_newest_first(api: Api, person: Person) -> None:
    written = [await person.note(on) for on in (person.deal, person.ticket, person.id, person.deal)]
    early = await person.note(person.ticket, occurredAt=day(1))
    ids = [note["id"] for note in (early, *written)][::-1]
    for first in (1, 2, 100):
        assert await walk(api, of_customer("notes"), first, by=person.by) == ids
    notes = "{ notes(first: $first, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"
    query = f"""query ($id: ID!, $first: Int!, $after: String) {{ node(id: $id) {{
      ... on Deal {notes} ... on Ticket {notes} }} }}"""
    page = (await api.field(query, id=person.deal, first=1))["notes"]
    assert (page["nodes"], page["pageInfo"]["hasNextPage"]) == ([{"id": written[3]["id"]}], True)
    page = (await api.field(query, id=person.deal, first=1, after=page["pageInfo"]["endCursor"]))["notes"]
    assert (page["nodes"], page["pageInfo"]["hasNextPage"]) == ([{"id": written[0]["id"]}], False)
    page = (await api.field(query, id=person.ticket, first=9))["notes"]
    assert page["nodes"] == [{"id": written[1]["id"]}, {"id": early["id"]}]


async def test_tickets_and_notes_are_on_the_journey(api: Api, person: Person) -> None:
    moves = """query ($id: ID!) { node(id: $id) { ... on Deal { stageHistory { id } } } }"""
    (move,) = (await api.field(moves, id=person.deal))["stageHistory"]
    call = await person.note(person.deal, kind="CALL", occurredAt=day(0.5))
    visit = await api.done(
        RECORD, input=touch(f"2-{person.by['cookie']}", ("cookie", person.by["cookie"]), at=day(1))
    )
    note = await person.note(person.id)
    answer = {"ticketId": person.ticket, "reply": "Bring it in."}
    reply = (await api.done(UPDATE_TICKET, input=answer))["ticket"]["notes"]["nodes"][0]
    (first,) = await walk(api, JOURNEY, 100, by=person.by, order="OLDEST_FIRST", filter={"to": day(0.1)})
    every = [first, call["id"], visit["touchpoint"]["id"], move["id"], person.ticket, note["id"], reply["id"]]
    for wanted, where in (
        (every, None),
        ([call["id"], note["id"], reply["id"]], {"kinds": ["NOTE"]}),
        ([person.ticket], {"kinds": ["TICKET"]}),
        ([person.ticket, note["id"], reply["id"]], {"kinds": ["TICKET", "NOTE"], "from": day(1)}),
        ([first, visit["touchpoint"]["id"], person.ticket], {"channels": ["web", "email"]}),
        ([person.ticket], {"channels": ["email"]}),
        ([], {"channels": ["phone"]}),
        ([], {"kinds": ["NOTE"], "channels": ["email"]}),
        ([call["id"]], {"from": day(0.2), "to": day(1)}),
    ):
        for size in (2, 100):
            there = await walk(api, JOURNEY, size, by=person.by, order="OLDEST_FIRST", filter=where)
            back = await walk(api, JOURNEY, size, by=person.by, order="NEWEST_FIRST", filter=where)
            assert there == back[::-1] == wanted
    query = """query ($by: CustomerBy!) { customer(by: $by) { journey(filter: {kinds: [TICKET, NOTE]}) { nodes {
      __typename occurredAt ... on Ticket { channel } ... on Note { kind subject { id } } } } } }"""
    shown_ = (await api.field(query, by=person.by))["journey"]["nodes"]
    assert [one["__typename"] for one in shown_] == ["Note", "Ticket", "Note", "Note"]
    assert [one["kind"] for one in shown_ if "kind" in one] == ["CALL", "NOTE", "REPLY"]


async def test_notes_follow_a_merge_and_a_split(api: Api, person: Person, unique: str) -> None:
    other = Person(api, f"o-{unique}")
    await other.come()
    notes = [await other.note(on) for on in (other.id, other.deal, other.ticket)]
    merge = """mutation ($input: MergeCustomersInput!) { mergeCustomers(input: $input) {
      customer { id } event { id } userErrors { message } } }"""
    form = {"customerIds": [person.id, other.id], "reason": "the same"}
    merged = await api.done(merge, input=form)
    assert merged["customer"]["id"] == person.id
    now = [await api.field(NOTE, id=note["id"]) for note in notes]
    assert [note["customer"] for note in now] == [{"id": person.id}] * 3
    assert [note["subject"]["id"] for note in now] == [person.id, other.deal, other.ticket]
    # What is written on a former id hangs there.
    later = await person.note(other.id, "Later")
    assert later["subject"] == {"__typename": "Customer", "id": person.id}
    undo = """mutation ($input: UndoIdentityEventInput!) { undoIdentityEvent(input: $input) {
      userErrors { message } } }"""
    await api.done(undo, input={"eventId": merged["event"]["id"], "reason": "not the same"})
    assert [await api.field(NOTE, id=note["id"]) for note in notes] == notes
    assert (await api.field(NOTE, id=later["id"]))["customer"] == {"id": other.id}


async def test_an_idempotency_key_makes_one_note(graph: Graph, person: Person, unique: str) -> None:
    notes = await asyncio.gather(*(person.note(person.id, f"{n}", idempotencyKey=unique) for n in range(10)))
    assert all(note == notes[0] for note in notes)
    assert len(await told(graph, notes[0]["id"])) == 1


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"subjectId": "cus_" + "0" * 32}, "NOT_FOUND", ["subjectId"]),
        ({"subjectId": "deal_" + "0" * 32}, "NOT_FOUND", ["subjectId"]),
        ({"subjectId": "lead_" + "0" * 32}, "NOT_FOUND", ["subjectId"]),
        ({"subjectId": "tkt_" + "0" * 32}, "NOT_FOUND", ["subjectId"]),
        ({"subjectId": "task_" + "0" * 32}, "INVALID", ["subjectId"]),
        ({"subjectId": "nonsense"}, "INVALID", ["subjectId"]),
        ({"text": " "}, "INVALID", ["text"]),
        ({"text": "x" * 10_001}, "INVALID", ["text"]),
        ({"text": "\x00"}, "INVALID", ["text"]),
        ({"by": ""}, "INVALID", ["by"]),
        ({"by": "x" * 10_000}, "INVALID", ["by"]),
        ({"kind": "REPLY"}, "INVALID", ["kind"]),
        ({"occurredAt": shown(datetime.now(UTC) + timedelta(days=1, hours=1))}, "INVALID", ["occurredAt"]),
    ],
)
async def test_a_wrong_note_is_not_written(
    api: Api, graph: Graph, person: Person, form: dict[str, Any], code: str, field: list[str]
) -> None:
    before = await graph.run(COUNT)
    payload = await api.field(ADD_NOTE, input={"subjectId": person.id, "text": "t", "by": "Olga", **form})
    assert payload["note"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await graph.run(COUNT) == before
