from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from service.changes.book import Changes
from service.graph.books import Books, Needs
from service.graph.client import Transaction
from service.graph.messages import Messages
from service.identity import kinds
from service.identity.book import Identities
from service.identity.chores import LookForSharing, chore
from service.identity.commands import UndoIdentityEvent
from service.identity.facts import MoveFacts, Moves
from service.identity.kinds import Kinds
from service.identity.records import own_key
from service.identity.sharing import most_shared, people, set_apart
from service.identity.stewardship import Stewardship
from service.ids import Mint
from tests.unit.examples import NOW, claim
from tests.unit.identity.around import Around
from tests.unit.identity.world import Event, World

PHONE = "phone:+4930123456"


def shared(around: Around, key: str, groups: int, kind: str = "email", *, first: int = 0) -> list[str]:
    """Customers that are fused by one value: each group is an identifier of this kind with a cookie."""
    names = range(first, first + groups)
    keys = [f"{kind}:{name}@x.de" for name in names]
    cookies = [f"cookie:{name}" for name in names]
    around.customer(key, *keys, *cookies)
    for one, cookie in zip(keys, cookies, strict=True):
        for link in list(around.known.links.values()):
            if link.pair == (key, cookie):
                del around.known.links[link.id]
        around.link(one, cookie)
    return keys


def rules(name: str, shared_by: int) -> Kinds:
    kind = kinds.by_name(name)
    assert kind is not None
    return Kinds(1, {name: replace(kind, shared_by=shared_by)})


def test_people_are_the_groups_that_would_remain_without_the_value_and_have_something_personal() -> None:
    around = Around()
    shared(around, "device:kiosk", 3)
    assert people(around.known, "device:kiosk", Kinds()) == 3
    # Of what hangs on one of the groups, the rest with the kiosk is the only other one.
    assert people(around.known, "email:0@x.de", Kinds()) == 1
    assert people(around.known, "cookie:0", Kinds()) == 1


def test_groups_that_hang_together_by_another_way_are_one_person() -> None:
    around = Around()
    one, other, _ = shared(around, "device:kiosk", 3)
    around.link(one, other)
    assert people(around.known, "device:kiosk", Kinds()) == 2


def test_the_customers_own_identifier_is_nobody() -> None:
    around = Around()
    around.customer("device:alone")
    assert people(around.known, "device:alone", Kinds()) == 0


@pytest.mark.parametrize(("browsers", "count"), [(1, 0), (99, 0), (100, 1), (199, 1), (200, 2)])
def test_a_hundred_anonymous_groups_may_be_one_person(browsers: int, count: int) -> None:
    around = Around()
    around.customer("email:ann@example.com", *(f"cookie:{number}" for number in range(browsers)))
    assert people(around.known, "email:ann@example.com", Kinds()) == count


def test_anonymous_groups_count_beside_the_personal_ones() -> None:
    around = Around()
    around.customer("device:kiosk", "email:a@x.de", *(f"cookie:{number}" for number in range(100)))
    assert people(around.known, "device:kiosk", Kinds()) == 2


def test_those_who_were_refused_because_of_a_limit_count_too() -> None:
    around = Around()
    around.customer("device:kiosk", "email:a@x.de")
    around.customer("email:u@x.de", "cookie:u")
    around.link("device:kiosk", "email:u@x.de", refused="IDENTIFIER_LIMIT_EXCEEDED")
    assert people(around.known, "device:kiosk", Kinds()) == 2


@pytest.mark.parametrize(
    ("refused", "cut_by"),
    [("MERGE_FORBIDDEN", ()), ("IDENTIFIER_LIMIT_EXCEEDED", ("iev_1",)), (None, ("iev_1",))],
)
def test_what_somebody_said_not_to_be_so_does_not_count(refused: str | None, cut_by: tuple[str, ...]) -> None:
    around = Around()
    around.customer("device:kiosk", "email:a@x.de")
    around.customer("email:u@x.de")
    around.link("device:kiosk", "email:u@x.de", refused=refused, cut_by=cut_by)
    assert people(around.known, "device:kiosk", Kinds()) == 1


def test_what_was_not_loaded_and_what_is_generic_does_not_count() -> None:
    around = Around()
    around.customer("device:kiosk")
    around.identifier("email:g@x.de", "")
    around.link("device:kiosk", "email:g@x.de", refused="IDENTIFIER_LIMIT_EXCEEDED")
    around.link("device:kiosk", "email:far@x.de", refused="IDENTIFIER_LIMIT_EXCEEDED")
    assert people(around.known, "device:kiosk", Kinds()) == 0


def test_a_family_shares_what_a_shop_does_not() -> None:
    around = Around()
    shared(around, "device:kiosk", 5)
    assert most_shared(around.known, Kinds()) is None
    around = Around()
    shared(around, "device:kiosk", 6)
    assert most_shared(around.known, Kinds()) == ("device:kiosk", 6)


def test_how_many_may_share_is_a_rule_of_the_kind() -> None:
    around = Around()
    shared(around, "device:kiosk", 4)
    assert most_shared(around.known, rules("device", 4)) is None
    assert most_shared(around.known, rules("device", 3)) == ("device:kiosk", 4)
    assert most_shared(around.known, rules("cookie", 1)) is None


def test_the_most_shared_is_the_most_above_its_rule_and_of_equals_the_weakest() -> None:
    around = Around()
    shared(around, PHONE, 7)
    shared(around, "device:kiosk", 6, first=10)
    assert most_shared(around.known, Kinds()) == (PHONE, 7)
    shared(around, "device:busy", 7, first=20)
    assert most_shared(around.known, Kinds()) == ("device:busy", 7)


def test_what_somebody_said_to_identify_is_never_generic() -> None:
    around = Around()
    shared(around, "device:kiosk", 9)
    around.known.identifiers["device:kiosk"].pinned = True
    assert most_shared(around.known, Kinds()) is None


def test_a_value_that_is_set_apart_identifies_nobody_and_those_whom_it_fused_are_separate() -> None:
    around = Around()
    one, other = shared(around, "device:kiosk", 2)
    (customer_id,) = around.known.customers
    change = around.change()
    set_apart(change, "device:kiosk")
    change.regroup()
    known = around.known.identifiers
    assert (known["device:kiosk"].generic, known["device:kiosk"].owner) == (True, "")
    # Both were seen at once, so the one with the lesser id keeps the customer's.
    assert known["cookie:0"].owner == customer_id
    assert known[one].owner == known["cookie:0"].owner
    assert known[other].owner == known["cookie:1"].owner != customer_id
    assert known[own_key(customer_id)].owner == customer_id
    detail = change.detail.as_json()
    assert detail["generic"] == ["device:kiosk"]
    assert [pair for _, *pair in detail["off"]] == [
        ["device:kiosk", one],
        ["device:kiosk", other],
        ["device:kiosk", own_key(customer_id)],
    ]


def test_setting_a_value_apart_lets_evidence_hold_that_was_refused_because_of_those_whom_it_fused() -> None:
    around = Around()
    shared(around, "device:kiosk", 5)
    around.customer("email:home@x.de")
    link = around.link("email:4@x.de", "email:home@x.de", refused="IDENTIFIER_LIMIT_EXCEEDED")
    change = around.change()
    set_apart(change, "device:kiosk")
    change.regroup()
    assert link.refused is None
    known = around.known.identifiers
    assert known["email:home@x.de"].owner == known["email:4@x.de"].owner != known["email:3@x.de"].owner


# --- as events come in ----------------------------------------------------------------------------------------


async def test_the_sixth_person_at_a_kiosk_makes_its_device_generic_and_all_are_separate() -> None:
    world = World()
    for number in range(5):
        await world.see(f"email:{number}@x.de", "device:kiosk", message_id=f"m{number}")
    assert len(world.groups()) == 1
    last = await world.see("email:5@x.de", "device:kiosk", message_id="m5")
    world.check()
    assert world.groups() == {frozenset({f"email:{number}@x.de"}) for number in range(6)}
    assert (world.identifiers["device:kiosk"]["generic"], world.identifiers["device:kiosk"]["pinned"]) == (
        True,
        False,
    )
    assert (last.accepted, last.left_out) == (("email:5@x.de",), ("device:kiosk",))
    (event,) = [one for one in world.events if one["kind"] == "SPLIT"]
    assert (event["kind"], event["by"], event["messageId"], event["undone"]) == ("SPLIT", "rules", None, False)
    assert event["reason"] == "device:kiosk is shared by 6 people, so it identifies nobody"
    assert set(event["customerIds"]) == {world.customer_of[f"email:{number}@x.de"] for number in range(5)}
    assert event["customerIds"][0] == min(event["customerIds"])
    assert world.chores == set()
    again = await world.see("email:0@x.de", "device:kiosk", message_id="m6")
    assert [(one.code.value, one.value) for one in again.refused] == [("IDENTIFIER_BLOCKED", "kiosk")]
    assert len(world.groups()) == 6


async def test_those_whom_a_limit_kept_apart_are_people_of_the_kiosk_too() -> None:
    world = World()
    for number in range(5):
        await world.see(f"user_id:u{number}", "device:kiosk", message_id=f"m{number}")
    assert not world.identifiers["device:kiosk"]["generic"]
    # The device was the first log-in's; nobody else could join that one.
    assert [len(group) for group in sorted(world.groups(), key=len)] == [1, 1, 1, 1, 2]
    await world.see("user_id:u5", "device:kiosk", message_id="m5")
    world.check()
    assert world.identifiers["device:kiosk"]["generic"]
    assert world.groups() == {frozenset({f"user_id:u{number}"}) for number in range(6)}
    kinds_of_events = [one["kind"] for one in world.events]
    assert kinds_of_events == ["MERGE_REFUSED"] * 5 + ["SPLIT"]


async def test_undoing_that_a_value_is_generic_makes_one_of_all_again_for_good() -> None:
    world = World()
    for number in range(6):
        await world.see(f"email:{number}@x.de", "device:kiosk")
    before = world.groups()
    assert len(before) == 6
    (event,) = [one for one in world.events if one["kind"] == "SPLIT"]
    outcome = await world.run(UndoIdentityEvent(event["id"], "a small office", "Olga", "t1"))
    world.check()
    assert outcome.errors == ()
    # Who was refused because of the limit stays apart.
    assert sorted(len(group) for group in world.groups()) == [1, 6]
    assert world.identifiers["device:kiosk"]["pinned"]
    await world.see("phone:+4930123456", "device:kiosk", message_id="m7")
    world.check()
    assert sorted(len(group) for group in world.groups()) == [1, 7]


async def test_what_is_left_of_chores_names_whom_and_what_is_to_be_looked_into() -> None:
    world = World()
    for number in range(5):
        await world.see(f"email:{number}@x.de", "device:kiosk", message_id=f"m{number}")
    (customer_id,) = world.customers
    books = Books(Mint(NOW + 9), [Messages(), Identities(world.rules), Stewardship(), Moves(), Changes()])
    event = Event(claim("email:5@x.de", "device:kiosk", message_id="m5"))
    await books.load(cast("Transaction", world), Needs(event.needs()))
    event.decide(books)
    # Both of whom one was refused.
    (new,) = set(books[Identities].partition.customers) - {customer_id}
    keys = sorted((f"sharing:customer:{customer_id}", f"sharing:customer:{new}"))
    assert [one.rows for one in books.statements() if one.query == "identity/create_chores"] == [
        [{"key": key} for key in keys]
    ]
    assert books.chores == keys
    assert chore(f"sharing:customer:{customer_id}") == LookForSharing(f"customer:{customer_id}")
    assert chore("facts:external:crm:7") == MoveFacts("external:crm:7")
