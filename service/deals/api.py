"""GraphQL: pipelines and deals, reading."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from service.api.context import Info
from service.api.inputs import UserError, raw
from service.api.nodes import JourneyStep, Node
from service.api.pagination import Connection, connection, page_size, position_of
from service.api.scalars import Currency, Money, MoneyInput, duration, moment
from service.deals import models, repository
from service.deals.commands import Dealt
from service.deals.models import DealOutcome, DealState, ForecastCategory, StageKind, forecast_category
from service.deals.repository import DealPage, DealRow, Latest, StageChangeRow
from service.errors import Conflict
from service.identity.api import CustomerBy
from service.positions import END

if TYPE_CHECKING:
    from service.customers.api import Customer

strawberry.enum(StageKind, description="Whether a deal in the stage is still open.")
strawberry.enum(DealState, description="The kind of the stage that the deal is in.")
strawberry.enum(DealOutcome, description="How a deal is closed.")
strawberry.enum(ForecastCategory, description="How sure a forecast may be of a deal.")


@strawberry.type
class Stage(Node):
    """A step of a pipeline."""

    name: str
    """What sales people call it."""
    position: int
    """Its place in the pipeline, from 1."""
    probability: float = strawberry.field(description="That a deal in it is won, 0 to 1.")
    kind: StageKind
    """Whether a deal in it goes on."""

    @classmethod
    def of(cls, stage: models.Stage) -> Stage:
        """The API's form of a stage."""
        return cls(
            id=strawberry.ID(stage.id),
            name=stage.name,
            position=stage.position,
            probability=stage.probability,
            kind=stage.kind,
        )


@strawberry.type
class Pipeline(Node):
    """The stages that deals of one kind go through, in order."""

    name: str
    """What sales people call it."""
    stages: list[Stage]
    """Its steps, in order."""

    @classmethod
    def of(cls, pipeline: models.Pipeline) -> Pipeline:
        """The API's form of a pipeline."""
        return cls(
            id=strawberry.ID(pipeline.id),
            name=pipeline.name,
            stages=[Stage.of(stage) for stage in pipeline.stages],
        )


@strawberry.type
class DealStageChange(JourneyStep):
    """A deal's move into a stage; the first is its creation."""

    row: strawberry.Private[StageChangeRow]
    by: str | None
    """Who moved it."""

    @classmethod
    def of(cls, row: StageChangeRow) -> DealStageChange:
        """The API's form of a move."""
        return cls(id=strawberry.ID(row.id), occurred_at=moment(row.occurred_at), row=row, by=row.by)

    @strawberry.field(description="The deal that moved, as it is now.")
    async def deal(self, info: Info) -> Annotated[Deal, strawberry.lazy("service.deals.api")]:
        row = await info.context.one(repository.deals_by_ids, self.row.deal_id)
        if row is None:
            raise Conflict
        return Deal.of(row)

    @strawberry.field(name="from", description="The stage that it left; absent when the deal was made.")
    async def from_stage(self, info: Info) -> Stage | None:
        return await _stage(self.row.from_stage_id, info) if self.row.from_stage_id else None

    @strawberry.field(description="The stage that it moved to.")
    async def to(self, info: Info) -> Stage:
        return await _stage(self.row.to_stage_id, info)

    @strawberry.field(description="How long the deal had been in the stage it left.")
    def time_in_stage(self) -> timedelta | None:
        return duration(self.row.millis_in_stage) if self.row.millis_in_stage is not None else None


@strawberry.type
class Deal(Node):
    """A sale in the making, or made, or lost."""

    row: strawberry.Private[DealRow]
    title: str
    """What it is about."""
    state: DealState
    """Whether it goes on."""
    lost_reason: str | None
    """Why it was lost."""
    owner: str | None
    """Who works on it."""
    source: str | None
    """Where it came from."""
    version: int = strawberry.field(description="Grows with every change; updates may be guarded with it.")

    @classmethod
    def of(cls, row: DealRow) -> Deal:
        """The API's form of a deal."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            title=row.title,
            state=DealState(row.state),
            lost_reason=row.lost_reason,
            owner=row.owner,
            source=row.source,
            version=row.version,
        )

    @strawberry.field(description="What it is worth if won.")
    def amount(self) -> Money | None:
        row = self.row
        return Money.of(row.amount, row.currency) if row.amount is not None and row.currency else None

    @strawberry.field(description="Amount times probability.")
    async def weighted_amount(self, info: Info) -> Money | None:
        if self.row.amount is None or not self.row.currency:
            return None
        probability = Decimal(str((await _stage(self.row.stage_id, info)).probability))
        return Money(amount=Decimal(self.row.amount) * probability, currency=Currency(self.row.currency))

    @strawberry.field(description="That it is won, 0 to 1, by its stage.")
    async def probability(self, info: Info) -> float:
        return (await _stage(self.row.stage_id, info)).probability

    @strawberry.field(description="The pipeline that it goes through.")
    async def pipeline(self, info: Info) -> Pipeline:
        return Pipeline.of(await _pipeline(self.row.pipeline_id, info))

    @strawberry.field(description="Where in its pipeline it is.")
    async def stage(self, info: Info) -> Stage:
        return await _stage(self.row.stage_id, info)

    @strawberry.field(description="How sure a forecast may be of it; follows its probability.")
    async def forecast_category(self, info: Info) -> ForecastCategory:
        stage = await _stage(self.row.stage_id, info)
        return forecast_category(self.state, Decimal(str(stage.probability)))

    @strawberry.field(description="The day by which it should be closed.")
    def expected_close_on(self) -> date | None:
        return date.fromisoformat(self.row.expected_close_on) if self.row.expected_close_on else None

    @strawberry.field(description="When it was opened.")
    def created_at(self) -> datetime:
        return moment(self.row.created_at)

    @strawberry.field(description="When it was won or lost.")
    def closed_at(self) -> datetime | None:
        return moment(self.row.closed_at) if self.row.closed_at is not None else None

    @strawberry.field(description="Whose it is now.")
    async def customer(self, info: Info) -> Annotated[Customer, strawberry.lazy("service.customers.api")]:
        from service.customers.api import customer_of_fact

        return await customer_of_fact(self.row.identifier_key, info)

    @strawberry.field(description="Its moves between stages, newest first.")
    async def stage_history(self, info: Info, first: int = 50) -> list[DealStageChange]:
        latest = Latest(page_size(first))
        rows = await info.context.page(repository.stage_changes_of_deals, self.row.id, latest)
        return [DealStageChange.of(row) for row in rows]


async def _pipeline(pipeline_or_stage_id: str, info: Info) -> models.Pipeline:
    pipeline = await info.context.one(repository.pipelines_by_ids, pipeline_or_stage_id)
    if pipeline is None:
        raise Conflict
    return pipeline


async def _stage(stage_id: str, info: Info) -> Stage:
    stage = (await _pipeline(stage_id, info)).stage(stage_id)
    if stage is None:
        raise Conflict
    return Stage.of(stage)


async def deals_of(customer_id: str, info: Info, first: int, after: str | None) -> Connection[Deal]:
    """A page of a customer's deals, newest first."""
    size = page_size(first)
    page = DealPage(before=position_of(after) if after is not None else END, limit=size + 1)
    rows = await info.context.page(repository.deals_of_customers, customer_id, page)
    return connection(rows, size, lambda row: row.position, Deal.of, has_previous=after is not None)


async def deals_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Deals by global id."""
    rows = await info.context.many(repository.deals_by_ids, ids)
    return [Deal.of(row) if row else None for row in rows]


async def stage_changes_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Moves of deals by global id."""
    rows = await info.context.many(repository.stage_changes_by_ids, ids)
    return [DealStageChange.of(row) if row else None for row in rows]


async def pipelines_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Pipelines by global id."""
    rows = await info.context.many(repository.pipelines_by_ids, ids)
    return [Pipeline.of(row) if row else None for row in rows]


async def stages_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Stages by global id."""
    pipelines = await info.context.many(repository.pipelines_by_ids, ids)
    stages = [pipeline.stage(key) if pipeline else None for key, pipeline in zip(ids, pipelines, strict=True)]
    return [Stage.of(stage) if stage else None for stage in stages]


async def all_pipelines(info: Info) -> list[Pipeline]:
    """All pipelines, in order."""
    return [Pipeline.of(pipeline) for pipeline in await repository.pipelines(info.context.graph)]


@strawberry.input
class CreateDealInput:
    """A new deal: in the first pipeline unless pipelineId says another, in its first stage unless stageId does."""

    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET, description="The same key again answers with the deal that it made."
    )
    by: CustomerBy
    """Whose deal it is."""
    title: str
    """What it is about."""
    amount: MoneyInput | None = strawberry.UNSET
    """What it is worth if won."""
    pipeline_id: strawberry.ID | None = strawberry.UNSET
    """Absent: the first pipeline."""
    stage_id: strawberry.ID | None = strawberry.UNSET
    """Absent: the pipeline's first stage."""
    owner: str | None = strawberry.UNSET
    """Who works on it."""
    source: str | None = strawberry.UNSET
    """Where it came from."""
    expected_close_on: date | None = strawberry.UNSET
    """The day by which it should be closed."""


@strawberry.input
class MoveDealInput:
    """A move of an open deal to another open stage of its pipeline."""

    deal_id: strawberry.ID
    """Which deal."""
    stage_id: strawberry.ID
    """An open stage of its pipeline."""
    expected_version: int | None = strawberry.UNSET
    """Refuse it if the deal has another version by now."""
    by: str | None = strawberry.UNSET
    """Who moves it."""


@strawberry.input
class CloseDealInput:
    """The end of a deal; LOST needs a reason."""

    deal_id: strawberry.ID
    """Which deal."""
    outcome: DealOutcome
    """Won or lost."""
    lost_reason: str | None = strawberry.UNSET
    """Why it was lost; needed for LOST."""
    expected_version: int | None = strawberry.UNSET
    """Refuse it if the deal has another version by now."""
    by: str | None = strawberry.UNSET
    """Who closes it."""


@strawberry.type
class DealPayload:
    """The deal as it is now; absent where the input was wrong, and then nothing was changed."""

    dealt: strawberry.Private[Dealt]

    @strawberry.field(description="The deal as it is now.")
    async def deal(self, info: Info) -> Deal | None:
        if self.dealt.deal_id is None:
            return None
        row = await info.context.one(repository.deals_by_ids, self.dealt.deal_id)
        return Deal.of(row) if row else None

    @strawberry.field(description="What is wrong with the input.")
    def user_errors(self) -> list[UserError]:
        return [UserError.of(error) for error in self.dealt.errors]


@strawberry.type
class DealMutation:
    """Changing deals."""

    @strawberry.mutation(description="Opens a deal with a customer who is known by some identifier.")
    async def create_deal(self, info: Info, input: CreateDealInput) -> DealPayload:
        form = raw(input)
        del form["by"]
        dealt = await info.context.services.deals.create(form, input.by.named())
        info.context.forget()
        return DealPayload(dealt=dealt)

    @strawberry.mutation(description="Moves an open deal to another open stage of its pipeline.")
    async def move_deal(self, info: Info, input: MoveDealInput) -> DealPayload:
        dealt = await info.context.services.deals.move(raw(input))
        info.context.forget()
        return DealPayload(dealt=dealt)

    @strawberry.mutation(description="Closes an open deal as won or lost.")
    async def close_deal(self, info: Info, input: CloseDealInput) -> DealPayload:
        dealt = await info.context.services.deals.close(raw(input))
        info.context.forget()
        return DealPayload(dealt=dealt)
