"""Merging, splitting, linking and undoing by hand, over the real engine."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import ADD_NOTE, CREATE_DEAL, CREATE_TASK, IDENTIFY, OPEN_TICKET, ORDER, RECORD, Api
from tests.integration.forms import Key, day, identifiers, identify, order, touch
from tests.integration.stewarding import (
    ALLOW,
    FORBID,
    LINK,
    MERGE,
    REASON,
    SIMULATE,
    SPLIT,
    UNDO,
    UNLINK,
    check_invariants,
    history,
    keys_of,
    merge,
    partition,
    split,
    undo,
)

PROFILE = """query ($by: CustomerBy!) { customer(by: $by) { id displayName
  identifiers { kind value } attributes { name value source }
  touchpoints(first: 100) { nodes { id } } orders(first: 100) { nodes { id } }
  deals(first: 100) { nodes { id } } tasks { nodes { id } } tickets { nodes { id } } notes { nodes { id } } } }"""

FACTS = ("touchpoints", "orders", "deals", "tasks", "tickets", "notes")


async def record(api: Api, message: str, *keys: Key, at: float = 0) -> dict[str, Any]:
    """Records a visit; what came of it."""
    payload: dict[str, Any] = await api.field(RECORD, input=touch(message, *keys, at=day(at)))
    assert payload["userErrors"] == []
    return payload


async def profile(api: Api, key: Key) -> dict[str, Any]:
    """Whom an identifier identifies, with all that hangs there."""
    found = await api.field(PROFILE, by={"identifier": identifiers(key)[0]})
    assert found is not None
    return {
        "id": found["id"],
        "name": found["displayName"],
        "identifiers": sorted((one["kind"], one["value"]) for one in found["identifiers"]),
        "attributes": found["attributes"],
        "facts": [sorted(one["id"] for one in found[name]["nodes"]) for name in FACTS],
    }


@pytest.fixture
async def two(api: Api, unique: str) -> tuple[str, str, Key, Key]:
    """Two customers, each with an e-mail address, a cookie, a name, an order, a deal, a task, a ticket, a note."""
    ids, keys = [], []
    for number, name in enumerate(("Ann", "Bob")):
        email, cookie = ("email", f"{name}-{unique}@example.com".lower()), ("cookie", f"{name}-{unique}")
        made = await record(api, f"{name}-{unique}", email, cookie, at=number)
        await api.done(ORDER, input=order(f"o-{name}-{unique}", f"{name}-{unique}", "5 EUR", cookie))
        form = {"by": {"id": made["customer"]["id"]}, "title": name, "idempotencyKey": f"{name}-{unique}"}
        deal = (await api.done(CREATE_DEAL, input=form))["deal"]["id"]
        await api.done(CREATE_TASK, input={"title": name, "dealId": deal})
        form = {"by": {"cookie": cookie[1]}, "subject": name, "channel": "email"}
        ticket = (await api.done(OPEN_TICKET, input=form))["ticket"]["id"]
        await api.done(ADD_NOTE, input={"subjectId": ticket, "text": name, "by": "Olga"})
        await api.done(IDENTIFY, input=identify(f"i-{name}-{unique}", "crm", {"name": name}, email))
        ids.append(made["customer"]["id"])
        keys.append(email)
    return ids[0], ids[1], keys[0], keys[1]


async def test_a_merge_by_hand_keeps_the_first_and_undoing_gives_back_both(
    api: Api, graph: Graph, two: tuple[str, str, Key, Key]
) -> None:
    first, second, ann, bob = two
    before = [await profile(api, ann), await profile(api, bob)]

    merged = await merge(api, second, first)
    assert merged["customer"]["id"] == second
    assert merged["customer"]["previousIds"] == [first]
    assert merged["conflicts"] == [{"name": "name", "values": ["Bob", "Ann"], "chosen": "Bob"}] or merged[
        "conflicts"
    ] == [{"name": "name", "values": ["Bob", "Ann"], "chosen": "Ann"}]
    assert (
        merged["event"] | {"id": ""}
        == {
            "id": "",
            "kind": "MERGED",
            "reason": REASON,
            "by": "operator",
            "customerIds": [second],
            "messageId": None,
            "undone": False,
        }
        or merged["event"]["kind"] == "MERGED"
    )
    together = await profile(api, ann)
    assert together["id"] == second
    assert [len(facts) for facts in together["facts"]] == [2] * len(FACTS)
    for by in ({"id": first}, {"id": second}, {"email": ann[1]}, {"email": bob[1]}):
        found = await api.customer(**by)
        assert found is not None
        assert found["id"] == second
    await check_invariants(graph, [f"email:{ann[1]}"])

    parted = await undo(api, merged["event"]["id"])
    assert {one["id"] for one in parted["customers"]} == {first, second}
    assert [await profile(api, ann), await profile(api, bob)] == before
    await check_invariants(graph, [f"email:{ann[1]}", f"email:{bob[1]}"])
    (undone, *_) = [one for one in await history(api, id=first) if one["kind"] == "MERGED"]
    assert undone["undone"] is True

    again = await undo(api, parted["event"]["id"])
    assert {one["id"] for one in again["customers"]} == {second}


async def test_a_dry_run_says_what_would_be_settled_and_changes_nothing(
    api: Api, two: tuple[str, str, Key, Key]
) -> None:
    first, second, ann, bob = two
    before = [await profile(api, ann), await profile(api, bob)]
    told = await merge(api, first, second, dryRun=True)
    assert told["event"] is None
    assert told["customer"]["id"] == first
    (conflict,) = told["conflicts"]
    assert (conflict["name"], sorted(conflict["values"])) == ("name", ["Ann", "Bob"])
    assert [await profile(api, ann), await profile(api, bob)] == before
    assert [one["kind"] for one in await history(api, id=first)] == ["CREATED"]


async def test_a_merge_that_an_event_made_is_found_undone_and_stays_undone(
    api: Api, graph: Graph, two: tuple[str, str, Key, Key], unique: str
) -> None:
    first, second, ann, bob = two
    before = [await profile(api, ann), await profile(api, bob)]
    wrong = await record(api, f"kiosk-{unique}", ann, ("cookie", f"Bob-{unique}"), at=2)
    assert wrong["customer"]["id"] == first
    (merged,) = [one for one in await history(api, id=second) if one["kind"] == "MERGED"]
    assert merged["customerIds"] == [first, second]
    assert merged["messageId"] == f"kiosk-{unique}"

    parted = await undo(api, merged["id"])
    assert [one["id"] for one in parted["customers"]] == [first, second]
    after = [await profile(api, ann), await profile(api, bob)]
    assert [one["identifiers"] for one in after] == [one["identifiers"] for one in before]
    assert [one["id"] for one in after] == [first, second]
    # The same evidence again, and evidence of other identifiers of both, are refused.
    for number, pair in enumerate(((ann, ("cookie", f"Bob-{unique}")), (bob, ("cookie", f"Ann-{unique}")))):
        again = await record(api, f"again{number}-{unique}", *pair, at=3)
        assert [one["code"] for one in again["refused"]] == ["MERGE_FORBIDDEN"]
    assert (await profile(api, ann))["id"] == first
    assert (await profile(api, bob))["id"] == second
    await check_invariants(graph, [f"email:{ann[1]}", f"email:{bob[1]}"])

    allowed = {"customerIds": [first, second], "reason": REASON}
    await api.done(ALLOW, input=allowed)
    joined = await record(api, f"joined-{unique}", ann, bob, at=4)
    assert joined["refused"] == []
    assert (await profile(api, bob))["id"] == first
    await check_invariants(graph, [f"email:{ann[1]}"])


async def test_what_is_split_off_leaves_with_its_facts_and_comes_back_when_undone(
    api: Api, graph: Graph, unique: str
) -> None:
    email, phone = ("email", f"e-{unique}@example.com"), ("phone", f"+4930{int(unique, 16) % 10**8:08d}")
    cookies: list[Key] = [("cookie", f"{name}-{unique}") for name in "abc"]
    made = await record(api, f"1-{unique}", email, cookies[0])
    await record(api, f"2-{unique}", phone, cookies[0])
    await record(api, f"3-{unique}", phone, cookies[1])
    await record(api, f"4-{unique}", cookies[2], phone)
    before = await profile(api, email)
    parted = await split(api, made["customer"]["id"], phone, cookies[1])
    kept, gone = parted["customers"]
    assert kept["id"] == made["customer"]["id"]
    # cookie c had hung on the phone only: it is held with those who stay.
    assert keys_of(kept) == {email, cookies[0], cookies[2]}
    assert keys_of(gone) == {phone, cookies[1]}
    left = await profile(api, phone)
    assert len(left["facts"][0]) == 3
    again = await record(api, f"5-{unique}", email, phone)
    assert [one["code"] for one in again["refused"]] == ["MERGE_FORBIDDEN"]
    await check_invariants(graph, [f"email:{email[1]}", f"phone:{phone[1]}"])
    back = await undo(api, parted["event"]["id"])
    assert [one["id"] for one in back["customers"]] == [kept["id"]]
    after = await profile(api, phone)
    assert after["identifiers"] == before["identifiers"]
    assert len(after["facts"][0]) == 5
    found = await api.customer(id=gone["id"])
    assert found is not None
    assert found["id"] == kept["id"]
    await check_invariants(graph, [f"email:{email[1]}"])


async def test_linked_and_unlinked_by_hand(api: Api, graph: Graph, unique: str) -> None:
    one, other = ("cookie", f"one-{unique}"), ("cookie", f"other-{unique}")
    first = (await record(api, f"1-{unique}", one))["customer"]["id"]
    second = (await record(api, f"2-{unique}", other))["customer"]["id"]
    pair = {"a": identifiers(one)[0], "b": identifiers(other)[0], "reason": REASON}
    linked = (await api.done(LINK, input=pair))["customer"]
    assert (linked["id"], keys_of(linked)) == (first, {one, other})
    parted = await api.done(UNLINK, input=pair)
    assert {one["id"] for one in parted["customers"]} == {first, second}
    refused = await record(api, f"3-{unique}", one, other)
    assert [one["code"] for one in refused["refused"]] == ["MERGE_FORBIDDEN"]
    kinds = [one["kind"] for one in await history(api, id=first)]
    assert kinds == ["UNLINKED", "LINKED", "CREATED"]
    await check_invariants(graph, [f"cookie:one-{unique}", f"cookie:other-{unique}"])


async def test_forbidden_is_forbidden_for_events_and_hands(api: Api, two: tuple[str, str, Key, Key]) -> None:
    first, second, ann, bob = two
    both = {"customerIds": [first, second], "reason": "twins"}
    await api.done(FORBID, input=both)
    refused = await record(api, f"r-{first}", ann, bob)
    assert [one["code"] for one in refused["refused"]] == ["MERGE_FORBIDDEN"]
    (error,) = (await api.field(MERGE, input=both))["userErrors"]
    assert error["code"] == "MERGE_FORBIDDEN"
    assert "twins" in error["message"]
    simulated = await api.field(SIMULATE, identifiers=identifiers(ann, bob))
    assert simulated["action"] == "ATTACH"
    assert [one["code"] for one in simulated["refused"]] == ["MERGE_FORBIDDEN"]
    await api.done(ALLOW, input=both)
    simulated = await api.field(SIMULATE, identifiers=identifiers(ann, bob))
    assert (simulated["action"], [one["id"] for one in simulated["customers"]]) == ("MERGE", [first, second])
    assert (await record(api, f"s-{first}", ann, bob))["customer"]["id"] == first


NOBODY = "cus_00000000000070008000000000000000"


@pytest.mark.parametrize(
    ("mutation", "form", "code", "field"),
    [
        (MERGE, {"customerIds": ["$first", "$first"]}, "INVALID", ["customerIds", "1"]),
        (MERGE, {"customerIds": ["$first"]}, "INVALID", ["customerIds"]),
        (MERGE, {"customerIds": ["$first", NOBODY]}, "NOT_FOUND", ["customerIds", "1"]),
        (MERGE, {"customerIds": ["$first", "tp_1"]}, "INVALID", ["customerIds", "1"]),
        (MERGE, {"customerIds": ["$first", "$second"], "reason": " "}, "INVALID", ["reason"]),
        (
            SPLIT,
            {"customerId": "$first", "identifiers": [("email", "$ann"), ("cookie", "$cookie")]},
            "INVALID",
            ["identifiers"],
        ),
        (
            SPLIT,
            {"customerId": "$first", "identifiers": [("email", "x@example.com")]},
            "NOT_FOUND",
            ["identifiers", "0"],
        ),
        (SPLIT, {"customerId": NOBODY, "identifiers": [("email", "x@example.com")]}, "NOT_FOUND", ["customerId"]),
        (SPLIT, {"customerId": "$first", "identifiers": []}, "INVALID", ["identifiers"]),
        (SPLIT, {"customerId": "$first", "identifiers": [("wifi", "x")]}, "INVALID", ["identifiers", "0"]),
        (SPLIT, {"customerId": "$first", "identifiers": [("cookie", " ")]}, "INVALID", ["identifiers", "0"]),
        (UNDO, {"eventId": "iev_00000000000070008000000000000000"}, "NOT_FOUND", ["eventId"]),
        (UNDO, {"eventId": "$first"}, "INVALID", ["eventId"]),
        (LINK, {"a": ("email", "$ann"), "b": ("email", "$ann")}, "INVALID", ["b"]),
        (LINK, {"a": ("email", "$ann"), "b": ("cookie", "nobody's")}, "NOT_FOUND", ["b"]),
        (LINK, {"a": ("email", "no address"), "b": ("email", "$ann")}, "INVALID", ["a"]),
        (UNLINK, {"a": ("email", "$ann"), "b": ("email", "$bob")}, "NOT_FOUND", ["b"]),
        (FORBID, {"customerIds": ["$first", "$first"]}, "INVALID", ["customerIds", "1"]),
        (ALLOW, {"customerIds": ["$first", "$second"]}, "NOT_FOUND", ["customerIds"]),
    ],
)
async def test_bad_input_says_what_to_do_and_changes_nothing(
    api: Api,
    two: tuple[str, str, Key, Key],
    unique: str,
    mutation: str,
    form: dict[str, Any],
    code: str,
    field: list[str],
) -> None:
    first, second, ann, bob = two
    names = {"$first": first, "$second": second, "$ann": ann[1], "$bob": bob[1], "$cookie": f"Ann-{unique}"}

    def real(value: Any) -> Any:
        if isinstance(value, tuple):
            return {"kind": value[0], "value": names.get(value[1], value[1])}
        return [real(one) for one in value] if isinstance(value, list) else names.get(value, value)

    before = [await profile(api, ann), await profile(api, bob)]
    given = {"reason": REASON} | {name: real(value) for name, value in form.items()}
    (error,) = (await api.field(mutation, input=given))["userErrors"]
    assert (error["code"], error["field"]) == (code, field)
    assert error["message"].startswith(".".join(field) + ": ")
    assert [await profile(api, ann), await profile(api, bob)] == before
    assert len(await history(api, id=first)) == 1


async def test_what_was_undone_cannot_be_undone_again(api: Api, two: tuple[str, str, Key, Key]) -> None:
    first, second, *_ = two
    merged = await merge(api, first, second)
    await undo(api, merged["event"]["id"])
    form = {"eventId": merged["event"]["id"], "reason": REASON}
    (error,) = (await api.field(UNDO, input=form))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["eventId"])


async def test_a_merge_above_a_limit_is_refused(api: Api, unique: str) -> None:
    ids = []
    for number in range(2):
        made = await record(api, f"{number}-{unique}", ("user_id", f"{number}-{unique}"))
        ids.append(made["customer"]["id"])
    (error,) = (await api.field(MERGE, input={"customerIds": ids, "reason": REASON}))["userErrors"]
    assert (error["code"], error["field"]) == ("IDENTIFIER_LIMIT_EXCEEDED", ["customerIds"])
    assert "user_id" in error["message"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(6))
async def test_whatever_was_done_by_hand_undone_in_reverse_gives_back_what_was(
    api: Api, graph: Graph, unique: str, seed: int
) -> None:
    chance = random.Random(f"{seed}-{unique}")
    pool: list[Key] = [("email", f"{n}-{unique}@example.com") for n in range(4)]
    pool += [("cookie", f"{n}-{unique}") for n in range(14)]
    for number in range(24):
        await record(api, f"{number}-{unique}", *chance.sample(pool, chance.choice((1, 1, 2))), at=number)
    for number, key in enumerate(chance.sample(pool, 5)):
        await api.field(IDENTIFY, input=identify(f"i{number}-{unique}", "crm", {"name": f"N{number}"}, key))
    keys = [f"{kind}:{value}" for kind, value in pool]
    known = [key for key in pool if await api.customer(identifier=identifiers(key)[0]) is not None]
    before = {key: await profile(api, key) for key in known}
    groups = await partition(graph, keys)

    events = []
    for _ in range(10):
        key = chance.choice(known)
        one = await profile(api, key)
        other = await profile(api, chance.choice(known))
        if one["id"] != other["id"] and chance.random() < 0.6:
            form = {"customerIds": [one["id"], other["id"]], "reason": REASON}
            payload = await api.field(MERGE, input=form)
        elif len(one["identifiers"]) > 1:
            leaving = chance.sample(one["identifiers"], chance.randrange(1, len(one["identifiers"])))
            form = {"customerId": one["id"], "identifiers": identifiers(*leaving), "reason": REASON}
            payload = await api.field(SPLIT, input=form)
        else:
            continue
        if payload["event"]:
            events.append(payload["event"]["id"])
        await check_invariants(graph, keys)
    assert events
    for event in reversed(events):
        await undo(api, event)
        await check_invariants(graph, keys)
    assert await partition(graph, keys) == groups
    assert {key: await profile(api, key) for key in known} == before


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(5))
async def test_what_a_simulation_predicts_is_what_then_happens(api: Api, unique: str, seed: int) -> None:
    chance = random.Random(f"{seed}-{unique}")
    pool: list[Key] = [("user_id", f"{n}-{unique}") for n in range(3)]
    pool += [("email", f"{n}-{unique}@example.com") for n in range(8)]
    pool += [("cookie", f"{n}-{unique}") for n in range(8)] + [("device", f"{n}-{unique}") for n in range(2)]
    pool += [("cookie", "null")]
    for number in range(40):
        keys = chance.sample(pool, chance.choice((1, 2, 2, 3)))
        told = await api.field(SIMULATE, identifiers=identifiers(*keys))
        known = {one["id"] for one in told["customers"]}
        done = await record(api, f"{number}-{unique}", *keys, at=number)
        refused = [(one["identifier"], one["code"]) for one in done["refused"]]
        assert [(one["identifier"], one["code"]) for one in told["refused"]] == refused
        if told["action"] == "CREATE":
            assert known == set()
        else:
            assert told["customers"][0]["id"] == done["customer"]["id"] or refused
            assert len(known) == (1 if told["action"] == "ATTACH" else len(known))
            for former in known:
                found = await api.customer(id=former)
                assert found is not None
        for accepted in told["accepted"]:
            found = await api.customer(identifier=accepted)
            assert found is None or found["id"] == done["customer"]["id"]


async def test_twenty_who_merge_at_once_leave_one_customer(api: Api, graph: Graph, unique: str) -> None:
    ids = [(await record(api, f"{n}-{unique}", ("cookie", f"{n}-{unique}")))["customer"]["id"] for n in range(8)]
    pairs = [(ids[n], ids[(n + 1) % 8]) for n in range(8)] * 2
    calls = [api.field(MERGE, input={"customerIds": list(pair), "reason": REASON}) for pair in pairs]
    payloads = await asyncio.gather(*calls)
    assert sum(payload["event"] is not None for payload in payloads) == 7
    keys = [f"cookie:{n}-{unique}" for n in range(8)]
    assert await partition(graph, keys) == {frozenset(keys)}
    await check_invariants(graph, keys)
