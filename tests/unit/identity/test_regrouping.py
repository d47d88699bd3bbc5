from __future__ import annotations

from dataclasses import replace

from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.kinds import Kinds
from service.identity.neighbourhood import Forbidden, KnownLink
from service.identity.records import own_key
from service.identity.regrouping import RULE_BY_HAND, Objection, over_limit
from service.ids import IDENTITY_EVENT, LINK, prefix_of
from tests.unit.examples import NOW
from tests.unit.identity.around import Around, groups, kinds_with

# --- evidence -------------------------------------------------------------------------------------------------


def test_a_change_has_an_event_and_the_time_of_its_transaction() -> None:
    change = Around().change()
    assert prefix_of(change.event_id) == IDENTITY_EVENT
    assert (change.now, change.reason, change.by) == (NOW, "a reason", "Olga")
    assert change.detail.as_json() == {}


def test_holding_two_identifiers_together_is_new_evidence_by_hand() -> None:
    around = Around()
    around.customer("cookie:a")
    around.customer("cookie:b")
    change = around.change()
    change.hold("cookie:a", "cookie:b", RULE_BY_HAND)
    (link,) = change.links.values()
    assert link == KnownLink(
        link.id, "cookie:a", "cookie:b", "BY_HAND", "by_hand", 1.0, "Olga", None, NOW, None, ()
    )
    assert prefix_of(link.id) == LINK
    assert change.new_links == {link.id}
    assert around.known.links[link.id] is link
    assert change.detail.as_json() == {"on": [(link.id, "cookie:a", "cookie:b")]}
    assert groups(change) == [{"cookie:a", "cookie:b"}]


def test_what_is_cut_does_not_hold_until_it_is_restored() -> None:
    around = Around()
    around.customer("cookie:a", "cookie:b")
    link = around.known.links["lnk_1"]
    change = around.change()
    change.cut(link)
    assert (link.active, link.cut_by) == (False, (change.event_id,))
    assert (change.links, change.new_links) == ({"lnk_1": link}, set())
    assert change.detail.as_json() == {"off": [("lnk_1", "cookie:a", "cookie:b")]}
    assert groups(change) == [{"cookie:a"}, {"cookie:b"}]
    back = around.change(now=NOW + 1)
    back.restore(link, change.event_id)
    assert (link.active, link.cut_by) == (True, ())
    assert back.detail.as_json() == {"on": [("lnk_1", "cookie:a", "cookie:b")]}


def test_what_two_events_cut_holds_once_none_is_left() -> None:
    around = Around()
    around.customer("cookie:a")
    around.customer("cookie:b")
    link = around.link("cookie:a", "cookie:b", cut_by=("iev_1", "iev_2"))
    change = around.change()
    change.restore(link, "iev_1")
    assert (link.active, link.cut_by) == (False, ("iev_2",))
    change.restore(link, "iev_2")
    assert (link.active, link.cut_by) == (True, ())


def test_refused_evidence_holds_once_it_is_accepted() -> None:
    around = Around()
    around.customer("cookie:a")
    around.customer("cookie:b")
    link = around.link("cookie:a", "cookie:b", refused="IDENTIFIER_LIMIT_EXCEEDED")
    change = around.change()
    change.accept(link)
    assert (link.refused, link.active) == (None, True)
    assert change.detail.as_json() == {"accepted": [(link.id, "IDENTIFIER_LIMIT_EXCEEDED")]}
    change.refuse(link, "IDENTIFIER_LIMIT_EXCEEDED")
    assert (link.refused, link.active) == ("IDENTIFIER_LIMIT_EXCEEDED", False)


def test_a_generic_identifier_hangs_with_nobody_and_one_that_is_said_to_identify_is_pinned() -> None:
    around = Around()
    around.customer("cookie:a")
    known = around.known.identifiers["cookie:a"]
    change = around.change()
    change.mark("cookie:a", generic=True)
    assert (known.generic, known.pinned) == (True, False)
    assert (change.marked, change.detail.generic) == ({"cookie:a": known}, ["cookie:a"])
    assert groups(change) == [set()]
    other = around.change()
    other.mark("cookie:a", generic=False)
    assert (known.generic, known.pinned) == (False, True)
    assert other.detail.as_json() == {"identified": ["cookie:a"]}


def test_what_is_forbidden_has_its_event_and_what_is_lifted_is_gone() -> None:
    around = Around()
    one, other = around.customer("cookie:a"), around.customer("cookie:b")
    change = around.change()
    change.forbid(own_key(one), own_key(other))
    (ban,) = around.known.forbidden.values()
    assert ban == Forbidden(ban.id, own_key(one), own_key(other), "a reason", "Olga", NOW, change.event_id)
    assert change.bans == [ban]
    assert change.detail.as_json() == {"forbade": [(own_key(one), own_key(other), change.event_id)]}
    after = around.change(now=NOW + 1)
    after.lift(ban)
    assert (around.known.forbidden, after.lifted) == ({}, [ban])
    assert after.detail.as_json() == {
        "lifted": [(own_key(one), own_key(other), change.event_id, "a reason", "Olga")]
    }


# --- taking back ----------------------------------------------------------------------------------------------


def test_taking_back_cuts_what_was_held_and_restores_what_was_cut() -> None:
    around = Around()
    around.customer("cookie:a", "cookie:b")
    around.customer("cookie:c")
    change = around.change()
    change.cut(around.known.links["lnk_1"])
    change.hold("cookie:a", "cookie:c", RULE_BY_HAND)
    (held,) = change.new_links
    back = around.change(now=NOW + 1)
    back.take_back(change.event_id, change.detail.as_json())
    assert groups(back) == [{"cookie:a", "cookie:b"}, {"cookie:c"}]
    assert around.known.links[held].cut_by == (back.event_id,)
    assert back.detail.as_json() == {
        "on": [("lnk_1", "cookie:a", "cookie:b")],
        "off": [(held, "cookie:a", "cookie:c")],
    }
    again = around.change(now=NOW + 2)
    again.take_back(back.event_id, back.detail.as_json())
    assert groups(again) == [{"cookie:a", "cookie:c"}, {"cookie:b"}]


def test_taking_back_refuses_again_what_was_accepted() -> None:
    around = Around()
    around.customer("cookie:a")
    around.customer("cookie:b")
    link = around.link("cookie:a", "cookie:b", refused="IDENTIFIER_LIMIT_EXCEEDED")
    change = around.change()
    change.accept(link)
    back = around.change(now=NOW + 1)
    back.take_back(change.event_id, change.detail.as_json())
    assert link.refused == "IDENTIFIER_LIMIT_EXCEEDED"
    assert back.links == {link.id: link}


def test_taking_back_lifts_only_what_the_event_itself_forbade() -> None:
    around = Around()
    one, other = around.customer("cookie:a"), around.customer("cookie:b")
    kept = around.ban(one, other)
    change = around.change()
    change.forbid(own_key(one), own_key(other))
    back = around.change(now=NOW + 1)
    back.take_back(change.event_id, change.detail.as_json())
    assert list(around.known.forbidden.values()) == [kept]


def test_a_ban_that_is_put_back_is_still_that_of_the_event_that_first_forbade_it() -> None:
    around = Around()
    one, other = around.customer("cookie:a"), around.customer("cookie:b")
    ban = around.ban(one, other, event_id="iev_first")
    change = around.change()
    change.lift(ban)
    back = around.change(now=NOW + 1)
    back.take_back(change.event_id, change.detail.as_json())
    (put_back,) = around.known.forbidden.values()
    assert put_back == replace(ban, id=put_back.id, at=NOW + 1)
    first = around.change(now=NOW + 2)
    first.take_back("iev_first", {"forbade": [[own_key(one), own_key(other), "iev_first"]]})
    assert around.known.forbidden == {}


def test_taking_back_that_a_value_is_generic_pins_it() -> None:
    around = Around()
    around.customer("cookie:a", "cookie:b")
    change = around.change()
    change.mark("cookie:b", generic=True)
    change.cut(around.known.links["lnk_1"])
    change.regroup()
    back = around.change(now=NOW + 1)
    back.take_back(change.event_id, change.detail.as_json())
    back.regroup()
    assert around.known.identifiers["cookie:b"].pinned
    assert groups(back) == [{"cookie:a", "cookie:b"}]


def test_what_is_not_there_any_more_cannot_be_taken_back_and_is_no_mistake() -> None:
    around = Around()
    around.customer("cookie:a")
    back = around.change()
    detail = {
        "on": [("lnk_x", "cookie:a", "cookie:x")],
        "off": [("lnk_y", "cookie:a", "cookie:x")],
        "accepted": [("lnk_z", "IDENTIFIER_LIMIT_EXCEEDED")],
        "forbade": [("customer:x", "customer:y", "iev_x")],
        "generic": ["cookie:x"],
    }
    back.take_back("iev_x", detail)
    assert (back.links, back.marked, back.lifted) == ({}, {}, [])


# --- whether groups may be ------------------------------------------------------------------------------------


def test_customers_that_are_one_within_the_limits_meet_no_objection() -> None:
    around = Around()
    around.customer("email:a@example.com")
    around.customer("email:b@example.com")
    change = around.change(kinds_with(email=2))
    change.hold("email:a@example.com", "email:b@example.com", RULE_BY_HAND)
    assert change.objection() is None


def test_customers_that_would_have_too_many_of_a_kind_cannot_be_one() -> None:
    around = Around()
    around.customer("user_id:u")
    around.customer("user_id:v")
    change = around.change()
    change.hold("user_id:u", "user_id:v", RULE_BY_HAND)
    assert change.objection() == Objection(
        UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED,
        "Together they would have more than 1 of kind user_id; see identifierKinds.",
    )


def test_customers_that_must_not_be_merged_cannot_be_one_also_by_way_of_a_third() -> None:
    around = Around()
    one, other = around.customer("cookie:a"), around.customer("cookie:b")
    around.customer("cookie:c")
    around.ban(one, other)
    change = around.change()
    change.hold("cookie:a", "cookie:c", RULE_BY_HAND)
    assert change.objection() is None
    change.hold("cookie:b", "cookie:c", RULE_BY_HAND)
    assert change.objection() == Objection(
        UserErrorCode.MERGE_FORBIDDEN, "They must not be merged: 'twins' (Anna). allowMerge lifts that."
    )


def test_customers_that_would_have_very_many_identifiers_cannot_be_one() -> None:
    around = Around()
    # No kind is above its limit.
    many = [f"external:s{system}:{number}" for system in range(100) for number in range(5)]
    around.customer(*many)
    around.customer(*(f"device:{number}" for number in range(100)), *(f"cookie:{n}" for n in range(100)))
    around.customer(*(f"app_id:{n}" for n in range(100)), *(f"advertising_id:{n}" for n in range(100)))
    more = around.customer(*(f"external:t{system}:{number}" for system in range(19) for number in range(5)))
    change = around.change()
    change.hold("external:s0:0", "device:0", RULE_BY_HAND)
    change.hold("external:s0:0", "app_id:0", RULE_BY_HAND)
    change.hold("external:s0:0", "external:t0:0", RULE_BY_HAND)
    # 500 + 200 + 200 + 95, and four own ones.
    assert change.objection() is None
    around.identifier("cookie_of:1", more)
    around.link("cookie_of:1", "device:0")
    assert change.objection() is None
    around.identifier("cookie_of:2", more)
    around.link("cookie_of:2", "device:0")
    assert change.objection() == Objection(
        UserErrorCode.CUSTOMER_TOO_LARGE,
        "Together they would have 1001 identifiers; no person has more than 1000.",
    )


def test_what_was_one_customer_before_is_left_alone_though_it_is_above_a_limit() -> None:
    around = Around()
    around.customer("user_id:u", "user_id:v", "cookie:a")
    change = around.change()
    change.cut(around.known.links["lnk_2"])
    assert change.objection() is None


def test_the_first_kind_of_which_there_are_too_many() -> None:
    assert over_limit(["user_id", "email"], Kinds()) is None
    assert over_limit(["email", "user_id", "customer", "user_id"], Kinds()) == kinds.by_name("user_id")
    assert over_limit(["email"] * 3, kinds_with(email=2)) == kinds_with(email=2).by_name("email")
    assert over_limit(["customer"] * 300, Kinds()) is None
