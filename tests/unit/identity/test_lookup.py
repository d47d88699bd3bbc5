from __future__ import annotations

import pytest

from service.identity.lookup import NotACustomer, key_of
from service.ids import CUSTOMER, TOUCHPOINT, Mint
from tests.unit.examples import NOW


def test_an_id_names_the_customers_own_identifier() -> None:
    customer_id = Mint(NOW)(CUSTOMER)
    assert key_of("id", customer_id, None) == f"customer:{customer_id}"


@pytest.mark.parametrize(
    "text",
    ["", "cus_1", "c1", Mint(NOW)(TOUCHPOINT), f"{Mint(NOW)(CUSTOMER)} "],
    ids=["nothing", "too short", "no prefix", "a touchpoint's", "a space behind it"],
)
def test_another_text_is_no_customers_id(text: str) -> None:
    with pytest.raises(NotACustomer, match="is not a customer's id; those begin with cus_"):
        key_of("id", text, None)


def test_a_long_text_is_not_told_back_whole() -> None:
    with pytest.raises(NotACustomer) as caught:
        key_of("id", "x" * 10_000, None)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("kind", "value", "region", "key"),
    [
        ("email", " Ann@Example.com", None, "email:ann@example.com"),
        ("phone", "8 (916) 123-45-67", "RU", "phone:+79161234567"),
        ("phone", "00 7 916 123-45-67", None, "phone:+79161234567"),
        ("cookie", "C1", None, "cookie:C1"),
        ("external:crm", "7", None, "external:crm:7"),
    ],
)
def test_an_identifier_in_any_spelling_names_what_was_recorded(
    kind: str, value: str, region: str | None, key: str
) -> None:
    assert key_of(kind, value, region) == key


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("email", "ann", "Not an e-mail address"),
        ("phone", "916 123-45-67", "Not a phone number"),
        ("cookie", "null", "The value says nothing"),
        ("customer", "cus_1", "The kind customer is reserved"),
        ("fax", "1", "There is no kind 'fax'"),
    ],
)
def test_a_value_that_cannot_name_anybody_says_why(kind: str, value: str, reason: str) -> None:
    with pytest.raises(NotACustomer, match=reason):
        key_of(kind, value, None)
