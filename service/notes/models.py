"""Notes as they come in."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import AfterValidator

from service.inputs import Input, LongText, Moment, Name


class NoteKind(Enum):
    """What was written down."""

    NOTE = "NOTE"
    """What somebody thinks or knows."""
    CALL = "CALL"
    """What was said on the phone."""
    REPLY = "REPLY"
    """What a customer was answered on a ticket."""


def _by_hand(kind: NoteKind) -> NoteKind:
    if kind is NoteKind.REPLY:
        raise ValueError("a ticket is answered with the reply of updateTicket, which tells the time of the answer")
    return kind


class AddNoteInput(Input):
    """What somebody wrote down of a customer, a lead, a deal or a ticket."""

    idempotency_key: Name | None = None
    subject_id: str
    text: LongText
    by: Name
    kind: Annotated[NoteKind, AfterValidator(_by_hand)] = NoteKind.NOTE
    occurred_at: Moment | None = None
