from __future__ import annotations

from typing import Any

import orjson
import pytest

from service.customers.commands import UpdateCustomer, Updated
from service.customers.models import MAX_KEPT_ATTRIBUTES, UpdateCustomerInput
from service.customers.recording import Profiles
from service.errors import UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import MessageNeed
from service.identity.book import Identities, IdentityNeed
from service.identity.events import BY_HAND
from service.inputs import Invalid, parsed
from tests.unit.customers.test_recording import customer_id, identify, values, version
from tests.unit.examples import AT, NOW, claim, empty_books, written

NOBODY = "cus_" + "0" * 32
SET = "SET_BY_HAND"


def update(customer: str, token: str = "t1", **fields: Any) -> UpdateCustomer:
    form = parsed(UpdateCustomerInput, {"customerId": customer, "attributes": {}, **fields})
    return UpdateCustomer(form, f"\nupdateCustomer\n{token}", f"customer:{customer}")


def known_books() -> tuple[Books, str]:
    """Books in which a CRM said of somebody that she is Ann in Ulm, with her id."""
    books = empty_books()
    identify("cookie:a", attributes={"name": "Ann", "city": "Ulm"}).decide(books)
    return books, customer_id(books, "cookie:a")


def rules(books: Books, customer: str) -> dict[str, tuple[str, Any]]:
    golden = books[Profiles].golden(customer, books)
    return {name: (one.rule.value, one.chosen.value) for name, one in golden.items()}


def error_of(updated: Updated) -> UserError:
    assert updated.anchor is None
    (error,) = updated.errors
    return error


def test_it_needs_its_message_and_all_of_the_customer() -> None:
    assert update("cus_1").needs() == (
        MessageNeed("\nupdateCustomer\nt1"),
        IdentityNeed(("customer:cus_1",), opens=True),
    )


def test_what_is_set_wins_and_hangs_on_the_customers_own_identifier() -> None:
    books, ann = known_books()
    assert update(ann, attributes={"city": "Bonn", "vip": True}).decide(books) == Updated(f"customer:{ann}")
    assert rules(books, ann) == {"city": (SET, "Bonn"), "name": ("MOST_RECENT", "Ann"), "vip": (SET, True)}
    rows = written(books)
    row = rows["customers/create_profiles"][1]
    assert (row["key"], row["source"], row["identifierKey"]) == (
        f"by_hand\ncustomer:{ann}",
        "by_hand",
        f"customer:{ann}",
    )
    assert orjson.loads(row["statements"]) == {"city": ["Bonn", NOW], "vip": [True, NOW]}
    assert rows["customers/set_golden"] == [
        {"id": ann, "displayName": "Ann", "attributeKeys": ["city\nBonn", "name\nAnn", "vip\ntrue"]}
    ]
    assert rows["graph/create_messages"][1] == {
        "key": "\nupdateCustomer\nt1",
        "messageKind": "update",
        "subjectId": row["id"],
        "identifierKey": f"customer:{ann}",
        "refused": "[]",
    }
    # Whatever is said later.
    identify("cookie:a", message_id="m2", at=NOW + 1, attributes={"city": "Mainz", "vip": False}).decide(books)
    assert values(books, ann) == {"city": "Bonn", "name": "Ann", "vip": True}


def test_null_withdraws_and_what_is_left_out_stays() -> None:
    books, ann = known_books()
    update(ann, attributes={"city": "Bonn", "name": "Anna"}).decide(books)
    update(ann, "t2", attributes={"city": None}).decide(books)
    assert rules(books, ann) == {"city": ("MOST_RECENT", "Ulm"), "name": (SET, "Anna")}


def test_a_version_more_only_if_something_else_is_shown() -> None:
    books, ann = known_books()
    versions = []
    for number, attributes in enumerate(
        (
            {"city": "Ulm"},  # The same value, but now set by hand.
            {"city": "Ulm"},
            {},
            {"age": None},
            {"city": None},
            {"city": None},
            {"vip": 1},
            {"vip": True},
        )
    ):
        assert update(ann, f"t{number}", attributes=attributes).decide(books).errors == ()
        versions.append(version(books, "cookie:a"))
    assert versions == [2, 2, 2, 2, 3, 3, 4, 5]


def test_withdrawing_what_was_never_set_is_not_kept() -> None:
    books, ann = known_books()
    before = written(books)
    assert update(ann, attributes={"city": None, "age": None}).decide(books) == Updated(f"customer:{ann}")
    assert written(books) == before


def test_a_change_tells_when_it_was_made() -> None:
    books, ann = known_books()
    books.mint.millis = NOW + 5
    update(ann, attributes={"city": "Bonn"}).decide(books)
    assert books[Identities].partition.customers[ann].updated_at == NOW + 5


def test_the_version_guards() -> None:
    books, ann = known_books()
    assert update(ann, attributes={"city": "Bonn"}, expectedVersion=1).decide(books).errors == ()
    before = written(books)
    error = error_of(update(ann, "t2", attributes={"city": "Mainz"}, expectedVersion=1).decide(books))
    assert error == UserError(
        UserErrorCode.VERSION_CONFLICT,
        "expectedVersion: the customer is at version 2 by now; read it again, then update that version",
        ("expectedVersion",),
    )
    assert written(books) == before
    assert update(ann, "t3", attributes={"city": "Mainz"}, expectedVersion=2).decide(books).errors == ()
    assert values(books, ann)["city"] == "Mainz"


def test_nobody_is_updated_who_is_not_there() -> None:
    books, _ = known_books()
    before = written(books)
    error = error_of(update(NOBODY, attributes={"city": "Bonn"}).decide(books))
    assert error == UserError(
        UserErrorCode.NOT_FOUND,
        "customerId: there is no such customer; look it up by customer",
        ("customerId",),
    )
    assert written(books) == before


def test_an_update_that_was_committed_already_is_not_made_again() -> None:
    books, ann = known_books()
    update(ann, attributes={"city": "Bonn"}).decide(books)
    update(ann, "t2", attributes={"city": "Mainz"}).decide(books)
    assert update(ann, attributes={"city": "Bonn"}, expectedVersion=1).decide(books) == Updated(f"customer:{ann}")
    assert values(books, ann)["city"] == "Mainz"


def test_too_much_by_hand_is_refused_as_of_any_source() -> None:
    books, ann = known_books()
    for first in range(0, MAX_KEPT_ATTRIBUTES, 200):
        update(ann, f"t{first}", attributes={f"a{n}": n for n in range(first, first + 200)}).decide(books)
    before = written(books)
    error = error_of(update(ann, "more", attributes={"more": 1}).decide(books))
    assert (error.code, error.field) == (UserErrorCode.TOO_MANY, ("attributes",))
    assert error.message.startswith("attributes: by_hand would have told 1001 attributes")
    assert written(books) == before


def merged_books() -> tuple[Books, str, str]:
    """Books in which two were set by hand and then merged, with the survivor's id and the former one."""
    books = empty_books()
    for number, (key, city) in enumerate((("cookie:a", "Bonn"), ("cookie:b", "Ulm"))):
        books[Identities].resolve(claim(key, message_id=f"m{number}"), books)
        books.mint.millis = NOW + number
        update(customer_id(books, key), f"h{number}", attributes={"city": city}).decide(books)
    one, other = customer_id(books, "cookie:a"), customer_id(books, "cookie:b")
    books[Identities].resolve(claim("cookie:a", "cookie:b", message_id="m3"), books)
    survivor = customer_id(books, "cookie:a")
    return books, survivor, one if survivor == other else other


def test_of_two_that_were_set_by_hand_before_a_merge_the_most_recent_wins() -> None:
    books, survivor, former = merged_books()
    assert rules(books, survivor) == {"city": (SET, "Ulm")}
    golden = books[Profiles].golden(survivor, books)["city"]
    assert [(one.source, one.anchor) for one in golden.candidates] == [(BY_HAND, f"customer:{former}")]


@pytest.mark.parametrize("by_former", [True, False])
def test_after_a_merge_either_id_sets_and_withdraws(by_former: bool) -> None:
    books, survivor, former = merged_books()
    named = former if by_former else survivor
    # In the same moment as what was set before it.
    assert update(named, "x", attributes={"city": "Köln"}).decide(books) == Updated(f"customer:{named}")
    assert rules(books, survivor) == {"city": (SET, "Köln")}
    assert books[Profiles].by_key[f"by_hand\ncustomer:{named}"].statements["city"] == ("Köln", NOW + 2)
    update(named, "y", attributes={"city": None}).decide(books)
    assert rules(books, survivor) == {}


def test_the_last_of_two_hands_in_one_moment_wins_whichever_ids_they_name() -> None:
    books, survivor, former = merged_books()
    for number, named in enumerate((former, survivor, former, survivor, survivor, former)):
        update(named, f"x{number}", attributes={"city": number}).decide(books)
        assert rules(books, survivor) == {"city": (SET, number)}


def test_what_was_set_by_hand_goes_where_its_own_identifier_goes() -> None:
    books, survivor, former = merged_books()
    partition = books[Identities].partition
    del partition.absorbed[former]
    partition.regrouped |= {survivor, former}
    assert (values(books, survivor), values(books, former)) == ({"city": "Bonn"}, {"city": "Ulm"})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"attributes": None}, "attributes"),
        ({"attributes": {"": 1}}, "attributes"),
        ({"attributes": {"x" * 101: 1}}, "attributes"),
        ({"attributes": {f"a{n}": 1 for n in range(201)}}, "attributes"),
        ({"attributes": {"a": "x" * 40_000}}, "attributes"),
        ({"attributes": [1]}, "attributes"),
        ({"expectedVersion": "new"}, "expectedVersion"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_kept_is_invalid(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        update("cus_1", **changed)
    assert [(error.code, error.field) for error in caught.value.errors] == [(UserErrorCode.INVALID, (field,))]


def test_events_of_the_past_do_not_outdo_the_hand_and_are_kept_for_later() -> None:
    books, ann = known_books()
    update(ann, attributes={"city": "Bonn"}).decide(books)
    identify("cookie:a", message_id="m2", at=AT + 1, attributes={"city": "Mainz"}).decide(books)
    update(ann, "t2", attributes={"city": None}).decide(books)
    assert rules(books, ann)["city"] == ("MOST_RECENT", "Mainz")
