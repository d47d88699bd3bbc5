"""Importing what other CRMs export: from rows in their JSON form to outcomes, after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from service.accounts.service import account_command
from service.errors import ServiceError, UserError, UserErrorCode
from service.exports.commands import ImportDeal, ImportLead, ImportTask
from service.exports.models import (
    FORMS,
    AccountExport,
    DealExport,
    ExportInput,
    LeadExport,
    NoteExport,
    TaskExport,
)
from service.exports.values import ExportKind
from service.graph.books import Command
from service.graph.client import Graph
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.events import FUTURE_TOLERANCE, EventInput, evidence
from service.identity.lookup import NotACustomer, key_of
from service.identity.models import Evidence
from service.identity.recording import Recorded
from service.identity.rules import Rules
from service.inputs import Invalid, parsed
from service.leads.models import CreateLeadInput
from service.notes.commands import AddNote
from service.notes.models import AddNoteInput
from service.positions import millis
from service.settings import Settings
from service.tasks.models import CreateTaskInput

_NAMED: Final = "map one of email, phone, user_id or external:<system>"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that is checked, but for the records that it refers to."""

    key: str
    """Of its message."""
    make: Callable[[Mapping[str, str]], Command]
    """Its command, given the ids of what it refers to."""
    refers: Mapping[str, str] = field(default_factory=dict)
    """Message keys by field."""
    named: Mapping[str, str] = field(default_factory=dict)
    """The ids of the exporting system, by field."""


class Exports:
    """Imports the rows of one kind. A record that was imported before is left as it is."""

    def __init__(
        self, kind: ExportKind, graph: Graph, committer: Committer, settings: Settings, rules: Rules
    ) -> None:
        self._kind = kind
        self._graph = graph
        self._committer = committer
        self._settings = settings
        self._rules = rules

    def command(self, raw: Mapping[str, Any]) -> Draft:
        """The draft of a row's command; raises Invalid."""
        row = parsed(FORMS[self._kind], raw)
        _check_times(row)
        key = _key(self._kind, row.source, row.id)
        match row:
            case DealExport():
                claim = self._claim(row, row.created_at)
                return self._draft(
                    row, key, lambda ids: ImportDeal(row, claim, key, ids.get("account")), ExportKind.ACCOUNT
                )
            case LeadExport():
                return Draft(key, self._lead(row, key))
            case AccountExport():
                given = {"name": row.name} | ({"domain": row.domain} if row.domain else {})
                command = account_command(given, key)
                return Draft(key, lambda _: command)
            case TaskExport():
                return self._draft(row, key, self._task(row, key), ExportKind.DEAL)
            case NoteExport():
                return self._draft(row, key, self._note(row, key), ExportKind.DEAL, ExportKind.LEAD)
        raise AssertionError(row)

    async def commit(self, drafts: Sequence[Draft]) -> list[Recorded | ServiceError]:
        """Commits drafts in their order; a fault is returned in its draft's place."""
        keys = {draft.key for draft in drafts} | {key for draft in drafts for key in draft.refers.values()}
        known = {row[0]: row[2] for row in await self._graph.rows("graph/messages", keys=sorted(keys))}
        outcomes: dict[int, Recorded | ServiceError] = {}
        commands: dict[int, Command] = {}
        for number, draft in enumerate(drafts):
            missing = [name for name, key in draft.refers.items() if key not in known]
            if draft.key in known:
                outcomes[number] = Recorded(known[draft.key], duplicate=True)
            elif missing:
                outcomes[number] = Recorded(errors=tuple(_unknown(name, draft.named[name]) for name in missing))
            else:
                commands[number] = draft.make({name: known[key] for name, key in draft.refers.items()})
        done = await self._committer.submit_all(commands.values())
        outcomes |= {number: _recorded(one) for number, one in zip(commands, done, strict=True)}
        return [outcomes[number] for number in range(len(drafts))]

    def _draft(
        self, row: ExportInput, key: str, make: Callable[[Mapping[str, str]], Command], *kinds: ExportKind
    ) -> Draft:
        named = {kind.value: getattr(row, kind.value) for kind in kinds if getattr(row, kind.value) is not None}
        refers = {name: _key(ExportKind(name), row.source, of) for name, of in named.items()}
        return Draft(key, make, refers, named)

    def _lead(self, row: LeadExport, key: str) -> Callable[[Mapping[str, str]], Command]:
        claim = self._claim(row, row.created_at)
        lead = CreateLeadInput.model_construct(
            title=row.title,
            source=row.source,
            owner=row.owner,
            identifiers=row.identifiers,
            attributes=row.attributes,
        )
        at = millis(row.created_at) if row.created_at else None
        return lambda _: ImportLead(lead, claim, key, at, row.status)

    def _task(self, row: TaskExport, key: str) -> Callable[[Mapping[str, str]], Command]:
        customer = self._customer(row) if row.deal is None and row.identifiers else None
        created = millis(row.created_at) if row.created_at else None
        completed = millis(row.completed_at) if row.completed_at else None

        def make(ids: Mapping[str, str]) -> Command:
            task = CreateTaskInput.model_construct(
                title=row.title, due_at=row.due_at, owner=row.owner, customer_id=None, deal_id=ids.get("deal")
            )
            return ImportTask(task, key, customer, created, completed, row.state)

        return make

    def _note(self, row: NoteExport, key: str) -> Callable[[Mapping[str, str]], Command]:
        is_on = row.deal is not None or row.lead is not None
        customer = None if is_on else self._customer(row)

        def make(ids: Mapping[str, str]) -> Command:
            note = AddNoteInput.model_construct(
                subject_id=ids.get("deal") or ids.get("lead") or "",
                text=row.text,
                by=row.by,
                kind=row.kind,
                occurred_at=row.occurred_at,
            )
            return AddNote(note, key, customer)

        return make

    def _claim(self, row: ExportInput, at: datetime | None) -> Evidence:
        if not row.identifiers:
            raise _invalid("identifiers", f"whose it is must be told; {_NAMED}")
        event = EventInput.model_construct(
            message_id=row.id, identifiers=row.identifiers, source=row.source, occurred_at=at
        )
        region = self._settings.region_of(row.source)
        return evidence(event, region, datetime.now(UTC), self._rules.current)

    def _customer(self, row: ExportInput) -> str:
        """The key of the first identifier that can name a customer."""
        reasons = []
        for one in row.identifiers:
            try:
                return key_of(one.kind, one.value, self._settings.region_of(row.source), self._rules.current)
            except NotACustomer as error:
                reasons.append(str(error))
        raise _invalid("identifiers", "; ".join(reasons) or f"whose it is must be told; {_NAMED}")


def _key(kind: ExportKind, source: str, id_: str) -> str:
    # Neither a source nor an id has a line feed in it.
    return command_key(f"import {kind.value}", f"{source}\n{id_}")


def _check_times(row: ExportInput) -> None:
    latest = datetime.now(UTC) + FUTURE_TOLERANCE
    for name, alias in _PAST.items():
        at = getattr(row, name, None)
        if at is not None and at > latest:
            raise _invalid(alias, "more than a day in the future; check the zone of the file: --timezone")


_PAST: Final = {
    "created_at": "createdAt",
    "entered_stage_at": "enteredStageAt",
    "completed_at": "completedAt",
    "occurred_at": "occurredAt",
}
"""Times that have come; when a deal was closed is looked at with its state."""


def _recorded(outcome: Any) -> Recorded | ServiceError:
    if isinstance(outcome, (Recorded, ServiceError)):
        return outcome
    return Recorded(errors=outcome.errors)


def _unknown(name: str, of: str) -> UserError:
    message = f"{name}: none with the id {of[:64]!r} was imported of this source; import the file of {name}s first"
    return UserError(UserErrorCode.NOT_FOUND, message, (name,))


def _invalid(name: str, message: str) -> Invalid:
    return Invalid((UserError(UserErrorCode.INVALID, f"{name}: {message}", (name,)),))
