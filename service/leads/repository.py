"""What is read of leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.identity.repository import CUSTOMER
from service.leads.models import LISTS
from service.reads.relations import Node, Relation
from service.reads.slices import places_back

LEAD_BY_ID: Final = Relation("leads/by_id", end="l", type="Lead")
LEADS: Final = Relation("leads/of_customer", CUSTOMER, "l", "Lead")
DUPLICATE_OF: Final = Relation("leads/duplicate_of", Node("l", "Lead"), "o", "Lead")
PAGE: Final = Relation("leads/page", end="l", type="Lead", slices=places_back, listed="position")
PAGES: Final[Mapping[str, Relation]] = {
    name: Relation("leads/page", end="l", type="Lead", slices=places_back, listed=name) for name in LISTS
} | {"position": PAGE}
"""Pages of leads, by the property that orders them."""
