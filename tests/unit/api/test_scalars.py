from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest
from graphql import GraphQLScalarType
from hypothesis import given
from hypothesis import strategies as st

from service.api.scalars import Currency, Money, duration, moment
from service.api.schema import schema


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
    assert write(datetime(2026, 1, 31, 9, 30, tzinfo=UTC)) == "2026-01-31T09:30:00.000Z"
    east = timezone(timedelta(hours=3))
    assert write(datetime(2026, 1, 31, 9, 30, 0, 123_999, tzinfo=east)) == "2026-01-31T06:30:00.123Z"
    assert write(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000Z"


def test_stored_milliseconds_become_moments_and_durations() -> None:
    assert moment(1_772_366_400_001) == datetime(2026, 3, 1, 12, 0, 0, 1000, tzinfo=UTC)
    assert duration(90_061_001) == timedelta(days=1, hours=1, minutes=1, seconds=1, milliseconds=1)


DURATIONS = [
    (timedelta(0), "PT0S"),
    (timedelta(days=7), "P7D"),
    (timedelta(minutes=30), "PT30M"),
    (timedelta(hours=25), "P1DT1H"),
    (timedelta(days=1, seconds=1), "P1DT1S"),
    (timedelta(hours=2, seconds=5), "PT2H5S"),
    (timedelta(milliseconds=500), "PT0.5S"),
    (timedelta(microseconds=1), "PT0.000001S"),
    (timedelta(days=5, hours=3, minutes=2, seconds=1, milliseconds=250), "P5DT3H2M1.25S"),
]


@pytest.mark.parametrize(("value", "text"), DURATIONS)
def test_a_duration_is_written_in_its_shortest_form(value: timedelta, text: str) -> None:
    assert serialize("Duration")(value) == text


def test_a_duration_back_in_time_has_a_sign() -> None:
    assert serialize("Duration")(timedelta(hours=-1)) == "-PT1H"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, value) for value, text in DURATIONS),
        ("P2W", timedelta(weeks=2)),
        ("P1W1DT1H1M1S", timedelta(weeks=1, days=1, hours=1, minutes=1, seconds=1)),
        ("PT36H", timedelta(hours=36)),
        ("PT90M", timedelta(minutes=90)),
        ("P0D", timedelta(0)),
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


@given(st.timedeltas(timedelta(0), timedelta(days=9_999_999)))
def test_every_duration_survives_the_way_there_and_back(value: timedelta) -> None:
    assert parse("Duration")(serialize("Duration")(value)) == value


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


def test_money_is_made_of_stored_digits() -> None:
    assert Money.of("19.90", "EUR") == Money(amount=Decimal("19.90"), currency=Currency("EUR"))
