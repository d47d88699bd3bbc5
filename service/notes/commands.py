"""Adding notes: the command. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.errors import Refused, UserError
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import IdentityNeed
from service.notes.book import Notes
from service.notes.models import AddNoteInput
from service.notes.subjects import NAMES, Subject, SubjectNeed, Subjects, customer_subject
from service.positions import millis


@dataclass(frozen=True, slots=True)
class Noted:
    """The outcome: the note, or what is wrong with the input."""

    note_id: str | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True, slots=True)
class AddNote:
    """Writes a note on a customer, a lead, a deal or a ticket."""

    note: AddNoteInput
    message_key: str
    customer_key: str | None
    """Of the own identifier that names the customer, if it is written on one."""

    def needs(self) -> Iterable[object]:
        """Its message, and what it is written on."""
        on = IdentityNeed((self.customer_key,)) if self.customer_key else SubjectNeed(self.note.subject_id)
        return (MessageNeed(self.message_key), on)

    def decide(self, books: Books) -> Noted:
        """A new note."""
        stored = books[Messages][self.message_key]
        if stored is not None:
            return Noted(stored.subject_id)
        try:
            subject = self._subject(books)
        except Refused as no:
            return Noted(errors=(no.error,))
        note = self.note
        at = millis(note.occurred_at) if note.occurred_at else books.now
        note_id = books[Notes].add(subject, note.kind, note.text, by=note.by, at=at, books=books)
        message = Message(self.message_key, "note", note_id, subject.identifier_key, "[]")
        books[Messages].enter(message, has_node=False)
        return Noted(note_id)

    def _subject(self, books: Books) -> Subject:
        if self.customer_key:
            return customer_subject(self.customer_key, "subjectId", books)
        return books[Subjects].found(self.note.subject_id, "subjectId", tuple(NAMES))
