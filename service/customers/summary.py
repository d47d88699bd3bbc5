"""The figures of a customer, from their orders and deals. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal

from service.deals.repository import DealValue
from service.touchpoints.repository import OrderValue

# Amounts have at most 23 digits: a sum of this precision loses none of 10^17 of them.
_EXACT = Context(prec=40)


def sums(amounts: Iterable[tuple[str, str]]) -> list[tuple[Decimal, str]]:
    """The exact sum of (digits, currency) pairs for each currency, by currency."""
    totals: dict[str, Decimal] = {}
    for digits, currency in amounts:
        totals[currency] = _EXACT.add(totals.get(currency, Decimal(0)), Decimal(digits))
    return [(total, currency) for currency, total in sorted(totals.items())]


def won(deals: Iterable[DealValue]) -> list[DealValue]:
    """The deals that were won."""
    return [deal for deal in deals if deal.state == "WON"]


def first_conversion(orders: Iterable[OrderValue], deals: Iterable[DealValue]) -> int | None:
    """When the first order was placed or the first deal won (epoch ms)."""
    times = [order.occurred_at for order in orders]
    times += [deal.closed_at for deal in won(deals) if deal.closed_at is not None]
    return min(times, default=None)
