"""Creating, moving and closing deals: the commands and the rows that they write. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service import ids
from service.deals.models import (
    CloseDealInput,
    CreateDealInput,
    DealOutcome,
    MoveDealInput,
    Pipeline,
    Stage,
    StageKind,
)
from service.errors import UserError, UserErrorCode
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import Identities, IdentityNeed
from service.identity.records import own_key
from service.positions import position


@dataclass(frozen=True, slots=True)
class PipelinesNeed:
    """The command needs to know the pipelines."""


@dataclass(frozen=True, slots=True)
class DealNeed:
    """The command changes this deal."""

    id: str


@dataclass(frozen=True, slots=True)
class Dealt:
    """The outcome: the deal, or what is wrong with the input."""

    deal_id: str | None = None
    errors: tuple[UserError, ...] = ()


def refused(code: UserErrorCode, field: str, message: str) -> Dealt:
    """The outcome of a command that changes nothing; the field is a path with dots."""
    return Dealt(errors=(UserError(code, f"{field}: {message}", tuple(field.split("."))),))


class Refused(Exception):
    """The command cannot be carried out."""

    def __init__(self, code: UserErrorCode, field: str, message: str) -> None:
        super().__init__(message)
        self.outcome = refused(code, field, message)


@dataclass(frozen=True, slots=True)
class CreateDeal:
    """Opens a deal with the customer of an identifier."""

    deal: CreateDealInput
    message_key: str
    customer_key: str
    """Key of the identifier that names the customer; the deal hangs on it."""

    def needs(self) -> Iterable[object]:
        """Its message, the identifier, the pipelines."""
        return (MessageNeed(self.message_key), IdentityNeed((self.customer_key,)), PipelinesNeed())

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
            stage = self._stage(books[Deals])
        except Refused as no:
            return no.outcome
        deal_id = books.mint(ids.DEAL)
        books[Deals].create(self._properties(deal_id, stage, customer.id, books.now))
        books[Deals].change_stage(deal_id, stage, by=self.deal.owner, message_key=self.message_key, books=books)
        return Dealt(deal_id)

    def _stage(self, deals: Deals) -> Stage:
        pipeline = deals.pipeline(self.deal.pipeline_id)
        if self.deal.stage_id is None:
            stage = pipeline.first(StageKind.OPEN)
            if stage is None:
                raise Refused(UserErrorCode.INVALID, "pipelineId", "the pipeline has no open stage")
            return stage
        return _open_stage(pipeline, self.deal.stage_id)

    def _properties(self, deal_id: str, stage: Stage, customer_id: str, now: int) -> dict[str, Any]:
        deal = self.deal
        return {
            "id": deal_id,
            "identifierKey": self.customer_key,
            # Should the identifier identify nobody any more, the deal is the customer's all the same.
            "identifierKeys": list(dict.fromkeys((self.customer_key, own_key(customer_id)))),
            "position": position(now, deal_id),
            "title": deal.title,
            "amount": deal.amount.text() if deal.amount else None,
            "currency": deal.amount.currency if deal.amount else None,
            "pipelineId": stage.pipeline_id,
            "owner": deal.owner,
            "source": deal.source,
            "expectedCloseOn": deal.expected_close_on.isoformat() if deal.expected_close_on else None,
            "createdAt": now,
            "version": 0,  # The change to its first stage makes it 1.
        }


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
            stage = _open_stage(deals.pipeline(deal["pipelineId"]), move.stage_id)
        except Refused as no:
            return no.outcome
        if stage.id != deal["stageId"]:
            deals.change_stage(move.deal_id, stage, by=move.by, message_key=self.message_key, books=books)
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
            return no.outcome
        deals.change_stage(close.deal_id, stage, by=close.by, message_key=self.message_key, books=books)
        deals.set(close.deal_id, {"closedAt": books.now, "lostReason": close.lost_reason})
        return Dealt(close.deal_id)


def _require_reason(close: CloseDealInput) -> None:
    lost = close.outcome is DealOutcome.LOST
    if lost and close.lost_reason is None:
        raise Refused(UserErrorCode.INVALID, "lostReason", "a lost deal needs the reason why it was lost")
    if not lost and close.lost_reason is not None:
        raise Refused(UserErrorCode.INVALID, "lostReason", "a won deal has no reason for a loss; leave it out")


def _open_stage(pipeline: Pipeline, stage_id: str) -> Stage:
    stage = pipeline.stage(stage_id)
    if stage is None:
        names = ", ".join(f"{stage.name} ({stage.id})" for stage in pipeline.stages)
        raise Refused(
            UserErrorCode.STAGE_NOT_IN_PIPELINE,
            "stageId",
            f"not a stage of the pipeline {pipeline.name}; its stages are {names}",
        )
    if stage.kind is not StageKind.OPEN:
        raise Refused(
            UserErrorCode.INVALID,
            "stageId",
            f"{stage.name} ends a deal; use closeDeal with {stage.kind.value}",
        )
    return stage


class Deals:
    """The pipelines, and the deals of one batch."""

    def __init__(self) -> None:
        self._pipelines: dict[str, Pipeline] = {}
        self._deals: dict[str, dict[str, Any]] = {}
        self._created: list[str] = []
        self._changes: dict[str, dict[str, Any]] = {}
        self._stage_changes: list[dict[str, Any]] = []

    def pipeline(self, pipeline_id: str | None) -> Pipeline:
        """The pipeline with this id; without an id, the first."""
        if pipeline_id is None:
            return next(iter(self._pipelines.values()))
        pipeline = self._pipelines.get(pipeline_id)
        if pipeline is None:
            raise Refused(UserErrorCode.NOT_FOUND, "pipelineId", "there is no such pipeline; see pipelines")
        return pipeline

    def open_deal(self, deal_id: str, expected_version: int | None) -> Mapping[str, Any]:
        """The properties of a deal that may be changed."""
        deal = self._deals.get(deal_id)
        if deal is None:
            raise Refused(UserErrorCode.NOT_FOUND, "dealId", "there is no such deal")
        if expected_version is not None and expected_version != deal["version"]:
            raise Refused(
                UserErrorCode.VERSION_CONFLICT,
                "expectedVersion",
                f"the deal is at version {deal['version']} by now; read it again",
            )
        if deal["state"] != StageKind.OPEN.value:
            raise Refused(UserErrorCode.DEAL_CLOSED, "dealId", f"the deal is {deal['state'].lower()} already")
        return deal

    def create(self, properties: dict[str, Any]) -> None:
        """Enters a new deal, in no stage yet."""
        self._deals[properties["id"]] = properties
        self._created.append(properties["id"])

    def set(self, deal_id: str, changes: dict[str, Any]) -> None:
        """Enters changed properties of a deal."""
        self._deals[deal_id] |= changes
        self._changes.setdefault(deal_id, {}).update(changes)

    def change_stage(self, deal_id: str, stage: Stage, *, by: str | None, message_key: str, books: Books) -> None:
        """Enters a deal's move to a stage, with its history and its message."""
        deal, now = self._deals[deal_id], books.now
        change_id = books.mint(ids.STAGE_CHANGE)
        message = Message(message_key, "deal", deal_id, deal["identifierKey"], "[]")
        entered = deal.get("enteredStageAt")
        self._stage_changes.append(
            {
                "dealId": deal_id,
                "properties": {
                    **message.properties(),
                    "id": change_id,
                    "dealId": deal_id,
                    "occurredAt": now,
                    "position": position(now, change_id),
                    "fromStageId": deal.get("stageId"),
                    "toStageId": stage.id,
                    "by": by,
                    "millisInStage": now - entered if entered is not None else None,
                },
            }
        )
        books[Messages].enter(message, has_node=True)
        self.set(
            deal_id,
            {
                "stageId": stage.id,
                "state": stage.kind.value,
                "enteredStageAt": now,
                "updatedAt": now,
                "version": deal["version"] + 1,
            },
        )

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the pipelines and the deals that may be changed."""
        del books
        if needs.of(PipelinesNeed):
            self._pipelines = {one.id: one for one in map(pipeline, await transaction.rows("deals/pipelines"))}
        deal_ids = sorted({need.id for need in needs.of(DealNeed)})
        if deal_ids:
            for row in await transaction.rows("deals/known", ids=deal_ids):
                self._deals[row[0]] = dict(zip(_KNOWN, row, strict=True))

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes new deals, changes of known ones, and the stage history."""
        del books
        yield Statement("deals/create_deals", [self._deals[deal_id] for deal_id in self._created])
        changes = [
            {"id": deal_id, "changes": changes}
            for deal_id, changes in self._changes.items()
            if deal_id not in self._created
        ]
        yield Statement("deals/update_deals", changes)
        yield Statement("deals/create_stage_changes", self._stage_changes)


_KNOWN = ("id", "identifierKey", "pipelineId", "stageId", "state", "version", "enteredStageAt")


def pipeline(row: list[Any]) -> Pipeline:
    """A pipeline from its columns: id, name, stages (id, name, position, probability, kind)."""
    pipeline_id, name, stages = row
    return Pipeline(
        pipeline_id,
        name,
        tuple(
            Stage(stage_id, stage_name, place, float(probability), StageKind(kind), pipeline_id)
            for stage_id, stage_name, place, probability, kind in stages
        ),
    )
