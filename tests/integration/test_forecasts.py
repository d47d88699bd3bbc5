"""Reports on pipelines and forecasts over 10,000 deals, against the oracle, on an engine with nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from neo4j import AsyncGraphDatabase

from service.api.scalars import _parse_duration as duration
from service.app import open_services
from service.errors import BadInput, ReportTooLong
from service.forecasts.models import Range
from service.forecasts.service import Forecaster
from service.graph.client import Graph
from service.settings import Settings
from tests.conftest import Engine
from tests.integration import selling
from tests.integration.asking import Api
from tests.integration.selling import BEGIN, DAY, Deal, pipeline_id

REPORT = """query ($p: ID!, $from: DateTime!, $to: DateTime!) {
  pipelineReport(pipelineId: $p, from: $from, to: $to) {
  stages { stage { name } entered moved conversionRate averageTime openDeals openAmount { amount currency } }
  won lost winRate averageTimeToWin lostReasons { reason deals } } }"""
FORECAST = """query ($p: ID, $from: Date!, $to: Date!, $group: ForecastGroup!, $zone: String!) {
  forecast(pipelineId: $p, from: $from, to: $to, groupBy: $group, timeZone: $zone) {
    groups { key currency deals total weighted won byCategory { category amount } } } }"""


@pytest.fixture(scope="module")
def deals() -> list[Deal]:
    return selling.history(10_000)


@pytest.fixture(scope="module")
async def graph(alone: Engine, deals: list[Deal]) -> AsyncIterator[Graph]:
    async with alone.migrated() as graph:
        auth = (alone.user, alone.password) if alone.password else None
        async with AsyncGraphDatabase.driver(alone.uri, auth=auth) as driver:
            await selling.write(driver, alone.database, deals)
        yield graph


@pytest.fixture(scope="module")
async def api(graph: Graph) -> AsyncIterator[Api]:
    async with open_services(Settings(), graph) as services:
        yield Api(graph, services)


def moment(millis: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)).isoformat()


def millis(text: str | None) -> float | None:
    return None if text is None else duration(text) / timedelta(milliseconds=1)


def numbers(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with its texts read as numbers, as the oracle tells them."""
    for stage in answer["stages"]:
        stage["averageTime"] = millis(stage["averageTime"])
        stage["openAmount"] = [one | {"amount": Decimal(one["amount"])} for one in stage["openAmount"]]
    return answer | {"averageTimeToWin": millis(answer["averageTimeToWin"])}


@pytest.mark.parametrize("pipeline", ["Sales", "Renewals"])
async def test_reports_on_a_pipeline_are_those_of_the_oracle(api: Api, deals: list[Deal], pipeline: str) -> None:
    for first, last in ((-10, 0), (-10, 1), (100, 190), (365, 731), (0, 2_000)):
        start, end = BEGIN + first * DAY, BEGIN + last * DAY
        asked = {"p": pipeline_id(pipeline), "from": moment(start), "to": moment(end)}
        assert numbers(await api.field(REPORT, **asked)) == selling.report(deals, pipeline, start, end), (
            first,
            last,
        )


def test_the_history_has_what_is_hard(deals: list[Deal]) -> None:
    start, end = BEGIN + 365 * DAY, BEGIN + 731 * DAY
    stages = selling.report(deals, "Sales", start, end)["stages"]
    assert all(one["entered"] > 100 for one in stages)
    assert all(0 < one["moved"] < one["entered"] for one in stages[:5])
    assert [len(one["openAmount"]) for one in stages] == [3, 3, 3, 3, 3, 0, 0]
    # A stage that the pipeline has no more is told of where there was something in it, and else is not.
    assert stages[3]["stage"]["name"] in selling.FORMER
    assert all(one.stage not in selling.FORMER for one in deals)
    assert len(selling.report(deals, "Renewals", BEGIN - 10 * DAY, BEGIN)["stages"]) == 4
    assert sum(one.stage_at(start) not in (None, "Won", "Lost") for one in deals) > 1_000
    assert sum(stage in ("Won", "Lost") for one in deals for _, stage in one.moves[:-1]) > 1_000  # Reopened.
    assert sum(at % DAY == 0 for one in deals for at, _ in one.moves) > 1_000


@pytest.mark.parametrize("group", ["MONTH", "QUARTER", "OWNER"])
async def test_forecasts_are_those_of_the_oracle(api: Api, deals: list[Deal], group: str) -> None:
    year = date(2025, 1, 1), date(2026, 1, 1)
    for pipeline, zone, (first, last) in (
        (None, "UTC", (date(1970, 1, 1), date(2069, 1, 1))),
        ("Sales", "UTC", year),
        ("Renewals", "Asia/Tokyo", year),
        (None, "America/New_York", (date(2025, 3, 9), date(2025, 3, 10))),
    ):
        told = {"p": pipeline and pipeline_id(pipeline), "group": group, "zone": zone}
        answer = await api.field(FORECAST, **told, **{"from": first.isoformat(), "to": last.isoformat()})
        for row in answer["groups"]:
            row |= {name: Decimal(row[name]) for name in ("total", "weighted", "won")}
            row["byCategory"] = [one | {"amount": Decimal(one["amount"])} for one in row["byCategory"]]
        assert answer["groups"] == selling.forecast(deals, first, last, group, pipeline, zone), (pipeline, zone)


async def test_what_cannot_be_asked(api: Api) -> None:
    at, later = "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"
    sales = pipeline_id("Sales")
    for given, reason in (
        ({"p": "pip_0", "from": at, "to": later}, "pipelineId: there is no such pipeline; there are Sales ("),
        ({"p": sales, "from": at, "to": at}, "to: must be after from"),
        (
            {"p": sales, "from": "0001-01-01T00:00:00Z", "to": later},
            "to: the range has 739,282 days; at most 36,525",
        ),
    ):
        (error,) = (await api.answer(REPORT, **given))["errors"]
        assert error["message"].startswith(reason)
        assert error["extensions"]["code"] == BadInput.code
    day, after = "2025-01-01", "2025-02-01"
    asked = {"from": day, "to": after, "group": "MONTH", "zone": "UTC"}
    for changed, reason in (
        ({"p": "pip_0"}, "pipelineId: there is no such pipeline"),
        ({"to": day}, "to: must be after from"),
        ({"to": "9999-12-31"}, "to: the range has"),
        ({"zone": "Mars/Base"}, "timeZone: no time zone is called 'Mars/Base'"),
    ):
        (error,) = (await api.answer(FORECAST, **(asked | changed)))["errors"]
        assert error["message"].startswith(reason)
        assert error["extensions"]["code"] == BadInput.code
    end = {"from": "9999-12-30", "to": "9999-12-31", "group": "OWNER", "zone": "Asia/Tokyo"}
    assert await api.field(FORECAST, **end) == {"groups": []}
    assert await api.field(FORECAST, **end | {"from": "0001-01-01", "to": "0001-01-02"}) == {"groups": []}


async def test_forecasts_by_default_are_by_month_of_all_pipelines(api: Api) -> None:
    short = '{ forecast(from: "2025-01-01", to: "2025-03-01") { groups { key } } }'
    answer = await api.field(short)
    assert {one["key"] for one in answer["groups"]} == {"2025-01", "2025-02"}


async def test_a_report_has_its_time_and_others_are_answered_meanwhile(graph: Graph) -> None:
    whole = Range(0, BEGIN + 2_000 * DAY)
    with pytest.raises(ReportTooLong):
        await Forecaster(graph, 0.01).pipeline_report(pipeline_id("Sales"), whole)

    answered = 0

    async def ask() -> None:
        nonlocal answered
        while True:
            await graph.rows("graph/clock")
            answered += 1

    asking = asyncio.create_task(ask())
    await Forecaster(graph, 25).pipeline_report(pipeline_id("Sales"), whole)
    asking.cancel()
    assert answered > 5
