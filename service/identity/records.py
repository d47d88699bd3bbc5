"""Records of identity: identifiers, customers and evidence, as the graph has them or will have them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.models import CustomerState, Refusal

RULE_SAME_EVENT: Final = "same_event"
"""Two identifiers were observed together in one event."""
RULE_BORN_WITH: Final = "born_with"
"""A customer's own identifier and the one that it was first seen with."""


@dataclass(slots=True)
class IdentifierRecord:
    """An identifier as the graph has it, or will have it."""

    id: str
    key: str
    kind: str
    value: str
    raw_value: str
    customer_id: str
    first_seen: int
    last_seen: int
    generic: bool = False
    """Too many people share it: it identifies nobody, and its customer's id is empty."""
    is_new: bool = False
    born: tuple[str, str | None] | None = None
    """Of a new customer's own identifier: the source and messageId that it came by, or who split it off."""


@dataclass(slots=True)
class CustomerRecord:
    """A customer as the graph has it, or will have it. Times in epoch milliseconds."""

    id: str
    state: CustomerState
    version: int
    created_at: int
    updated_at: int
    first_seen: int
    last_seen: int
    kinds: Counter[str] | None = None
    """Identifiers of each kind, the own ones left out; None where an event cannot change them."""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Evidence that two identifiers are one person's: from the stronger to the weaker.

    `refused` says why it was not accepted, if it was not.
    """

    id: str
    from_key: str
    to_key: str
    rule: str
    source: str
    message_id: str
    at: int
    refused: UserErrorCode | None = None


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A known identifier that an event may not join, with its customer."""

    key: str
    customer: CustomerRecord
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where an event belongs: its customer, the identifier that its facts hang on, and what was left out."""

    customer_id: str
    anchor: str
    accepted: tuple[str, ...]
    refused: tuple[Refusal, ...]
    created: bool
    """Whether the event made its customer."""
    left_out: tuple[str, ...] = ()
    """Keys of identifiers that it was observed with and that were refused."""
    absorbed: tuple[str, ...] = ()
    """Ids of the customers that it merged into its customer."""
    changed: tuple[str, ...] = ()
    """GraphQL names of what is another of its customer now, other than by a merge."""


def own_key(customer_id: str) -> str:
    """The key of a customer's own identifier."""
    return f"{kinds.OWN}:{customer_id}"


def kinds_of(customer: CustomerRecord) -> Counter[str]:
    """How many identifiers of each kind a customer has; they must have been loaded."""
    if customer.kinds is None:
        raise LookupError(f"the identifiers of {customer.id} were not loaded")
    return customer.kinds
