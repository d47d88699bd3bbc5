from __future__ import annotations

import pytest

from service.identity.matching import looks


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("1990-03-12", 1990),
        ("1990/3/12", 1990),
        ("12.03.1990", 1990),
        ("3/12/1990", 1990),
        ("19151111", 1915),
        ("12.03.90", 1990),
        ("12.03.05", 2005),
        ("12 Mar 1990", 1990),
        ("12 марта 1990", 1990),
        ("March 12, 1990", 1990),
        ("1990年3月12日", 1990),
        ("1990-03-12T00:00:00Z", 1990),
        ("1990-03-12 10:30", 1990),
        ("1990-13-12", None),
        ("19901399", None),
        ("12345678", None),
        ("1990", None),
        ("Bonn", None),
        ("", None),
    ],
)
def test_the_year_of_a_date(value: str, year: int | None) -> None:
    assert looks.year_of(value) == year


def test_a_time_of_day_is_one_other_than_midnight() -> None:
    assert looks.has_time("1990-03-12 10:30")
    assert not looks.has_time("1990-03-12T00:00:00")
    assert not looks.has_time("1990-03-12")


@pytest.mark.parametrize(
    "value", ["+49 30 123456", "(030) 123-456", "8 (916) 123-45-67", "89161234567", "0301234567"]
)
def test_phone_numbers(value: str) -> None:
    assert looks.is_phone(value)


@pytest.mark.parametrize("value", ["1234567", "12.03.1990", "1990-03-12", "12345.678", "call me", "5", "12 34"])
def test_other_numbers_are_no_phone_numbers(value: str) -> None:
    assert not looks.is_phone(value)


def test_companies_have_a_legal_form_at_an_end() -> None:
    assert looks.is_company("Acme GmbH")
    assert looks.is_company('ООО "Ромашка"')
    assert not looks.is_company("GmbH")
    assert not looks.is_company("Ivan Petrov")


def test_names_are_letters_and_their_signs() -> None:
    assert looks.is_wordy("Anne-Marie O'Neil jr.")
    assert not looks.is_wordy("a@b")
    assert not looks.is_wordy("Ann 2")
    assert not looks.is_wordy("-")
