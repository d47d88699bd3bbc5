from __future__ import annotations

from datetime import date
from itertools import chain, combinations

import pytest

from service.deals.listing import page, wanted
from service.deals.models import LISTED, closing_place, is_closing_place, places
from service.deals.repository import CLOSING_PAGES, PAGES
from service.errors import BadInput
from service.graph.migrations import all_migrations
from service.positions import END, position
from service.reads.connections import cursor

STAGE, PIPELINE = "stg_" + "1" * 32, "pip_" + "2" * 32
DEAL = {
    "pipelineId": PIPELINE,
    "stageId": STAGE,
    "state": "OPEN",
    "owner": "Olga",
    "expectedCloseOn": "2026-12-24",
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


@pytest.mark.parametrize("names", list(chain.from_iterable(combinations(NAMES, count) for count in range(5))))
@pytest.mark.parametrize(
    ("days", "is_in"),
    [
        ((date(2026, 12, 24), None), True),
        ((date(2026, 12, 25), None), False),
        ((None, date(2026, 12, 25)), True),
        ((None, date(2026, 12, 24)), False),
        ((date(2026, 12, 24), date(2026, 12, 25)), True),
        ((date(1, 1, 1), date(9999, 12, 31)), True),
    ],
)
def test_days_are_one_range_of_a_list_too(
    names: tuple[str, ...], days: tuple[date | None, date | None], is_in: bool
) -> None:
    pipeline_id, stage_id, state, owner = (DEAL[name] if name in names else None for name in NAMES)
    where = wanted(pipeline_id, stage_id, state, owner, days)
    bound = page(where, 20, None)
    assert bound.relation is CLOSING_PAGES[where.listed]
    given = places(DEAL)[where.listed]
    assert given is not None
    assert (bound.parameters["from"] <= given < bound.parameters["before"]) is is_in
    for name in where.told:
        other = places(DEAL | {name: "other"})[where.listed]
        assert other is not None
        assert not bound.parameters["from"] <= other < bound.parameters["before"]
    assert places({name: value for name, value in DEAL.items() if name != "expectedCloseOn"})[where.listed] is None


def test_a_page_of_days_begins_behind_its_cursor() -> None:
    where = wanted(None, None, None, "Olga", (date(2026, 12, 1), None))
    after = closing_place("2026-12-24", DEAL["position"])
    bound = page(where, 20, cursor(after))
    assert bound.behind
    assert f"Olga\n{after}" < bound.parameters["from"] < f"Olga\n{after}0"
    # Where a cursor lies before the first day, that is where the page begins.
    early = page(where, 20, cursor(closing_place("2026-11-24", DEAL["position"])))
    assert early.parameters["from"] == "Olga\n2026-12-01"
    with pytest.raises(BadInput, match="after: not a cursor of this list"):
        page(where, 20, cursor(DEAL["position"]))
    with pytest.raises(BadInput, match="after: not a cursor of this list"):
        page(wanted(None, None, None, "Olga", (None, None)), 20, cursor(after))


@pytest.mark.parametrize("text", ["", "2026-12-24", "2026-12-24\n", "24.12.2026\n" + position(5), position(5)])
def test_what_is_no_place_by_the_day(text: str) -> None:
    assert not is_closing_place(text)
    assert is_closing_place("2026-12-24\n" + position(5, "deal_1"))


def test_every_list_has_an_index() -> None:
    statements = [text for migration in all_migrations() for _, text in migration.statements]
    for name in LISTED:
        assert any(text.startswith("CREATE INDEX") and f"ON (d.{name})" in text for text in statements), name
