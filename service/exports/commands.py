"""Importing deals, leads and tasks with the times that they had: the commands. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from service.deals.book import Deals, PipelinesNeed
from service.deals.models import DealState, NewDeal, Pipeline, Stage, StageKind
from service.errors import Refused, UserErrorCode
from service.exports.models import DealExport
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import Identities, IdentityNeed
from service.identity.events import FUTURE_TOLERANCE, under
from service.identity.models import Evidence
from service.identity.recording import Recorded, record_once
from service.identity.records import Resolution
from service.leads.commands import CreateLead
from service.leads.models import LeadStatus
from service.positions import millis, position
from service.tasks.commands import CreateTask
from service.tasks.models import TaskState

_TOLERANCE_MILLIS: Final = round(FUTURE_TOLERANCE / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a deal came to where it is: nothing is told that the export does not say."""

    pipeline: Pipeline
    begun: Stage
    created_at: int
    moved: tuple[int, Stage] | None = None
    closed: tuple[int, Stage] | None = None


@dataclass(frozen=True, slots=True)
class ImportDeal:
    """Opens a deal at the time when it was created and, if it is closed, closes it when it was: one decision."""

    deal: DealExport
    evidence: Evidence
    message_key: str
    account_id: str | None

    def needs(self) -> Iterable[object]:
        """Its message, its identifiers, the pipelines."""
        return (MessageNeed(self.message_key), IdentityNeed(evidence=self.evidence), PipelinesNeed())

    def decide(self, books: Books) -> Recorded:
        """A deal on the strongest of its identifiers, with its history."""
        if books[Messages][self.message_key] is not None:
            return record_once(books, self.evidence, "deal", self._never, self.message_key)
        claim = under(self.evidence, books[Identities].partition.rules)
        try:
            if not claim.identifiers:
                told = "; ".join(one.message for one in claim.unusable)
                raise Refused(UserErrorCode.INVALID, "identifiers", told or "none of whose it is")
            way = self._way(books[Deals], books.now)
        except Refused as no:
            return Recorded(errors=(no.error,))

        def write(resolution: Resolution, draft: Message) -> Message:
            return replace(draft, subject_id=self._enter(way, resolution, books))

        return record_once(books, claim, "deal", write, self.message_key)

    @staticmethod
    def _never(_resolution: Resolution, draft: Message) -> Message:
        return draft

    def _enter(self, way: _Way, resolution: Resolution, books: Books) -> str:
        deals, deal, key = books[Deals], self.deal, self.message_key
        new = NewDeal(
            deal.title,
            deal.amount,
            way.pipeline.id,
            way.begun.id,
            deal.owner,
            deal.source,
            deal.expected_close_on,
            self.account_id,
        )
        deal_id = deals.open(
            new,
            identifier_key=resolution.anchor,
            customer_id=resolution.customer_id,
            message_key=key,
            books=books,
            at=way.created_at,
        )
        if way.moved is not None:
            at, stage = way.moved
            deals.move(deal_id, stage, {}, by=deal.owner, message_key=f"{key}\nmoved", books=books, at=at)
        if way.closed is not None:
            at, stage = way.closed
            ended = {"closedAt": at, "lostReason": deal.lost_reason if stage.kind is StageKind.LOST else None}
            deals.move(deal_id, stage, ended, by=deal.owner, message_key=f"{key}\nclosed", books=books, at=at)
        return deal_id

    def _way(self, deals: Deals, now: int) -> _Way:
        pipeline = _pipeline(deals, self.deal.pipeline)
        named = _stage(pipeline, self.deal.stage) if self.deal.stage else None
        state = self.deal.state or DealState(named.kind.value if named else StageKind.OPEN.value)
        if named is not None and named.kind not in (StageKind.OPEN, StageKind(state.value)):
            raise Refused(
                UserErrorCode.INVALID,
                "state",
                f"{state.value}, but the stage {named.name} is for {named.kind.value} deals; map one of them only",
            )
        first = pipeline.first(StageKind.OPEN)
        if first is None:
            raise Refused(UserErrorCode.INVALID, "pipeline", "the pipeline has no open stage")
        stood = named if named is not None and named.kind is StageKind.OPEN else first
        if state is DealState.OPEN:
            return self._open_way(pipeline, first, stood, now)
        return self._closed_way(pipeline, stood, StageKind(state.value), named, now)

    def _open_way(self, pipeline: Pipeline, first: Stage, stood: Stage, now: int) -> _Way:
        entered = self.deal.entered_stage_at
        if entered is None or self.deal.created_at is None or stood == first:
            return _Way(pipeline, stood, millis(self.deal.created_at) if self.deal.created_at else now)
        created = millis(self.deal.created_at)
        return _Way(pipeline, first, created, moved=(_later("enteredStageAt", millis(entered), created), stood))

    def _closed_way(
        self, pipeline: Pipeline, stood: Stage, kind: StageKind, named: Stage | None, now: int
    ) -> _Way:
        ends = named if named is not None and named.kind is kind else pipeline.first(kind)
        if ends is None:
            raise Refused(UserErrorCode.INVALID, "state", f"the pipeline has no stage for {kind.value} deals")
        created, closed = self.deal.created_at, self.deal.closed_at or self.deal.entered_stage_at
        for name, at in (("createdAt", created), ("closedAt", closed)):
            if at is None:
                raise Refused(UserErrorCode.INVALID, name, f"a {kind.value.lower()} deal needs this time")
        assert created is not None
        assert closed is not None
        if millis(closed) > now + _TOLERANCE_MILLIS:
            raise Refused(
                UserErrorCode.INVALID, "closedAt", f"a {kind.value.lower()} deal was not closed in the future"
            )
        return _Way(
            pipeline, stood, millis(created), closed=(_later("closedAt", millis(closed), millis(created)), ends)
        )


def _later(field: str, at: int, created: int) -> int:
    if at < created:
        raise Refused(UserErrorCode.INVALID, field, "before createdAt; check the time zones of both: --timezone")
    return at


def _pipeline(deals: Deals, named: str | None) -> Pipeline:
    if named is None:
        return deals.pipeline(None)
    found = [one for one in deals.pipelines if named == one.id or named.casefold() == one.name.casefold()]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{one.name} ({one.id})" for one in deals.pipelines)
    what = f"several are called {named!r}; use an id" if found else f"none is called {named!r}; make it first"
    raise Refused(
        UserErrorCode.NOT_FOUND, "pipeline", f"{what}, or say --value 'pipeline:{named}=…'. There are {names}"
    )


def _stage(pipeline: Pipeline, named: str) -> Stage:
    found = [one for one in pipeline.stages if named == one.id or named.casefold() == one.name.casefold()]
    if found:
        return found[0]
    names = ", ".join(one.name for one in pipeline.stages)
    raise Refused(
        UserErrorCode.STAGE_NOT_IN_PIPELINE,
        "stage",
        f"the pipeline {pipeline.name} has no stage {named!r}; it has {names}. Say --value 'stage:{named}=…'",
    )


@dataclass(frozen=True, slots=True)
class ImportLead(CreateLead):
    """Records a lead with the time and the status that it has."""

    created_at: int | None = None
    status: LeadStatus = LeadStatus.NEW

    def _properties(self, lead_id: str, resolution: Resolution, now: int) -> dict[str, Any]:
        at = now if self.created_at is None else self.created_at
        properties = CreateLead._properties(self, lead_id, resolution, at)
        closed = None if self.status.is_open else now
        return properties | {"status": self.status.value, "updatedAt": now, "closedAt": closed}


@dataclass(frozen=True, slots=True)
class ImportTask(CreateTask):
    """Makes a task with the times and the state that it has."""

    created_at: int | None = None
    completed_at: int | None = None
    state: TaskState = TaskState.OPEN

    def _properties(self, task_id: str, subject: Any, now: int) -> dict[str, Any]:
        at = now if self.created_at is None else self.created_at
        return CreateTask._properties(self, task_id, subject, now) | {
            "position": position(at, task_id),
            "createdAt": at,
            "state": self.state.value,
            "completedAt": self.completed_at if self.state is TaskState.DONE else None,
        }
