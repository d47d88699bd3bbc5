"""Pipelines as rows: how they are read, and what is written when one changes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from service.deals.models import Pipeline, Stage, StageKind
from service.graph.books import Statement


def pipeline(row: list[Any]) -> Pipeline:
    """A pipeline from its columns: id, name, stages (id, name, position, probability, kind, used), position."""
    pipeline_id, name, stages, *place = row
    return Pipeline(pipeline_id, name, tuple(_stage(pipeline_id, *stage) for stage in stages), *place)


def _stage(
    pipeline_id: str, stage_id: str, name: str, place: int, probability: float, kind: str, used: bool | None = None
) -> Stage:
    return Stage(stage_id, name, place, float(probability), StageKind(kind), pipeline_id, bool(used))


class Piping:
    """The rows of pipelines that a batch makes or changes, and of stages that deals come into the first time."""

    def __init__(self) -> None:
        self._pipelines: dict[str, dict[str, Any]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in ("create_stages", "restore_stages", "update_stages", "retire_stages", "remove_stages")
        }
        self._used: set[str] = set()

    def use(self, stage: Stage) -> None:
        """Enters that a deal is in a stage."""
        if not stage.used:
            self._used.add(stage.id)

    def enter(self, pipeline: Pipeline, before: Sequence[Stage], former: Sequence[Stage]) -> None:
        """Enters a pipeline, given the stages that it had, and those that were taken out of it earlier."""
        self._pipelines[pipeline.id] = {
            "id": pipeline.id,
            "name": pipeline.name,
            "position": pipeline.position,
        }
        had, left = {stage.id for stage in before}, {stage.id for stage in former}
        for stage in pipeline.stages:
            row = {"id": stage.id, "pipelineId": pipeline.id, "properties": _properties(stage)}
            if stage.id in left:
                self._rows["restore_stages"].append(row)
            self._rows["update_stages" if stage.id in had | left else "create_stages"].append(row)
        kept = {stage.id for stage in pipeline.stages}
        for stage in before:
            if stage.id not in kept:
                used = stage.used or stage.id in self._used
                self._rows["retire_stages" if used else "remove_stages"].append({"id": stage.id})

    def statements(self) -> Iterator[Statement]:
        """Writes pipelines, then their stages."""
        yield Statement("deals/write_pipelines", list(self._pipelines.values()))
        for name, rows in self._rows.items():
            yield Statement(f"deals/{name}", rows)
        yield Statement("deals/use_stages", sorted(self._used))


def _properties(stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.id,
        "name": stage.name,
        "position": stage.position,
        "probability": stage.probability,
        "kind": stage.kind.value,
    }
