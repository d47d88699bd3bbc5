"""Linking, unlinking, forbidding and allowing by hand, with every refusal."""

from __future__ import annotations

import orjson

from service.errors import UserError, UserErrorCode
from service.graph.messages import MessageNeed
from service.identity.assertions import AllowMerge, ForbidMerge, LinkIdentifiers, UnlinkIdentifiers
from service.identity.commands import MergeCustomers, Stewarded, UndoIdentityEvent
from service.identity.stewardship import WholeNeed
from tests.unit.identity.test_commands import NOBODY, people, refused
from tests.unit.identity.world import World


def link(a: str, b: str, token: str = "t1") -> LinkIdentifiers:
    return LinkIdentifiers(a, b, "one person", "Olga", token)


def unlink(a: str, b: str, token: str = "t1") -> UnlinkIdentifiers:
    return UnlinkIdentifiers(a, b, "a kiosk", "Olga", token)


def forbid(*customer_ids: str, token: str = "f1") -> ForbidMerge:
    return ForbidMerge(customer_ids, "twins", "Olga", token)


def allow(*customer_ids: str, token: str = "a1") -> AllowMerge:
    return AllowMerge(customer_ids, "one person", "Olga", token)


def test_each_command_needs_its_message_and_the_customers_as_a_whole() -> None:
    message = MessageNeed("t1")
    assert link("cookie:a", "cookie:b").needs() == (message, WholeNeed(("cookie:a", "cookie:b")))
    assert unlink("cookie:a", "cookie:b").needs() == (message, WholeNeed(("cookie:a", "cookie:b")))
    both = (message, WholeNeed(("customer:cus_1", "customer:cus_2")))
    assert forbid("cus_1", "cus_2", token="t1").needs() == both
    assert allow("cus_1", "cus_2", token="t1").needs() == both


# --- linking --------------------------------------------------------------------------------------------------


async def test_two_identifiers_of_one_person_make_one_customer() -> None:
    world = World()
    anonymous, known = await people(world, ("cookie:a", "device:d"), ("email:a@x.de",))
    outcome = await world.run(link("device:d", "email:a@x.de"))
    world.check()
    assert outcome == Stewarded((known,), outcome.event_id)
    assert world.groups() == {frozenset({"cookie:a", "device:d", "email:a@x.de"})}
    assert world.customer_of[f"customer:{anonymous}"] == known
    event = world.event(outcome.event_id)
    assert (event["kind"], event["reason"], event["by"]) == ("LINKED", "one person", "Olga")
    assert ("device:d", "email:a@x.de") in world.active()


async def test_what_is_one_customer_already_can_be_linked_and_that_holds_when_other_evidence_ends() -> None:
    world = World()
    (one,) = await people(world, ("cookie:a", "cookie:b", "device:d"))
    outcome = await world.run(link("cookie:b", "device:d"))
    assert outcome.customer_ids == (one,)
    assert world.event(outcome.event_id)["customerIds"] == [one]
    assert world.customers[one]["version"] == 1
    await world.run(unlink("cookie:a", "cookie:b", token="t2"))
    world.check()
    assert len(world.groups()) == 1
    await world.run(unlink("cookie:a", "device:d", token="t3"))
    world.check()
    assert world.groups() == {frozenset({"cookie:a"}), frozenset({"cookie:b", "device:d"})}


async def test_a_generic_identifier_that_is_linked_by_hand_identifies_somebody_from_then_on() -> None:
    world = World()
    for number in range(5):
        await world.see(f"email:{number}@x.de", "phone:+4930123456", message_id=f"m{number}")
    await world.see("email:5@x.de", "phone:+4930123456", message_id="m5")
    assert world.identifiers["phone:+4930123456"]["generic"]
    owner = world.customer_of["email:0@x.de"]
    outcome = await world.run(link("phone:+4930123456", "email:0@x.de"))
    world.check()
    assert outcome.customer_ids == (owner,)
    phone = world.identifiers["phone:+4930123456"]
    assert (phone["generic"], phone["pinned"]) == (False, True)
    assert world.customer_of["phone:+4930123456"] == owner
    assert len(world.groups()) == 6
    await world.see("email:1@x.de", "phone:+4930123456", message_id="m7")
    assert not world.identifiers["phone:+4930123456"]["generic"]


async def test_what_cannot_be_linked() -> None:
    world = World()
    one, other = await people(world, ("user_id:u", "cookie:a"), ("user_id:v", "cookie:b"))
    assert await refused(world, link("cookie:a", "cookie:a")) == UserError(
        UserErrorCode.INVALID, "b: it is the same identifier as a", ("b",)
    )
    unknown = "nobody was ever seen with it; record an event first"
    assert await refused(world, link("cookie:x", "cookie:a")) == UserError(
        UserErrorCode.NOT_FOUND, f"a: {unknown}", ("a",)
    )
    assert await refused(world, link("cookie:a", "cookie:x")) == UserError(
        UserErrorCode.NOT_FOUND, f"b: {unknown}", ("b",)
    )
    assert await refused(world, link("cookie:a", "cookie:b")) == UserError(
        UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED,
        "b: Together they would have more than 1 of kind user_id; see identifierKinds.",
        ("b",),
    )
    (third,) = await people(world, ("cookie:c",))
    await world.run(forbid(one, third))
    assert await refused(world, link("cookie:c", "cookie:a")) == UserError(
        UserErrorCode.MERGE_FORBIDDEN, "b: They must not be merged: 'twins' (Olga). allowMerge lifts that.", ("b",)
    )
    assert other in world.customers


# --- unlinking ------------------------------------------------------------------------------------------------


async def test_what_hung_together_by_this_evidence_alone_parts_for_good() -> None:
    world = World()
    (one,) = await people(world, ("email:a@x.de", "cookie:a"))
    outcome = await world.run(unlink("cookie:a", "email:a@x.de"))
    world.check()
    kept, made = outcome.customer_ids
    assert kept == one
    assert (world.customer_of["email:a@x.de"], world.customer_of["cookie:a"]) == (one, made)
    event = world.event(outcome.event_id)
    assert (event["kind"], event["customerIds"]) == ("UNLINKED", [one, made])
    assert world.barred() == {frozenset({one, made})}
    back = await world.run(UndoIdentityEvent(outcome.event_id, "it is hers", "Olga", "u1"))
    world.check()
    assert back.customer_ids == (one,)
    assert (len(world.groups()), world.bans) == (1, {})


async def test_what_hangs_together_by_another_way_stays_one_customer() -> None:
    world = World()
    (one,) = await people(world, ("email:a@x.de", "cookie:a", "device:d"))
    await world.see("cookie:a", "device:d", message_id="m2")
    outcome = await world.run(unlink("email:a@x.de", "device:d"))
    world.check()
    assert outcome.customer_ids == (one,)
    assert (len(world.groups()), world.bans, world.customers[one]["version"]) == (1, {}, 1)
    assert orjson.loads(world.event(outcome.event_id)["detail"]).keys() == {"off"}


async def test_a_former_id_that_hung_on_what_leaves_stays_findable() -> None:
    world = World()
    one, former = await people(world, ("email:a@x.de",), ("cookie:b",))
    await world.see("email:a@x.de", "cookie:b", message_id="m3")
    outcome = await world.run(unlink("email:a@x.de", "cookie:b"))
    world.check()
    # It was born with what leaves, so that is this customer again.
    assert outcome.customer_ids == (one, former)
    assert world.customer_of["cookie:b"] == former


async def test_all_evidence_between_the_two_is_cut() -> None:
    world = World()
    await people(world, ("cookie:a", "cookie:b"))
    await world.run(link("cookie:b", "cookie:a"))
    outcome = await world.run(unlink("cookie:a", "cookie:b", token="t2"))
    world.check()
    assert len(world.groups()) == 2
    assert len(orjson.loads(world.event(outcome.event_id)["detail"])["off"]) == 2


async def test_what_cannot_be_unlinked() -> None:
    world = World()
    await people(world, ("email:a@x.de", "cookie:a", "device:d"), ("cookie:b",))
    unknown = "nobody was ever seen with it; record an event first"
    assert await refused(world, unlink("cookie:x", "cookie:a")) == UserError(
        UserErrorCode.NOT_FOUND, f"a: {unknown}", ("a",)
    )
    assert await refused(world, unlink("cookie:a", "cookie:x")) == UserError(
        UserErrorCode.NOT_FOUND, f"b: {unknown}", ("b",)
    )
    no_evidence = UserError(
        UserErrorCode.NOT_FOUND,
        "b: no evidence links it with a; explainIdentity shows the chain between two identifiers",
        ("b",),
    )
    assert await refused(world, unlink("cookie:a", "device:d")) == no_evidence
    assert await refused(world, unlink("cookie:a", "cookie:b")) == no_evidence
    await world.run(unlink("email:a@x.de", "cookie:a"))
    assert await refused(world, unlink("email:a@x.de", "cookie:a", token="t2")) == no_evidence


# --- forbidding and allowing ----------------------------------------------------------------------------------


async def test_each_two_of_those_who_are_different_people_are_kept_apart() -> None:
    world = World()
    one, other, third = await people(world, ("cookie:a",), ("cookie:b",), ("cookie:c",))
    outcome = await world.run(forbid(one, other, third))
    assert outcome == Stewarded((one, other, third), outcome.event_id)
    assert world.barred() == {frozenset(pair) for pair in ((one, other), (one, third), (other, third))}
    event = world.event(outcome.event_id)
    assert (event["kind"], event["customerIds"]) == ("MERGE_FORBIDDEN", sorted((one, other, third)))
    assert {customer["version"] for customer in world.customers.values()} == {1}
    refused_now = await world.see("cookie:a", "cookie:b", "cookie:c", message_id="m4")
    assert [(one.value, one.code) for one in refused_now.refused] == [
        ("b", UserErrorCode.MERGE_FORBIDDEN),
        ("c", UserErrorCode.MERGE_FORBIDDEN),
    ]


async def test_what_is_forbidden_of_one_is_forbidden_of_the_customer_who_took_it() -> None:
    world = World()
    one, other, third = await people(world, ("cookie:a",), ("cookie:b",), ("email:c@x.de",))
    await world.run(forbid(one, other))
    await world.see("cookie:a", "email:c@x.de", message_id="m4")
    assert world.barred() == {frozenset({third, other})}
    refused_now = await world.see("email:c@x.de", "cookie:b", message_id="m5")
    assert [one.code for one in refused_now.refused] == [UserErrorCode.MERGE_FORBIDDEN]


async def test_what_is_allowed_again_can_be_merged() -> None:
    world = World()
    one, other, third = await people(world, ("cookie:a",), ("cookie:b",), ("cookie:c",))
    await world.run(forbid(one, other, third))
    await world.run(forbid(other, one, token="f2"))
    outcome = await world.run(allow(other, one))
    assert outcome == Stewarded((other, one), outcome.event_id)
    assert world.event(outcome.event_id)["kind"] == "MERGE_ALLOWED"
    assert world.barred() == {frozenset({one, third}), frozenset({other, third})}
    assert (await world.see("cookie:a", "cookie:b", message_id="m4")).refused == ()
    world.check()


async def test_undoing_that_a_merge_is_allowed_forbids_it_for_the_first_reason_again() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("cookie:b",))
    first = await world.run(forbid(one, other))
    allowed = await world.run(allow(one, other))
    assert world.bans == {}
    await world.run(UndoIdentityEvent(allowed.event_id, "a mistake", "Anna", "u1"))
    (ban,) = world.bans.values()
    assert (ban["reason"], ban["by"], ban["eventId"]) == ("twins", "Olga", first.event_id)
    await world.run(UndoIdentityEvent(first.event_id, "no twins", "Anna", "u2"))
    assert world.bans == {}


async def test_whom_to_forbid_or_allow_must_be_two_or_more_different_customers() -> None:
    world = World()
    one, other = await people(world, ("cookie:a",), ("cookie:b",))
    for command in (forbid, allow):
        assert await refused(world, command(one)) == UserError(
            UserErrorCode.INVALID, "customerIds: name two customers or more", ("customerIds",)
        )
        assert await refused(world, command(one, NOBODY)) == UserError(
            UserErrorCode.NOT_FOUND,
            "customerIds.1: there is no such customer; look it up by customer",
            ("customerIds", "1"),
        )
        assert await refused(world, command(one, one)) == UserError(
            UserErrorCode.INVALID,
            "customerIds.1: it is the same customer as one before it; name different ones",
            ("customerIds", "1"),
        )
    assert await refused(world, allow(one, other)) == UserError(
        UserErrorCode.NOT_FOUND, "customerIds: nothing forbids that they are merged", ("customerIds",)
    )


async def test_a_ban_goes_with_each_side_when_a_merged_customer_is_parted() -> None:
    world = World()
    one, other, third = await people(world, ("cookie:a",), ("cookie:b",), ("cookie:c",))
    await world.run(forbid(other, third))
    merged = await world.run(
        MergeCustomers((one, other), "told us", "Olga", "t1", dry_run=False, conflicts=lambda _b, _i: ())
    )
    assert world.barred() == {frozenset({one, third})}
    await world.run(UndoIdentityEvent(merged.event_id, "a mistake", "Olga", "u1"))
    assert world.barred() == {frozenset({other, third})}
