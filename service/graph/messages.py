"""Idempotency: every write has a message key, unique in the graph, and a repeat finds what the first wrote."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction


@dataclass(frozen=True, slots=True)
class MessageNeed:
    """The command has this message key."""

    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a message wrote: the kind of write, the node it made or changed, and what was refused."""

    key: str
    kind: str
    subject_id: str
    anchor: str
    """Key of the identifier that it was resolved to."""
    refused: str
    """JSON list of refusals."""

    def properties(self) -> dict[str, Any]:
        """The node properties of a message; a fact that is its own message has them beside its own."""
        return {
            "key": self.key,
            "messageKind": self.kind,
            "subjectId": self.subject_id,
            "identifierKey": self.anchor,
            "refused": self.refused,
        }


def recording_key(source: str, message_id: str) -> str:
    """The message key of a recording: messageId is unique for each source."""
    # A source may hold any character but a line feed, so the pair can be told apart.
    return f"{source}\n{message_id}"


def command_key(scope: str, idempotency_key: str | None = None) -> str:
    """The message key of a write by its idempotency key.

    Without one a random token tells it from all others, so that a commit whose answer was lost is not made twice.
    """
    return f"\n{scope}\n{idempotency_key or secrets.token_hex(16)}"


class Messages:
    """The messages of one batch, known and new."""

    def __init__(self) -> None:
        self._known: dict[str, Message] = {}
        self._new: list[Message] = []

    def __getitem__(self, key: str) -> Message | None:
        return self._known.get(key)

    def enter(self, message: Message, *, has_node: bool) -> None:
        """Enters a new message; `has_node` when the fact it wrote is also its message node."""
        self._known[message.key] = message
        if not has_node:
            self._new.append(message)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads which messages were recorded before."""
        del books
        keys = list({need.key for need in needs.of(MessageNeed)})
        if keys:
            for row in await transaction.rows("graph/messages", keys=keys):
                self._known[row[0]] = Message(*row)

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes the messages that have no fact of their own."""
        del books
        yield Statement("graph/create_messages", [message.properties() for message in self._new])
