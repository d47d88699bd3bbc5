"""Opening, changing, moving, closing and reopening deals: the commands. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.accounts.commands import AccountNeed, Accounts
from service.deals.book import DealNeed, Deals, Dealt, PipelinesNeed, open_stage
from service.deals.models import (
    CloseDealInput,
    CreateDealInput,
    DealOutcome,
    DealState,
    ForecastCategory,
    MoveDealInput,
    Pipeline,
    ReopenDealInput,
    Stage,
    StageKind,
    UpdateDealInput,
)
from service.errors import Refused, UserErrorCode
from service.graph.books import Books
from service.graph.messages import MessageNeed, Messages
from service.identity.book import Identities, IdentityNeed


@dataclass(frozen=True, slots=True)
class CreateDeal:
    """Opens a deal with the customer of an identifier."""

    deal: CreateDealInput
    message_key: str
    customer_key: str
    """Key of the identifier that names the customer; the deal hangs on it."""

    def needs(self) -> Iterable[object]:
        """Its message, the identifier, the pipelines, the account."""
        needs = (MessageNeed(self.message_key), IdentityNeed((self.customer_key,)), PipelinesNeed())
        return (*needs, AccountNeed(self.deal.account_id)) if self.deal.account_id is not None else needs

    def decide(self, books: Books) -> Dealt:
        """A new deal in the first open stage, or in the one asked for."""
        stored = books[Messages][self.message_key]
        if stored is not None:
            return Dealt(stored.subject_id)
        try:
            customer = books[Identities].partition.customer_of(self.customer_key)
            if customer is None:
                raise Refused(
                    UserErrorCode.NOT_FOUND,
                    "by",
                    "nobody is known by this; record a touchpoint, or identify the customer first",
                )
            if self.deal.account_id is not None and books[Accounts].by_id(self.deal.account_id) is None:
                raise Refused(UserErrorCode.NOT_FOUND, "accountId", "there is no such account; see upsertAccount")
            return Dealt(
                books[Deals].open(
                    self.deal.opened(),
                    identifier_key=self.customer_key,
                    customer_id=customer.id,
                    message_key=self.message_key,
                    books=books,
                )
            )
        except Refused as no:
            return Dealt(errors=(no.error,))


@dataclass(frozen=True, slots=True)
class MoveDeal:
    """Moves an open deal to another open stage of its pipeline."""

    move: MoveDealInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the deal, the pipelines."""
        return (MessageNeed(self.message_key), DealNeed(self.move.deal_id), PipelinesNeed())

    def decide(self, books: Books) -> Dealt:
        """The deal in its new stage; where it is there already, nothing changes."""
        deals, move = books[Deals], self.move
        if books[Messages][self.message_key] is not None:
            return Dealt(move.deal_id)
        try:
            deal = deals.open_deal(move.deal_id, move.expected_version)
            stage = open_stage(deals.pipeline(deal["pipelineId"]), move.stage_id)
        except Refused as no:
            return Dealt(errors=(no.error,))
        if stage.id != deal["stageId"]:
            deals.move(move.deal_id, stage, {}, by=move.by, message_key=self.message_key, books=books)
        return Dealt(move.deal_id)


@dataclass(frozen=True, slots=True)
class CloseDeal:
    """Closes an open deal as won or lost."""

    close: CloseDealInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the deal, the pipelines."""
        return (MessageNeed(self.message_key), DealNeed(self.close.deal_id), PipelinesNeed())

    def decide(self, books: Books) -> Dealt:
        """The deal in the pipeline's stage for won or lost deals."""
        deals, close = books[Deals], self.close
        if books[Messages][self.message_key] is not None:
            return Dealt(close.deal_id)
        try:
            _require_reason(close)
            deal = deals.open_deal(close.deal_id, close.expected_version)
            kind = StageKind(close.outcome.value)
            stage = deals.pipeline(deal["pipelineId"]).first(kind)
            if stage is None:
                raise Refused(
                    UserErrorCode.INVALID, "outcome", f"the pipeline has no stage for {kind.value} deals"
                )
        except Refused as no:
            return Dealt(errors=(no.error,))
        # What somebody thought of its chances ends with it: should it go on, they are other ones.
        ended = {"closedAt": books.now, "lostReason": close.lost_reason, "forecastCategory": None}
        deals.move(close.deal_id, stage, ended, by=close.by, message_key=self.message_key, books=books)
        return Dealt(close.deal_id)


@dataclass(frozen=True, slots=True)
class UpdateDeal:
    """Changes a deal's own properties."""

    update: UpdateDealInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the deal."""
        return (MessageNeed(self.message_key), DealNeed(self.update.deal_id))

    def decide(self, books: Books) -> Dealt:
        """The deal with what is given; where that is nothing new, nothing changes."""
        deals, update = books[Deals], self.update
        if books[Messages][self.message_key] is not None:
            return Dealt(update.deal_id)
        try:
            deal = deals.records.expected(update.deal_id, update.expected_version)
            _require_forecast(update.forecast_category, DealState(deal["state"]))
        except Refused as no:
            return Dealt(errors=(no.error,))
        deals.update(update.deal_id, update.changes(), self.message_key, books)
        return Dealt(update.deal_id)


@dataclass(frozen=True, slots=True)
class ReopenDeal:
    """Lets a closed deal go on."""

    reopen: ReopenDealInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message, the deal, the pipelines."""
        return (MessageNeed(self.message_key), DealNeed(self.reopen.deal_id), PipelinesNeed())

    def decide(self, books: Books) -> Dealt:
        """The deal in an open stage: the one asked for, else the one that it was in before it was closed."""
        deals, reopen = books[Deals], self.reopen
        if books[Messages][self.message_key] is not None:
            return Dealt(reopen.deal_id)
        try:
            deal = deals.records.expected(reopen.deal_id)
            if deal["state"] == DealState.OPEN.value:
                raise Refused(UserErrorCode.INVALID, "dealId", "the deal is open; use moveDeal for another stage")
            stage = self._stage(deals, deals.pipeline(deal["pipelineId"]))
        except Refused as no:
            return Dealt(errors=(no.error,))
        goes_on = {"closedAt": None, "lostReason": None}
        deals.move(reopen.deal_id, stage, goes_on, by=reopen.by, message_key=self.message_key, books=books)
        return Dealt(reopen.deal_id)

    def _stage(self, deals: Deals, pipeline: Pipeline) -> Stage:
        if self.reopen.stage_id is not None:
            return open_stage(pipeline, self.reopen.stage_id)
        left = pipeline.stage(deals.stage_left(self.reopen.deal_id) or "")
        if left is None or left.kind is not StageKind.OPEN:
            raise Refused(
                UserErrorCode.INVALID, "stageId", "the stage that the deal was in before is gone; name an open one"
            )
        return left


def _require_forecast(category: ForecastCategory | None, state: DealState) -> None:
    """Only what goes on is forecast by hand, and not as if it had ended."""
    if category is None:
        return
    if state is not DealState.OPEN:
        raise Refused(
            UserErrorCode.DEAL_CLOSED,
            "forecastCategory",
            f"the deal is {state.value.lower()}, and forecast as that; reopen it first",
        )
    if category is ForecastCategory.CLOSED:
        raise Refused(
            UserErrorCode.INVALID,
            "forecastCategory",
            "CLOSED is for won deals; use closeDeal, or another category",
        )


def _require_reason(close: CloseDealInput) -> None:
    lost = close.outcome is DealOutcome.LOST
    if lost and close.lost_reason is None:
        raise Refused(UserErrorCode.INVALID, "lostReason", "a lost deal needs the reason why it was lost")
    if not lost and close.lost_reason is not None:
        raise Refused(UserErrorCode.INVALID, "lostReason", "a won deal has no reason for a loss; leave it out")
