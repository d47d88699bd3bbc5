"""Rows of exports as they come in, checked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from service.customers.models import Attributes
from service.deals.models import DealState, Worth
from service.exports.values import ExportKind
from service.identity.events import MAX_IDENTIFIERS, IdentifierInput, Source
from service.inputs import Input, LongText, Moment, Name
from service.leads.models import LeadStatus
from service.notes.models import NoteKind
from service.tasks.models import TaskState


class ExportInput(Input):
    """What every row has."""

    id: Name
    """The exporting system's own: the same id again is the same record."""
    source: Source
    """The exporting system."""
    identifiers: list[IdentifierInput] = Field(default=[], max_length=MAX_IDENTIFIERS)
    """Whose it is."""


class DealExport(ExportInput):
    """A deal, with what it went through as far as an export tells."""

    title: Name
    amount: Worth | None = None
    pipeline: Name | None = None
    """Id or name; absent: the first."""
    stage: Name | None = None
    """Id or name."""
    state: DealState | None = None
    """Absent: as the stage says."""
    created_at: Moment | None = None
    entered_stage_at: Moment | None = None
    """When it came into the stage that it is in."""
    closed_at: Moment | None = None
    """Of an open deal it says nothing: systems keep there when they expect it."""
    lost_reason: Name | None = None
    owner: Name | None = None
    expected_close_on: date | None = None
    account: Name | None = None
    """The exporting system's id of an account that was imported before."""


def _not_converted(status: LeadStatus) -> LeadStatus:
    if status is LeadStatus.CONVERTED:
        raise ValueError("what a lead became is imported as a deal; leave converted leads out of the file")
    return status


class LeadExport(ExportInput):
    """A lead."""

    title: Name
    owner: Name | None = None
    status: Annotated[LeadStatus, AfterValidator(_not_converted)] = LeadStatus.NEW
    created_at: Moment | None = None
    attributes: Attributes | None = None


class AccountExport(ExportInput):
    """A company."""

    name: Name
    domain: Name | None = None


class TaskExport(ExportInput):
    """A task: on a deal, else of the customer that an identifier names, else of nobody."""

    title: Name
    due_at: Moment | None = None
    owner: Name | None = None
    state: TaskState = TaskState.OPEN
    created_at: Moment | None = None
    completed_at: Moment | None = None
    deal: Name | None = None
    """The exporting system's id of a deal that was imported before."""


class NoteExport(ExportInput):
    """A note: on a deal or a lead, else of the customer that an identifier names."""

    text: LongText
    by: Name
    kind: NoteKind = NoteKind.NOTE
    occurred_at: datetime | None = None
    deal: Name | None = None
    lead: Name | None = None


FORMS: Final[dict[ExportKind, type[ExportInput]]] = {
    ExportKind.DEAL: DealExport,
    ExportKind.LEAD: LeadExport,
    ExportKind.ACCOUNT: AccountExport,
    ExportKind.TASK: TaskExport,
    ExportKind.NOTE: NoteExport,
}
TIMES: Final = frozenset({"createdAt", "enteredStageAt", "closedAt", "dueAt", "completedAt", "occurredAt"})
DAYS: Final = frozenset({"expectedCloseOn"})
REFERENCES: Final = frozenset({"deal", "lead", "account"})
"""Ids of the exporting system; the first where an export has several."""
ENUMS: Final = frozenset({"state", "status", "kind"})


def fields_of(kind: ExportKind) -> list[str]:
    """The names of what a row may say, identifiers and attributes apart."""
    names = [field.alias or name for name, field in FORMS[kind].model_fields.items()]
    names = [name for name in names if name not in ("identifiers", "attributes")]
    return [*names, "currency"] if "amount" in names else names
