from __future__ import annotations

from decimal import Decimal

import pytest

from service.deals.models import DealState, ForecastCategory, Stage, StageKind, forecast_category
from service.deals.piping import pipeline


@pytest.mark.parametrize(
    ("state", "probability", "category"),
    [
        (DealState.OPEN, "0", ForecastCategory.PIPELINE),
        (DealState.OPEN, "0.49", ForecastCategory.PIPELINE),
        (DealState.OPEN, "0.5", ForecastCategory.BEST_CASE),
        (DealState.OPEN, "0.79", ForecastCategory.BEST_CASE),
        (DealState.OPEN, "0.8", ForecastCategory.COMMIT),
        (DealState.OPEN, "1", ForecastCategory.COMMIT),
        (DealState.WON, "1", ForecastCategory.CLOSED),
        (DealState.LOST, "0.9", ForecastCategory.OMITTED),
    ],
)
def test_the_forecast_category_follows_from_state_and_probability(
    state: DealState, probability: str, category: ForecastCategory
) -> None:
    assert forecast_category(state, Decimal(probability)) is category


def test_a_pipeline_finds_its_stages() -> None:
    sales = pipeline(
        [
            "pip_1",
            "Sales",
            [["stg_1", "New", 1, 0.1, "OPEN"], ["stg_2", "Talk", 2, 1, "OPEN"], ["stg_3", "Won", 3, 1, "WON"]],
        ]
    )
    new = Stage("stg_1", "New", 1, 0.1, StageKind.OPEN, "pip_1")
    assert sales.stage("stg_1") == new
    assert sales.stage("stg_9") is None
    assert sales.first(StageKind.OPEN) == new
    assert sales.first(StageKind.LOST) is None
    probability = sales.stages[1].probability
    assert (probability, type(probability)) == (1.0, float)
