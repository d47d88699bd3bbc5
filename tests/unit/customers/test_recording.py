from __future__ import annotations

from typing import Any

import orjson
import pytest

from service.customers.models import IdentifyInput
from service.customers.recording import Identify, Profiles
from service.errors import UserErrorCode
from service.graph.books import Books
from service.graph.messages import MessageNeed
from service.identity.book import Identities, IdentityNeed
from service.identity.events import evidence
from service.identity.recording import Recorded
from service.ids import SOURCE_PROFILE, prefix_of
from service.inputs import Invalid, parsed
from tests.unit.examples import AT, NOON, NOW, claim, empty_books, event, written

MINUTE = 60_000


def identify(*keys: str, at: int = AT, **fields: Any) -> Identify:
    raw = {"source": "crm", "attributes": {}, **event(*keys, **fields)}
    form = parsed(IdentifyInput, raw)
    claimed = evidence(form, None, NOON)
    return Identify(
        form, type(claimed)(claimed.identifiers, claimed.unusable, claimed.source, claimed.message_id, at)
    )


def values(books: Books, customer_id: str) -> dict[str, Any]:
    return {name: one.chosen.value for name, one in books[Profiles].golden(customer_id, books).items()}


def customer_id(books: Books, key: str) -> str:
    customer = books[Identities].partition.customer_of(key)
    assert customer is not None
    return customer.id


def version(books: Books, key: str) -> int:
    return books[Identities].partition.customers[customer_id(books, key)].version


def test_it_needs_its_message_and_all_of_the_customers_it_may_change() -> None:
    assert identify("email:ann@example.com", "cookie:c").needs() == [
        MessageNeed("crm\nm1"),
        IdentityNeed(("email:ann@example.com", "cookie:c"), opens=True),
    ]


def test_what_a_source_says_is_kept_on_the_strongest_identifier_and_shown_on_the_customer() -> None:
    books = empty_books()
    recorded = identify(
        "cookie:c", "email:ann@example.com", attributes={"firstName": "Ann", "lastName": "Bo", "age": 7}
    ).decide(books)
    assert recorded == Recorded(recorded.subject_id, "email:ann@example.com")
    assert prefix_of(recorded.subject_id or "") == SOURCE_PROFILE
    rows = written(books)
    (row,) = rows["customers/create_profiles"]
    assert orjson.loads(row.pop("statements")) == {
        "firstName": ["Ann", AT],
        "lastName": ["Bo", AT],
        "age": [7, AT],
    }
    assert row == {
        "id": recorded.subject_id,
        "key": "crm\nemail:ann@example.com",
        "source": "crm",
        "identifierKey": "email:ann@example.com",
    }
    assert rows["customers/set_golden"] == [
        {
            "id": customer_id(books, "cookie:c"),
            "displayName": "Ann Bo",
            "attributeKeys": ["age\n7", "firstName\nAnn", "lastName\nBo"],
        }
    ]
    assert rows["graph/create_messages"] == [
        {
            "key": "crm\nm1",
            "messageKind": "profile",
            "subjectId": recorded.subject_id,
            "identifierKey": "email:ann@example.com",
            "refused": "[]",
        }
    ]


def test_what_made_the_customer_belongs_to_its_first_version() -> None:
    books = empty_books()
    identify("cookie:c", attributes={"city": "Bonn"}).decide(books)
    assert version(books, "cookie:c") == 1


def test_a_changed_golden_value_makes_a_new_version_and_an_unchanged_one_does_not() -> None:
    books = empty_books()
    identify("cookie:c", attributes={"city": "Bonn"}).decide(books)
    identify("cookie:c", message_id="m2", attributes={"city": "Mainz"}, at=AT + 1).decide(books)
    assert version(books, "cookie:c") == 2
    # Older than what is known: it changes nothing that is shown.
    identify("cookie:c", message_id="m3", attributes={"city": "Köln"}, at=AT - 1).decide(books)
    identify("cookie:c", message_id="m4", attributes={}, at=AT + 2).decide(books)
    assert version(books, "cookie:c") == 2
    assert values(books, customer_id(books, "cookie:c")) == {"city": "Mainz"}


def test_null_withdraws_and_what_is_left_out_stays() -> None:
    books = empty_books()
    identify("cookie:c", attributes={"city": "Bonn", "age": 7}).decide(books)
    identify("cookie:c", message_id="m2", attributes={"city": None}, at=AT + 1).decide(books)
    assert values(books, customer_id(books, "cookie:c")) == {"age": 7}


def test_several_events_of_a_batch_make_one_profile_a_source_and_identifier() -> None:
    books = empty_books()
    first = identify("cookie:c", attributes={"city": "Bonn"}).decide(books)
    second = identify("cookie:c", message_id="m2", attributes={"age": 7}).decide(books)
    other = identify("cookie:c", source="shop", attributes={"age": 8}, at=AT + 1).decide(books)
    assert first.subject_id == second.subject_id != other.subject_id
    rows = written(books)["customers/create_profiles"]
    assert [(row["source"], orjson.loads(row["statements"])) for row in rows] == [
        ("crm", {"city": ["Bonn", AT], "age": [7, AT]}),
        ("shop", {"age": [8, AT + 1]}),
    ]
    assert values(books, customer_id(books, "cookie:c")) == {"city": "Bonn", "age": 8}


def test_the_survivor_of_merges_in_the_batch_shows_what_was_said_of_all_its_identifiers() -> None:
    books = empty_books()
    identify("cookie:a", attributes={"city": "Bonn", "name": "Ann"}).decide(books)
    identify("cookie:b", message_id="m2", attributes={"city": "Mainz"}, at=AT + 1).decide(books)
    identify("email:ann@example.com", message_id="m3", attributes={"age": 7}).decide(books)
    for keys in (("cookie:a", "cookie:b"), ("cookie:b", "email:ann@example.com")):
        books[Identities].resolve(claim(*keys), books)
    assert written(books)["customers/set_golden"] == [
        {
            "id": customer_id(books, "email:ann@example.com"),
            "displayName": "Ann",
            "attributeKeys": ["age\n7", "city\nMainz", "name\nAnn"],
        }
    ]


def test_a_repeated_message_answers_with_what_is_stored_and_changes_nothing() -> None:
    books = empty_books()
    first = identify("cookie:c", "cookie:null", attributes={"city": "Bonn"}).decide(books)
    again = identify("cookie:other", attributes={"city": "Mainz"}, at=AT + 1).decide(books)
    assert again == Recorded(first.subject_id, "cookie:c", duplicate=True, refused=first.refused)
    assert [one.value for one in again.refused] == ["null"]
    assert values(books, customer_id(books, "cookie:c")) == {"city": "Bonn"}
    assert books[Identities].partition.customer_of("cookie:other") is None


def test_an_event_with_only_unusable_identifiers_describes_a_customer_of_its_own() -> None:
    books = empty_books()
    recorded = identify("cookie:null", attributes={"city": "Bonn"}).decide(books)
    assert recorded.anchor is not None
    assert recorded.anchor.startswith("customer:cus_")
    assert [one.code for one in recorded.refused] == [UserErrorCode.IDENTIFIER_BLOCKED]


def test_a_change_of_golden_values_tells_when_it_was_made() -> None:
    books = empty_books()
    identify("cookie:c", attributes={"city": "Bonn"}).decide(books)
    books.mint.millis = NOW + MINUTE
    identify("cookie:c", message_id="m2", attributes={"city": "Mainz"}, at=AT + 1).decide(books)
    customer = books[Identities].partition.customers[customer_id(books, "cookie:c")]
    assert (customer.created_at, customer.updated_at) == (NOW, NOW + MINUTE)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (None, "a JSON object is needed"),
        ([], "valid dictionary"),
        ({"": 1}, "cannot be a name"),
        ({" ": 1}, "cannot be a name"),
        ({"a\nb": 1}, "cannot be a name"),
        ({"x" * 101: 1}, "cannot be a name"),
        ({f"a{n}": 1 for n in range(201)}, "at most 200 attributes at once"),
    ],
)
def test_attributes_that_cannot_be_kept_are_invalid(attributes: Any, reason: str) -> None:
    with pytest.raises(Invalid, match="attributes") as caught:
        identify("cookie:c", attributes=attributes)
    (error,) = caught.value.errors
    assert error.field == ("attributes",)
    assert reason in error.message


def test_200_attributes_with_names_of_100_characters_are_kept() -> None:
    attributes = {f"{n:0100d}": n for n in range(200)}
    assert identify("cookie:c", attributes=attributes).identify.attributes == attributes


def test_a_source_must_be_named() -> None:
    raw = event("cookie:c", attributes={})
    with pytest.raises(Invalid) as caught:
        parsed(IdentifyInput, raw)
    assert [error.field for error in caught.value.errors] == [("source",)]
