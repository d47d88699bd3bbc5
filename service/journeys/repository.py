"""What is read of journeys: what customers did and what was done for them, merged in the order it happened."""

from __future__ import annotations

from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Relation

_STEPS: Final = ("Touchpoint", "Order", "DealStageChange", "Ticket", "Note")

OLDEST: Final = Relation("journeys/oldest", CUSTOMER, "s", tag="y", types=_STEPS)
NEWEST: Final = Relation("journeys/newest", CUSTOMER, "s", tag="y", types=_STEPS)
