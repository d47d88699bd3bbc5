from __future__ import annotations

from typing import Any, cast

import orjson
import pytest

from service.customers.models import MAX_KEPT_ATTRIBUTES, MAX_KEPT_BYTES, IdentifyInput
from service.customers.recording import Identify, Profiles, source_profile
from service.customers.rules import Survivorship, SurvivorshipRule
from service.errors import UserErrorCode
from service.graph.books import Books, Needs
from service.graph.client import Transaction
from service.graph.messages import MessageNeed
from service.identity.book import Identities, IdentityNeed
from service.identity.events import evidence
from service.identity.recording import Recorded
from service.identity.resolution import Partition
from service.ids import SOURCE_PROFILE, Mint, prefix_of
from service.inputs import Invalid, parsed
from tests.unit.examples import AT, NOON, NOW, claim, empty_book_list, empty_books, event, written

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
    command = identify("email:ann@example.com", "cookie:c")
    assert command.needs() == [MessageNeed("crm\nm1"), IdentityNeed(opens=True, evidence=command.evidence)]


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
        "firstStatements": None,
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


def golden_rows(books: Books) -> dict[str, tuple[str | None, list[str]]]:
    """What the batch writes of golden values, by customer."""
    rows = written(books)["customers/set_golden"]
    return {row["id"]: (row["displayName"], row["attributeKeys"]) for row in rows}


def regroup(books: Books, key: str, to: str) -> None:
    """Gives an identifier to the customer of another, as a split or an unlinking does."""
    partition = books[Identities].partition
    partition.regrouped |= {customer_id(books, key), customer_id(books, to)}
    partition.identifiers[key].customer_id = customer_id(books, to)


def test_what_was_said_goes_with_its_identifier_when_groups_change() -> None:
    books = empty_books()
    identify("cookie:a", "email:ann@example.com", attributes={"name": "Ann"}).decide(books)
    identify("cookie:a", message_id="m2", attributes={"city": "Bonn"}).decide(books)
    books[Identities].resolve(claim("cookie:z", message_id="m3"), books)
    ann, other = customer_id(books, "cookie:a"), customer_id(books, "cookie:z")
    regroup(books, "cookie:a", to="cookie:z")
    assert golden_rows(books) == {ann: ("Ann", ["name\nAnn"]), other: (None, ["city\nBonn"])}
    assert (values(books, ann), values(books, other)) == ({"name": "Ann"}, {"city": "Bonn"})


def test_who_is_left_without_anything_said_shows_nothing() -> None:
    books = empty_books()
    identify("cookie:a", attributes={"name": "Ann"}).decide(books)
    books[Identities].resolve(claim("cookie:z", message_id="m2"), books)
    ann, other = customer_id(books, "cookie:a"), customer_id(books, "cookie:z")
    regroup(books, "cookie:a", to="cookie:z")
    assert golden_rows(books) == {ann: (None, []), other: ("Ann", ["name\nAnn"])}


def test_changed_groups_are_recomputed_where_nothing_was_ever_said() -> None:
    books = empty_books()
    for number, key in enumerate(("cookie:a", "cookie:z")):
        books[Identities].resolve(claim(key, message_id=f"m{number}"), books)
    regroup(books, "cookie:a", to="cookie:z")
    assert list(golden_rows(books).values()) == [(None, []), (None, [])]


def test_what_was_said_of_who_is_gone_is_where_its_identifiers_went() -> None:
    books = empty_books()
    for number, (key, said) in enumerate((("cookie:a", {"name": "Ann"}), ("cookie:b", {"city": "Bonn"}))):
        identify(key, message_id=f"m{number}", attributes=said).decide(books)
    gone, ann = customer_id(books, "cookie:b"), customer_id(books, "cookie:a")
    regroup(books, "cookie:b", to="cookie:a")
    regroup(books, f"customer:{gone}", to="cookie:a")
    books[Identities].partition.regrouped = {ann}
    assert values(books, ann) == {"name": "Ann", "city": "Bonn"}
    assert golden_rows(books)[ann] == ("Ann", ["city\nBonn", "name\nAnn"])


class Stored:
    """A transaction that finds rows by the name of the query."""

    def __init__(self, **rows: list[list[Any]]) -> None:
        self._rows = rows
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def rows(self, name: str, /, **parameters: Any) -> list[list[Any]]:
        self.asked.append((name, parameters))
        return self._rows[name.removeprefix("customers/")]


async def test_what_was_said_of_an_identifier_that_was_nobodys_counts_once_it_is_somebodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    books = empty_books()
    books[Identities].resolve(claim("cookie:a", "device:kiosk"), books)
    ann = customer_id(books, "cookie:a")
    books[Identities].open = {ann}
    said = [["prf_1", "crm\ncookie:a", "crm", "cookie:a", '{"name":["Ann",1]}', None]]
    of_kiosk = [["prf_2", "web\ndevice:kiosk", "web", "device:kiosk", '{"city":["Bonn",1]}', None]]
    stored = Stored(source_profiles=[[ann, *one] for one in said], profiles_of_identifiers=of_kiosk)
    owners: dict[str, str | None] = {"cookie:a": ann, f"customer:{ann}": ann, "device:kiosk": None}
    monkeypatch.setattr(Partition, "owner_of", lambda _self, key: owners[key])
    await books[Profiles].load(cast("Transaction", stored), Needs(()), books)
    assert stored.asked == [
        ("customers/source_profiles", {"ids": [ann]}),
        ("customers/profiles_of_identifiers", {"keys": ["device:kiosk"]}),
    ]
    assert values(books, ann) == {"name": "Ann"}
    owners["device:kiosk"] = ann
    books[Identities].partition.regrouped.add(ann)
    assert values(books, ann) == {"name": "Ann", "city": "Bonn"}
    # Nothing of it was said now.
    assert [query for query in written(books) if "profiles" in query] == []


def test_a_split_after_a_merge_in_one_batch_gives_back_what_was_said_of_each() -> None:
    books = empty_books()
    identify("cookie:a", attributes={"name": "Ann"}).decide(books)
    identify("cookie:b", message_id="m2", attributes={"city": "Bonn"}).decide(books)
    books[Identities].resolve(claim("cookie:z", message_id="m3"), books)
    books[Identities].resolve(claim("cookie:a", "cookie:b", message_id="m4"), books)
    identify("cookie:b", message_id="m5", source="shop", attributes={"age": 7}).decide(books)
    joined = customer_id(books, "cookie:a")
    assert values(books, joined) == {"name": "Ann", "city": "Bonn", "age": 7}
    regroup(books, "cookie:b", to="cookie:z")
    assert golden_rows(books) == {
        joined: ("Ann", ["name\nAnn"]),
        customer_id(books, "cookie:z"): (None, ["age\n7", "city\nBonn"]),
    }


def test_what_was_loaded_belongs_to_where_it_was_found_until_its_identifier_is_known_better() -> None:
    books = empty_books()
    for number, key in enumerate(("cookie:a", "cookie:b")):
        books[Identities].resolve(claim(key, message_id=f"m{number}"), books)
    loaded = source_profile(["prf_1", "crm\nemail:x", "crm", "email:x", '{"city":["Bonn",1]}', None])
    books[Profiles].enter(loaded, customer_id(books, "cookie:b"))
    books[Identities].resolve(claim("cookie:a", "cookie:b", message_id="m3"), books)
    assert values(books, customer_id(books, "cookie:a")) == {"city": "Bonn"}


def test_stored_values_follow_the_rules_too() -> None:
    rules = Survivorship({"name": SurvivorshipRule.MOST_TRUSTED_SOURCE}, trust={"crm": 90})
    books = Books(Mint(NOW), [Profiles(rules) if type(one) is Profiles else one for one in empty_book_list()])
    identify("cookie:a", attributes={"name": "Ann", "city": "Bonn"}).decide(books)
    web = {"name": "Anna", "city": "Ulm"}
    identify("cookie:a", message_id="m2", source="web", at=AT + 1, attributes=web).decide(books)
    assert golden_rows(books) == {customer_id(books, "cookie:a"): ("Ann", ["city\nUlm", "name\nAnn"])}


def test_what_a_source_said_first_is_stored_where_it_says_something_else_by_now() -> None:
    books = empty_books()
    identify("cookie:a", attributes={"name": "Ann", "city": "Bonn"}).decide(books)
    identify("cookie:a", message_id="m2", at=AT + 1, attributes={"name": "Anna"}).decide(books)
    (row,) = written(books)["customers/create_profiles"]
    assert (row["statements"], row["firstStatements"]) == (
        f'{{"name":["Anna",{AT + 1}],"city":["Bonn",{AT}]}}',
        f'{{"name":["Ann",{AT}]}}',
    )
    columns = [row[name] for name in ("id", "key", "source", "identifierKey", "statements", "firstStatements")]
    assert source_profile(columns) == books[Profiles].by_key["crm\ncookie:a"]


def test_true_after_one_is_a_change() -> None:
    books = empty_books()
    identify("cookie:a", attributes={"vip": 1}).decide(books)
    identify("cookie:a", message_id="m2", at=AT + 1, attributes={"vip": True}).decide(books)
    assert version(books, "cookie:a") == 2


def tell_names(books: Books, count: int) -> None:
    """Lets a source tell so many attributes of a cookie."""
    for first in range(0, count, 200):
        names = range(first, min(first + 200, count))
        identify("cookie:a", message_id=f"n{first}", attributes={f"a{n}": n for n in names}).decide(books)


def test_a_source_that_tells_ever_new_names_is_refused_from_some_number_on() -> None:
    books = empty_books()
    tell_names(books, MAX_KEPT_ATTRIBUTES)
    before = written(books)
    form = identify("cookie:a", "cookie:b", message_id="more", attributes={"a0": 1, "one": "more"})
    (error,) = form.decide(books).errors
    assert (error.code, error.field) == (UserErrorCode.TOO_MANY, ("attributes",))
    assert error.message == (
        "attributes: crm would have told 1001 attributes of one identifier, withdrawn ones too; "
        "at most 1000 are kept, so put what varies into values, not into names"
    )
    # Not even who it is was taken from it.
    assert written(books) == before
    # What has a name already goes on, as does a repeat, and other sources.
    assert identify("cookie:a", message_id="old", at=AT + 1, attributes={"a0": None}).decide(books).errors == ()
    assert identify("cookie:a", message_id="n0", attributes={"x": 1}).decide(books).duplicate
    assert identify("cookie:a", message_id="w", source="web", attributes={"x": 1}).decide(books).errors == ()


def test_what_a_source_tells_of_one_identifier_has_a_size_too() -> None:
    books = empty_books()
    text = "ü" * 16_000
    for number in range(MAX_KEPT_BYTES // 32_000):
        told = identify("cookie:a", message_id=f"m{number}", attributes={f"a{number}": text}).decide(books)
        assert told.errors == ()
    (error,) = identify("cookie:a", message_id="more", attributes={"more": text}).decide(books).errors
    assert (error.code, error.field) == (UserErrorCode.TOO_MANY, ("attributes",))
    assert "at most 262144 are kept, so withdraw some with null first" in error.message
    identify("cookie:a", message_id="less", at=AT + 1, attributes={"a0": None}).decide(books)
    assert identify("cookie:a", message_id="again", attributes={"more": text}).decide(books).errors == ()


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


@pytest.mark.parametrize("source", ["by_hand", " By_Hand "])
def test_what_is_recorded_is_not_set_by_hand(source: str) -> None:
    with pytest.raises(Invalid) as caught:
        identify("cookie:c", source=source)
    (error,) = caught.value.errors
    assert error.field == ("source",)
    assert error.message == "source: 'by_hand' is kept for what is set by hand; name the system that tells it"


def test_a_source_must_be_named() -> None:
    raw = event("cookie:c", attributes={})
    with pytest.raises(Invalid) as caught:
        parsed(IdentifyInput, raw)
    assert [error.field for error in caught.value.errors] == [("source",)]
