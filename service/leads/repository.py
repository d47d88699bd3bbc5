"""What is read of leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.identity.repository import CUSTOMER
from service.leads.models import NEWEST
from service.reads.relations import Relation
from service.reads.slices import places_back

LEAD_BY_ID: Final = Relation("leads/by_id", end="l", type="Lead")
LEADS: Final = Relation("leads/of_customer", CUSTOMER, "l", "Lead")
STANDING: Final = Relation("leads/standing", CUSTOMER, "l", "Lead")
NEWEST_FIRST: Final = Relation("leads/page", end="l", type="Lead", listed=NEWEST.order, slices=places_back)
ALL: Final = {choice: replace(NEWEST_FIRST, listed=NEWEST.name(choice)) for choice in NEWEST.choices}
"""Of all leads those of a status, an owner, a source, or some of these; newest first."""
