"""The contract's scalars. Values that cannot be read fail the request, and say what would be right.

They write what is stored: a DateTime from epoch milliseconds, a Duration from milliseconds, a Decimal from digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NewType

import strawberry

from service.positions import instant
from service.reads.builders import as_it_is

Currency = NewType("Currency", str)
Json = NewType("Json", object)


def money(amount: str | Decimal | None, currency: str | None) -> dict[str, Any] | None:
    """Money as it is stored, digits and a currency code; None if there is none."""
    return {"amount": amount, "currency": currency} if amount is not None and currency else None


def _parse_datetime(value: object) -> datetime:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ValueError("a DateTime is ISO 8601 with an offset, such as 2026-01-31T09:30:00Z")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError("the DateTime is outside the years 1 to 9999") from None


@lru_cache(4096)
def _minute(number: int) -> str:
    """The minutes since 1970 as ISO 8601, up to the seconds."""
    return instant(number * 60_000).strftime("%Y-%m-%dT%H:%M:").rjust(17, "0")


def _serialize_datetime(epoch_millis: int) -> str:
    minutes, rest = divmod(epoch_millis, 60_000)
    return f"{_minute(minutes)}{rest // 1000:02d}.{rest % 1000:03d}Z"


_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)


def _parse_duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a Duration is ISO 8601 in weeks, days, hours, minutes, seconds, such as P7D or PT30M")
    weeks, days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _serialize_duration(milliseconds: float | timedelta) -> str:
    """The shortest ISO 8601 form: days, hours, minutes, seconds. Defaults in the schema come as they are."""
    if isinstance(milliseconds, timedelta):
        milliseconds = milliseconds / timedelta(milliseconds=1)
    if milliseconds < 0:
        return f"-{_serialize_duration(-milliseconds)}"
    value = timedelta(milliseconds=milliseconds)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    if seconds or fraction:
        clock += f"{seconds}{fraction}S"
    text = f"P{value.days}D" if value.days else "P"
    return text + f"T{clock}" if clock else text if value.days else "PT0S"


_DECIMAL: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


def _parse_decimal(value: object) -> Decimal:
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if len(text) > 64 or not _DECIMAL.fullmatch(text):
        raise ValueError('a Decimal is a number as a string, such as "19.90"')
    return Decimal(text)


def _serialize_decimal(value: str | Decimal) -> str:
    if isinstance(value, str) and "E" not in value:
        return value
    return format(Decimal(value), "f")


def _parse_date(value: object) -> date:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("a Date is ISO 8601, such as 2026-01-31")


def _parse_currency(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a Currency is an ISO 4217 code, such as EUR")
    return value


SCALARS: Final[Mapping[object, Any]] = {
    date: strawberry.scalar(
        name="Date", description="Date (isoformat)", serialize=as_it_is, parse_value=_parse_date
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="ISO 8601 with an offset; answers are in UTC.",
        serialize=_serialize_datetime,
        parse_value=_parse_datetime,
    ),
    timedelta: strawberry.scalar(
        name="Duration",
        description="ISO 8601: P7D, PT30M.",
        serialize=_serialize_duration,
        parse_value=_parse_duration,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A number as a string, so that no digit is lost.",
        serialize=_serialize_decimal,
        parse_value=_parse_decimal,
    ),
    Currency: strawberry.scalar(
        name="Currency", description="An ISO 4217 code.", serialize=as_it_is, parse_value=_parse_currency
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        serialize=as_it_is,
        parse_value=as_it_is,
    ),
}


@strawberry.type
class Money:
    """An amount in one currency."""

    amount: Decimal
    """How much, no digit lost."""
    currency: Currency
    """Of which currency."""


@strawberry.input(name="MoneyInput")
class MoneyInput:
    """An amount in one currency."""

    amount: Decimal
    """How much: up to 15 digits before the point and 8 after it."""
    currency: Currency
    """Of which currency."""
