"""What is read of pipelines and deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, UTC, datetime
from typing import Final

from service.deals.models import SCOPES, month_after
from service.identity.repository import CUSTOMER
from service.positions import millis, position
from service.reads.relations import Node, Parameters, Relation
from service.reads.slices import places_back

ALL_PIPELINES: Final = Relation("deals/all_pipelines", end="p", type="Pipeline")
PIPELINE_BY_ID: Final = Relation("deals/pipeline_by_id", end="p", type="Pipeline")
STAGES: Final = Relation("deals/stages", Node("p", "Pipeline"), "s", "Stage")
STAGE_BY_ID: Final = Relation("deals/stage_by_id", end="s", type="Stage")
STAGE: Final = Relation("deals/stage", Node("d", "Deal"), "s", "Stage")
DEAL_BY_ID: Final = Relation("deals/by_id", end="d", type="Deal")
_DAY_MILLIS: Final = 86_400_000
_DAYS_BEFORE: Final = (0, 7, 14, 21, 28, 35, 42, 56, 70, 91, 112, 140, 182, 365)
"""The end of a month, at which slices begin of the deals that should be closed in it."""


def _closing_slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of places in a month's list, the latest first, up to the whole.

    Deals are made some weeks before they should be closed, so the steps back from the month's end are days.
    """
    common, upper = parameters["from"], parameters["before"]
    year, month = map(int, month_after(common[-8:-1]).split("-"))
    end = millis(datetime(min(year, MAXYEAR), month, 1, tzinfo=UTC))
    for days in _DAYS_BEFORE:
        lower = common + position(end - days * _DAY_MILLIS)
        if lower < upper:
            yield {"from": lower, "before": upper}
            upper = lower
    yield {"from": common, "before": upper}


PAGE: Final = Relation("deals/page", end="d", type="Deal", slices=places_back, listed="position")
PAGES: Final[Mapping[str, Relation]] = {"position": PAGE} | {
    name: Relation("deals/page", end="d", type="Deal", slices=places_back, listed=name) for name in SCOPES
}
"""Pages of deals, by the property that orders them."""
CLOSING_IN: Final = Relation(
    "deals/closing_in", end="d", type="Deal", slices=_closing_slices, listed="closingPosition"
)
CLOSING_IN_OF_OWNER: Final = Relation(
    "deals/closing_in", end="d", type="Deal", slices=_closing_slices, listed="ownerClosingPosition"
)
ACCOUNT_PAGE: Final = PAGES["accountPosition"]
DEALS: Final = Relation("deals/of_customer", CUSTOMER, "d", "Deal")
DEAL_VALUES: Final = Relation("deals/values", CUSTOMER, "d")
STAGE_CHANGE_BY_ID: Final = Relation("deals/stage_change_by_id", end="m", type="DealStageChange")
STAGE_CHANGES: Final = Relation("deals/stage_changes", Node("d", "Deal"), "m", "DealStageChange")
