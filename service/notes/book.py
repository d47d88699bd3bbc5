"""Notes' part of a write transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from service import ids
from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.notes.models import NoteKind
from service.notes.subjects import Subject
from service.positions import position

_ON: Final = {
    ids.LEAD: "notes/put_on_leads",
    ids.DEAL: "notes/put_on_deals",
    ids.TICKET: "notes/put_on_tickets",
}


class Notes:
    """The notes that a batch adds."""

    def __init__(self) -> None:
        self._new: list[dict[str, Any]] = []

    def add(self, subject: Subject, kind: NoteKind, text: str, *, by: str, at: int, books: Books) -> str:
        """Enters a note on a subject, and the change; its id."""
        note_id = books.mint(ids.NOTE)
        self._new.append(
            {
                "id": note_id,
                "identifierKey": subject.identifier_key,
                "identifierKeys": list(subject.identifier_keys),
                "subjectId": subject.id,
                "position": position(at, note_id),
                "kind": kind.value,
                "text": text,
                "by": by,
                "occurredAt": at,
                "createdAt": books.now,
            }
        )
        customer_id = subject.customer_id(books)
        books[Changes].enter(ChangeKind.NOTE_ADDED, customer_id, subject_id=note_id, owners=(subject.owner,))
        return note_id

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Nothing: a note is never changed."""

    def statements(self, books: Books) -> Iterator[Statement]:
        """Hangs the notes on identifiers, and on what they were written on."""
        del books
        yield Statement("notes/create_notes", self._new)
        for prefix, query in _ON.items():
            yield Statement(query, [one for one in self._new if ids.prefix_of(one["subjectId"]) == prefix])
