from __future__ import annotations

from service.currencies import CURRENCIES


def test_active_currencies_are_known_and_others_are_not() -> None:
    assert {"EUR", "USD", "CNY", "UAH", "RUB", "JPY", "CHF", "XOF", "XPF", "ZWG"} <= CURRENCIES
    # No money: gold, test codes, funds; no more: the mark, the Croatian kuna.
    assert CURRENCIES.isdisjoint({"XAU", "XXX", "XTS", "CHE", "DEM", "HRK", "eur"})


def test_codes_have_their_form() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() and code.isalpha() for code in CURRENCIES)
    assert 150 <= len(CURRENCIES) <= 165
