from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from graphql import GraphQLScalarType
from hypothesis import given
from hypothesis import strategies as st

from service.api.scalars import money
from service.api.schema import schema
from service.positions import millis

FIRST_MILLIS = -62_135_596_800_000
LAST_MILLIS = 253_402_300_799_999


def scalar(name: str) -> GraphQLScalarType:
    """A scalar as the schema has it."""
    return cast("GraphQLScalarType", schema._schema.type_map[name])


def parse(name: str) -> Callable[[Any], Any]:
    return scalar(name).parse_value


def serialize(name: str) -> Callable[[Any], Any]:
    return scalar(name).serialize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00+03:00", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        ("2026-01-31T23:30:00.123456-08:00", datetime(2026, 2, 1, 7, 30, 0, 123_456, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_datetime_is_read_into_utc(text: str, expected: datetime) -> None:
    value = parse("DateTime")(text)
    assert (value, value.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    "value",
    ["", "noon", "2026-01-31", "2026-01-31T09:30:00", "2026-13-01T00:00:00Z", 1_772_366_400, None, True, []],
)
def test_a_datetime_that_cannot_be_read_says_what_would_be_right(value: object) -> None:
    with pytest.raises(ValueError, match="a DateTime is ISO 8601 with an offset, such as 2026-01-31T09:30:00Z"):
        parse("DateTime")(value)


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_datetime_outside_the_years_that_there_are_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        parse("DateTime")(value)


def test_a_datetime_is_written_in_utc_with_milliseconds() -> None:
    write = serialize("DateTime")
    assert write(1_769_851_800_000) == "2026-01-31T09:30:00.000Z"
    assert write(1_769_841_059_123) == "2026-01-31T06:30:59.123Z"
    assert write(-1) == "1969-12-31T23:59:59.999Z"
    assert write(FIRST_MILLIS) == "0001-01-01T00:00:00.000Z"
    assert write(LAST_MILLIS) == "9999-12-31T23:59:59.999Z"


@given(st.integers(FIRST_MILLIS, LAST_MILLIS))
def test_every_datetime_survives_the_way_out_and_back(at: int) -> None:
    text = serialize("DateTime")(at)
    assert len(text) == len("2026-01-31T09:30:00.000Z")
    assert text.endswith("Z")
    assert millis(parse("DateTime")(text)) == at


def test_stored_milliseconds_become_moments_and_durations() -> None:
    assert serialize("DateTime")(1_772_366_400_001) == "2026-03-01T12:00:00.001Z"
    assert serialize("Duration")(90_061_001) == "P1DT1H1M1.001S"


DURATIONS = [
    (timedelta(0), "PT0S"),
    (timedelta(days=7), "P7D"),
    (timedelta(minutes=30), "PT30M"),
    (timedelta(hours=25), "P1DT1H"),
    (timedelta(days=1, seconds=1), "P1DT1S"),
    (timedelta(hours=2, seconds=5), "PT2H5S"),
    (timedelta(milliseconds=500), "PT0.5S"),
    (timedelta(milliseconds=1), "PT0.001S"),
    (timedelta(days=5, hours=3, minutes=2, seconds=1, milliseconds=250), "P5DT3H2M1.25S"),
]


def milliseconds(value: timedelta) -> int:
    return value // timedelta(milliseconds=1)


@pytest.mark.parametrize(("value", "text"), DURATIONS)
def test_a_duration_is_written_in_its_shortest_form(value: timedelta, text: str) -> None:
    assert serialize("Duration")(milliseconds(value)) == text


def test_a_duration_back_in_time_has_a_sign() -> None:
    assert serialize("Duration")(-3_600_000) == "-PT1H"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, value) for value, text in DURATIONS),
        ("P2W", timedelta(weeks=2)),
        ("P1W1DT1H1M1S", timedelta(weeks=1, days=1, hours=1, minutes=1, seconds=1)),
        ("PT36H", timedelta(hours=36)),
        ("PT90M", timedelta(minutes=90)),
        ("P0D", timedelta(0)),
        ("PT0.000001S", timedelta(microseconds=1)),
    ],
)
def test_a_duration_is_read_in_any_units(text: str, value: timedelta) -> None:
    assert parse("Duration")(text) == value


@pytest.mark.parametrize(
    "value",
    ["", "P", "PT", "P1DT", "7D", "P7", "p7d", "P1Y", "P1M", "P1.5D", "PT1.S", "-P1D", "PT1H1H", "P7D ", 7, None],
)
def test_a_duration_that_cannot_be_read_says_what_would_be_right(value: object) -> None:
    with pytest.raises(ValueError, match="a Duration is ISO 8601 in weeks, days, hours, minutes, seconds"):
        parse("Duration")(value)


@given(st.integers(0, milliseconds(timedelta(days=9_999_999))))
def test_every_duration_survives_the_way_there_and_back(stored: int) -> None:
    assert milliseconds(parse("Duration")(serialize("Duration")(stored))) == stored


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19.90", "19.90"),
        ("-0.5", "-0.5"),
        (7, "7"),
        ("1E+3", "1000"),
        ("1e-8", "0.00000001"),
        ("999999999999999.99999999", "999999999999999.99999999"),
        (2**63, "9223372036854775808"),
    ],
)
def test_a_decimal_keeps_every_digit_there_and_back(value: object, expected: str) -> None:
    read = parse("Decimal")(value)
    assert isinstance(read, Decimal)
    assert serialize("Decimal")(read) == expected


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("19.90", "19.90"),
        ("-0.5", "-0.5"),
        ("0", "0"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("0E-8", "0.00000000"),
    ],
)
def test_a_decimal_is_written_from_its_stored_digits(digits: str, expected: str) -> None:
    assert serialize("Decimal")(digits) == serialize("Decimal")(Decimal(digits)) == expected


@pytest.mark.parametrize(
    "value", [19.9, True, None, "", "ten", "NaN", "Infinity", "-inf", "1,5", "0x10", "1" * 65, [], {}]
)
def test_a_decimal_that_cannot_be_read_says_what_would_be_right(value: object) -> None:
    with pytest.raises(ValueError, match=r'a Decimal is a number as a string, such as "19\.90"'):
        parse("Decimal")(value)


@pytest.mark.parametrize("value", ["1_000", " 1", "1\n", "١٢", "１２"])
def test_what_only_python_takes_for_a_number_is_no_decimal(value: str) -> None:
    with pytest.raises(ValueError, match="a Decimal is a number as a string"):
        parse("Decimal")(value)


def test_a_currency_is_a_text() -> None:
    assert parse("Currency")("EUR") == "EUR"
    for value in (7, None, ["EUR"]):
        with pytest.raises(ValueError, match="a Currency is an ISO 4217 code, such as EUR"):
            parse("Currency")(value)


@pytest.mark.parametrize("value", [None, True, 1.5, "x", [1], {"a": {"b": None}}])
def test_json_is_any_value(value: object) -> None:
    assert parse("JSON")(value) == value
    assert serialize("JSON")(value) == value


def test_a_date_is_iso_8601_and_goes_out_as_it_is_stored() -> None:
    assert parse("Date")("2026-01-31") == date(2026, 1, 31)
    assert serialize("Date")("2026-01-31") == "2026-01-31"


@pytest.mark.parametrize("value", ["", "today", "2026-02-30", "2026-01-31T00:00:00Z", 20260131, None, True, []])
def test_a_date_that_cannot_be_read_says_what_would_be_right(value: object) -> None:
    with pytest.raises(ValueError, match="a Date is ISO 8601, such as 2026-01-31"):
        parse("Date")(value)


def test_money_is_made_of_stored_digits() -> None:
    made = money("19.90", "EUR")
    assert made == {"amount": "19.90", "currency": "EUR"}
    assert serialize("Decimal")(made["amount"]) == "19.90"
    assert serialize("Currency")(made["currency"]) == "EUR"
    assert money("0", "EUR") == {"amount": "0", "currency": "EUR"}


@pytest.mark.parametrize(("amount", "currency"), [(None, "EUR"), ("19.90", None), (None, None)])
def test_money_without_an_amount_or_a_currency_is_none(amount: str | None, currency: str | None) -> None:
    assert money(amount, currency) is None
