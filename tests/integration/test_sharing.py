"""Values that too many people share: they identify nobody, and everybody is somebody again."""

from __future__ import annotations

import random
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import ADD_NOTE, CREATE_DEAL, CREATE_TASK, OPEN_TICKET, ORDER, RECORD, Api
from tests.integration.forms import Key, day, order, touch
from tests.integration.stewarding import LINK, REASON, check_invariants

PEOPLE = 50


def events(unique: str, shared: Key, person: int) -> list[tuple[str, dict[str, Any]]]:
    """A person's visit with their e-mail address, and their order with the value that all share."""
    cookie = ("cookie", f"c{person}-{unique}")
    email = ("email", f"p{person}-{unique}@example.com")
    visit = touch(f"v{person}-{unique}", email, cookie, at=day(person))
    return [(RECORD, visit), (ORDER, order(f"o{person}-{unique}", f"{person}-{unique}", "9 EUR", shared, cookie))]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", ["phone", "device"])
@pytest.mark.parametrize("arrival", ["orders first", "orders last", "person by person", "shuffled", "backwards"])
async def test_fifty_people_who_share_a_value_are_fifty(
    api: Api, graph: Graph, unique: str, kind: str, arrival: str
) -> None:
    value = f"+4930{int(unique, 16) % 10**8:08d}" if kind == "phone" else f"kiosk-{unique}"
    sent = [one for person in range(PEOPLE) for one in events(unique, (kind, value), person)]
    match arrival:
        case "orders first":
            sent.sort(key=lambda one: one[0] is RECORD)
        case "orders last":
            sent.sort(key=lambda one: one[0] is ORDER)
        case "shuffled":
            random.Random(unique).shuffle(sent)
        case "backwards":
            sent.reverse()
    for mutation, form in sent:
        payload = await api.field(mutation, input=form)
        assert payload["userErrors"] == []

    keys = [f"cookie:c{person}-{unique}" for person in range(PEOPLE)]
    keys += [f"email:p{person}-{unique}@example.com" for person in range(PEOPLE)]
    found = await graph.run(
        """UNWIND $keys AS key MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
           WITH DISTINCT c
           RETURN c.id, COLLECT { MATCH (c)<-[:IDENTIFIES]-(i:Identifier) WHERE i.kind <> 'customer'
                                  WITH i ORDER BY i.key RETURN i.key },
             COLLECT { MATCH (c)<-[:IDENTIFIES]-(:Identifier)-[:PLACED]->(o:Order) RETURN o.orderNumber },
             COLLECT { MATCH (c)<-[:IDENTIFIES]-(:Identifier)-[:MADE]->(t:Touchpoint) RETURN t.messageId }""",
        keys=keys,
    )
    told = sorted((sorted(identifiers), orders, visits) for _, identifiers, orders, visits in found)
    assert told == sorted(
        (
            [f"cookie:c{person}-{unique}", f"email:p{person}-{unique}@example.com"],
            [f"{person}-{unique}"],
            [f"v{person}-{unique}"],
        )
        for person in range(PEOPLE)
    )
    assert await api.customer(identifier={"kind": kind, "value": value}) is None
    await check_invariants(graph, keys)


async def test_a_family_may_share_a_phone(api: Api, unique: str) -> None:
    phone = ("phone", f"+4930{int(unique, 16) % 10**8:08d}")
    for person in range(5):
        for mutation, form in events(unique, phone, person):
            await api.done(mutation, input=form)
    customer = await api.customer(phone=phone[1])
    assert customer is not None
    assert len(customer["identifiers"]) == 11


async def test_a_person_whose_browser_renews_its_cookies_stays_one(api: Api, unique: str) -> None:
    email = ("email", f"ann-{unique}@example.com")
    for week in range(60):
        await api.done(RECORD, input=touch(f"w{week}-{unique}", email, ("cookie", f"w{week}-{unique}")))
    customer = await api.customer(email=email[1])
    assert customer is not None
    assert len(customer["identifiers"]) == 61


async def test_said_by_hand_a_shared_value_identifies_somebody_and_stays_so(
    api: Api, graph: Graph, unique: str
) -> None:
    phone = ("phone", f"+4930{int(unique, 16) % 10**8:08d}")
    for person in range(7):
        for mutation, form in events(unique, phone, person):
            await api.field(mutation, input=form)
    assert await api.customer(phone=phone[1]) is None
    email = {"kind": "email", "value": f"p3-{unique}@example.com"}
    form = {"a": {"kind": "phone", "value": phone[1]}, "b": email, "reason": REASON}
    linked = (await api.done(LINK, input=form))["customer"]
    assert {one["kind"] for one in linked["identifiers"]} == {"phone", "email", "cookie"}
    # Evidence of further people does not make it generic again.
    for person in range(7, 14):
        for mutation, again in events(unique, phone, person):
            await api.field(mutation, input=again)
    found = await api.customer(phone=phone[1])
    assert found is not None
    assert found["id"] == linked["id"]
    await check_invariants(graph, [f"phone:{phone[1]}"])


async def test_what_was_written_by_a_value_stays_with_the_customer_if_it_is_shared(api: Api, unique: str) -> None:
    phone = ("phone", f"+4930{int(unique, 16) % 10**8:08d}")
    for mutation, form in events(unique, phone, 0):
        await api.done(mutation, input=form)
    by = {"phone": phone[1]}
    deal = (await api.done(CREATE_DEAL, input={"by": by, "title": "Sedan"}))["deal"]["id"]
    form = {"by": by, "subject": "Brakes", "channel": "phone"}
    ticket = (await api.done(OPEN_TICKET, input=form))["ticket"]["id"]
    task = (await api.done(CREATE_TASK, input={"title": "Call", "dealId": deal}))["task"]["id"]
    notes = [
        (await api.done(ADD_NOTE, input={"subjectId": one, "text": "t", "by": "Olga"}))["note"]["id"]
        for one in (deal, ticket)
    ]
    for person in range(1, 8):
        for mutation, form in events(unique, phone, person):
            await api.field(mutation, input=form)
    assert await api.customer(phone=phone[1]) is None
    query = """query ($by: CustomerBy!) { customer(by: $by) { deals { nodes { id } } tasks { nodes { id } }
      tickets { nodes { id } } notes { nodes { id subject { id } } } } }"""
    found = await api.field(query, by={"email": f"p0-{unique}@example.com"})
    assert found == {
        "deals": {"nodes": [{"id": deal}]},
        "tasks": {"nodes": [{"id": task}]},
        "tickets": {"nodes": [{"id": ticket}]},
        "notes": {
            "nodes": [{"id": notes[1], "subject": {"id": ticket}}, {"id": notes[0], "subject": {"id": deal}}]
        },
    }
