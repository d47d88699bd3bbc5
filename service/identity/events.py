"""What every recorded event has in common: who it was, once only, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from pydantic import AwareDatetime, Field

from service.errors import UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages, recording_key
from service.identity import kinds
from service.identity.book import Identities, IdentityNeed
from service.identity.models import Evidence, RawIdentifier, Refusal
from service.identity.normalising import MAX_VALUE_CHARACTERS, normalise_all
from service.identity.resolution import Resolution
from service.inputs import Input, Invalid, Name
from service.positions import millis

MAX_IDENTIFIERS: Final = 50
"""Of one event. A real one has two or three."""
FUTURE_TOLERANCE: Final = timedelta(days=1)
"""How far a source's clock may run ahead."""


class IdentifierInput(Input):
    """A kind and a value as the source has it."""

    kind: str
    value: str


class EventInput(Input):
    """An observation of one person, told by a source."""

    message_id: Name
    identifiers: list[IdentifierInput] = Field(min_length=1, max_length=MAX_IDENTIFIERS)
    source: Name = "api"
    occurred_at: AwareDatetime | None = None


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


def evidence(event: EventInput, region: str | None, now: datetime) -> Evidence:
    """The claim that an event makes about who somebody is.

    Raises:
        Invalid: for a kind of identifier that does not exist, and a time too far in the future.
    """
    _require_kinds(event.identifiers)
    if event.occurred_at is not None and event.occurred_at > now + FUTURE_TOLERANCE:
        message = "occurredAt: more than a day in the future; check the source's clock and time zone"
        raise Invalid((UserError(UserErrorCode.INVALID, message, ("occurredAt",)),))
    raw = [RawIdentifier(identifier.kind, identifier.value) for identifier in event.identifiers]
    usable, unusable = normalise_all(raw, region)
    at = millis(event.occurred_at or now)
    return Evidence(usable, unusable, event.source, event.message_id, at)


def _require_kinds(identifiers: Iterable[IdentifierInput]) -> None:
    """A misspelt kind is the integrator's mistake and would recur with every event, so it is not just left out."""
    errors = tuple(
        UserError(
            UserErrorCode.INVALID,
            f"identifiers.{index}.kind: there is no kind {identifier.kind[:64]!r}; "
            f"use one of {', '.join(kinds.known_names())}",
            ("identifiers", str(index), "kind"),
        )
        for index, identifier in enumerate(identifiers)
        if identifier.kind != kinds.OWN and kinds.by_name(identifier.kind) is None
    )
    if errors:
        raise Invalid(errors)


def needs(claim: Evidence, *, opens: bool = False) -> list[object]:
    """What a recording command needs in any case."""
    keys = tuple(identifier.key for identifier in claim.identifiers)
    return [MessageNeed(recording_key(claim.source, claim.message_id)), IdentityNeed(keys, opens)]


def record_once(
    books: Books, claim: Evidence, kind: str, write: Callable[[Resolution, Message], Message]
) -> Recorded:
    """Records an event unless its message is there already; then answers with what is stored.

    `write` enters the fact for the resolved event and a draft of its message (without a subject), and
    returns the message to keep.
    """
    key = recording_key(claim.source, claim.message_id)
    stored = books[Messages][key]
    if stored is None:
        resolution = books[Identities].resolve(claim, books)
        message = write(resolution, Message(key, kind, "", resolution.anchor, _dump(resolution.refused)))
        return Recorded(message.subject_id, message.anchor, refused=resolution.refused)
    if stored.kind != kind:
        text = (
            f"messageId: {claim.message_id!r} of source {claim.source!r} is taken by a {stored.kind}; use another"
        )
        return Recorded(errors=(UserError(UserErrorCode.ALREADY_EXISTS, text, ("messageId",)),))
    return Recorded(stored.subject_id, stored.anchor, duplicate=True, refused=_load(stored.refused))


def _dump(refused: Iterable[Refusal]) -> str:
    rows = [[one.kind, one.value[:MAX_VALUE_CHARACTERS], one.code.value, one.message] for one in refused]
    return orjson.dumps(rows).decode()


def _load(text: str) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(kind, value, UserErrorCode(code), message) for kind, value, code, message in orjson.loads(text)
    )
