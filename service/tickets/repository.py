"""What is read of tickets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Relation
from service.reads.slices import places_back
from service.tickets.models import NEWEST

TICKET_BY_ID: Final = Relation("tickets/by_id", end="e", type="Ticket")
OF_CUSTOMER: Final = Relation("tickets/of_customer", CUSTOMER, "e", "Ticket")
NEWEST_FIRST: Final = Relation("tickets/newest", end="e", type="Ticket", listed=NEWEST.order, slices=places_back)
ALL: Final = {choice: replace(NEWEST_FIRST, listed=NEWEST.name(choice)) for choice in NEWEST.choices}
"""Of all tickets those of an owner, in a state, of a priority, or some of these; newest first."""
