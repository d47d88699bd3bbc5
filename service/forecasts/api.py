"""GraphQL: reports on pipelines, and forecasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from service.api.fields import asked, related
from service.api.scalars import Currency, Money, money
from service.deals import repository
from service.deals.api import Stage
from service.deals.models import ForecastCategory
from service.forecasts.models import Days, ForecastGroup, Range
from service.forecasts.pipeline_report import PipelineReport as Report
from service.forecasts.pipeline_report import StageTally
from service.journeys.questions.checks import zone_of
from service.reads.ordinary import Reader

strawberry.enum(ForecastGroup, description="By what the deals of a forecast are put together.")


@strawberry.type
class StageReport:
    """What deals did in a stage within [from, to), told as of to."""

    stage: Stage = related(repository.STAGE_BY_ID, "stageId")
    """Which stage; all of the pipeline's are told of, in its order. One that was taken out of the pipeline since
    is told of at its former place, if deals came into it or left it within the range, or were in it at to."""
    entered: int
    """Deals that came into it within the range, each once, however often it came. A deal that jumped over it did
    not enter it."""
    moved: int
    """Of the deals that entered it, those that afterwards, and before to, came to a later open stage or were won;
    0 for a stage that ends deals."""
    conversion_rate: float | None
    """Moved as a part of entered; absent if none entered, and for a stage that ends deals."""
    average_time: timedelta | None
    """How long deals stayed, on average over the stays that ended within the range, whenever they began."""
    open_deals: int
    """Deals that were in it at to; 0 for a stage that ends deals."""
    open_amount: list[Money]
    """What these are worth, one amount a currency; amounts are those of now."""


@strawberry.type
class ReasonCount:
    """How many deals were lost for a reason."""

    reason: str
    """Why; `(not set)` where nothing is said."""
    deals: int
    """How many."""


@strawberry.type
class PipelineReport:
    """What deals did in a pipeline within [from, to). It is told as of to: what happened later changes nothing."""

    stages: list[StageReport]
    """In the pipeline's order, former ones among them."""
    won: int
    """Deals that were closed within the range, and stood as won at to."""
    lost: int
    """Deals that were closed within the range, and stood as lost at to. One that was won, reopened and lost within
    the range is one lost deal."""
    win_rate: float | None
    """Won as a part of won and lost; absent if there are none."""
    average_time_to_win: timedelta | None
    """From creation to closing, on average over the deals won."""
    lost_reasons: list[ReasonCount]
    """Why deals were lost, the most frequent first."""


@strawberry.type
class CategoryAmount:
    """What the deals of a forecast category come to."""

    category: ForecastCategory
    """Set by hand while a deal is open, else by the probability of its stage; won deals are CLOSED."""
    amount: Decimal
    """In the currency of the row; 0 for deals without an amount."""


@strawberry.type
class ForecastRow:
    """What the deals of a key come to in one currency. Nothing is ever summed over currencies."""

    key: str
    """The month (2026-03), the quarter (2026-Q1) or the owner; `(not set)` where nobody works on them."""
    currency: Currency | None
    """Absent in the row of deals without an amount."""
    deals: int
    """How many deals, open and won, those omitted by hand left out."""
    total: Decimal
    """What they come to."""
    weighted: Decimal
    """The same, each amount times the probability of the deal's stage; exact."""
    won: Decimal
    """The part of the total that is won."""
    by_category: list[CategoryAmount]
    """Each category that there is a deal of, from PIPELINE to OMITTED. OMITTED, which is set by hand, is the only
    one that is not in the total."""


@strawberry.type
class Forecast:
    """Open deals on the day by which they should be closed, and won ones on the day on which they were. Lost deals
    are in no forecast, nor are open ones without such a day."""

    groups: list[ForecastRow]
    """By key, then by currency."""


def _stage_report(report: Report, stage_id: str, tally: StageTally) -> dict[str, Any]:
    converts = report.converts(stage_id)
    return {
        "stageId": stage_id,
        "entered": tally.entered,
        "moved": tally.moved,
        "conversionRate": tally.moved / tally.entered if converts and tally.entered else None,
        "averageTime": tally.average_millis,
        "openDeals": tally.open_deals,
        "openAmount": [money(amount, currency) for currency, amount in sorted(tally.open_amounts.items())],
    }


async def _pipeline_report(
    reader: Reader,
    pipeline_id: Annotated[strawberry.ID, strawberry.argument(description="Of which pipeline.")],
    from_: Annotated[datetime, strawberry.argument(name="from", description="Not before this time.")],
    to: Annotated[datetime, strawberry.argument(description="Before this time.")],
) -> dict[str, Any]:
    report: Report = await reader.services.forecaster.pipeline_report(pipeline_id, Range.asked(from_, to))
    closed = report.won + report.lost
    return {
        "stages": [_stage_report(report, stage_id, tally) for stage_id, tally in report.told.items()],
        "won": report.won,
        "lost": report.lost,
        "winRate": report.won / closed if closed else None,
        "averageTimeToWin": report.average_millis_to_win,
        "lostReasons": [
            {"reason": reason, "deals": deals}
            for reason, deals in sorted(report.lost_reasons.items(), key=lambda one: (-one[1], one[0]))
        ],
    }


async def _forecast(
    reader: Reader,
    from_: Annotated[date, strawberry.argument(name="from", description="The first day.")],
    to: Annotated[date, strawberry.argument(description="The day behind the last.")],
    group_by: Annotated[ForecastGroup, strawberry.argument(description="What makes a row.")] = ForecastGroup.MONTH,
    pipeline_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Of one pipeline; absent: of all.")
    ] = None,
    time_zone: Annotated[
        str, strawberry.argument(description="In which a won deal's day is told: a name such as Europe/Berlin.")
    ] = "UTC",
) -> dict[str, Any]:
    days = Days.asked(from_, to, zone_of("timeZone", time_zone))
    rows = await reader.services.forecaster.forecast(pipeline_id, days, group_by)
    return {
        "groups": [
            {
                "key": row.key,
                "currency": row.currency,
                "deals": row.deals,
                "total": row.total,
                "weighted": row.weighted,
                "won": row.won,
                "byCategory": [
                    {"category": one.value, "amount": row.by_category[one]}
                    for one in ForecastCategory
                    if one in row.by_category
                ],
            }
            for row in rows
        ]
    }


@strawberry.type
class ForecastQuery:
    """What becomes of deals, and what they should bring."""

    pipeline_report: PipelineReport = asked(_pipeline_report)
    """How many deals went how far in a pipeline, how long it took, and why they were lost."""
    forecast: Forecast = asked(_forecast)
    """What deals should bring, and have brought, by month, quarter or owner; one row a currency."""
