"""What the log says of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_DIGITS: Final = 16
"""A thousand changes a second fill them in some 300,000 years."""


def place(number: int) -> str:
    """A change's number as text of one length: indexed texts sort alike on every engine."""
    return f"{number:0{_DIGITS}d}"


def is_place(text: str) -> bool:
    """Whether a text, say from a cursor, is the place of a change."""
    return len(text) == _DIGITS and text.isascii() and text.isdecimal()


class ChangeKind(StrEnum):
    """What happened; equal to its name, which is what stands in the log."""

    CUSTOMER_CREATED = "CUSTOMER_CREATED"
    """Somebody was seen for the first time."""
    CUSTOMER_UPDATED = "CUSTOMER_UPDATED"
    """An attribute, an identifier or an account of theirs is another."""
    CUSTOMERS_MERGED = "CUSTOMERS_MERGED"
    """Several customers turned out to be one."""
    CUSTOMER_SPLIT = "CUSTOMER_SPLIT"
    """One customer turned out to be several."""
    TOUCHPOINT_RECORDED = "TOUCHPOINT_RECORDED"
    """A contact was recorded."""
    ORDER_RECORDED = "ORDER_RECORDED"
    """A new order."""
    ORDER_UPDATED = "ORDER_UPDATED"
    """A known order is another now."""
    LEAD_CREATED = "LEAD_CREATED"
    """Somebody might buy."""
    LEAD_UPDATED = "LEAD_UPDATED"
    """A lead has another status or owner, or became a deal."""
    DEAL_CREATED = "DEAL_CREATED"
    """A new deal."""
    DEAL_UPDATED = "DEAL_UPDATED"
    """A deal's own properties are others."""
    DEAL_STAGE_MOVED = "DEAL_STAGE_MOVED"
    """An open deal is in another stage; one that was reopened too."""
    DEAL_CLOSED = "DEAL_CLOSED"
    """A deal was won or lost."""
    TASK_CREATED = "TASK_CREATED"
    """Something is to be done."""
    TASK_UPDATED = "TASK_UPDATED"
    """A task is another now, or done."""
    TASK_DUE = "TASK_DUE"
    """The time of an open task has come."""
    TICKET_OPENED = "TICKET_OPENED"
    """A customer asks for help."""
    TICKET_UPDATED = "TICKET_UPDATED"
    """A ticket was answered, or is another now."""
    TICKET_RESPONSE_DUE = "TICKET_RESPONSE_DUE"
    """A ticket has had no answer for as long as its priority allows."""
    NOTE_ADDED = "NOTE_ADDED"
    """Somebody wrote something down."""
    HEARTBEAT = "HEARTBEAT"
    """Subscriptions only, every 30 seconds: a cursor to resume from, past what the filter left out."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as it stands in the log."""

    place: str
    kind: str
    at: int
    """When it was committed, in epoch milliseconds."""
    customer_id: str | None
    """Whose it was then."""
    previous_ids: Sequence[str]
    """Of a merge or a split: the customers that this one's facts were under before."""
    fields: Sequence[str]
    """GraphQL names of what is another since."""
    subject_id: str | None
    pipeline_id: str | None
    owners: Sequence[str]
    """Before and after."""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes: every given condition holds."""

    kinds: frozenset[ChangeKind] | None = None
    customer_ids: frozenset[str] | None = None
    """All ids of the customers that are meant, former ones too."""
    pipeline_id: str | None = None
    owner: str | None = None
    """Before or after the change."""

    def passes(self, change: Change) -> bool:
        """Whether a change is meant."""
        return (
            (self.kinds is None or change.kind in self.kinds)
            and (
                self.customer_ids is None
                or change.customer_id in self.customer_ids
                or not self.customer_ids.isdisjoint(change.previous_ids)
            )
            and (self.pipeline_id is None or change.pipeline_id == self.pipeline_id)
            and (self.owner is None or self.owner in change.owners)
        )
