"""Recording an event once only: who it was, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.errors import UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages, recording_key
from service.identity.book import Identities, IdentityNeed
from service.identity.models import Evidence, Refusal
from service.identity.normalising import MAX_VALUE_CHARACTERS
from service.identity.records import Resolution


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcome of recording: what it is now, whether it was there before, and what was left out.

    `anchor` is the key of the identifier that it hangs on; `subject_id` the order, touchpoint or profile.
    """

    subject_id: str | None = None
    anchor: str | None = None
    duplicate: bool = False
    refused: tuple[Refusal, ...] = ()
    errors: tuple[UserError, ...] = ()


def needs(claim: Evidence, *, opens: bool = False) -> list[object]:
    """What a recording command needs in any case."""
    return [
        MessageNeed(recording_key(claim.source, claim.message_id)),
        IdentityNeed(opens=opens, evidence=claim),
    ]


def record_once(
    books: Books,
    claim: Evidence,
    kind: str,
    write: Callable[[Resolution, Message], Message],
    key: str | None = None,
) -> Recorded:
    """Records an event unless its message is there already; then answers with what is stored.

    `write` enters the fact for the resolved event and a draft of its message (without a subject), and
    returns the message to keep. `key` is that of the message, where it is not told by its source and messageId.
    """
    key = key or recording_key(claim.source, claim.message_id)
    stored = books[Messages][key]
    if stored is None:
        resolution = books[Identities].resolve(claim, books)
        _log(resolution, books[Changes])
        message = write(resolution, Message(key, kind, "", resolution.anchor, _dump(resolution.refused)))
        return Recorded(message.subject_id, message.anchor, refused=resolution.refused)
    if stored.kind != kind:
        text = (
            f"messageId: {claim.message_id!r} of source {claim.source!r} is taken by a {stored.kind}; use another"
        )
        return Recorded(errors=(UserError(UserErrorCode.ALREADY_EXISTS, text, ("messageId",)),))
    return Recorded(stored.subject_id, stored.anchor, duplicate=True, refused=_load(stored.refused))


def _log(resolution: Resolution, changes: Changes) -> None:
    """Enters what an event made of its customer."""
    customer_id = resolution.customer_id
    if resolution.created:
        changes.enter(ChangeKind.CUSTOMER_CREATED, customer_id)
    elif resolution.absorbed:
        fields = ("identifiers", *resolution.changed)
        changes.enter(ChangeKind.CUSTOMERS_MERGED, customer_id, fields=fields, previous_ids=resolution.absorbed)
    elif resolution.changed:
        changes.enter(ChangeKind.CUSTOMER_UPDATED, customer_id, fields=resolution.changed)


def _dump(refused: Iterable[Refusal]) -> str:
    rows = [[one.kind, one.value[:MAX_VALUE_CHARACTERS], one.code.value, one.message] for one in refused]
    return orjson.dumps(rows).decode()


def _load(text: str) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(kind, value, UserErrorCode(code), message) for kind, value, code, message in orjson.loads(text)
    )
