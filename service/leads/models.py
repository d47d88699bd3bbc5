"""Leads as they come in, and the lists that they are in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from itertools import islice
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from service.customers.models import Attributes
from service.deals.models import Worth
from service.identity.events import MAX_IDENTIFIERS, EventInput, IdentifierInput, Source
from service.inputs import Input, Name
from service.lists import Lists
from service.positions import FIRST_MILLIS, position

DUPLICATE_MILLIS: Final = 30 * 86_400_000
"""How long an open lead makes one that comes after it its duplicate: the contract's 30 days."""


class LeadStatus(Enum):
    """What became of a lead."""

    NEW = "NEW"
    """Nobody has looked at it yet."""
    IN_PROCESS = "IN_PROCESS"
    """Somebody works on it."""
    CONVERTED = "CONVERTED"
    """It became a deal."""
    DISQUALIFIED = "DISQUALIFIED"
    """Nothing will come of it."""

    @property
    def is_open(self) -> bool:
        """Whether something may still become of it."""
        return self in (LeadStatus.NEW, LeadStatus.IN_PROCESS)


class CreateLeadInput(Input):
    """Somebody who might buy, told by a source."""

    idempotency_key: Name | None = None
    title: Name
    source: Source
    owner: Name | None = None
    identifiers: list[IdentifierInput] = Field(min_length=1, max_length=MAX_IDENTIFIERS)
    attributes: Attributes | None = None

    def event(self) -> EventInput:
        """It as an observation of somebody, which the lead's id names once there is one."""
        return EventInput.model_construct(
            message_id="", identifiers=self.identifiers, source=self.source, occurred_at=None
        )


def _settable(status: LeadStatus | None) -> LeadStatus | None:
    if status is LeadStatus.CONVERTED:
        raise ValueError("a lead is converted with convertLead, which makes its deal")
    return status


class UpdateLeadInput(Input):
    """A lead's new status or owner. Left out: unchanged; an owner of null: nobody."""

    lead_id: str
    status: Annotated[LeadStatus | None, AfterValidator(_settable)] = None
    owner: Name | None = None


class ConvertLeadInput(Input):
    """What is known of the deal that a lead becomes."""

    lead_id: str
    pipeline_id: str | None = None
    title: Name | None = None
    amount: Worth | None = None
    expected_close_on: date | None = None


NEWEST: Final = Lists(("status", "owner", "source"))
"""The lists of leads."""

STANDING: Final = ("id", "position", "closedAt")
"""What must be known of a customer's leads to tell which of them one that came later repeats."""


def first_open(leads: Sequence[Mapping[str, Any]], place: str, created_at: int) -> str | None:
    """Id of the oldest of a customer's leads that was open when the one at a place came, and not too long before.

    `leads` have `STANDING`, the oldest first.
    """
    since = position(max(created_at - DUPLICATE_MILLIS, FIRST_MILLIS))
    for lead in islice(leads, bisect_left(leads, since, key=_place), bisect_left(leads, place, key=_place)):
        if lead["closedAt"] is None or lead["closedAt"] > created_at:
            return str(lead["id"])
    return None


def _place(lead: Mapping[str, Any]) -> str:
    return str(lead["position"])
