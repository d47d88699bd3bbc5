"""Deals' part of a write transaction: what a batch knows of pipelines and deals, and what it writes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service import ids
from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.deals.models import NewDeal, Pipeline, Stage, StageKind, places
from service.deals.piping import Piping, pipeline
from service.errors import Refused, UserError, UserErrorCode
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.messages import Message, Messages
from service.graph.records import Records
from service.identity.book import Identities
from service.identity.records import own_key
from service.positions import END, position


@dataclass(frozen=True, slots=True)
class PipelinesNeed:
    """The command needs to know the pipelines."""


@dataclass(frozen=True, slots=True)
class PipelineUseNeed:
    """The command takes all stages but these out of a pipeline, or puts former ones back."""

    id: str
    kept: frozenset[str]


@dataclass(frozen=True, slots=True)
class DealNeed:
    """The command changes this deal."""

    id: str


@dataclass(frozen=True, slots=True)
class Dealt:
    """The outcome: the deal, or what is wrong with the input."""

    deal_id: str | None = None
    errors: tuple[UserError, ...] = ()


def open_stage(pipeline: Pipeline, stage_id: str) -> Stage:
    """The open stage with an id, of this pipeline."""
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
        self.records = Records("deal", KNOWN)
        self._stage_changes: list[dict[str, Any]] = []
        self._left: dict[str, str | None] = {}
        self._former: dict[str, Pipeline] = {}
        self._occupied: set[str] = set()
        self._piping = Piping()

    @property
    def pipelines(self) -> list[Pipeline]:
        """All of them, in order."""
        return list(self._pipelines.values())

    def former_stages(self, pipeline_id: str) -> tuple[Stage, ...]:
        """Those that were taken out of a pipeline, and that its history names."""
        former = self._former.get(pipeline_id)
        return former.stages if former else ()

    def is_occupied(self, stage_id: str) -> bool:
        """Whether deals are in a stage that a command takes out."""
        return stage_id in self._occupied or any(deal["stageId"] == stage_id for deal in self.records)

    def enter_pipeline(self, pipeline: Pipeline) -> None:
        """Enters a new pipeline, or how a known one is now."""
        before = self._pipelines.get(pipeline.id)
        self._pipelines[pipeline.id] = pipeline
        self._piping.enter(pipeline, before.stages if before else (), self.former_stages(pipeline.id))

    def pipeline(self, pipeline_id: str | None) -> Pipeline:
        """The pipeline with this id; without an id, the first."""
        if pipeline_id is None:
            return next(iter(self._pipelines.values()))
        pipeline = self._pipelines.get(pipeline_id)
        if pipeline is None:
            raise Refused(UserErrorCode.NOT_FOUND, "pipelineId", "there is no such pipeline; see pipelines")
        return pipeline

    def open_deal(self, deal_id: str, expected_version: int | None) -> Mapping[str, Any]:
        """The properties of an open deal that may be changed."""
        deal = self.records.expected(deal_id, expected_version)
        if deal["state"] != StageKind.OPEN.value:
            raise Refused(UserErrorCode.DEAL_CLOSED, "dealId", f"the deal is {deal['state'].lower()} already")
        return deal

    def stage_to_open(self, pipeline_id: str | None, stage_id: str | None) -> Stage:
        """Where a new deal begins: an open stage of the pipeline, the first unless one is named.

        Raises:
            Refused: there is no such pipeline, or no such stage in it.
        """
        pipeline = self.pipeline(pipeline_id)
        if stage_id is not None:
            return open_stage(pipeline, stage_id)
        stage = pipeline.first(StageKind.OPEN)
        if stage is None:
            raise Refused(UserErrorCode.INVALID, "pipelineId", "the pipeline has no open stage")
        return stage

    def open(
        self,
        new: NewDeal,
        *,
        identifier_key: str,
        customer_id: str,
        message_key: str,
        books: Books,
        at: int | None = None,
    ) -> str:
        """Enters a new deal of a customer, which hangs on an identifier of theirs; its id.

        The command needs the pipelines, and has looked whether the message is known. `at` is when it was made
        (epoch ms), where that is not now.

        Raises:
            Refused: it cannot begin where it is asked to; then nothing was entered.
        """
        stage = self.stage_to_open(new.pipeline_id, new.stage_id)
        deal_id = books.mint(ids.DEAL)
        created = books.now if at is None else at
        properties = {
            "id": deal_id,
            "identifierKey": identifier_key,
            # Should the identifier identify nobody any more, the deal is the customer's all the same.
            "identifierKeys": list(dict.fromkeys((identifier_key, own_key(customer_id)))),
            "position": position(created, deal_id),
            **new.properties(),
            "pipelineId": stage.pipeline_id,
            "createdAt": created,
            "version": 0,  # The change to its first stage makes it 1.
        }
        self.records.create(properties)
        self._change_stage(deal_id, stage, by=new.owner, message_key=message_key, books=books, at=at)
        self.tell(ChangeKind.DEAL_CREATED, deal_id, (), books, owners=(None, new.owner))
        return deal_id

    def move(
        self,
        deal_id: str,
        stage: Stage,
        more: Mapping[str, Any],
        *,
        by: str | None,
        message_key: str,
        books: Books,
        at: int | None = None,
    ) -> None:
        """Enters a deal's move to a stage, and what else changes with it; with its history, message and change.

        `at` is when it moved (epoch ms), where that is not now.
        """
        before = self.records[deal_id]
        reason = more.get("lostReason")
        self._change_stage(deal_id, stage, by=by, message_key=message_key, books=books, at=at, reason=reason)
        self.records.change(deal_id, more)
        fields = {"stage", *(name for name in ("state", "closedAt", "lostReason") if self._differs(before, name))}
        closed = stage.kind is not StageKind.OPEN
        kind = ChangeKind.DEAL_CLOSED if closed else ChangeKind.DEAL_STAGE_MOVED
        self.tell(kind, deal_id, fields, books)

    def update(self, deal_id: str, given: Mapping[str, Mapping[str, Any]], message_key: str, books: Books) -> None:
        """Enters properties by field; without anything new the deal stays at its version."""
        deal = self.records[deal_id]
        fields = {name: to for name, to in given.items() if any(deal.get(one) != to[one] for one in to)}
        if not fields:
            return
        owners = (deal.get("owner"), fields.get("owner", deal).get("owner"))
        news = {one: value for to in fields.values() for one, value in to.items()}
        self.records.change(deal_id, news | {"updatedAt": books.now, "version": deal["version"] + 1})
        books[Messages].enter(Message(message_key, "deal", deal_id, deal["identifierKey"], "[]"), has_node=False)
        self.tell(ChangeKind.DEAL_UPDATED, deal_id, fields, books, owners=owners)

    def stage_left(self, deal_id: str) -> str | None:
        """The stage that a deal was in before it came into the one it is in."""
        return self._left.get(deal_id)

    def _differs(self, before: Mapping[str, Any], name: str) -> bool:
        return before.get(name) != self.records[before["id"]].get(name)

    def tell(
        self,
        kind: ChangeKind,
        deal_id: str,
        fields: Iterable[str],
        books: Books,
        *,
        owners: tuple[str | None, ...] | None = None,
    ) -> None:
        """Enters a change of a deal into the log; `owners` before and after where they differ."""
        deal = self.records[deal_id]
        books[Changes].enter(
            kind,
            books[Identities].partition.owner_of(deal["identifierKey"]),
            subject_id=deal_id,
            fields=fields,
            pipeline_id=deal["pipelineId"],
            owners=owners if owners is not None else (deal.get("owner"),),
        )

    def _change_stage(
        self,
        deal_id: str,
        stage: Stage,
        *,
        by: str | None,
        message_key: str,
        books: Books,
        at: int | None,
        reason: str | None = None,
    ) -> None:
        deal, moved = self.records[deal_id], books.now if at is None else at
        change_id = books.mint(ids.STAGE_CHANGE)
        message = Message(message_key, "deal", deal_id, deal["identifierKey"], "[]")
        entered = deal.get("enteredStageAt")
        self._left[deal_id] = deal.get("stageId")
        self._stage_changes.append(
            {
                "dealId": deal_id,
                "properties": {
                    **message.properties(),
                    "id": change_id,
                    "dealId": deal_id,
                    "occurredAt": moved,
                    "position": position(moved, change_id),
                    "fromStageId": deal.get("stageId"),
                    "toStageId": stage.id,
                    "by": by,
                    "millisInStage": moved - entered if entered is not None else None,
                    # Of the deal it is gone once that is reopened; reports on the past tell it all the same.
                    **({"lostReason": reason} if reason is not None else {}),
                },
            }
        )
        books[Messages].enter(message, has_node=True)
        self._piping.use(stage)
        self.records.change(
            deal_id,
            {
                "stageId": stage.id,
                "state": stage.kind.value,
                "enteredStageAt": moved,
                "updatedAt": books.now,
                "version": deal["version"] + 1,
            },
        )

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the pipelines, and the deals that may be changed with whose they are."""
        if needs.of(PipelinesNeed):
            self._pipelines = {one.id: one for one in map(pipeline, await transaction.rows("deals/pipelines"))}
        for need in needs.of(PipelineUseNeed):
            await self._load_use(transaction, need)
        deal_ids = sorted({need.id for need in needs.of(DealNeed)})
        if deal_ids:
            rows = await transaction.rows("deals/known", ids=deal_ids)
            self.records.take(rows)
            self._left |= {row[0]: row[1] for row in await transaction.rows("deals/left", ids=deal_ids)}
            await books[Identities].look_up(transaction, sorted({row[1] for row in rows}))

    async def _load_use(self, transaction: Transaction, need: PipelineUseNeed) -> None:
        rows = await transaction.rows("deals/former_stages", id=need.id)
        self._former |= {one.id: one for one in map(pipeline, rows)}
        known = self._pipelines.get(need.id)
        for stage in known.stages if known else ():
            if stage.id not in need.kept:
                place = f"{stage.id}\n"
                found = await transaction.rows("deals/any_in_stage", **{"from": place, "before": place + END})
                self._occupied |= {stage.id for _ in found}

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes pipelines, new deals, changes of known ones, and the stage history."""
        del books
        yield from self._piping.statements()
        yield Statement("deals/create_deals", [{**deal, **places(deal)} for deal in self.records.created])
        changed = self.records.changed
        listed = [
            {"id": one["id"], "changes": one["changes"] | places(self.records[one["id"]])} for one in changed
        ]
        yield Statement("deals/update_deals", listed)
        yield Statement("deals/create_stage_changes", self._stage_changes)


KNOWN: Final = (
    *("id", "identifierKey", "position", "pipelineId", "stageId", "state", "version", "enteredStageAt"),
    *("closedAt", "title", "amount", "currency", "owner", "expectedCloseOn", "forecastCategory", "lostReason"),
    "accountId",
)
"""What is read of a deal that may be changed."""
