"""Events as they come in: what all have in common, and the claim they make about who somebody is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, Field

from service.errors import UserError, UserErrorCode
from service.identity import kinds
from service.identity.kinds import Kinds
from service.identity.models import Evidence, RawIdentifier
from service.identity.normalising import normalise_all
from service.inputs import Input, Invalid, Name
from service.positions import FIRST_MILLIS, millis

MAX_IDENTIFIERS: Final = 20
"""Of one event. A real one has two or three."""
FUTURE_TOLERANCE: Final = timedelta(days=1)
"""How far a source's clock may run ahead."""
BY_HAND: Final = "by_hand"
"""The source of what people set in this service; what is recorded has another."""


def _recorded(source: str) -> str:
    if source.casefold() == BY_HAND:
        raise ValueError(f"{BY_HAND!r} is kept for what is set by hand; name the system that tells it")
    return source


Source = Annotated[Name, AfterValidator(_recorded)]
"""Who tells of an event."""


class IdentifierInput(Input):
    """A kind and a value as the source has it."""

    kind: str
    value: str


class EventInput(Input):
    """An observation of one person, told by a source."""

    message_id: Name
    identifiers: list[IdentifierInput] = Field(min_length=1, max_length=MAX_IDENTIFIERS)
    source: Source = "api"
    occurred_at: AwareDatetime | None = None


def evidence(event: EventInput, region: str | None, now: datetime, rules: Kinds = kinds.DEFAULTS) -> Evidence:
    """The claim that an event makes about who somebody is.

    Raises:
        Invalid: for a kind of identifier that does not exist, and a time too far in the future.
    """
    _require_kinds(event.identifiers)
    at = millis(event.occurred_at or now)
    if at > millis(now + FUTURE_TOLERANCE):
        raise _wrong_time("more than a day in the future; check the source's clock and time zone")
    if at < FIRST_MILLIS:
        raise _wrong_time("before the year 1; leave it out if it is not known")
    raw = tuple(RawIdentifier(identifier.kind, identifier.value) for identifier in event.identifiers)
    usable, unusable = normalise_all(raw, region, rules)
    return Evidence(usable, unusable, event.source, event.message_id, at, raw, region, rules.version)


def under(claim: Evidence, rules: Kinds) -> Evidence:
    """The claim as it reads by the rules that are in force now."""
    if claim.rules == rules.version or not claim.raw:
        return claim
    usable, unusable = normalise_all(claim.raw, claim.region, rules)
    return replace(claim, identifiers=usable, unusable=unusable, rules=rules.version)


def _wrong_time(reason: str) -> Invalid:
    return Invalid((UserError(UserErrorCode.INVALID, f"occurredAt: {reason}", ("occurredAt",)),))


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
