"""GraphQL: pipelines and deals, reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import strawberry

from service.access.models import Caller, signed
from service.accounts.repository import OF_DEAL
from service.api.fields import column, computed, paged, related, sought, written, written_by
from service.api.inputs import UserError, user_error
from service.api.nodes import JourneyStep, Node
from service.api.pagination import Connection
from service.api.scalars import Money, MoneyInput, money
from service.deals import listing, repository
from service.deals.book import Dealt
from service.deals.models import DealOutcome, DealState, ForecastCategory, StageKind, forecast_category
from service.identity.api import CustomerBy, named
from service.identity.repository import CUSTOMER_OF
from service.journeys.api import TouchpointCredit, deal_attribution
from service.notes.api import Note, notes_of_deal
from service.reads.connections import page_before, page_size
from service.reads.fields import Input
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.tasks.api import Task, tasks_of_deal

if TYPE_CHECKING:
    from service.accounts.api import Account
    from service.customers.api import Customer
    from service.services import Services

Stages = list[list[float]]
"""The probability of the stage that a deal is in."""

strawberry.enum(StageKind, description="Whether a deal in the stage is still open.")
strawberry.enum(DealState, description="The kind of the stage that the deal is in.")
strawberry.enum(DealOutcome, description="How a deal is closed.")
strawberry.enum(ForecastCategory, description="How sure a forecast may be of a deal.")


@strawberry.type
class Stage(Node):
    """A step of a pipeline."""

    id: strawberry.ID = column("id")
    name: str = column("name")
    """What sales people call it."""
    position: int = column("position")
    """Its place in the pipeline, from 1."""
    probability: float = column("probability")
    """That a deal in it is won, 0 to 1."""
    kind: StageKind = column("kind")
    """Whether a deal in it goes on."""


@strawberry.type
class Pipeline(Node):
    """The stages that deals of one kind go through, in order."""

    id: strawberry.ID = column("id")
    name: str = column("name")
    """What sales people call it."""
    stages: list[Stage] = related(repository.STAGES)
    """Its steps, in order."""


@strawberry.type
class DealStageChange(JourneyStep):
    """A deal's move into a stage; the first is its creation."""

    id: strawberry.ID = column("id")
    occurred_at: datetime = column("occurredAt")
    """When it happened, by the source's clock."""
    by: str | None = column("by")
    """Who moved it."""
    deal: Annotated[Deal, strawberry.lazy("service.deals.api")] = related(repository.DEAL_BY_ID, "dealId")
    """The deal that moved, as it is now."""
    from_: Stage | None = related(repository.STAGE_BY_ID, "fromStageId", name="from")
    """The stage that it left; absent when the deal was made."""
    to: Stage = related(repository.STAGE_BY_ID, "toStageId")
    """The stage that it moved to."""
    time_in_stage: timedelta | None = column("millisInStage")
    """How long the deal had been in the stage it left."""


_ONE: Final = {"limit": 1}
_STAGE: Final = Input(repository.STAGE, ("probability",))


def _probability(stages: Stages) -> float | None:
    return stages[0][0] if stages else None


def _weighted(amount: str | None, currency: str | None, stages: Stages) -> dict[str, Any] | None:
    if amount is None or not stages:
        return None
    return money(Decimal(amount) * Decimal(str(stages[0][0])), currency)


def _category(state: str, by_hand: str | None, stages: Stages) -> str | None:
    if not stages:
        return None
    chosen = ForecastCategory(by_hand) if by_hand else None
    return forecast_category(DealState(state), Decimal(str(stages[0][0])), chosen).value


def _history(_around: Surroundings, first: int = 50) -> Bound:
    return Bound(repository.STAGE_CHANGES, {"limit": page_size(first)})


@strawberry.type
class Deal(Node):
    """A sale in the making, or made, or lost."""

    id: strawberry.ID = column("id")
    title: str = column("title")
    """What it is about."""
    state: DealState = column("state")
    """Whether it goes on."""
    lost_reason: str | None = column("lostReason")
    """Why it was lost."""
    owner: str | None = column("owner")
    """Who works on it."""
    source: str | None = column("source")
    """Where it came from."""
    version: int = column("version")
    """Grows with every change; updates may be guarded with it."""
    amount: Money | None = computed(money, "amount", "currency")
    """What it is worth if won."""
    weighted_amount: Money | None = computed(_weighted, "amount", "currency", _STAGE)
    """Amount times probability."""
    probability: float = computed(_probability, _STAGE)
    """That it is won, 0 to 1, by its stage."""
    pipeline: Pipeline = related(repository.PIPELINE_BY_ID, "pipelineId")
    """The pipeline that it goes through."""
    stage: Stage = related(repository.STAGE)
    """Where in its pipeline it is."""
    forecast_category: ForecastCategory = computed(_category, "state", "forecastCategory", _STAGE)
    """How sure a forecast may be of it: as set by hand while it is open, else by its probability."""
    expected_close_on: date | None = column("expectedCloseOn")
    """The day by which it should be closed."""
    created_at: datetime = column("createdAt")
    """When it was opened."""
    closed_at: datetime | None = column("closedAt")
    """When it was won or lost."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "identifierKey")
    """Whose it is now."""
    account: Annotated[Account, strawberry.lazy("service.accounts.api")] | None = related(
        OF_DEAL, parameters={"limit": 1}
    )
    """The company that it was made with, else its customer's."""
    stage_history: list[DealStageChange] = related(arguments=_history)
    """Its moves between stages, newest first."""
    tasks: Connection[Task] = paged(tasks_of_deal)
    """What is to be done for it, newest first."""
    notes: Connection[Note] = paged(notes_of_deal)
    """What was written down of it, newest first."""
    attribution: list[TouchpointCredit] = sought(deal_attribution, "identifierKey", "closedAt")
    """The credit that each touchpoint before its end deserves, oldest first; of an open deal, up to now."""


def deal_page(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of a customer's deals, newest first."""
    return page_before(repository.DEALS, first, after)


@strawberry.input
class StageInput:
    """A stage of a pipeline."""

    id: strawberry.ID | None = strawberry.UNSET
    """Absent: a new stage. One that was taken out of the pipeline is put back by its id."""
    name: str
    """What sales people call it; another one in each stage."""
    probability: float
    """That a deal in it is won, 0 to 1: 1 in a stage that is WON, 0 in one that is LOST."""
    kind: StageKind = StageKind.OPEN
    """Whether a deal in it goes on; it stays as it is where deals are or were in the stage."""


@strawberry.input
class UpsertPipelineInput:
    """A pipeline with all of its stages, in order: at least one OPEN, one WON and one LOST.

    A stage that is left out is taken out of the pipeline; that is refused while deals are in it.
    """

    id: strawberry.ID | None = strawberry.UNSET
    """Absent: a new pipeline."""
    name: str
    """What sales people call it; another one for each pipeline."""
    stages: list[StageInput]
    """All of its stages, 50 at most."""


@strawberry.type
class PipelinePayload:
    """The pipeline as it is now; absent where the input was wrong, and then nothing was changed."""

    pipeline: Pipeline | None = related(repository.PIPELINE_BY_ID, "pipelineId")
    """The pipeline as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


@strawberry.input
class DealFilter:
    """Which deals: every given condition holds. To be closed in [expectedCloseFrom, expectedCloseTo): then the
    soonest come first."""

    pipeline_id: strawberry.ID | None = None
    """Of this pipeline."""
    stage_id: strawberry.ID | None = None
    """In this stage."""
    state: DealState | None = None
    """Open, won or lost."""
    owner: str | None = None
    """Of this owner."""
    expected_close_from: date | None = None
    """To be closed on this day or later."""
    expected_close_to: date | None = None
    """To be closed before this day."""


def all_deals(
    _around: Surroundings, filter: DealFilter | None = None, first: int = 20, after: str | None = None
) -> Bound:
    """A page of all deals, newest first; those to be closed within some days the soonest first."""
    by = filter or DealFilter()
    state = by.state.value if by.state else None
    days = (by.expected_close_from, by.expected_close_to)
    return listing.page(listing.wanted(by.pipeline_id, by.stage_id, state, by.owner, days), first, after)


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
    account_id: strawberry.ID | None = strawberry.UNSET
    """The company that it is with. Absent: the customer's account, whichever that is."""


@strawberry.input
class UpdateDealInput:
    """New properties of a deal, open or closed: what is left out stays, null clears."""

    deal_id: strawberry.ID
    """Which deal."""
    expected_version: int | None = strawberry.UNSET
    """Refuse it if the deal has another version by now."""
    title: str | None = strawberry.UNSET
    """What it is about; it cannot be cleared."""
    amount: MoneyInput | None = strawberry.UNSET
    """What it is worth if won."""
    owner: str | None = strawberry.UNSET
    """Who works on it."""
    expected_close_on: date | None = strawberry.UNSET
    """The day by which it should be closed."""
    forecast_category: ForecastCategory | None = strawberry.UNSET
    """Of an open deal, until it is closed; not CLOSED. null: as its probability says."""


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
    """Who moves it; with authentication it is the caller, whatever is said."""


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
    """Who closes it; with authentication it is the caller, whatever is said."""


@strawberry.input
class ReopenDealInput:
    """A closed deal that goes on: its history stays, why and when it was closed is cleared."""

    deal_id: strawberry.ID
    """Which deal."""
    stage_id: strawberry.ID | None = strawberry.UNSET
    """An open stage of its pipeline. Absent: the one that it was in before it was closed."""
    by: str | None = strawberry.UNSET
    """Who reopens it; with authentication it is the caller, whatever is said."""


@strawberry.type
class DealPayload:
    """The deal as it is now; absent where the input was wrong, and then nothing was changed."""

    deal: Deal | None = related(repository.DEAL_BY_ID, "dealId")
    """The deal as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


def _payload(dealt: Dealt) -> dict[str, Any]:
    return {"dealId": dealt.deal_id, "userErrors": [user_error(one) for one in dealt.errors]}


async def _upsert_pipeline(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.deals.upsert_pipeline(given)
    return {"pipelineId": done.pipeline_id, "userErrors": [user_error(one) for one in done.errors]}


async def _create_deal(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    form = dict(given)
    return _payload(await services.deals.create(form, named(form.pop("by"))))


async def _update_deal(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _payload(await services.deals.update(given))


async def _reopen_deal(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    return _payload(await services.deals.reopen(signed(given, caller)))


async def _move_deal(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    return _payload(await services.deals.move(signed(given, caller)))


async def _close_deal(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    return _payload(await services.deals.close(signed(given, caller)))


@strawberry.type
class DealMutation:
    """Changing deals."""

    upsert_pipeline: PipelinePayload = written(_upsert_pipeline, UpsertPipelineInput)
    """Makes a pipeline, or changes its name and stages."""
    create_deal: DealPayload = written(_create_deal, CreateDealInput)
    """Opens a deal with a customer who is known by some identifier."""
    update_deal: DealPayload = written(_update_deal, UpdateDealInput)
    """Changes a deal's own properties."""
    move_deal: DealPayload = written_by(_move_deal, MoveDealInput)
    """Moves an open deal to another open stage of its pipeline."""
    close_deal: DealPayload = written_by(_close_deal, CloseDealInput)
    """Closes an open deal as won or lost."""
    reopen_deal: DealPayload = written_by(_reopen_deal, ReopenDealInput)
    """Lets a closed deal go on."""
