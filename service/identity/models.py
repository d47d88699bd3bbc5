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
