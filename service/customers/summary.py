"""The figures of a customer, from their orders and deals. Pure.

Orders and deals come as rows: (total, currency, occurredAt) and (state, amount, currency, closedAt), amounts as
digits, times in epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any, Final

OrderValues = list[Any]
DealValues = list[Any]

ORDER_COLUMNS: Final = ("total", "currency", "occurredAt")
DEAL_COLUMNS: Final = ("state", "amount", "currency", "closedAt")

# Amounts have at most 23 digits: a sum of this precision loses none of 10^17 of them.
_EXACT = Context(prec=40)


def sums(amounts: Iterable[tuple[str, str]]) -> list[tuple[Decimal, str]]:
    """The exact sum of (digits, currency) pairs for each currency, by currency."""
    totals: dict[str, Decimal] = {}
    for digits, currency in amounts:
        totals[currency] = _EXACT.add(totals.get(currency, Decimal(0)), Decimal(digits))
    return [(total, currency) for currency, total in sorted(totals.items())]


def won(deals: Iterable[DealValues]) -> list[DealValues]:
    """The deals that were won."""
    return [deal for deal in deals if deal[0] == "WON"]


def first_conversion(orders: Iterable[OrderValues], deals: Iterable[DealValues]) -> int | None:
    """When the first order was placed or the first deal won (epoch ms)."""
    times = [at for _, _, at in orders]
    times += [at for *_, at in won(deals) if at is not None]
    return min(times, default=None)
