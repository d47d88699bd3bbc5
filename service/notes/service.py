"""Notes: from the input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service import ids
from service.errors import UserError, UserErrorCode
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.events import FUTURE_TOLERANCE
from service.identity.records import own_key
from service.inputs import Invalid, parsed
from service.notes.commands import AddNote, Noted
from service.notes.models import AddNoteInput
from service.notes.subjects import NAMES


class NoteDesk:
    """Adds notes."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def add(self, raw: Mapping[str, Any]) -> Noted:
        """Writes a note (form: AddNoteInput)."""
        try:
            note = parsed(AddNoteInput, raw)
            key = _customer_key(note.subject_id)
            if note.occurred_at and note.occurred_at > datetime.now(UTC) + FUTURE_TOLERANCE:
                raise _wrong("occurredAt", "more than a day in the future; a task says what is still to be done")
        except Invalid as invalid:
            return Noted(errors=invalid.errors)
        message = command_key("addNote", note.idempotency_key)
        outcome: Noted = await self._committer.submit(AddNote(note, message, key))
        return outcome


def _customer_key(subject_id: str) -> str | None:
    """The key that names the customer whom a note is written on; None for a lead, a deal or a ticket."""
    prefix = ids.prefix_of(subject_id)
    if prefix == ids.CUSTOMER:
        return own_key(subject_id)
    if prefix not in NAMES:
        raise _wrong("subjectId", f"{subject_id[:64]!r} is no id of a customer, a lead, a deal or a ticket")
    return None


def _wrong(field: str, message: str) -> Invalid:
    return Invalid((UserError(UserErrorCode.INVALID, f"{field}: {message}", (field,)),))
