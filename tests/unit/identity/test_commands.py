"""Merging, splitting and undoing by hand, with every refusal."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from service.errors import UserError, UserErrorCode
from service.graph.messages import MessageNeed
from service.identity.assertions import ForbidMerge, LinkIdentifiers
from service.identity.commands import MergeCustomers, SplitCustomer, Stewarded, UndoIdentityEvent
from service.identity.stewardship import WholeNeed
from service.ids import CUSTOMER, IDENTITY_EVENT, first_at, prefix_of
from tests.unit.examples import AT
from tests.unit.identity.world import World

HOUR = 3_600_000
NOBODY = first_at(CUSTOMER, 1) + "0" * 20
NO_EVENT = first_at(IDENTITY_EVENT, 1) + "0" * 20


def merge(*customer_ids: str, dry_run: bool = False, token: str = "t1") -> MergeCustomers:
    return MergeCustomers(
        customer_ids,
        "told us",
        "Olga",
        token,
        dry_run,
        lambda _books, ids: ({"name": "city", "values": list(ids), "chosen": "Bonn"},),
    )


def split(customer_id: str, *keys: str, dry_run: bool = False, token: str = "t1") -> SplitCustomer:
    return SplitCustomer(customer_id, keys, "two people", "Olga", token, dry_run)


def undo(event_id: str | None, token: str = "u1") -> UndoIdentityEvent:
    return UndoIdentityEvent(event_id or "", "a mistake", "Olga", token)


async def people(world: World, *events: tuple[str, ...]) -> list[str]:
    """The customers of some events."""
    return [(await world.see(*keys, message_id=f"m{number}")).customer_id for number, keys in enumerate(events)]


def refusal(outcome: Stewarded) -> UserError:
    assert outcome.customer_ids == ()
    assert outcome.event_id is None
    (error,) = outcome.errors
    return error


async def refused(world: World, command: Any) -> UserError:
    """Why a command is refused; it changes nothing."""
    before = world.whole(), sorted(world.active()), world.barred(), len(world.events), dict(world.messages)
    error = refusal(await world.run(command))
    assert (world.whole(), sorted(world.active()), world.barred(), len(world.events), world.messages) == before
    return error


# --- merging --------------------------------------------------------------------------------------------------


async def test_of_merged_customers_the_first_keeps_its_id_and_the_others_lead_to_it() -> None:
    world = World()
    known, one, other = await people(world, ("email:a@x.de",), ("cookie:a",), ("cookie:b",))
    outcome = await world.run(merge(one, known, other))
    world.check()
    assert outcome == Stewarded(
        (one,), outcome.event_id, (), ({"name": "city", "values": [one, known, other], "chosen": "Bonn"},)
    )
    assert world.groups() == {frozenset({"email:a@x.de", "cookie:a", "cookie:b"})}
    assert [world.customer_of[f"customer:{former}"] for former in (one, known, other)] == [one] * 3
    assert (world.customers[one]["state"], world.customers[one]["version"]) == ("KNOWN", 2)
    assert world.customers[one]["updatedAt"] == world.now
    event = world.event(outcome.event_id or "")
    assert (event["kind"], event["reason"], event["by"], event["messageId"]) == ("MERGED", "told us", "Olga", None)
    assert (event["customerIds"], event["at"], event["undone"]) == ([one, known, other], world.now, False)
    held = [(link["from"], link["to"]) for link in world.links if link["properties"]["method"] == "BY_HAND"]
    assert held == [(f"customer:{one}", f"customer:{known}"), (f"customer:{one}", f"customer:{other}")]
    assert [pair[1:] for pair in orjson.loads(event["detail"])["on"]] == [list(pair) for pair in held]


async def test_a_customer_can_be_named_by_a_former_id() -> None:
    world = World()
    one, former, third = await people(world, ("cookie:a",), ("cookie:b",), ("cookie:c",))
    await world.run(merge(one, former))
    outcome = await world.run(merge(former, third, token="t2"))
    assert outcome.customer_ids == (one,)
    assert len(world.groups()) == 1


async def test_trying_a_merge_says_what_it_would_settle_and_changes_nothing() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("cookie:b",))
    before = world.whole()
    outcome = await world.run(merge(one, other, dry_run=True))
    assert outcome == Stewarded((one,), None, (), ({"name": "city", "values": [one, other], "chosen": "Bonn"},))
    assert (world.whole(), world.events, world.messages) == (before, [], {})


async def test_a_merge_whose_answer_was_lost_is_made_once() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("cookie:b",))
    first = await world.run(merge(one, other))
    again = await world.run(merge(one, other))
    assert again == Stewarded((one,), first.event_id)
    assert len(world.events) == 1
    assert world.messages["t1"] == {
        "key": "t1",
        "messageKind": "identity",
        "subjectId": first.event_id,
        "identifierKey": "",
        "refused": one,
    }


@pytest.mark.parametrize("dry_run", [False, True])
async def test_customers_that_cannot_be_one_are_not_merged(dry_run: bool) -> None:
    world = World()
    one, other, third = await people(world, ("user_id:u",), ("user_id:v",), ("cookie:c",))
    assert await refused(world, merge(one, other, dry_run=dry_run)) == UserError(
        UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED,
        "customerIds: Together they would have more than 1 of kind user_id; see identifierKinds.",
        ("customerIds",),
    )
    await world.run(ForbidMerge((one, third), "twins", "Anna", "t0"))
    assert await refused(world, merge(third, one, dry_run=dry_run)) == UserError(
        UserErrorCode.MERGE_FORBIDDEN,
        "customerIds: They must not be merged: 'twins' (Anna). allowMerge lifts that.",
        ("customerIds",),
    )


async def test_whom_to_merge_must_be_two_or_more_different_customers() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("cookie:b",))
    assert await refused(world, merge(one)) == UserError(
        UserErrorCode.INVALID, "customerIds: name two customers or more", ("customerIds",)
    )
    assert await refused(world, merge(one, NOBODY)) == UserError(
        UserErrorCode.NOT_FOUND,
        "customerIds.1: there is no such customer; look it up by customer",
        ("customerIds", "1"),
    )
    await world.run(merge(one, other))
    assert await refused(world, merge(one, other, token="t2")) == UserError(
        UserErrorCode.INVALID,
        "customerIds.1: it is the same customer as one before it; name different ones",
        ("customerIds", "1"),
    )


def test_each_command_needs_its_message_and_the_customers_as_a_whole() -> None:
    message = MessageNeed("t1")
    assert merge("cus_1", "cus_2").needs() == (message, WholeNeed(("customer:cus_1", "customer:cus_2")))
    assert split("cus_1", "cookie:a").needs() == (message, WholeNeed(("customer:cus_1",)))
    assert undo("iev_1", "t1").needs() == (message, WholeNeed(event_id="iev_1"))


# --- splitting ------------------------------------------------------------------------------------------------


async def test_what_leaves_is_a_customer_of_its_own_and_evidence_does_not_merge_them_again() -> None:
    world = World()
    (one,) = await people(world, ("email:a@x.de", "cookie:a", "device:d"))
    await world.see("email:a@x.de", at=AT + HOUR, message_id="m2")
    outcome = await world.run(split(one, "cookie:a", "device:d"))
    world.check()
    kept, made = outcome.customer_ids
    assert kept == one
    assert (prefix_of(made), outcome.errors) == (CUSTOMER, ())
    assert world.groups() == {frozenset({"email:a@x.de"}), frozenset({"cookie:a", "device:d"})}
    assert (world.customers[one]["version"], world.customers[made]["version"]) == (2, 2)
    assert [world.customers[name]["state"] for name in (one, made)] == ["KNOWN", "ANONYMOUS"]
    assert [world.customers[name]["lastSeenAt"] for name in (one, made)] == [AT + HOUR, AT]
    assert world.customers[made]["createdAt"] == world.now
    event = world.event(outcome.event_id or "")
    assert (event["kind"], event["customerIds"]) == ("SPLIT", [one, made])
    (ban,) = world.bans.values()
    assert (ban["reason"], ban["by"], ban["eventId"]) == ("two people", "Olga", outcome.event_id)
    assert world.barred() == {frozenset({one, made})}
    again = await world.see("email:a@x.de", "cookie:a", message_id="m3")
    assert [(one.value, one.code) for one in again.refused] == [("a", UserErrorCode.MERGE_FORBIDDEN)]
    assert len(world.groups()) == 2


async def test_a_former_id_goes_with_what_alone_it_hangs_on() -> None:
    world = World()
    one, former = await people(world, ("cookie:a",), ("cookie:b",))
    await world.see("cookie:a", "cookie:b", message_id="m3")
    outcome = await world.run(split(one, "cookie:b"))
    world.check()
    assert outcome.customer_ids == (one, former)
    assert world.customer_of["cookie:b"] == former


async def test_a_customer_can_be_split_by_a_former_id_and_what_stays_keeps_the_present_one() -> None:
    world = World()
    one, former = await people(world, ("cookie:a",), ("cookie:b", "device:d"))
    await world.run(merge(one, former))
    outcome = await world.run(split(former, "device:d", token="t2"))
    assert outcome.customer_ids[0] == one
    assert world.groups() == {frozenset({"cookie:a", "cookie:b"}), frozenset({"device:d"})}


async def test_trying_a_split_changes_nothing() -> None:
    world = World()
    (one,) = await people(world, ("cookie:a", "cookie:b"))
    before = world.whole()
    assert await world.run(split(one, "cookie:b", dry_run=True)) == Stewarded((one,))
    assert (world.whole(), world.events, world.messages) == (before, [], {})


@pytest.mark.parametrize("dry_run", [False, True])
async def test_only_some_of_a_customers_own_identifiers_can_leave(dry_run: bool) -> None:
    world = World()
    one, _ = await people(world, ("cookie:a", "cookie:b"), ("cookie:c",))
    for key in ("cookie:c", "cookie:unknown", f"customer:{one}"):
        assert await refused(world, split(one, "cookie:a", key, dry_run=dry_run)) == UserError(
            UserErrorCode.NOT_FOUND,
            "identifiers.1: the customer has no such identifier; see its identifiers",
            ("identifiers", "1"),
        )
    assert await refused(world, split(one, "cookie:b", "cookie:a", dry_run=dry_run)) == UserError(
        UserErrorCode.INVALID,
        "identifiers: these are all that the customer has; leave at least one",
        ("identifiers",),
    )
    assert await refused(world, split(NOBODY, "cookie:a", dry_run=dry_run)) == UserError(
        UserErrorCode.NOT_FOUND,
        "customerId: there is no such customer; look it up by customer",
        ("customerId",),
    )


# --- undoing --------------------------------------------------------------------------------------------------


async def test_undoing_a_merge_by_hand_leaves_both_with_their_ids() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("email:a@x.de",))
    merged = await world.run(merge(one, other))
    outcome = await world.run(undo(merged.event_id))
    world.check()
    assert outcome.errors == ()
    assert set(outcome.customer_ids) == {one, other}
    assert (world.customer_of["cookie:a"], world.customer_of["email:a@x.de"]) == (one, other)
    assert world.event(merged.event_id)["undone"]
    event = world.event(outcome.event_id)
    assert (event["kind"], event["reason"], event["undone"]) == ("SPLIT", "a mistake", False)
    assert {customer["version"] for customer in world.customers.values()} == {3}
    # Nobody said that they are different people; evidence may join them.
    assert world.bans == {}


async def test_undoing_a_split_makes_one_of_both_and_the_new_id_leads_there() -> None:
    world = World()
    (one,) = await people(world, ("email:a@x.de", "cookie:a"))
    parted = await world.run(split(one, "cookie:a"))
    _, made = parted.customer_ids
    outcome = await world.run(undo(parted.event_id))
    world.check()
    assert outcome == Stewarded((one,), outcome.event_id)
    assert list(world.customers) == [one]
    assert world.customer_of[f"customer:{made}"] == one
    assert world.bans == {}
    # And again: the same two, with the same ids.
    redone = await world.run(undo(outcome.event_id, "u2"))
    world.check()
    assert set(redone.customer_ids) == {one, made}
    assert world.customer_of["cookie:a"] == made
    assert world.barred() == {frozenset({one, made})}


async def test_undoing_what_an_event_merged_keeps_the_same_evidence_from_making_it_again() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("email:a@x.de",))
    await world.see("cookie:a", "email:a@x.de", "device:d", message_id="m3")
    (merged,) = world.events
    assert merged["customerIds"] == [other, one]
    outcome = await world.run(undo(merged["id"]))
    world.check()
    assert set(outcome.customer_ids) == {one, other}
    # The new device was evidence of both; what came first of it stays.
    assert world.groups() == {frozenset({"cookie:a"}), frozenset({"email:a@x.de", "device:d"})}
    assert world.barred() == {frozenset({one, other})}
    again = await world.see("cookie:a", "email:a@x.de", message_id="m4")
    assert [one.code for one in again.refused] == [UserErrorCode.MERGE_FORBIDDEN]
    redone = await world.run(undo(outcome.event_id, "u2"))
    world.check()
    assert redone.customer_ids == (other,)
    assert len(world.groups()) == 1


async def test_three_customers_that_an_event_merged_are_three_again() -> None:
    world = World()
    ids = await people(world, ("cookie:a",), ("cookie:b",), ("cookie:c",))
    await world.see("cookie:a", "cookie:b", "cookie:c", message_id="m4")
    outcome = await world.run(undo(world.events[0]["id"]))
    assert set(outcome.customer_ids) == set(ids)
    assert len(world.barred()) == 3


async def test_what_cannot_be_undone() -> None:
    world = World()
    assert await refused(world, undo(NO_EVENT)) == UserError(
        UserErrorCode.NOT_FOUND,
        "eventId: there is no such event that could be undone; see a customer's identityHistory",
        ("eventId",),
    )
    one, _, third = await people(world, ("user_id:u", "cookie:a"), ("user_id:v", "cookie:b"), ("cookie:c",))
    await world.see("cookie:a", "cookie:b", message_id="m4")
    (kept_apart,) = world.events
    assert await refused(world, undo(kept_apart["id"])) == UserError(
        UserErrorCode.INVALID,
        "eventId: what is MERGE_REFUSED changed nothing that could be undone; use splitCustomer or allowMerge",
        ("eventId",),
    )
    merged = await world.run(merge(one, third))
    await world.run(undo(merged.event_id))
    assert await refused(world, undo(merged.event_id, "u2")) == UserError(
        UserErrorCode.INVALID, "eventId: it was undone already; see the history", ("eventId",)
    )


async def test_what_an_event_merged_and_is_apart_already_cannot_be_taken_apart() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("cookie:b",))
    await world.see("cookie:a", "cookie:b", message_id="m3")
    await world.run(split(one, "cookie:b"))
    assert world.customer_of["cookie:b"] == other
    assert await refused(world, undo(world.events[0]["id"])) == UserError(
        UserErrorCode.INVALID, "eventId: these customers are apart already", ("eventId",)
    )


async def test_what_must_not_be_merged_by_now_is_not_merged_by_undoing_a_split() -> None:
    world = World()
    (one,) = await people(world, ("cookie:a", "cookie:b"))
    parted = await world.run(split(one, "cookie:b"))
    await world.run(ForbidMerge(parted.customer_ids, "twins", "Anna", "t2"))
    error = await refused(world, undo(parted.event_id))
    assert error == UserError(
        UserErrorCode.MERGE_FORBIDDEN,
        "eventId: They must not be merged: 'twins' (Anna). allowMerge lifts that.",
        ("eventId",),
    )


async def test_a_split_that_would_exceed_a_limit_by_now_is_not_undone() -> None:
    world = World()
    (one,) = await people(world, ("cookie:a", "cookie:b"))
    parted = await world.run(split(one, "cookie:b"))
    await world.see("cookie:a", "user_id:u", message_id="m2")
    await world.see("cookie:b", "user_id:v", message_id="m3")
    assert await refused(world, undo(parted.event_id)) == UserError(
        UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED,
        "eventId: Together they would have more than 1 of kind user_id; see identifierKinds.",
        ("eventId",),
    )


async def test_changes_can_be_undone_in_another_order_than_they_were_made() -> None:
    world = World()
    one, other, third = await people(world, ("cookie:a",), ("cookie:b",), ("cookie:c",))
    first = await world.run(merge(one, other))
    second = await world.run(LinkIdentifiers("cookie:b", "cookie:c", "one person", "Olga", "t2"))
    await world.run(undo(first.event_id, "u1"))
    world.check()
    assert world.groups() == {frozenset({"cookie:a"}), frozenset({"cookie:b", "cookie:c"})}
    await world.run(undo(second.event_id, "u2"))
    world.check()
    assert {key: world.customer_of[key] for key in ("cookie:a", "cookie:b", "cookie:c")} == {
        "cookie:a": one,
        "cookie:b": other,
        "cookie:c": third,
    }
