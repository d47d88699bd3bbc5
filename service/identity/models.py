"""Values of identity: kinds of identifier, identifiers, and why one was refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from service.errors import UserErrorCode


class CustomerState(Enum):
    """KNOWN once a customer has an identifier that a person gives of themselves."""

    ANONYMOUS = "ANONYMOUS"
    """Only cookies, devices, advertising and social ids."""
    KNOWN = "KNOWN"
    """Has a user_id, e-mail, phone, loyalty card or external id."""


class IdentityEventKind(Enum):
    """What happened to who is who."""

    CREATED = "CREATED"
    """A customer was seen first."""
    MERGED = "MERGED"
    """Customers became one."""
    SPLIT = "SPLIT"
    """A customer became several."""
    LINKED = "LINKED"
    """Somebody said that two identifiers are one person's."""
    UNLINKED = "UNLINKED"
    """Somebody took back that two identifiers are one person's."""
    MERGE_REFUSED = "MERGE_REFUSED"
    """Evidence that would have joined customers was not accepted."""
    MERGE_FORBIDDEN = "MERGE_FORBIDDEN"
    """Somebody said that these are different people."""
    MERGE_ALLOWED = "MERGE_ALLOWED"
    """Somebody took that back."""


class LinkMethod(Enum):
    """How it is known that two identifiers are one person's."""

    DETERMINISTIC = "DETERMINISTIC"
    """They were observed together."""
    PROBABILISTIC = "PROBABILISTIC"
    """Their records resemble each other."""
    BY_HAND = "BY_HAND"
    """Somebody said so."""


@dataclass(frozen=True, slots=True)
class RawIdentifier:
    """An identifier as it came."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class NormalIdentifier:
    """An identifier in its one spelling. Two are the same if their keys are."""

    kind: str
    value: str
    raw_value: str
    key: str = field(init=False)
    """The unique key in the graph."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.kind}:{self.value}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An identifier that was left out, and why. Kind and value are as they came."""

    kind: str
    value: str
    code: UserErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One event's claim that its identifiers belong to one person.

    `identifiers` are distinct and strongest first; `unusable` were refused before the graph was asked.
    """

    identifiers: tuple[NormalIdentifier, ...]
    unusable: tuple[Refusal, ...]
    source: str
    message_id: str
    at: int
    """When it was observed, in epoch milliseconds."""
    raw: tuple[RawIdentifier, ...] = ()
    """As they came, for rules that were changed since."""
    region: str | None = None
    """Of phone numbers without a country code."""
    rules: int = 0
    """The version of the rules of kinds that the identifiers were read by."""
