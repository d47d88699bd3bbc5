"""Tickets as they come in, and what follows of their properties."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Final

from service.inputs import NEVER_NULL, Input, LongText, Name
from service.lists import Lists
from service.positions import position


class TicketState(Enum):
    """Whose turn it is."""

    OPEN = "OPEN"
    """Ours: the customer waits for an answer."""
    PENDING = "PENDING"
    """The customer's, who was answered, or somebody else's."""
    RESOLVED = "RESOLVED"
    """Nobody's: it is done."""


class TicketPriority(Enum):
    """How soon an answer is due."""

    LOW = "LOW"
    """It can wait."""
    NORMAL = "NORMAL"
    """As most."""
    HIGH = "HIGH"
    """Before most."""
    URGENT = "URGENT"
    """Before all others."""


ResponseTimes = Mapping[TicketPriority, int]
"""For how long a ticket may be without an answer, in milliseconds."""


class OpenTicketInput(Input):
    """A customer asks for help; `by` is resolved apart."""

    idempotency_key: Name | None = None
    subject: Name
    text: LongText | None = None
    channel: Name
    priority: TicketPriority = TicketPriority.NORMAL
    owner: Name | None = None


class UpdateTicketInput(Input):
    """What is another. Left out: unchanged; an owner of null: nobody."""

    ticket_id: str
    expected_version: int | None = None
    state: Annotated[TicketState | None, NEVER_NULL] = None
    priority: Annotated[TicketPriority | None, NEVER_NULL] = None
    owner: Name | None = None
    reply: LongText | None = None
    by: Name | None = None


NEWEST: Final = Lists(("owner", "state", "priority"))
"""The lists of tickets, by when they were opened."""


def reminder(ticket: Mapping[str, Any]) -> int | None:
    """When it is to be told that an answer is due, in epoch milliseconds; None if it need not be, or not any more.

    Told once for each time that it is due at; one that was moved back is not told of again.
    """
    due, told = ticket["responseDueAt"], ticket["remindedFor"]
    if ticket["firstRespondedAt"] is not None or ticket["state"] == TicketState.RESOLVED.value:
        return None
    return due if told is None or due > told else None


def derived(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """What follows of a ticket's properties: its places in lists, and when it is to be told of."""
    remind = reminder(ticket)
    return {
        **NEWEST.places(ticket, ticket["position"]),
        "reminderAt": position(remind, ticket["id"]) if remind is not None else None,
    }
