"""Making and changing pipelines: what a pipeline must be, and what becomes of stages that are taken out. Pure.

A stage that deals are in cannot be taken out. One that deals were in only leaves its pipeline: their history names
it still, and it can be put back by its id. One that no deal was ever in is removed. Of a stage that deals are or
were in, whether it is open, won or lost cannot change: the history would say something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

from pydantic import Field

from service import ids
from service.deals.book import Deals, PipelinesNeed, PipelineUseNeed
from service.deals.models import Pipeline, Stage, StageKind
from service.errors import Refused, UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.inputs import Input, Name

MAX_STAGES: Final = 50
"""Of one pipeline."""
MAX_PIPELINES: Final = 100
_CERTAIN: Final = {StageKind.WON: 1.0, StageKind.LOST: 0.0}


class StageInput(Input):
    """A stage; without an id, a new one."""

    id: str | None = None
    name: Name
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    kind: StageKind = StageKind.OPEN


class UpsertPipelineInput(Input):
    """A pipeline with all of its stages, in order; without an id, a new one."""

    id: str | None = None
    name: Name
    stages: tuple[StageInput, ...]


@dataclass(frozen=True, slots=True)
class Piped:
    """The outcome: the pipeline, or what is wrong with the input."""

    pipeline_id: str | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True, slots=True)
class UpsertPipeline:
    """Makes a pipeline, or gives it another name and other stages."""

    pipeline: UpsertPipelineInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, all pipelines, and whether deals are in stages that are taken out."""
        message, given = MessageNeed(self.message_key), self.pipeline
        if given.id is None:
            return (message, PipelinesNeed())
        kept = frozenset(stage.id for stage in given.stages if stage.id)
        return (message, PipelinesNeed(), PipelineUseNeed(given.id, kept))

    def decide(self, books: Books) -> Piped:
        """The pipeline as it is given."""
        stored = books[Messages][self.message_key]
        if stored is not None:
            return Piped(stored.subject_id)
        deals, given = books[Deals], self.pipeline
        try:
            before = _known(deals.pipelines, given)
            check(given.stages)
            pipeline_id = before.id if before else books.mint(ids.PIPELINE)
            former = deals.former_stages(pipeline_id)
            known = {stage.id: stage for stage in (*(before.stages if before else ()), *former)}
            stages = tuple(
                self._stage(number, stage, known, pipeline_id, books)
                for number, stage in enumerate(given.stages, 1)
            )
            self._require_empty(deals, before, {stage.id for stage in stages})
        except Refused as no:
            return Piped(errors=(no.error,))
        position = before.position if before else 1 + max((one.position for one in deals.pipelines), default=0)
        deals.enter_pipeline(Pipeline(pipeline_id, given.name, stages, position))
        books[Messages].enter(Message(self.message_key, "pipeline", pipeline_id, "", "[]"), has_node=False)
        return Piped(pipeline_id)

    def _stage(
        self, place: int, given: StageInput, known: dict[str, Stage], pipeline_id: str, books: Books
    ) -> Stage:
        field = f"stages.{place - 1}"
        if given.id is None:
            stage_id = books.mint(ids.STAGE)
            return Stage(stage_id, given.name, place, given.probability, given.kind, pipeline_id)
        stage = known.get(given.id)
        if stage is None:
            raise Refused(
                UserErrorCode.STAGE_NOT_IN_PIPELINE,
                f"{field}.id",
                "the pipeline has no such stage; leave the id out for a new one",
            )
        if stage.used and stage.kind is not given.kind:
            raise Refused(
                UserErrorCode.INVALID,
                f"{field}.kind",
                f"deals are or were in {stage.name}, so it stays {stage.kind.value}; make a new stage",
            )
        return replace(stage, name=given.name, position=place, probability=given.probability, kind=given.kind)

    def _require_empty(self, deals: Deals, before: Pipeline | None, kept: set[str]) -> None:
        for stage in before.stages if before else ():
            if stage.id not in kept and deals.is_occupied(stage.id):
                raise Refused(
                    UserErrorCode.INVALID,
                    "stages",
                    f"deals are in {stage.name} ({stage.id}); move them to another stage before it is taken out",
                )


def _known(pipelines: Sequence[Pipeline], given: UpsertPipelineInput) -> Pipeline | None:
    """The pipeline that is changed; None for a new one."""
    before = next((one for one in pipelines if one.id == given.id), None)
    if given.id is not None and before is None:
        raise Refused(UserErrorCode.NOT_FOUND, "id", "there is no such pipeline; leave the id out for a new one")
    if before is None and len(pipelines) >= MAX_PIPELINES:
        raise Refused(UserErrorCode.TOO_MANY, "id", f"there are {MAX_PIPELINES} pipelines; change one of them")
    name = given.name.casefold()
    if any(one.name.casefold() == name for one in pipelines if one is not before):
        raise Refused(UserErrorCode.ALREADY_EXISTS, "name", "another pipeline has this name; choose another one")
    return before


def check(stages: Sequence[StageInput]) -> None:
    """Whether these can be a pipeline's stages.

    Raises:
        Refused: with the first thing that is wrong.
    """
    if len(stages) > MAX_STAGES:
        raise Refused(UserErrorCode.TOO_MANY, "stages", f"at most {MAX_STAGES}")
    missing = [kind.value for kind in StageKind if all(stage.kind is not kind for stage in stages)]
    if missing:
        raise Refused(
            UserErrorCode.INVALID,
            "stages",
            f"a pipeline needs a stage that is {' and one that is '.join(missing)}",
        )
    names = Counter(stage.name.casefold() for stage in stages)
    numbers = Counter(stage.id for stage in stages if stage.id)
    for number, stage in enumerate(stages):
        if names[stage.name.casefold()] > 1:
            raise Refused(UserErrorCode.INVALID, f"stages.{number}.name", "two stages have this name")
        if numbers[stage.id or ""] > 1:
            raise Refused(UserErrorCode.INVALID, f"stages.{number}.id", "the stage is there twice")
        certain = _CERTAIN.get(stage.kind)
        if certain is not None and stage.probability != certain:
            raise Refused(
                UserErrorCode.INVALID,
                f"stages.{number}.probability",
                f"a stage that is {stage.kind.value} has probability {certain:g}",
            )
