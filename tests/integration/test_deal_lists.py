"""deals(filter:): every filter and combination against plain Python, paged."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest

from service.deals.models import LISTED, places
from service.graph.client import Graph
from service.graph.migrations import all_migrations
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, MOVE_DEAL, RECORD, UPDATE_DEAL, Api
from tests.integration.forms import touch
from tests.integration.test_deals import NEW, PIPELINE, PROPOSAL, QUALIFIED, WON

LIST = """query ($filter: DealFilter, $first: Int!, $after: String) {
  deals(filter: $filter, first: $first, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }"""

Deal = dict[str, Any]


@pytest.fixture(scope="module")
async def mine(api: Api) -> list[Deal]:
    """Deals of this test's owners, newest first, as the filters see them."""
    chance = random.Random(3)
    cookie = "deal-lists"
    await api.done(RECORD, input=touch(f"first-{cookie}", ("cookie", cookie)))
    made: list[Deal] = []
    for n in range(40):
        owner, day = chance.choice(("Lena", "Lev")), f"2031-0{chance.randrange(1, 4)}-15"
        form = {"by": {"cookie": cookie}, "title": f"D{n}", "owner": owner, "expectedCloseOn": day}
        deal = (await api.done(CREATE_DEAL, input=form | {"idempotencyKey": f"{cookie}-{n}"}))["deal"]["id"]
        stage, state = chance.choice((NEW, QUALIFIED, PROPOSAL)), "OPEN"
        await api.done(MOVE_DEAL, input={"dealId": deal, "stageId": stage})
        if n % 4 == 0:
            await api.done(CLOSE_DEAL, input={"dealId": deal, "outcome": "WON"})
            stage, state = WON, "WON"
        if n % 7 == 0:
            owner = "Lea"
            await api.done(UPDATE_DEAL, input={"dealId": deal, "owner": owner})
        common = {"pipelineId": PIPELINE, "stageId": stage, "state": state, "owner": owner}
        made.insert(0, common | {"id": deal, "day": day})
    return made


async def walk(api: Api, first: int, **by: Any) -> list[str]:
    """The ids on all pages."""
    found: list[str] = []
    after = None
    while True:
        page = await api.field(LIST, filter=by, first=first, after=after)
        found += [node["id"] for node in page["nodes"]]
        assert len(page["nodes"]) == first or not page["pageInfo"]["hasNextPage"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def fits(deal: Deal, by: dict[str, str]) -> bool:
    bounds = ("expectedCloseFrom", "expectedCloseTo")
    day = deal["day"]
    return all(deal[name] == value for name, value in by.items() if name not in bounds) and (
        by.get(bounds[0], "") <= day < by.get(bounds[1], "9")
    )


def meant(deals: list[Deal], by: dict[str, str]) -> list[str]:
    """The ids of those that fit: newest first; by days the soonest first, those of a day as they were made."""
    found = [deal for deal in deals if fits(deal, by)]
    if any(name.startswith("expectedClose") for name in by):
        found.reverse()
        found.sort(key=lambda deal: str(deal["day"]))
    return [deal["id"] for deal in found]


CONDITIONS = {"pipelineId": PIPELINE, "stageId": PROPOSAL, "state": "OPEN"}
DAYS = {"expectedCloseFrom": "2031-02-01", "expectedCloseTo": "2031-03-01"}


@pytest.mark.parametrize("owner", ["Lena", "Lev", "Lea"])
@pytest.mark.parametrize(
    "days",
    [
        {},
        DAYS,
        DAYS | {"expectedCloseFrom": "2031-01-15"},
        {"expectedCloseFrom": "2031-02-15"},
        {"expectedCloseTo": "2031-02-15"},
    ],
)
async def test_every_combination_of_filters_means_what_it_says(
    api: Api, mine: list[Deal], owner: str, days: dict[str, str]
) -> None:
    for count in range(4):
        for names in combinations(CONDITIONS, count):
            by = {name: CONDITIONS[name] for name in names} | days | {"owner": owner}
            assert await walk(api, 4, **by) == meant(mine, by), by


async def test_without_an_owner_the_list_is_everybodys(api: Api, mine: list[Deal]) -> None:
    for by in (
        {},
        {"state": "WON"},
        {"pipelineId": PIPELINE},
        {"stageId": PROPOSAL},
        DAYS,
        DAYS | {"state": "OPEN"},
    ):
        found = await walk(api, 100, **by)
        own = {deal["id"] for deal in mine}
        assert [one for one in found if one in own] == meant(mine, by), by


async def test_a_stage_of_another_pipeline_or_state_has_none(api: Api, mine: list[Deal]) -> None:
    for by in ({"stageId": PROPOSAL, "state": "WON"}, {"stageId": WON, "pipelineId": "pip_" + "0" * 32}):
        assert await walk(api, 5, **by) == []
        assert await walk(api, 5, **by, **DAYS) == []
    assert await walk(api, 5, pipelineId="pip_" + "0" * 32) == []
    assert mine


@pytest.mark.parametrize(
    ("by", "field"),
    [
        ({"pipelineId": "nonsense"}, "filter.pipelineId"),
        ({"stageId": PIPELINE}, "filter.stageId"),
        ({"owner": "a\nb"}, "filter.owner"),
        ({"expectedCloseFrom": "2031-02-01", "expectedCloseTo": "2031-02-01"}, "filter.expectedCloseTo"),
    ],
)
async def test_a_wrong_filter_is_refused(api: Api, by: dict[str, str], field: str) -> None:
    answer = await api.answer(LIST, filter=by, first=5, after=None)
    assert answer["errors"][0]["message"].startswith(f"{field}: ")


async def test_deals_from_before_there_were_lists_are_put_into_them(graph: Graph) -> None:
    backfills = [
        statement
        for migration in all_migrations()
        for only, statement in migration.statements
        if "SET d.statePosition" in statement or ("SET d.closingPlace" in statement and only is graph.embedded)
    ]
    assert len(backfills) == 2
    common = {"pipelineId": PIPELINE, "stageId": NEW, "state": "LOST", "position": "000000000000001:x"}
    deals: list[dict[str, Any]] = [
        common | {"id": "deal_before-1", "owner": "Nobody", "expectedCloseOn": "1999-12-31"},
        common | {"id": "deal_before-2"},
    ]
    texts = [", ".join(f"{name}: '{value}'" for name, value in deal.items()) for deal in deals]
    try:
        for text in texts:
            await graph.change_schema(f"CREATE (d:Deal {{{text}}})")
        for _ in range(2):
            for backfill in backfills:
                await graph.change_schema(backfill)
        for deal in deals:
            ((stored,),) = await graph.run("MATCH (d:Deal {id: $id}) RETURN properties(d)", id=deal["id"])
            wanted = {name: value for name, value in places(deal).items() if value is not None}
            found = {name: value for name, value in stored.items() if name in LISTED and value is not None}
            assert found == wanted
            assert not {"closingPosition", "ownerClosingPosition"} & {
                name for name, value in stored.items() if value
            }
    finally:
        await graph.change_schema("MATCH (d:Deal) WHERE d.id STARTS WITH 'deal_before-' DELETE d")
