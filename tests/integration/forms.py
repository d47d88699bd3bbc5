"""Inputs of the recording mutations, short to write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Key = tuple[str, str]

_START = datetime(2024, 3, 1, tzinfo=UTC)


def day(number: float) -> str:
    """So many days after the first day of the tests' world."""
    return shown(_START + timedelta(days=number))


def shown(at: datetime) -> str:
    """A time as the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def identifiers(*keys: Key) -> list[dict[str, str]]:
    """Identifiers from kinds and values."""
    return [{"kind": kind, "value": value} for kind, value in keys]


def touch(message: str, *keys: Key, at: str | None = None, **more: Any) -> dict[str, Any]:
    """The input of recordTouchpoint."""
    return {
        "messageId": message,
        "type": "page_view",
        "channel": "web",
        "occurredAt": at or day(0),
        "identifiers": identifiers(*keys),
        **more,
    }


def order(message: str, number: str, total: str, *keys: Key, at: str | None = None, **more: Any) -> dict[str, Any]:
    """The input of recordOrder; the total as in `19.90 EUR`."""
    amount, currency = total.split()
    return {
        "messageId": message,
        "orderNumber": number,
        "total": {"amount": amount, "currency": currency},
        "channel": "web",
        "identifiers": identifiers(*keys),
        "occurredAt": at or day(0),
        **more,
    }


def identify(
    message: str, source: str, attributes: dict[str, Any], *keys: Key, at: str | None = None
) -> dict[str, Any]:
    """The input of identifyCustomer."""
    return {
        "messageId": message,
        "source": source,
        "attributes": attributes,
        "identifiers": identifiers(*keys),
        "occurredAt": at or day(0),
    }
