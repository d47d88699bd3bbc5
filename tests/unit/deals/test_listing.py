from __future__ import annotations

from datetime import date
from itertools import chain, combinations

import pytest

from service.deals.closing import FIRST_DAY, LAST_DAY, months_between
from service.deals.listing import page, wanted
from service.deals.models import places
from service.deals.repository import CLOSING_IN_OF_OWNER, PAGES
from service.errors import BadInput
from service.positions import END, position

STAGE, PIPELINE = "stg_" + "1" * 32, "pip_" + "2" * 32
DEAL = {
    "pipelineId": PIPELINE,
    "stageId": STAGE,
    "state": "OPEN",
    "owner": "Olga",
    "position": position(5, "deal_1"),
}
NAMES = ("pipelineId", "stageId", "state", "owner")


@pytest.mark.parametrize("names", list(chain.from_iterable(combinations(NAMES, count) for count in range(5))))
def test_every_combination_is_one_range_that_the_deal_is_in(names: tuple[str, ...]) -> None:
    pipeline_id, stage_id, state, owner = (DEAL[name] if name in names else None for name in NAMES)
    where = wanted(pipeline_id, stage_id, state, owner, (None, None))
    bound = page(where, 20, None)
    place = {"position": DEAL["position"], **places(DEAL)}[where.listed]
    assert place is not None
    assert bound.relation is PAGES[where.listed]
    assert bound.parameters["from"] <= place < bound.parameters["before"]
    told = set(names) - set(where.checked)
    # What the range does not tell follows from the stage.
    assert set(where.checked) <= {"pipelineId", "state"}
    assert not where.checked or "stageId" in told
    assert (bound.seek is None) == (not where.checked)
    # Another deal is in it only if it has that in common.
    for name in told:
        other = {"position": DEAL["position"], **places(DEAL | {name: "other"})}[where.listed]
        assert other is not None
        assert not bound.parameters["from"] <= other < bound.parameters["before"]


def test_on_the_embedded_engine_ranges_adjoin_and_are_the_whole() -> None:
    relation = PAGES["ownerStatePosition"]
    assert relation.slices is not None
    slices = list(relation.slices({"from": "Olga\nOPEN\n", "before": f"Olga\nOPEN\n{END}", "limit": 5}))
    assert slices[0]["before"] == f"Olga\nOPEN\n{END}"
    assert slices[-1]["from"] == "Olga\nOPEN\n"
    assert all(one["from"].startswith("Olga\nOPEN\n") for one in slices)
    assert [one["from"] for one in slices[:-1]] == [one["before"] for one in slices[1:]]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("pip_1", None, None, None, (None, None)), "filter.pipelineId"),
        ((None, PIPELINE, None, None, (None, None)), "filter.stageId"),
        ((None, None, None, "a\nb", (None, None)), "filter.owner"),
        ((None, None, None, None, (date(2026, 1, 2), date(2026, 1, 2))), "filter.expectedCloseTo"),
    ],
)
def test_a_wrong_filter_names_its_field(given: tuple[str, str, str, str, tuple[date, date]], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        wanted(*given)
    assert caught.value.field == field


@pytest.mark.parametrize("before", [END, position(1_900_000_000_000), position(1_780_000_000_000), position(0)])
def test_a_months_ranges_adjoin_and_are_the_whole(before: str) -> None:
    assert CLOSING_IN_OF_OWNER.slices is not None
    common = "Olga\n2026-12\n"
    slices = list(CLOSING_IN_OF_OWNER.slices({"from": common, "before": common + before, "limit": 5}))
    assert slices[0]["before"] == common + before
    assert slices[-1]["from"] == common
    assert [one["from"] for one in slices[:-1]] == [one["before"] for one in slices[1:]]
    assert all(one["from"] < one["before"] for one in slices)
    # The first begins at the end of the month.
    if before == END:
        assert slices[0]["from"] == common + position(1_798_761_600_000)


@pytest.mark.parametrize(
    ("first", "end", "months"),
    [
        ("2026-12-31", "2027-01-01", ["2026-12"]),
        ("2026-12-31", "2027-01-02", ["2026-12", "2027-01"]),
        ("2026-11-01", "2027-02-01", ["2026-11", "2026-12", "2027-01"]),
        ("9999-12-01", "9999-12-31", []),
        ("2020-01-01", "2023-01-01", []),
        (FIRST_DAY, "2023-01-01", []),
        ("2023-01-01", LAST_DAY, []),
    ],
)
def test_days_are_of_these_months_unless_they_are_too_many(first: str, end: str, months: list[str]) -> None:
    assert months_between(first, end) == months
