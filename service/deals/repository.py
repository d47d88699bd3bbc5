"""What is read of pipelines and deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.deals.models import CLOSING, SCOPES
from service.identity.repository import CUSTOMER
from service.reads.relations import Node, Relation
from service.reads.slices import places_back, whole

ALL_PIPELINES: Final = Relation("deals/all_pipelines", end="p", type="Pipeline")
PIPELINE_BY_ID: Final = Relation("deals/pipeline_by_id", end="p", type="Pipeline")
STAGES: Final = Relation("deals/stages", Node("p", "Pipeline"), "s", "Stage")
STAGE_BY_ID: Final = Relation("deals/stage_by_id", end="s", type="Stage")
STAGE: Final = Relation("deals/stage", Node("d", "Deal"), "s", "Stage")
DEAL_BY_ID: Final = Relation("deals/by_id", end="d", type="Deal")
PAGE: Final = Relation("deals/page", end="d", type="Deal", slices=places_back, listed="position")
PAGES: Final[Mapping[str, Relation]] = {"position": PAGE} | {
    name: Relation("deals/page", end="d", type="Deal", slices=places_back, listed=name) for name in SCOPES
}
"""Pages of deals, by the property that orders them."""
CLOSING_PAGES: Final[Mapping[str, Relation]] = {
    name: Relation("deals/closing", end="d", type="Deal", place="closingPlace", slices=whole, listed=name)
    for name in CLOSING
}
"""Pages of deals that should be closed some day, by the property that orders them."""
ACCOUNT_PAGE: Final = PAGES["accountPosition"]
DEALS: Final = Relation("deals/of_customer", CUSTOMER, "d", "Deal")
DEAL_VALUES: Final = Relation("deals/values", CUSTOMER, "d")
STAGE_CHANGE_BY_ID: Final = Relation("deals/stage_change_by_id", end="m", type="DealStageChange")
STAGE_CHANGES: Final = Relation("deals/stage_changes", Node("d", "Deal"), "m", "DealStageChange")
