"""Whose record is to be matched: marked with what changed it, in the same statements."""

from __future__ import annotations

from typing import Any

from service.changes.book import Changes
from service.customers.recording import Profiles
from service.graph.books import Book, Books
from service.graph.messages import Messages
from service.identity.book import Identities
from service.identity.rules import Rules
from service.identity.stewardship import Stewardship
from service.ids import Mint
from service.matches.book import Matches
from tests.unit.customers.test_recording import identify
from tests.unit.examples import NOW, claim, written


def books(*, matched: bool = True) -> Books:
    every: list[Book] = [
        Messages(),
        Identities(Rules(), matched=matched),
        Stewardship(),
        Profiles(matched=matched),
        Matches(matched=matched),
        Changes(),
    ]
    return Books(Mint(NOW), every)


def marks(given: Books) -> tuple[set[str], bool]:
    """The queries that mark somebody, and whether anybody is said to be."""
    rows = written(given)

    def marked(row: dict[str, Any]) -> bool:
        return bool(row.get("matchDue") or row.get("due") or row.get("properties", {}).get("matchDue"))

    return {
        query for query, some in rows.items() if any(isinstance(r, dict) and marked(r) for r in some)
    }, given.marked


def test_cookies_and_accounts_alone_are_not_matched_by() -> None:
    given = books()
    given[Identities].resolve(claim("cookie:a", "device:b", "user_id:1", "external:crm:7"), given)
    assert marks(given) == (set(), False)


def test_who_has_an_address_or_a_number_is_marked_where_they_are_made() -> None:
    for key in ("email:ann@example.com", "phone:+4930123456"):
        given = books()
        given[Identities].resolve(claim(key, "cookie:a"), given)
        assert marks(given) == ({"identity/create_customers"}, True)


def test_whom_a_source_tells_of_is_marked_with_what_it_tells() -> None:
    given = books()
    identify("cookie:c", attributes={"name": "Ann"}).decide(given)
    assert marks(given) == ({"customers/set_golden"}, True)
    given = books()
    identify("cookie:c", attributes={"vip": True, "shoeSize": 44}).decide(given)
    assert marks(given) == (set(), False)


def test_what_is_withdrawn_is_matched_without() -> None:
    given = books()
    identify("cookie:c", attributes={"name": None}).decide(given)
    assert marks(given) == ({"customers/set_golden"}, True)


def test_each_mark_is_its_customers_own() -> None:
    given = books()
    for number in range(3):
        identify(f"email:{number}@example.com", message_id=f"m{number}", attributes={"name": "Ann"}).decide(given)
    rows = written(given)
    made = [row["properties"]["matchDue"] for row in rows["identity/create_customers"]]
    told = [row["matchDue"] for row in rows["customers/set_golden"]]
    assert sorted(made) == sorted(told)
    assert len(set(made)) == 3


def test_who_does_not_match_marks_nobody() -> None:
    given = books(matched=False)
    identify("email:ann@example.com", attributes={"name": "Ann"}).decide(given)
    assert marks(given) == (set(), False)
