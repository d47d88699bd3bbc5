"""Resolution where evidence was refused, cut or forbidden before, and what it leaves to be known."""

from __future__ import annotations

from dataclasses import replace

from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.assertions import AllowMerge, UnlinkIdentifiers
from service.identity.commands import MergeCustomers, SplitCustomer
from service.identity.history import IdentityEvent
from service.identity.kinds import Kinds
from service.identity.models import IdentityEventKind, Refusal
from service.identity.records import Link, Resolution
from service.identity.resolution import Partition
from service.ids import IDENTITY_EVENT, LINK, Mint, prefix_of
from tests.unit.examples import AT, NOW, claim
from tests.unit.identity.world import World

GENERIC = "So many people share it that it identifies nobody."
BARRED = "It belongs to somebody who must not be merged with this customer; allowMerge lifts that."


class Batch:
    """Resolves events on one partition."""

    def __init__(self, rules: Kinds = kinds.DEFAULTS) -> None:
        self.partition = Partition(rules=rules)
        self.mint = Mint(NOW)

    def __call__(self, *keys: str, message_id: str = "m1", source: str = "test") -> Resolution:
        return self.partition.resolve(claim(*keys, message_id=message_id, source=source), self.mint)

    def bar(self, one: Resolution, other: Resolution) -> None:
        """Lets two customers be loaded as people who must not be merged."""
        self.partition.barred.setdefault(one.customer_id, set()).add(other.customer_id)
        self.partition.barred.setdefault(other.customer_id, set()).add(one.customer_id)

    def pairs(self) -> list[tuple[str, str]]:
        """The evidence by events, but not that of births."""
        return [(one.from_key, one.to_key) for one in self.partition.links if one.rule == "same_event"]


def make_generic(batch: Batch, key: str) -> None:
    record = batch.partition.identifiers[key]
    record.generic, record.customer_id = True, ""


# --- generic --------------------------------------------------------------------------------------------------


def test_a_generic_identifier_is_refused_and_joins_nobody() -> None:
    batch = Batch()
    batch("cookie:a", "device:kiosk")
    make_generic(batch, "device:kiosk")
    resolved = batch("cookie:b", "device:kiosk")
    assert resolved == Resolution(
        resolved.customer_id,
        "cookie:b",
        ("cookie:b",),
        (Refusal("device", "kiosk", UserErrorCode.IDENTIFIER_BLOCKED, GENERIC),),
        created=True,
        left_out=("device:kiosk",),
    )
    assert batch.partition.customer_of("device:kiosk") is None
    assert batch.partition.owner_of("device:kiosk") is None
    assert batch.pairs() == [("cookie:a", "device:kiosk")]


def test_a_generic_identifier_is_refused_also_where_it_is_the_strongest_or_the_only_one() -> None:
    batch = Batch()
    batch("email:info@x.de", "cookie:a")
    make_generic(batch, "email:info@x.de")
    resolved = batch("email:info@x.de", "cookie:b")
    assert (resolved.accepted, resolved.anchor, resolved.created) == (("cookie:b",), "cookie:b", True)
    alone = batch("email:info@x.de")
    assert (alone.accepted, alone.created, alone.left_out) == ((), True, ("email:info@x.de",))
    assert alone.anchor == f"customer:{alone.customer_id}"
    assert batch.partition.history == []


# --- forbidden ------------------------------------------------------------------------------------------------


def test_customers_that_must_not_be_merged_stay_two_and_what_joins_them_is_refused() -> None:
    batch = Batch()
    one, other = batch("cookie:a"), batch("cookie:b")
    batch.bar(one, other)
    resolved = batch("cookie:a", "cookie:b", "device:d", message_id="m3", source="web")
    assert resolved == Resolution(
        one.customer_id,
        "cookie:a",
        ("cookie:a", "device:d"),
        (Refusal("cookie", "b", UserErrorCode.MERGE_FORBIDDEN, BARRED),),
        created=False,
        left_out=("cookie:b",),
        changed=("identifiers",),
    )
    assert batch.partition.absorbed == {}
    (noted,) = [link for link in batch.partition.links if link.refused]
    assert noted == Link(
        noted.id, "cookie:a", "cookie:b", "same_event", "web", "m3", AT, UserErrorCode.MERGE_FORBIDDEN
    )
    assert prefix_of(noted.id) == LINK
    (event,) = batch.partition.history
    assert event == IdentityEvent(
        event.id,
        IdentityEventKind.MERGE_REFUSED,
        NOW,
        BARRED,
        "web",
        (one.customer_id, other.customer_id),
        "m3",
    )
    assert prefix_of(event.id) == IDENTITY_EVENT


def test_a_third_customer_does_not_join_those_who_must_not_be_merged_in_one_batch() -> None:
    batch = Batch()
    one, other, third = batch("cookie:a"), batch("cookie:b"), batch("cookie:c")
    batch.bar(one, other)
    batch("cookie:b", "cookie:c")
    assert batch.partition.absorbed == {third.customer_id: other.customer_id}
    refused = batch("cookie:a", "cookie:c").refused
    assert [(refusal.value, refusal.code) for refusal in refused] == [("c", UserErrorCode.MERGE_FORBIDDEN)]
    assert batch("cookie:c", "cookie:a").refused[0].value == "a"


def test_of_three_that_meet_only_the_one_is_refused_that_must_not_be_merged() -> None:
    batch = Batch()
    one, third, other = batch("cookie:a"), batch("cookie:c"), batch("cookie:b")
    batch.bar(one, other)
    resolved = batch("cookie:a", "cookie:b", "cookie:c")
    assert resolved.accepted == ("cookie:a", "cookie:c")
    assert batch.partition.absorbed == {third.customer_id: one.customer_id}


# --- noted once -----------------------------------------------------------------------------------------------


def test_a_pair_that_a_limit_keeps_apart_is_noted_once_with_its_event() -> None:
    batch = Batch()
    one, other = batch("user_id:u", "cookie:a"), batch("user_id:v", "cookie:b")
    for number in range(3):
        assert len(batch("cookie:a", "cookie:b", message_id=f"n{number}").refused) == 1
    # In the other order it is the same pair.
    assert len(batch("cookie:b", "cookie:a", message_id="n4").refused) == 1
    (noted,) = [link for link in batch.partition.links if link.refused]
    assert (noted.from_key, noted.to_key, noted.message_id) == ("cookie:a", "cookie:b", "n0")
    assert noted.refused is UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED
    (event,) = batch.partition.history
    assert (event.kind, event.customer_ids) == (
        IdentityEventKind.MERGE_REFUSED,
        (one.customer_id, other.customer_id),
    )
    assert event.reason == (
        "It belongs to another customer; together they would have more than 1 of kind user_id."
    )


def test_another_pair_of_the_same_customers_is_noted_too() -> None:
    batch = Batch()
    batch("user_id:u", "cookie:a")
    batch("user_id:v", "cookie:b", "device:b")
    batch("cookie:a", "cookie:b", "device:b")
    assert [link.to_key for link in batch.partition.links if link.refused] == ["cookie:b", "device:b"]
    assert len(batch.partition.history) == 2


def test_what_was_noted_before_this_batch_is_not_noted_again() -> None:
    batch = Batch()
    batch("user_id:u", "cookie:a")
    batch("user_id:v", "cookie:b")
    batch.partition.noted.add(frozenset(("cookie:a", "cookie:b")))
    assert len(batch("cookie:a", "cookie:b").refused) == 1
    assert batch.partition.history == []
    assert not any(link.refused for link in batch.partition.links)


def test_a_new_identifier_that_is_refused_is_not_noted_as_it_is_nobodys() -> None:
    batch = Batch()
    batch("user_id:u", "user_id:v")
    assert batch.partition.history == []
    assert not any(link.refused for link in batch.partition.links)


def test_what_was_refused_holds_once_there_is_room() -> None:
    batch = Batch()
    batch("user_id:u", "cookie:a")
    batch("user_id:v", "cookie:b")
    batch("cookie:a", "cookie:b")
    user = kinds.by_name("user_id")
    assert user is not None
    batch.partition.rules = Kinds(1, {"user_id": replace(user, limit=2)})
    assert batch("cookie:a", "cookie:b").refused == ()
    assert batch.pairs()[-1] == ("cookie:a", "cookie:b")
    assert batch.partition.links[-1].refused is None


# --- merged ---------------------------------------------------------------------------------------------------


def test_a_merge_by_an_event_is_remembered_with_the_survivor_first() -> None:
    batch = Batch()
    anonymous, known = batch("cookie:a"), batch("email:a@x.de")
    batch("cookie:a", "email:a@x.de", message_id="m9", source="shop")
    (event,) = batch.partition.history
    assert event == IdentityEvent(
        event.id,
        IdentityEventKind.MERGED,
        NOW,
        "same_event",
        "shop",
        (known.customer_id, anonymous.customer_id),
        "m9",
    )
    assert event.row() == {
        "concerns": [f"customer:{known.customer_id}", f"customer:{anonymous.customer_id}"],
        "properties": {
            "id": event.id,
            "kind": "MERGED",
            "at": NOW,
            "position": event.row()["properties"]["position"],
            "reason": "same_event",
            "by": "shop",
            "customerIds": [known.customer_id, anonymous.customer_id],
            "messageId": "m9",
            "undone": False,
            "detail": "{}",
        },
    }


def test_an_event_that_merges_nobody_is_not_remembered() -> None:
    batch = Batch()
    batch("cookie:a", "cookie:b")
    batch("cookie:a", "email:a@x.de")
    batch("cookie:a", "cookie:b", "device:d")
    assert batch.partition.history == []


# --- doubtful -------------------------------------------------------------------------------------------------


EMAIL = kinds.by_name("email")
assert EMAIL is not None
TEN_ADDRESSES = Kinds(1, {"email": replace(EMAIL, limit=10)})


def test_a_customer_in_whom_more_people_may_meet_than_may_share_a_value_is_looked_into() -> None:
    batch = Batch()
    batch.partition.rules = TEN_ADDRESSES
    resolved = batch("device:kiosk", "phone:+4930123456", *(f"email:{number}@x.de" for number in range(5)))
    # Another system's id and a card may be the same person's.
    batch("device:kiosk", "external:crm:1", "loyalty_card:1")
    assert list(batch.partition.doubtful) == []
    batch("device:kiosk", "email:5@x.de")
    assert list(batch.partition.doubtful) == [resolved.customer_id]


def test_of_anonymous_identifiers_a_hundred_are_one_person() -> None:
    batch = Batch()
    resolved = batch("cookie:0x", *(f"email:{number}@x.de" for number in range(5)))
    for number in range(99):
        batch("cookie:0x", f"cookie:c{number}" if number < 50 else f"app_id:c{number}")
    # The hundredth.
    assert list(batch.partition.doubtful) == [resolved.customer_id]
    batch.partition.doubtful.clear()
    batch("cookie:0x", message_id="m2")
    assert list(batch.partition.doubtful) == []


def test_a_merge_may_make_a_customer_doubtful_and_both_of_whom_one_was_refused_are() -> None:
    batch = Batch()
    batch.partition.rules = TEN_ADDRESSES
    one = batch("cookie:a", *(f"email:{number}@x.de" for number in range(3)))
    batch("cookie:b", *(f"email:{number}@x.de" for number in range(3, 6)))
    batch("cookie:a", "cookie:b")
    assert list(batch.partition.doubtful) == [one.customer_id]
    few = Batch()
    one, other = few("user_id:u", "cookie:a"), few("user_id:v", "cookie:b")
    few("cookie:a", "cookie:b")
    assert list(few.partition.doubtful) == [one.customer_id, other.customer_id]


# --- cut ------------------------------------------------------------------------------------------------------


async def test_evidence_that_was_cut_within_one_customer_is_not_entered_again() -> None:
    world = World()
    await world.see("cookie:a", "cookie:b", "device:d")
    await world.see("cookie:b", "device:d", message_id="m2")
    await world.run(UnlinkIdentifiers("cookie:a", "device:d", "a kiosk", "Olga", "t1"))
    assert len(world.groups()) == 1
    evidence = sorted(world.active())
    await world.see("cookie:a", "device:d", message_id="m3")
    world.check()
    assert sorted(world.active()) == evidence
    # Nor by an event that also joins somebody else.
    await world.see("device:x")
    await world.see("cookie:a", "device:d", "device:x", message_id="m4")
    world.check()
    assert len(world.groups()) == 1
    assert ("cookie:a", "device:d") not in world.active()


async def test_evidence_that_was_cut_and_would_join_two_customers_is_entered_again() -> None:
    world = World()
    first = await world.see("cookie:a", "cookie:b")
    split = SplitCustomer(first.customer_id, ("cookie:b",), "two people", "Olga", "t1", dry_run=False)
    both = (await world.run(split)).customer_ids
    refused = await world.see("cookie:a", "cookie:b", message_id="m2")
    assert [(one.value, one.code) for one in refused.refused] == [("b", UserErrorCode.MERGE_FORBIDDEN)]
    # The pair is known as one that was cut; nothing is noted of it again.
    assert [one["kind"] for one in world.events] == ["SPLIT"]
    await world.run(AllowMerge(both, "one person after all", "Olga", "t2"))
    assert (await world.see("cookie:a", "cookie:b", message_id="m3")).refused == ()
    world.check()
    assert world.groups() == {frozenset({"cookie:a", "cookie:b"})}
    assert [one["kind"] for one in world.events] == ["SPLIT", "MERGE_ALLOWED", "MERGED"]


async def test_customers_that_were_merged_by_hand_are_found_by_any_of_their_identifiers() -> None:
    world = World()
    one, other = await world.see("cookie:a"), await world.see("cookie:b", message_id="m2")
    ids = (other.customer_id, one.customer_id)
    await world.run(MergeCustomers(ids, "told us", "Olga", "t1", dry_run=False, conflicts=lambda _b, _i: ()))
    assert (await world.see("cookie:a", "device:d", message_id="m3")).customer_id == other.customer_id
    world.check()
