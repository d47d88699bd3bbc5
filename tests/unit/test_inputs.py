from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from service.errors import UserError, UserErrorCode
from service.inputs import Input, Invalid, JsonObject, MoneyInput, Name, Text, parsed


class Example(Input):
    """An input with a field of each type."""

    short_name: Name = "name"
    text: Text = ""
    price: MoneyInput | None = None
    extras: JsonObject = None
    parts: tuple[MoneyInput, ...] = ()


def errors_of(raw: Mapping[str, Any]) -> tuple[UserError, ...]:
    with pytest.raises(Invalid) as caught:
        parsed(Example, raw)
    assert all(error.code is UserErrorCode.INVALID for error in caught.value.errors)
    return caught.value.errors


def error_of(**raw: Any) -> UserError:
    (error,) = errors_of(raw)
    return error


def money(amount: Any, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def test_a_name_is_trimmed_and_may_have_200_characters() -> None:
    assert parsed(Example, {"shortName": " \t Ann Bo \n"}).short_name == "Ann Bo"
    assert parsed(Example, {"shortName": "x" * 200}).short_name == "x" * 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_that_says_nothing_or_too_much_is_refused(name: str) -> None:
    assert error_of(shortName=name).field == ("shortName",)


@pytest.mark.parametrize("character", ["\x00", "\n", "\x1b", "\x7f", "\x85"])
def test_a_name_has_no_control_characters(character: str) -> None:
    assert error_of(shortName=f"a{character}b").message == "shortName: control characters are not allowed"


def test_a_text_keeps_its_lines_and_spaces_up_to_4000_characters() -> None:
    assert parsed(Example, {"text": " a\n\tb "}).text == " a\n\tb "
    assert len(parsed(Example, {"text": "x" * 4000}).text) == 4000
    assert error_of(text="x" * 4001).field == ("text",)


def test_a_text_has_no_nul() -> None:
    assert error_of(text="a\x00b").message == "text: the character NUL is not allowed"


@pytest.mark.parametrize(
    ("given", "amount", "digits"),
    [
        ("19.90", Decimal("19.90"), "19.90"),
        (7, Decimal(7), "7"),
        ("1E+3", Decimal("1E+3"), "1000"),
        ("1E-8", Decimal("1E-8"), "0.00000001"),
        ("-0.5", Decimal("-0.5"), "-0.5"),
        ("999999999999999.99999999", Decimal("999999999999999.99999999"), "999999999999999.99999999"),
    ],
)
def test_an_amount_keeps_every_digit(given: object, amount: Decimal, digits: str) -> None:
    price = parsed(Example, {"price": money(given)}).price
    assert price is not None
    assert (price.amount, price.text()) == (amount, digits)


@pytest.mark.parametrize("amount", ["1000000000000000", "1E+15", "0.000000001", "1E-9"])
def test_an_amount_with_too_many_digits_is_refused(amount: str) -> None:
    error = error_of(price=money(amount))
    assert error.field == ("price", "amount")
    assert error.message == "price.amount: the amount may have 15 digits before the point and 8 after it"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "ten", "", None])
def test_an_amount_that_is_no_number_is_refused(amount: object) -> None:
    assert error_of(price=money(amount)).field == ("price", "amount")


@pytest.mark.parametrize("currency", ["eur", "XXX", "EURO", "", "BTC"])
def test_a_currency_is_an_active_iso_4217_code(currency: str) -> None:
    error = error_of(price=money("1", currency))
    assert error.field == ("price", "currency")
    assert error.message == (f"price.currency: {currency!r} is not a currency; use an ISO 4217 code such as EUR")


def test_a_json_object_is_kept_as_it_is() -> None:
    value = {"size": 43, "tags": ["a", None, 1.5], "nested": {"on": True}}
    assert parsed(Example, {"extras": value}).extras == value


@pytest.mark.parametrize("value", [[], "text", 7, True])
def test_another_json_value_is_not_an_object(value: object) -> None:
    assert error_of(extras=value).field == ("extras",)


def test_a_json_object_may_have_32_kibibytes() -> None:
    framed = len('{"a":""}')
    assert parsed(Example, {"extras": {"a": "x" * (32 * 1024 - framed)}}).extras is not None
    error = error_of(extras={"a": "x" * (32 * 1024 - framed + 1)})
    assert error.message == "extras: 32769 bytes as JSON; at most 32768 are kept"


def test_the_bytes_of_a_json_object_count_and_not_its_characters() -> None:
    assert "at most 32768" in error_of(extras={"a": "é" * 16_500}).message


@pytest.mark.parametrize("value", [{"a": 2**70}, {"a": object()}])
def test_what_cannot_be_stored_as_json_is_refused(value: object) -> None:
    assert error_of(extras=value).message.startswith("extras: not storable as JSON")


@pytest.mark.parametrize("name", ["short_name", "shortname", "unknown"])
def test_a_field_that_is_not_known_by_its_camel_case_name_is_an_error(name: str) -> None:
    assert error_of(**{name: "x"}).field == (name,)


def test_every_error_is_told_at_once_with_its_path() -> None:
    errors = errors_of({"shortName": "", "parts": [money("1"), money("x", "nope")]})
    assert [error.field for error in errors] == [
        ("shortName",),
        ("parts", "1", "amount"),
        ("parts", "1", "currency"),
    ]
    assert errors[1].message.startswith("parts.1.amount: ")


def test_an_input_cannot_be_changed() -> None:
    example = parsed(Example, {})
    with pytest.raises(ValueError, match="frozen"):
        example.text = "other"  # type: ignore[misc]
