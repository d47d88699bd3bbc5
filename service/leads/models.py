"""Leads as they come in, and the lists that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from itertools import combinations
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field
from pydantic.alias_generators import to_camel

from service.customers.models import Attributes
from service.deals.models import Worth
from service.identity.events import MAX_IDENTIFIERS, EventInput, IdentifierInput, Source
from service.inputs import Input, Name

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

    def event(self, message_id: str) -> EventInput:
        """It as an observation of somebody."""
        return EventInput.model_construct(
            message_id=message_id, identifiers=self.identifiers, source=self.source, occurred_at=None
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


FILTERS: Final = ("status", "owner", "source")
"""What lists of leads are asked for by."""


def listed(filters: tuple[str, ...]) -> str:
    """The property that orders the leads of a list; all of them are ordered by their position."""
    return to_camel("_".join((*filters, "position")))


LISTS: Final = {
    listed(filters): filters for count in range(len(FILTERS) + 1) for filters in combinations(FILTERS, count)
}
"""By the property that orders it, what all leads of a list have in common. Each choice of filters is a list of its
own, so that one range of an index answers a page."""


def place(values: Iterable[str], position: str) -> str:
    """Where in a list a position is, by what all of the list have in common."""
    # Neither an owner nor a source has a line feed in it.
    return "\n".join((*values, position))


def places(lead: Mapping[str, Any]) -> dict[str, str | None]:
    """A lead's places in all lists; none in those by what it does not have."""
    found: dict[str, str | None] = {}
    for name, filters in LISTS.items():
        values = [lead[one] for one in filters]
        found[name] = None if None in values else place(values, lead["position"])
    return found
