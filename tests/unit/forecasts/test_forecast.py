"""Forecasts of a few deals, every number by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.deals.models import ForecastCategory, Stage, StageKind
from service.errors import BadInput
from service.forecasts.forecast import Forecast, ForecastRow
from service.forecasts.models import Days, Expected, ForecastGroup
from service.positions import millis

STAGES = {
    name: Stage(name, name, 1, probability, kind, "p")
    for name, probability, kind in (
        ("early", 0.1, StageKind.OPEN),
        ("even", 0.5, StageKind.OPEN),
        ("late", 0.8, StageKind.OPEN),
        ("won", 1.0, StageKind.WON),
    )
}
BERLIN = ZoneInfo("Europe/Berlin")


def open_deal(stage: str, amount: str | None, day: str | None, **more: Any) -> Expected:
    told = {"currency": "EUR" if amount else None, "owner": None, "category": None} | more
    return Expected(False, stage, amount, expected_close_on=day, closed_at=None, **told)


def won_deal(amount: str | None, at: datetime, **more: Any) -> Expected:
    told = {"currency": "EUR" if amount else None, "owner": None, "category": None} | more
    return Expected(True, "won", amount, expected_close_on="1999-01-01", closed_at=millis(at), **told)


def rows(
    *deals: Expected,
    group: ForecastGroup = ForecastGroup.MONTH,
    start: date = date(2026, 1, 1),
    end: date = date(2027, 1, 1),
    zone: str = "UTC",
) -> list[ForecastRow]:
    forecast = Forecast(Days.asked(start, end, ZoneInfo(zone)), group, STAGES)
    forecast.add_all(deals)
    return forecast.rows()


def test_a_month_of_open_and_won_deals() -> None:
    (row,) = rows(
        open_deal("early", "100.50", "2026-03-31"),
        open_deal("late", "200", "2026-03-01"),
        won_deal("50", datetime(2026, 3, 31, 23, 59, tzinfo=UTC)),
    )
    assert row == ForecastRow(
        "2026-03",
        "EUR",
        deals=3,
        total=Decimal("350.50"),
        weighted=Decimal("220.050"),  # 10.05 + 160 + 50
        won=Decimal(50),
        by_category={
            ForecastCategory.PIPELINE: Decimal("100.50"),
            ForecastCategory.COMMIT: Decimal(200),
            ForecastCategory.CLOSED: Decimal(50),
        },
    )


def test_nothing_is_summed_over_currencies_and_what_has_no_amount_has_a_row() -> None:
    found = rows(
        open_deal("even", None, "2026-03-01"),
        open_deal("even", "1", "2026-03-01", currency="USD"),
        open_deal("even", "2", "2026-03-01"),
        open_deal("even", "0", "2026-02-01"),
        # A currency without an amount says nothing.
        open_deal("even", None, "2026-03-02", currency="USD"),
    )
    assert [(one.key, one.currency, one.deals, str(one.total)) for one in found] == [
        ("2026-02", "EUR", 1, "0"),
        ("2026-03", "EUR", 1, "2"),
        ("2026-03", "USD", 1, "1"),
        ("2026-03", None, 2, "0"),
    ]
    assert found[-1].by_category == {ForecastCategory.BEST_CASE: Decimal(0)}


def test_the_range_has_its_first_day_and_not_its_last() -> None:
    deals = [open_deal("even", "1", day) for day in ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01", None)]
    assert [(one.key, one.deals) for one in rows(*deals)] == [("2026-01", 1), ("2026-12", 1)]


def test_quarters_and_owners() -> None:
    deals = [
        open_deal("even", "1", f"2026-{month:02d}-01", owner="Kim" if month % 2 else None)
        for month in range(1, 13)
    ]
    assert [(one.key, one.deals) for one in rows(*deals, group=ForecastGroup.QUARTER)] == [
        (f"2026-Q{number}", 3) for number in (1, 2, 3, 4)
    ]
    assert [(one.key, one.deals) for one in rows(*deals, group=ForecastGroup.OWNER)] == [
        ("(not set)", 6),
        ("Kim", 6),
    ]


@pytest.mark.parametrize(("zone", "month"), [("UTC", "2026-03"), ("Europe/Berlin", "2026-04")])
def test_the_day_of_winning_is_that_of_the_zone(zone: str, month: str) -> None:
    (row,) = rows(won_deal("1", datetime(2026, 3, 31, 22, 30, tzinfo=UTC)), zone=zone)
    assert row.key == month


def test_the_zone_decides_what_is_in_the_range() -> None:
    late = won_deal("1", datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    early = won_deal("1", datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert [one.key for one in rows(late, early)] == ["2026-12"]
    assert [one.key for one in rows(late, early, zone="Europe/Berlin")] == ["2026-01"]


def test_categories_set_by_hand() -> None:
    (row,) = rows(
        open_deal("early", "1", "2026-03-01", category="COMMIT"),
        open_deal("late", "2", "2026-03-01", category="OMITTED"),
        won_deal("4", datetime(2026, 3, 1, tzinfo=UTC), category="OMITTED"),
    )
    # Omitted is told, and counts nowhere else; what is won is won.
    assert (row.deals, row.total, row.weighted, row.won) == (2, Decimal(5), Decimal("4.1"), Decimal(4))
    assert row.by_category == {
        ForecastCategory.COMMIT: Decimal(1),
        ForecastCategory.OMITTED: Decimal(2),
        ForecastCategory.CLOSED: Decimal(4),
    }


def test_no_digit_is_lost() -> None:
    amount = "999999999999999.99999999"
    (row,) = rows(*[open_deal("early", amount, "2026-03-01") for _ in range(3)])
    assert (str(row.total), str(row.weighted)) == ("2999999999999999.99999997", "299999999999999.999999997")


def test_ranges() -> None:
    with pytest.raises(BadInput, match="to: must be after from"):
        rows(start=date(2026, 1, 1), end=date(2026, 1, 1))
    with pytest.raises(BadInput, match="to: the range has"):
        rows(start=date(1, 1, 1), end=date(9999, 12, 31))
