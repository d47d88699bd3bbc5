"""Recording: once only, each item alone, and what is left out, cleared or late."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from service.errors import Rejected
from service.graph.books import Command
from service.graph.client import Graph
from service.identity.recording import Recorded
from service.services import Services
from service.touchpoints.recording import RecordTouchpoint
from tests.integration.asking import IDENTIFY, ORDER, RECORD, RECORD_MANY, Api
from tests.integration.forms import identify, order, touch

BLOCKED = "The value says nothing about who somebody is."


def number(unique: str) -> str:
    """A phone number of this test."""
    return f"+4930{int(unique, 16) % 10**8:08d}"


async def stored(graph: Graph, message: str) -> list[list[Any]]:
    """Type and source of the touchpoints with a messageId."""
    statement = "MATCH (t:Touchpoint {messageId: $id}) RETURN t.type, t.source ORDER BY t.source"
    return await graph.run(statement, id=message)


# Once only


async def test_a_repeat_answers_with_what_is_stored(api: Api, graph: Graph, unique: str) -> None:
    cookie, blocked = ("cookie", unique), ("email", "null")
    first = await api.field(RECORD, input=touch(unique, cookie, blocked, type="first"))
    refused = [
        {"identifier": {"kind": "email", "value": "null"}, "code": "IDENTIFIER_BLOCKED", "message": BLOCKED}
    ]
    assert (first["duplicate"], first["refused"], first["userErrors"]) == (False, refused, [])
    again = await api.field(RECORD, input=touch(unique, ("cookie", f"other-{unique}"), type="second"))
    assert again == first | {"duplicate": True}
    assert again["touchpoint"]["type"] == "first"
    assert await api.customer(cookie=f"other-{unique}") is None
    assert await stored(graph, unique) == [["first", "api"]]


async def test_of_repeats_at_once_exactly_one_is_recorded(api: Api, graph: Graph, unique: str) -> None:
    forms = [touch(unique, ("cookie", unique), type=f"type {index}") for index in range(20)]
    payloads = await asyncio.gather(*(api.done(RECORD, input=form) for form in forms))
    (first,) = (payload for payload in payloads if not payload["duplicate"])
    assert all(payload == first | {"duplicate": True} for payload in payloads if payload is not first)
    assert await stored(graph, unique) == [[first["touchpoint"]["type"], "api"]]


async def test_a_repeat_within_one_list_is_a_duplicate(api: Api, graph: Graph, unique: str) -> None:
    items = [touch(unique, ("cookie", unique), type=type_) for type_ in ("first", "second", "third")]
    answer = await api.field(RECORD_MANY, input={"items": items})
    assert [(one["duplicate"], one["touchpoint"]["type"]) for one in answer["results"]] == [
        (False, "first"),
        (True, "first"),
        (True, "first"),
    ]
    assert await stored(graph, unique) == [["first", "api"]]


async def test_the_same_message_of_another_source_is_another_message(api: Api, graph: Graph, unique: str) -> None:
    for source in ("shop", "app"):
        payload = await api.done(RECORD, input=touch(unique, ("cookie", unique), source=source, type=source))
        assert (payload["duplicate"], payload["touchpoint"]["source"]) == (False, source)
    assert await stored(graph, unique) == [["app", "app"], ["shop", "shop"]]


@pytest.mark.parametrize("together", [False, True])
async def test_a_message_of_another_kind_of_recording_already_exists(
    api: Api, graph: Graph, unique: str, *, together: bool
) -> None:
    cookie = ("cookie", unique)
    calls = [
        api.field(RECORD, input=touch(unique, cookie, source="shop")),
        api.field(ORDER, input=order(unique, unique, "1 EUR", cookie, source="shop")),
        api.field(IDENTIFY, input=identify(unique, "shop", {"name": "Kim"}, cookie)),
    ]
    taken, *others = await asyncio.gather(*calls) if together else [await call for call in calls]
    assert taken["userErrors"] == []
    for payload in others:
        assert payload == {
            "duplicate": False,
            "refused": [],
            "userErrors": [
                {
                    "code": "ALREADY_EXISTS",
                    "message": f"messageId: '{unique}' of source 'shop' is taken by a touchpoint; use another",
                    "field": ["messageId"],
                }
            ],
            "customer": None,
        } | ({"order": None} if "order" in payload else {})
    assert await graph.run("MATCH (o:Order {orderNumber: $number}) RETURN count(o)", number=unique) == [[0]]
    found = await api.customer(cookie=unique)
    assert found is not None
    assert (found["attributes"], found["version"]) == ([], 1)


# Each item alone


async def test_wrong_items_of_a_list_fail_alone(api: Api, graph: Graph, unique: str) -> None:
    cookie = ("cookie", unique)
    items = [
        touch(f"0-{unique}", cookie),
        touch(f"1-{unique}", cookie, type="  "),
        touch(f"2-{unique}", ("shoe_size", "44")),
        touch(f"3-{unique}", cookie, at="2999-01-01T00:00:00Z"),
        touch(f"4-{unique}"),
        touch(f"5-{unique}", cookie, properties=[1]),
        touch(f"6-{unique}", cookie, page={"url": "/home\x00"}),
        touch(f"7-{unique}", cookie, at="0001-01-01T00:00:00Z"),
    ]
    answer = await api.field(RECORD_MANY, input={"items": items})
    assert answer["userErrors"] == []
    assert [[(e["code"], e["field"]) for e in one["userErrors"]] for one in answer["results"]] == [
        [],
        [("INVALID", ["type"])],
        [("INVALID", ["identifiers", "0", "kind"])],
        [("INVALID", ["occurredAt"])],
        [("INVALID", ["identifiers"])],
        [("INVALID", ["properties"])],
        [("INVALID", ["page", "url"])],
        [],
    ]
    for index, one in enumerate(answer["results"]):
        kept = index in (0, 7)
        assert (one["touchpoint"] is not None) is (one["customer"] is not None) is kept
        assert len(await stored(graph, f"{index}-{unique}")) == kept


async def test_what_the_graph_might_choke_on_is_kept_as_it_is(api: Api, unique: str) -> None:
    odd = "\u2028 \U0001f408 ' \" \\ $x {y} `z` \u202e"
    properties = {"nul": "\x00", "big": 2**60, "deep": [[{"": None}]], "text": odd * 400}
    form = touch(unique, ("cookie", f"{odd}-{unique}"), type=odd, campaign={"name": odd}, properties=properties)
    payload = await api.done(RECORD, input=form)
    query = "query ($id: ID!) { node(id: $id) { ... on Touchpoint { type campaign { name } properties } } }"
    # White space around a type goes, within it stays.
    expected = {"type": odd.strip(), "campaign": {"name": odd}, "properties": properties}
    assert await api.field(query, id=payload["touchpoint"]["id"]) == expected
    attributes = {"nul": "\x00", "odd": odd, "null\n": None} | {"long": "x" * 20_000}
    refused = await api.field(IDENTIFY, input=identify(f"1-{unique}", "crm", attributes, ("cookie", unique)))
    assert [error["field"] for error in refused["userErrors"]] == [["attributes"]]
    del attributes["null\n"]
    await api.done(IDENTIFY, input=identify(f"1-{unique}", "crm", attributes, ("cookie", unique)))
    found = await api.customer(cookie=unique)
    assert found is not None
    assert {one["name"]: one["value"] for one in found["attributes"]} == attributes


async def test_what_the_graph_refuses_fails_alone(services: Services, graph: Graph, unique: str) -> None:
    """No input can hold such a value; should one come by another way, it takes nobody with it."""
    forms = [touch(f"{index}-{unique}", ("cookie", f"{index}-{unique}")) for index in range(7)]
    commands: list[Command] = [services.recorder.touchpoint_command(form) for form in forms]
    poisoned = commands[4]
    assert isinstance(poisoned, RecordTouchpoint)
    poison = poisoned.touchpoint.model_copy(update={"type": {"a": "map"}})
    commands[4] = replace(poisoned, touchpoint=poison)
    outcomes = await services.recorder.commit(commands)
    assert [isinstance(outcome, Rejected) for outcome in outcomes] == [index == 4 for index in range(7)]
    for index in range(7):
        assert len(await stored(graph, f"{index}-{unique}")) == (index != 4)
        keys = [f"cookie:{index}-{unique}"]
        assert len(await graph.rows("identity/known", keys=keys)) == (index != 4)
    assert isinstance((await services.recorder.commit([poisoned]))[0], Recorded)


async def test_500_at_once_are_taken_and_501_are_not(api: Api, graph: Graph, unique: str) -> None:
    items = [touch(f"{index}-{unique}", ("cookie", f"{index % 7}-{unique}")) for index in range(501)]
    refused = await api.field(RECORD_MANY, input={"items": items})
    message = "items: 501 at once; at most 500, so send them in parts"
    assert refused == {"results": [], "userErrors": [{"code": "TOO_MANY", "message": message, "field": ["items"]}]}
    assert await stored(graph, f"0-{unique}") == []
    taken = await api.field(RECORD_MANY, input={"items": items[:500]})
    assert [one["touchpoint"]["messageId"] for one in taken["results"]] == [
        one["messageId"] for one in items[:500]
    ]
    assert len({one["customer"]["id"] for one in taken["results"]}) == 7


# Identifiers that are left out


async def test_unusable_identifiers_are_refused_alone_and_the_event_is_kept(api: Api, unique: str) -> None:
    kept = ("cookie", unique)
    bad = [("email", " N/A "), ("phone", "000-000"), ("email", "not an address"), ("customer", f"cus_{unique}")]
    payload = await api.field(RECORD, input=touch(unique, *bad, kept))
    assert [
        (one["identifier"]["kind"], one["identifier"]["value"], one["code"]) for one in payload["refused"]
    ] == [
        ("email", " N/A ", "IDENTIFIER_BLOCKED"),
        ("phone", "000-000", "IDENTIFIER_BLOCKED"),
        ("email", "not an address", "INVALID"),
        ("customer", f"cus_{unique}", "INVALID"),
    ]
    assert payload["userErrors"] == []
    assert payload["touchpoint"]["identifiers"] == [{"kind": "cookie", "value": unique}]
    assert payload["customer"]["state"] == "ANONYMOUS"


async def test_with_no_usable_identifier_a_new_anonymous_customer_has_the_event(api: Api, unique: str) -> None:
    payloads = [
        await api.field(RECORD, input=touch(f"{index}-{unique}", ("cookie", "null"), ("email", "unknown")))
        for index in range(2)
    ]
    assert payloads[0]["customer"]["id"] != payloads[1]["customer"]["id"]
    for payload in payloads:
        assert [one["code"] for one in payload["refused"]] == ["IDENTIFIER_BLOCKED"] * 2
        assert payload["touchpoint"]["identifiers"] == []
        found = await api.customer(id=payload["customer"]["id"])
        assert found is not None
        assert (found["state"], found["identifiers"], found["previousIds"]) == ("ANONYMOUS", [], [])


async def test_a_sixth_email_is_refused_alone_and_not_created(api: Api, unique: str) -> None:
    user = ("user_id", unique)
    emails = [("email", f"{index}-{unique}@example.org") for index in range(6)]
    for index, email in enumerate(emails[:5]):
        await api.done(RECORD, input=touch(f"{index}-{unique}", user, email))
    payload = await api.field(RECORD, input=touch(f"5-{unique}", ("cookie", unique), emails[5], user))
    assert payload["refused"] == [
        {
            "identifier": {"kind": "email", "value": emails[5][1]},
            "code": "IDENTIFIER_LIMIT_EXCEEDED",
            "message": "The customer would have more than 5 of kind email.",
        }
    ]
    assert payload["touchpoint"]["identifiers"] == [
        {"kind": "user_id", "value": unique},
        {"kind": "cookie", "value": unique},
    ]
    assert await api.customer(email=emails[5][1]) is None
    found = await api.customer(userId=unique)
    assert found is not None
    assert len(found["identifiers"]) == 7
    assert found["version"] == 6  # A new identifier with each event but the first: four e-mails and the cookie.


async def test_another_customers_identifier_over_the_limit_stays_with_them(api: Api, unique: str) -> None:
    phone, cookie = ("phone", number(unique)), ("cookie", unique)
    one = await api.done(RECORD, input=touch(f"1-{unique}", ("user_id", f"one-{unique}"), phone))
    two = await api.done(RECORD, input=touch(f"2-{unique}", ("user_id", f"two-{unique}"), cookie))
    joining = await api.field(RECORD, input=touch(f"3-{unique}", cookie, phone))
    assert joining["customer"]["id"] == one["customer"]["id"]  # The phone is the stronger of the two.
    assert [(r["identifier"]["kind"], r["code"], r["message"]) for r in joining["refused"]] == [
        (
            "cookie",
            "IDENTIFIER_LIMIT_EXCEEDED",
            "It belongs to another customer; together they would have more than 1 of kind user_id.",
        )
    ]
    found = await api.customer(cookie=unique)
    assert found is not None
    assert (found["id"], found["previousIds"]) == (two["customer"]["id"], [])


async def test_in_one_batch_limits_hold_too(api: Api, unique: str) -> None:
    user = ("user_id", unique)
    items = [touch(f"{index}-{unique}", user, ("phone", f"{number(unique)[:-1]}{index}")) for index in range(7)]
    answer = await api.field(RECORD_MANY, input={"items": items})
    assert [len(one["refused"]) for one in answer["results"]] == [0, 0, 0, 0, 0, 1, 1]
    assert len({one["customer"]["id"] for one in answer["results"]}) == 1
    found = await api.customer(userId=unique)
    assert found is not None
    assert len(found["identifiers"]) == 6
