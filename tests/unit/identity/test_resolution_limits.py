from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.models import CustomerState, Refusal
from service.identity.records import CustomerRecord, IdentifierRecord, Resolution
from service.identity.resolution import Partition
from service.ids import Mint
from tests.unit.examples import AT, NOW, claim


class Batch:
    """Resolves events on one partition."""

    def __init__(self) -> None:
        self.partition = Partition()
        self.mint = Mint(NOW)

    def __call__(self, *keys: str) -> Resolution:
        return self.partition.resolve(claim(*keys), self.mint)

    def customer_of(self, key: str) -> CustomerRecord | None:
        return self.partition.customer_of(key)


def over(key: str, kind: str, limit: int, *, joins: bool) -> Refusal:
    """The refusal of an identifier with which a customer would have too many of a kind."""
    what = "It belongs to another customer; together they" if joins else "The customer"
    name, value = key.rsplit(":", 1)
    message = f"{what} would have more than {limit} of kind {kind}."
    return Refusal(name, value, UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED, message)


@pytest.fixture
def two_emails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer may have two e-mail addresses."""
    email = kinds.by_name("email")
    assert email is not None
    monkeypatch.setitem(kinds._BY_NAME, "email", replace(email, limit=2))


def test_a_second_log_in_of_one_event_is_refused_and_not_made() -> None:
    batch = Batch()
    resolved = batch("user_id:u1", "user_id:u2", "cookie:a")
    assert resolved.accepted == ("user_id:u1", "cookie:a")
    assert resolved.refused == (over("user_id:u2", "user_id", 1, joins=False),)
    assert "user_id:u2" not in batch.partition.identifiers
    assert all("user_id:u2" not in (link.from_key, link.to_key) for link in batch.partition.links)


def test_a_new_identifier_beyond_the_customers_limit_is_refused_and_not_made() -> None:
    batch = Batch()
    batch("user_id:u1", "cookie:a")
    # The stronger one is taken first: the cookie belongs to somebody with another log-in.
    resolved = batch("user_id:u2", "cookie:a")
    assert resolved.accepted == ("user_id:u2",)
    assert resolved.created
    assert resolved.refused == (over("cookie:a", "user_id", 1, joins=True),)


@pytest.mark.usefixtures("two_emails")
def test_a_weaker_new_identifier_beyond_the_limit_is_refused_alone() -> None:
    batch = Batch()
    first = batch("user_id:u1", "email:a@example.com", "email:b@example.com")
    resolved = batch("user_id:u1", "email:c@example.com", "cookie:k")
    assert resolved.customer_id == first.customer_id
    assert resolved.accepted == ("user_id:u1", "cookie:k")
    assert resolved.refused == (over("email:c@example.com", "email", 2, joins=False),)
    assert "email:c@example.com" not in batch.partition.identifiers
    assert batch.customer_of("cookie:k") == batch.customer_of("user_id:u1")


@pytest.mark.usefixtures("two_emails")
def test_at_the_limit_nothing_is_refused() -> None:
    batch = Batch()
    batch("user_id:u1", "email:a@example.com")
    resolved = batch("user_id:u1", "email:b@example.com")
    assert resolved.refused == ()
    assert batch("user_id:u1", "email:a@example.com", "email:b@example.com").refused == ()


def test_a_merge_beyond_a_limit_is_refused_and_both_customers_stay() -> None:
    batch = Batch()
    one, other = batch("user_id:u1", "cookie:a"), batch("user_id:u2", "cookie:b")
    resolved = batch("cookie:a", "cookie:b")
    assert resolved.customer_id == one.customer_id
    assert resolved.accepted == ("cookie:a",)
    assert resolved.refused == (over("cookie:b", "user_id", 1, joins=True),)
    assert batch.partition.absorbed == {}
    kept = batch.customer_of("cookie:b")
    assert kept is not None
    assert kept.id == other.customer_id


@pytest.mark.usefixtures("two_emails")
def test_a_merge_counts_what_all_joined_customers_and_the_events_new_identifiers_have() -> None:
    batch = Batch()
    batch("email:a@example.com", "cookie:k")
    batch("email:b@example.com", "cookie:l")
    # A new address comes first, so there is room for one of the two.
    resolved = batch("email:c@example.com", "cookie:k", "cookie:l")
    assert resolved.accepted == ("email:c@example.com", "cookie:k")
    assert resolved.refused == (over("cookie:l", "email", 2, joins=True),)


@pytest.mark.usefixtures("two_emails")
def test_after_a_refusal_weaker_identifiers_are_still_taken() -> None:
    batch = Batch()
    batch("email:a@example.com", "email:b@example.com", "cookie:k")
    batch("cookie:free")
    resolved = batch("email:c@example.com", "cookie:k", "cookie:free", "device:new")
    assert resolved.accepted == ("email:c@example.com", "cookie:free", "device:new")
    assert [one.value for one in resolved.refused] == ["k"]


@pytest.mark.usefixtures("two_emails")
def test_identifiers_of_a_customer_that_is_joined_already_are_taken_without_asking() -> None:
    batch = Batch()
    batch("email:a@example.com", "email:b@example.com", "cookie:k")
    resolved = batch("email:a@example.com", "email:b@example.com", "cookie:k")
    assert (resolved.refused, resolved.created) == ((), False)


def test_the_first_identifier_of_an_event_is_never_refused() -> None:
    batch = Batch()
    for number in range(3):
        assert batch(f"user_id:u{number}").accepted == (f"user_id:u{number}",)


@pytest.mark.usefixtures("two_emails")
def test_a_limit_holds_across_merges_within_one_batch() -> None:
    batch = Batch()
    batch("email:a@example.com", "cookie:k")
    batch("email:b@example.com", "cookie:l")
    batch("cookie:k", "cookie:l")
    batch("email:c@example.com", "cookie:m")
    resolved = batch("cookie:k", "cookie:m")
    assert resolved.accepted == ("cookie:k",)
    assert resolved.refused == (over("cookie:m", "email", 2, joins=True),)


def test_each_system_of_external_ids_has_a_limit_of_its_own() -> None:
    batch = Batch()
    mine = [f"external:crm:{name}" for name in "abcde"]
    resolved = batch(*mine, "external:crm:f", "external:shop:a")
    assert resolved.accepted == (*mine, "external:shop:a")
    assert resolved.refused == (over("external:crm:f", "external:crm", 5, joins=False),)


def test_a_customer_whose_identifiers_were_not_loaded_is_not_merged_blindly() -> None:
    partition = Partition()
    for name in "ab":
        customer = CustomerRecord(f"cus_{name}", CustomerState.ANONYMOUS, 1, NOW, NOW, AT, AT, kinds=None)
        partition.customers[customer.id] = customer
        partition.identifiers[f"cookie:{name}"] = IdentifierRecord(
            f"idn_{name}", f"cookie:{name}", "cookie", name, name, customer.id, AT, AT
        )
    assert partition.resolve(claim("cookie:a"), Mint(NOW)).customer_id == "cus_a"
    with pytest.raises(LookupError, match="the identifiers of cus_a were not loaded"):
        partition.resolve(claim("cookie:a", "cookie:b"), Mint(NOW))


def test_the_count_of_a_loaded_customer_is_what_the_limit_is_checked_against() -> None:
    partition = Partition()
    customer = CustomerRecord(
        "cus_a", CustomerState.KNOWN, 3, NOW, NOW, AT, AT, kinds=Counter({"phone": 5, "cookie": 1})
    )
    partition.customers[customer.id] = customer
    partition.identifiers["cookie:a"] = IdentifierRecord("idn_a", "cookie:a", "cookie", "a", "a", "cus_a", AT, AT)
    resolved = partition.resolve(claim("cookie:a", "email:ann@example.com"), Mint(NOW))
    assert resolved.refused == ()
    resolved = partition.resolve(claim("email:ann@example.com", "phone:+79161234567"), Mint(NOW))
    assert resolved.refused == (over("phone:+79161234567", "phone", 5, joins=False),)
    assert customer.kinds == {"phone": 5, "cookie": 1, "email": 1}
