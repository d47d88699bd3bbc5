"""What deals are expected to bring: by month, quarter or owner, each currency apart. Pure.

An open deal counts on the day by which it should be closed, one without such a day nowhere. A won deal counts on
the day on which it was won. Lost deals are in no forecast. An open deal that somebody omitted by hand is told in
its category alone: it is neither among the deals of its row nor in a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from service.deals.models import DealState, ForecastCategory, Stage, forecast_category
from service.forecasts.models import EXACT, NOT_SET, Days, Expected, ForecastGroup
from service.positions import instant

_NOTHING: Final = Decimal(0)


@dataclass(slots=True)
class ForecastRow:
    """What the deals of a key in one currency come to; those without an amount have a row without a currency."""

    key: str
    currency: str | None
    deals: int = 0
    total: Decimal = _NOTHING
    """Of open and won deals."""
    weighted: Decimal = _NOTHING
    """The same, each amount times the probability of the deal's stage."""
    won: Decimal = _NOTHING
    by_category: dict[ForecastCategory, Decimal] = field(default_factory=dict)
    """Of each category that there is a deal of."""

    def add(self, amount: Decimal, probability: Decimal, category: ForecastCategory) -> None:
        """Counts one deal."""
        self.by_category[category] = EXACT.add(self.by_category.get(category, _NOTHING), amount)
        if category is ForecastCategory.OMITTED:
            return
        self.deals += 1
        self.total = EXACT.add(self.total, amount)
        self.weighted = EXACT.add(self.weighted, EXACT.multiply(amount, probability))
        if category is ForecastCategory.CLOSED:
            self.won = EXACT.add(self.won, amount)


class Forecast:
    """What is counted of deals: they are added one after the other."""

    def __init__(self, days: Days, group: ForecastGroup, stages: Mapping[str, Stage]) -> None:
        self._days = days
        self._group = group
        self._stages = stages
        self._rows: dict[tuple[str, str | None], ForecastRow] = {}

    def add_all(self, deals: Iterable[Expected]) -> None:
        """Counts deals, those whose day is one of the range."""
        for deal in deals:
            self._add(deal)

    def _add(self, deal: Expected) -> None:
        day, stage = self._day(deal), self._stages.get(deal.stage_id)
        if day is None or stage is None or not self._days.start <= day < self._days.end:
            return
        currency = deal.currency if deal.amount is not None else None
        key = self._key(day, deal.owner)
        row = self._rows.setdefault((key, currency), ForecastRow(key, currency))
        probability = Decimal(str(stage.probability))
        row.add(Decimal(deal.amount or 0), probability, _category(deal, probability))

    def rows(self) -> list[ForecastRow]:
        """By key, then by currency, what has no amount last."""
        return sorted(self._rows.values(), key=lambda row: (row.key, row.currency is None, row.currency or ""))

    def _day(self, deal: Expected) -> date | None:
        if deal.is_won:
            at = deal.closed_at
            return None if at is None else instant(at).astimezone(self._days.zone).date()
        return date.fromisoformat(deal.expected_close_on) if deal.expected_close_on else None

    def _key(self, day: date, owner: str | None) -> str:
        match self._group:
            case ForecastGroup.MONTH:
                return f"{day.year:04d}-{day.month:02d}"
            case ForecastGroup.QUARTER:
                return f"{day.year:04d}-Q{(day.month + 2) // 3}"
            case ForecastGroup.OWNER:
                return owner or NOT_SET


def _category(deal: Expected, probability: Decimal) -> ForecastCategory:
    state = DealState.WON if deal.is_won else DealState.OPEN
    return forecast_category(state, probability, ForecastCategory(deal.category) if deal.category else None)
