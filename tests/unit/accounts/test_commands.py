from __future__ import annotations

from typing import Any

from service.accounts.commands import Account, Accounts, UpsertAccount
from service.accounts.models import UpsertAccountInput
from service.errors import UserErrorCode
from service.graph.books import Books
from service.identity.book import Identities
from service.ids import ACCOUNT, prefix_of
from service.inputs import parsed
from tests.unit.examples import NOW, claim, empty_books, written


def upsert(token: str = "t1", **form: Any) -> UpsertAccount:
    return UpsertAccount(parsed(UpsertAccountInput, {"name": "Acme", **form}), f"\naccount\n{token}")


def somebody(books: Books, key: str) -> str:
    """The id of a new customer."""
    return books[Identities].resolve(claim(key), books).customer_id


def test_a_new_account_is_written_with_its_members_and_their_changes() -> None:
    books = empty_books()
    one, other = somebody(books, "cookie:a"), somebody(books, "cookie:b")
    done = upsert(domain="acme.com", customerIds=[one, other, one]).decide(books)
    assert done.account_id is not None
    assert prefix_of(done.account_id) == ACCOUNT
    rows = written(books)
    (row,) = rows["accounts/write_accounts"]
    properties = {name: row["properties"][name] for name in ("name", "domain", "createdAt", "updatedAt")}
    assert properties == {"name": "Acme", "domain": "acme.com", "createdAt": NOW, "updatedAt": NOW}
    places = {row["key"]: row["position"] for row in rows["accounts/join"]}
    # The first that is given is the latest.
    assert places[f"customer:{one}"] > places[f"customer:{other}"]
    assert len(rows["accounts/join"]) == 2
    told = [(row["kind"], row["customerId"], row["subjectId"], row["fields"]) for row in rows["changes/append"]]
    assert sorted(told) == [
        ("CUSTOMER_UPDATED", who, done.account_id, ["account"]) for who in sorted((one, other))
    ]


def test_later_commands_of_a_batch_see_what_earlier_ones_decided() -> None:
    books = empty_books()
    one = somebody(books, "cookie:a")
    first = upsert(domain="acme.com", customerIds=[one]).decide(books)
    taken = upsert("t2", domain="acme.com").decide(books)
    assert [(error.code, error.field) for error in taken.errors] == [(UserErrorCode.ALREADY_EXISTS, ("domain",))]
    assert upsert("t3", id=first.account_id, customerIds=[], domain=None).decide(books) == first
    assert upsert("t4", domain="acme.com").decide(books).errors == ()
    rows = written(books)
    assert "accounts/join" not in rows
    assert [row["properties"]["domain"] for row in rows["accounts/write_accounts"]] == [None, "acme.com"]


def test_the_same_again_writes_nothing() -> None:
    books = empty_books()
    books[Accounts]._accounts["acc_1"] = Account("acc_1", "Acme", "acme.com", {"customer:cus_1": "1:1"})
    assert upsert(id="acc_1", domain="acme.com").decide(books).account_id == "acc_1"
    assert written(books) == {}


def test_the_same_message_again_answers_with_what_it_made() -> None:
    books = empty_books()
    first = upsert().decide(books)
    assert upsert().decide(books) == first
    assert len(written(books)["accounts/write_accounts"]) == 1
