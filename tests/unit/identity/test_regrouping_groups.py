from __future__ import annotations

import pytest

from service.identity.kinds import Kinds
from service.identity.models import CustomerState, LinkMethod
from service.identity.records import CustomerRecord, own_key
from service.identity.regrouping import RULE_BY_HAND, RULE_HELD, Regrouping
from service.ids import CUSTOMER, IDENTIFIER, Mint, prefix_of
from tests.unit.examples import AT, NOW
from tests.unit.identity.around import BEFORE, HOUR, Around, groups, kinds_with

# --- repairing evidence ---------------------------------------------------------------------------------------


def test_the_strongest_of_identifiers_and_of_equals_the_one_that_was_seen_first() -> None:
    around = Around()
    around.customer("cookie:b", "email:a@example.com", "cookie:a", "device:d")
    known = around.known.identifiers
    known["cookie:a"].first_seen = AT - 1
    change = around.change()
    assert change.strongest(known) == "email:a@example.com"
    assert change.strongest(["device:d", "cookie:b", "cookie:a"]) == "cookie:a"
    known["cookie:b"].first_seen = AT - 1
    assert change.strongest(["cookie:b", "cookie:a"]) == "cookie:a"
    assert change.strongest([key for key in known if key.startswith("customer:")]).startswith("customer:")


def test_keys_that_are_to_stay_together_are_held_where_they_do_not_hang_together() -> None:
    around = Around()
    around.customer("cookie:hub", "cookie:a", "email:a@example.com", "device:d")
    around.link("email:a@example.com", "device:d")
    change = around.change()
    change.hold_together(["device:d", "cookie:a", "email:a@example.com"])
    (link,) = [change.links[one] for one in change.new_links]
    assert (link.pair, link.rule, link.method) == (("cookie:a", "email:a@example.com"), RULE_HELD, "BY_HAND")
    again = around.change()
    again.hold_together(["device:d", "cookie:a", "email:a@example.com"])
    assert again.new_links == set()


def test_refused_evidence_is_accepted_the_oldest_first_where_it_breaks_no_limit_any_more() -> None:
    around = Around()
    for name in "abc":
        around.customer(f"email:{name}@example.com")
    a, b, c = (f"email:{name}@example.com" for name in "abc")
    younger = around.link(a, b, at=AT + 2, refused="IDENTIFIER_LIMIT_EXCEEDED")
    older = around.link(b, c, at=AT + 1, refused="IDENTIFIER_LIMIT_EXCEEDED")
    change = around.change(kinds_with(email=2))
    change.accept_again()
    assert (older.refused, younger.refused) == (None, "IDENTIFIER_LIMIT_EXCEEDED")
    assert change.detail.as_json() == {"accepted": [(older.id, "IDENTIFIER_LIMIT_EXCEEDED")]}
    assert groups(change) == [{a}, {b, c}]


def test_refused_evidence_within_one_customer_is_accepted() -> None:
    around = Around()
    around.customer("user_id:u", "user_id:v", "cookie:a")
    link = around.link("user_id:v", "cookie:a", refused="IDENTIFIER_LIMIT_EXCEEDED")
    around.change().accept_again()
    assert link.refused is None


@pytest.mark.parametrize(
    ("refused", "cut_by"),
    [("MERGE_FORBIDDEN", ()), ("IDENTIFIER_LIMIT_EXCEEDED", ("iev_1",)), ("IDENTIFIER_BLOCKED", ())],
)
def test_evidence_that_was_refused_for_another_reason_or_was_cut_is_not_accepted(
    refused: str, cut_by: tuple[str, ...]
) -> None:
    around = Around()
    around.customer("cookie:a")
    around.customer("cookie:b")
    link = around.link("cookie:a", "cookie:b", refused=refused, cut_by=cut_by)
    around.change().accept_again()
    assert link.refused == refused


def test_evidence_with_a_generic_or_unknown_identifier_or_of_people_to_be_kept_apart_is_not_accepted() -> None:
    around = Around()
    one, other = around.customer("cookie:a"), around.customer("cookie:b")
    around.identifier("cookie:g", "")
    around.ban(one, other)
    for pair in (("cookie:a", "cookie:b"), ("cookie:a", "cookie:g"), ("cookie:a", "cookie:unknown")):
        around.link(*pair, refused="IDENTIFIER_LIMIT_EXCEEDED")
    change = around.change()
    change.accept_again()
    assert change.links == {}


def test_an_own_identifier_that_is_left_alone_hangs_on_the_oldest_of_its_customer() -> None:
    around = Around()
    former = around.new_id()
    customer_id = around.customer("email:a@example.com", "cookie:a", "device:d", former=(former,))
    around.known.identifiers["device:d"].first_seen = AT - HOUR
    change = around.change()
    # Nothing but the address tied both ids to anybody.
    change.mark("email:a@example.com", generic=True)
    for link in list(around.known.links.values()):
        change.cut(link)
    change.adopt_orphans()
    links = [change.links[one] for one in change.new_links]
    assert {link.pair for link in links} == {("device:d", own_key(customer_id)), ("device:d", own_key(former))}
    assert {(link.rule, link.method) for link in links} == {("born_with", "DETERMINISTIC")}
    change.regroup()
    assert around.known.identifiers["device:d"].owner == customer_id
    assert around.known.identifiers["cookie:a"].owner not in ("", customer_id)


def test_an_own_identifier_stays_alone_where_its_customer_has_nothing_else() -> None:
    around = Around()
    around.customer("cookie:a")
    change = around.change()
    change.mark("cookie:a", generic=True)
    change.cut(around.known.links["lnk_1"])
    change.adopt_orphans()
    assert change.new_links == set()


# --- groups get their customers -------------------------------------------------------------------------------


def joined(around: Around, *keys: str) -> Regrouping:
    """A change that holds these together."""
    change = around.change()
    for key in keys[1:]:
        change.hold(keys[0], key, RULE_BY_HAND)
    return change


def test_without_a_change_everybody_stays_who_they_are() -> None:
    around = Around()
    one, other = around.customer("cookie:a"), around.customer("cookie:b")
    change = around.change()
    change.regroup()
    assert (change.results, change.moved, change.gone(), change.customers()) == ([one, other], {}, [], [])
    assert change.touched() == set()


def test_of_two_present_customers_the_known_one_stays_then_the_older() -> None:
    around = Around()
    anonymous = around.customer("cookie:a")
    known, younger = around.customer("email:a@example.com"), around.customer("email:b@example.com")
    change = joined(around, "cookie:a", "email:a@example.com", "email:b@example.com")
    change.regroup()
    assert change.results == [known]
    assert change.gone() == [anonymous, younger]
    assert change.moved == {
        "cookie:a": known,
        own_key(anonymous): known,
        "email:b@example.com": known,
        own_key(younger): known,
    }
    assert change.touched() == {known}


def test_an_id_that_is_preferred_stays_before_all_others() -> None:
    around = Around()
    around.customer("email:a@example.com")
    preferred, second = around.customer("cookie:a"), around.customer("cookie:b")
    change = joined(around, "email:a@example.com", "cookie:a", "cookie:b")
    change.regroup(("cus_of_nobody", preferred, second))
    assert change.results == [preferred]


def test_a_former_id_may_be_preferred() -> None:
    around = Around()
    former = around.new_id()
    customer_id = around.customer("cookie:a", former=(former,))
    change = around.change()
    change.regroup((former,))
    assert (change.results, change.gone()) == ([former], [customer_id])
    (record,) = change.customers()
    assert (record.id, record.is_new, record.created_at) == (former, True, BEFORE + 1)


def test_a_group_with_no_present_id_goes_by_its_oldest_former_one() -> None:
    around = Around()
    old, older = around.new_id(), around.new_id()
    customer_id = around.customer("cookie:a", "cookie:b", former=(older, old))
    around.link("cookie:b", own_key(older))
    around.link("cookie:b", own_key(old))
    change = around.change()
    for link in list(around.known.links.values())[:4]:
        if link.to_key != own_key(customer_id):
            change.cut(link)
    change.regroup()
    assert change.results == [customer_id, old]
    assert change.moved == {"cookie:b": old, own_key(old): old, own_key(older): old}


def test_a_group_without_any_id_gets_a_new_customer_with_an_own_identifier() -> None:
    around = Around()
    customer_id = around.customer("cookie:a", "cookie:b", "device:d", version=4)
    around.link("cookie:b", "device:d")
    around.known.identifiers["cookie:b"].first_seen = AT - HOUR
    around.known.identifiers["device:d"].last_seen = AT + HOUR
    change = around.change()
    for link_id in ("lnk_1", "lnk_2"):
        change.cut(around.known.links[link_id])
    change.regroup()
    kept, made = change.results
    assert kept == customer_id
    assert prefix_of(made) == CUSTOMER
    assert change.moved == {"cookie:b": made, "device:d": made}
    (own,) = change.new_own.values()
    assert (own.key, own.kind, own.value, own.owner) == (own_key(made), "customer", made, made)
    assert (own.first_seen, own.last_seen, own.generic, own.pinned) == (AT - HOUR, AT, False, False)
    assert prefix_of(own.id) == IDENTIFIER
    (link,) = [change.links[one] for one in change.new_links]
    assert (link.pair, link.rule, link.method) == (("cookie:b", own.key), "born_with", "DETERMINISTIC")
    # The id goes with them also when the rest is taken back.
    assert "on" not in change.detail.as_json()
    assert change.customers() == [
        CustomerRecord(customer_id, CustomerState.ANONYMOUS, 5, BEFORE + 1, NOW, AT, AT),
        CustomerRecord(made, CustomerState.ANONYMOUS, 5, NOW, NOW, AT - HOUR, AT + HOUR, is_new=True),
    ]


def test_customers_that_became_one_have_a_version_above_all_of_them_and_were_seen_when_any_was() -> None:
    around = Around()
    survivor = around.customer("email:a@example.com", version=2, seen=AT)
    around.customer("cookie:a", version=7, seen=AT - HOUR)
    untouched = around.customer("cookie:b", version=9)
    change = joined(around, "email:a@example.com", "cookie:a")
    change.regroup()
    assert change.customers() == [CustomerRecord(survivor, CustomerState.KNOWN, 8, BEFORE + 1, NOW, AT - HOUR, AT)]
    assert untouched in change.results


def test_a_customer_is_known_as_long_as_an_identifier_is_a_persons() -> None:
    around = Around()
    customer_id = around.customer("cookie:a", "email:a@example.com")
    change = around.change()
    change.cut(around.known.links["lnk_1"])
    change.regroup((customer_id,))
    assert [(one.id == customer_id, one.state.value) for one in change.customers()] == [
        (True, "ANONYMOUS"),
        (False, "KNOWN"),
    ]


def test_own_identifiers_do_not_say_when_a_customer_was_seen_unless_there_is_nothing_else() -> None:
    around = Around()
    customer_id = around.customer("cookie:a", "cookie:b", seen=AT)
    around.known.identifiers[own_key(customer_id)].first_seen = AT - HOUR
    change = around.change()
    change.cut(around.known.links["lnk_1"])
    change.regroup()
    assert change.customers()[0].first_seen == AT
    change = around.change(now=NOW + 1)
    change.mark("cookie:a", generic=True)
    change.cut(around.known.links["lnk_2"])
    change.regroup()
    records = {one.id: one for one in change.customers()}
    assert (records[customer_id].first_seen, records[customer_id].state.value) == (AT - HOUR, "ANONYMOUS")


def test_a_generic_identifier_is_nobodys() -> None:
    around = Around()
    customer_id = around.customer("cookie:a", "cookie:b")
    change = around.change()
    change.mark("cookie:b", generic=True)
    change.cut(around.known.links["lnk_1"])
    change.regroup()
    assert change.moved == {"cookie:b": ""}
    assert around.known.identifiers["cookie:b"].owner == ""
    assert [(one.id, one.version) for one in change.customers()] == [(customer_id, 2)]


def test_ids_of_one_change_are_told_apart() -> None:
    around = Around()
    change = Regrouping(around.known, Kinds(), Mint(NOW), reason="", by="")
    around.customer("cookie:a", "cookie:b")
    change.hold("cookie:a", "cookie:b", RULE_BY_HAND, LinkMethod.DETERMINISTIC)
    change.hold("cookie:a", "cookie:b", RULE_BY_HAND)
    assert len({change.event_id, *change.new_links}) == 3
