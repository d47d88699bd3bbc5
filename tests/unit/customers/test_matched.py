"""A customer's record as it is matched: golden values, and all addresses and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from service.customers.matched import MAX_CHARACTERS, MAX_VALUES, record, record_of, says_who, text_of
from service.customers.models import SourceProfile
from service.identity.matching.sorts import Sort


def profile(source: str, at: int = 1, **said: Any) -> SourceProfile:
    statements = {name: (value, at) for name, value in said.items()}
    return SourceProfile(source, source, source, f"cookie:{source}", statements)


def test_golden_values_are_compared() -> None:
    crm, shop = profile("crm", 1, name="Ann", City="Bonn", vip=True), profile("shop", 2, name="Anna", size=44)
    assert record([crm, shop], []) == {Sort.FULL_NAME: ("Anna",), Sort.CITY: ("Bonn",)}


def test_all_addresses_and_numbers_are_compared() -> None:
    crm = profile("crm", 2, email="a@x.de", phone=[4930123, "x", None, ["y"]])
    shop = profile("shop", 1, emailAddress="b@x.de")
    contacts = [("phone", "+4930123456"), ("email", "a@x.de"), ("email", "c@x.de")]
    assert record([crm, shop], contacts) == {
        Sort.EMAIL: ("a@x.de", "b@x.de", "c@x.de"),
        Sort.PHONE: ("4930123", "x", "+4930123456"),
    }


def test_what_was_withdrawn_and_what_is_no_text_is_left_out() -> None:
    assert record([profile("crm", name=None, city={"a": 1}, email=" ", birthDate=True)], []) == {}


def test_values_are_bounded() -> None:
    crm = profile("crm", name="x" * 100_000, email=[f"{n}@x.de" for n in range(50)])
    found = record([crm], [])
    assert len(found[Sort.FULL_NAME][0]) == MAX_CHARACTERS
    assert len(found[Sort.EMAIL]) == MAX_VALUES


def test_a_record_is_stored_and_read_back() -> None:
    found = record([profile("crm", name="Юлия", birthDate="1990-03-12")], [("email", "j@x.de")])
    assert record_of(text_of(found)) == found
    assert record_of('{"shoe size": ["44"], "city": ["Bonn"]}') == {Sort.CITY: ("Bonn",)}


@pytest.mark.parametrize(
    ("name", "says"), [("birth_date", True), ("Name", True), ("vip", False), ("acquisitionSource", False)]
)
def test_some_attributes_say_who_somebody_is(name: str, says: bool) -> None:
    assert says_who(name) is says
