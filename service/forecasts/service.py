"""Answering what managers ask of deals: reads slice by slice, counts beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from service.deadlines import report_within
from service.deals.models import Pipeline
from service.deals.piping import pipeline
from service.errors import BadInput
from service.forecasts import reading
from service.forecasts.forecast import Forecast, ForecastRow
from service.forecasts.models import Days, ForecastGroup, Range
from service.forecasts.pipeline_report import PipelineReport
from service.forecasts.reading import Rows
from service.graph.client import Graph

_AT_ONCE: Final = 2
"""Reports that read: more would only wait for each other, and hold up who reads less."""


class Forecaster:
    """Reports on deals. Memory is bounded by a slice of them, however many there are."""

    def __init__(self, graph: Graph, timeout_seconds: float) -> None:
        self._graph = graph
        self._timeout_seconds = timeout_seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def pipeline_report(self, pipeline_id: str, range_: Range) -> PipelineReport:
        """What deals did in a pipeline.

        Raises:
            BadInput: there is no such pipeline.
            ReportTooLong: it took longer than a report may.
        """
        async with report_within(self._timeout_seconds), self._turns:
            known = _named(await self._pipelines(), pipeline_id)
            rows = await self._graph.rows("deals/former_stages", id=known.id)
            former = [stage for one in map(pipeline, rows) for stage in one.stages]
            report = PipelineReport(known, range_, former)
            await _each(
                reading.histories(self._graph, pipeline_id, range_),
                lambda rows: report.add_all(map(reading.history, rows)),
            )
        return report

    async def forecast(self, pipeline_id: str | None, days: Days, group: ForecastGroup) -> list[ForecastRow]:
        """What deals are expected to bring, of one pipeline or of all; raises as `pipeline_report` does."""
        async with report_within(self._timeout_seconds), self._turns:
            pipelines = await self._pipelines()
            chosen = list(pipelines) if pipeline_id is None else [_named(pipelines, pipeline_id).id]
            stages = {stage.id: stage for one in pipelines.values() for stage in one.stages}
            forecast = Forecast(days, group, stages)
            await _each(
                reading.expected(self._graph, chosen, days),
                lambda rows: forecast.add_all(map(reading.expectation, rows)),
            )
        return forecast.rows()

    async def _pipelines(self) -> Mapping[str, Pipeline]:
        return {one.id: one for one in map(pipeline, await self._graph.rows("deals/pipelines"))}


async def _each(slices: AsyncIterator[Rows], count: Callable[[Rows], object]) -> None:
    """Counts slices one after the other, in a thread: while it does, other requests are answered."""
    async for rows in slices:
        await asyncio.to_thread(count, rows)


def _named(pipelines: Mapping[str, Pipeline], pipeline_id: str) -> Pipeline:
    found = pipelines.get(pipeline_id)
    if found is None:
        names = ", ".join(f"{one.name} ({one.id})" for one in pipelines.values())
        raise BadInput("pipelineId", f"there is no such pipeline; there are {names}")
    return found
