"""What is read of pipelines and deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from service.deals.models import SCOPES
from service.identity.repository import CUSTOMER
from service.reads.relations import Node, Parameters, Relation
from service.reads.slices import positions_back


def _slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of places, the latest first, up to the whole: of positions behind what the list has in common."""
    start, before = parameters["from"], parameters["before"]
    common = before[: before.rfind("\n") + 1]
    for since, upper in positions_back(start.removeprefix(common), before.removeprefix(common)):
        yield {"from": common + since, "before": common + upper}


ALL_PIPELINES: Final = Relation("deals/all_pipelines", end="p", type="Pipeline")
PIPELINE_BY_ID: Final = Relation("deals/pipeline_by_id", end="p", type="Pipeline")
STAGES: Final = Relation("deals/stages", Node("p", "Pipeline"), "s", "Stage")
STAGE_BY_ID: Final = Relation("deals/stage_by_id", end="s", type="Stage")
STAGE: Final = Relation("deals/stage", Node("d", "Deal"), "s", "Stage")
DEAL_BY_ID: Final = Relation("deals/by_id", end="d", type="Deal")
PAGE: Final = Relation("deals/page", end="d", type="Deal", slices=_slices, listed="position")
PAGES: Final[Mapping[str, Relation]] = {"position": PAGE} | {
    name: Relation("deals/page", end="d", type="Deal", slices=_slices, listed=name) for name in SCOPES
}
"""Pages of deals, by the property that orders them."""
CLOSING: Final = Relation("deals/closing", end="d", type="Deal")
DEALS: Final = Relation("deals/of_customer", CUSTOMER, "d", "Deal")
DEAL_VALUES: Final = Relation("deals/values", CUSTOMER, "d")
STAGE_CHANGE_BY_ID: Final = Relation("deals/stage_change_by_id", end="m", type="DealStageChange")
STAGE_CHANGES: Final = Relation("deals/stage_changes", Node("d", "Deal"), "m", "DealStageChange")
