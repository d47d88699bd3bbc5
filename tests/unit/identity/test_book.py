from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from service.graph.books import Books, Needs
from service.graph.client import Transaction
from service.identity.book import Identities, IdentityNeed
from service.identity.records import own_key
from service.identity.rules import Rules
from service.ids import Mint
from service.positions import position
from tests.unit.examples import AT, NOW, claim, empty_books, written
from tests.unit.identity.store import Store

HOUR = 3_600_000


async def loaded(store: Store, needs: Iterable[IdentityNeed]) -> Books:
    """Books of a transaction on a store, loaded for these needs."""
    books = Books(Mint(NOW + HOUR), [Identities(Rules())])
    await books.load(cast("Transaction", store), Needs(needs))
    return books


def test_a_new_customer_is_written_with_identifiers_by_their_labels() -> None:
    books = empty_books()
    resolved = books[Identities].resolve(claim("user_id:u", "cookie:c", "device:d"), books)
    rows = written(books)
    assert list(rows) == [
        "identity/create_customers",
        "identity/create_cookies",
        "identity/create_devices",
        "identity/create_identifiers",
        "identity/create_links",
        "identity/see_devices",
    ]
    assert rows["identity/create_customers"] == [
        {
            "id": resolved.customer_id,
            "properties": {
                "id": resolved.customer_id,
                "state": "KNOWN",
                "version": 1,
                "createdAt": NOW,
                "updatedAt": NOW,
                "firstSeenAt": AT,
                "lastSeenAt": AT,
                "lastSeenPosition": position(AT, resolved.customer_id),
            },
        }
    ]
    (cookie,) = rows["identity/create_cookies"]
    assert cookie == {
        "customerId": resolved.customer_id,
        "properties": {
            "id": cookie["properties"]["id"],
            "key": "cookie:c",
            "kind": "cookie",
            "value": "c",
            "rawValue": "c",
            "generic": False,
            "firstSeenAt": AT,
            "lastSeenAt": AT,
        },
    }
    assert [row["properties"]["key"] for row in rows["identity/create_devices"]] == ["device:d"]
    others = [row["properties"]["key"] for row in rows["identity/create_identifiers"]]
    assert others == [own_key(resolved.customer_id), "user_id:u"]
    assert rows["identity/see_devices"] == [{"cookie": "cookie:c", "device": "device:d", "at": AT}]


def test_a_link_is_written_with_its_evidence() -> None:
    books = empty_books()
    books[Identities].resolve(claim("email:ann@example.com", "cookie:c", message_id="m9", source="shop"), books)
    link = written(books)["identity/create_links"][1]
    assert link == {
        "from": "email:ann@example.com",
        "to": "cookie:c",
        "properties": {
            "id": link["properties"]["id"],
            "method": "DETERMINISTIC",
            "rule": "same_event",
            "probability": 1.0,
            "source": "shop",
            "messageId": "m9",
            "at": AT,
            "active": True,
            "refused": None,
        },
    }


def test_a_customer_that_was_born_and_merged_in_one_batch_is_never_written() -> None:
    books = empty_books()
    older = books[Identities].resolve(claim("cookie:a"), books).customer_id
    younger = books[Identities].resolve(claim("cookie:b"), books).customer_id
    books[Identities].resolve(claim("cookie:a", "cookie:b"), books)
    rows = written(books)
    assert [row["id"] for row in rows["identity/create_customers"]] == [older]
    assert "identity/merge_customers" not in rows
    made = [*rows["identity/create_cookies"], *rows["identity/create_identifiers"]]
    assert {row["properties"]["key"] for row in made} == {"cookie:a", "cookie:b", own_key(older), own_key(younger)}
    assert {row["customerId"] for row in made} == {older}


async def test_merging_stored_customers_re_points_and_removes_them() -> None:
    store = Store()
    older, younger = (one.customer_id for one in await store.resolve([claim("cookie:a"), claim("cookie:b")], NOW))
    books = await loaded(store, [IdentityNeed(("cookie:a", "cookie:b"))])
    books[Identities].resolve(claim("cookie:a", "cookie:b"), books)
    rows = written(books)
    assert rows["identity/merge_customers"] == [{"from": younger, "to": older}]
    assert rows["identity/remove_customers"] == [{"from": younger, "to": older}]
    (changed,) = rows["identity/update_customers"]
    assert (changed["id"], changed["properties"]["version"]) == (older, 2)
    assert changed["properties"]["updatedAt"] == NOW + HOUR


async def test_an_event_that_tells_nothing_new_writes_nothing() -> None:
    store = Store()
    await store.resolve([claim("cookie:a", "device:d")], NOW)
    books = await loaded(store, [IdentityNeed(("cookie:a",))])
    books[Identities].resolve(claim("cookie:a"), books)
    assert written(books) == {}


async def test_a_later_event_writes_when_its_identifier_and_customer_were_last_seen() -> None:
    store = Store()
    (made,) = await store.resolve([claim("cookie:a", "device:d")], NOW)
    books = await loaded(store, [IdentityNeed(("cookie:a",))])
    books[Identities].resolve(claim("cookie:a", at=AT + HOUR), books)
    rows = written(books)
    assert rows["identity/see_identifiers"] == [{"key": "cookie:a", "firstSeenAt": AT, "lastSeenAt": AT + HOUR}]
    (changed,) = rows["identity/update_customers"]
    assert changed["id"] == made.customer_id
    assert changed["properties"]["lastSeenAt"] == AT + HOUR
    assert changed["properties"]["version"] == 1
    assert changed["properties"]["lastSeenPosition"] == position(AT + HOUR, made.customer_id)


async def test_only_customers_that_may_change_are_opened() -> None:
    store = Store()
    made = await store.resolve([claim(f"cookie:{name}", f"device:{name}") for name in "abcd"], NOW)
    a, b, c, d = (one.customer_id for one in made)
    needs = [
        IdentityNeed(("cookie:a", "device:a")),
        IdentityNeed(("cookie:b", "email:new@example.com")),
        IdentityNeed(("cookie:b", "cookie:c")),
        IdentityNeed(("cookie:d",), opens=True),
    ]
    identities = (await loaded(store, needs))[Identities]
    assert identities.open == {b, c, d}
    assert identities.partition.customers[a].kinds is None
    assert identities.partition.customers[b].kinds == {"cookie": 1, "device": 1}


async def test_nothing_is_read_for_commands_that_are_about_nobody() -> None:
    books = Books(Mint(NOW), [Identities(Rules())])
    await books.load(cast("Transaction", None), Needs([]))
    assert books[Identities].partition.customers == {}
