"""What is read of journeys: touchpoints, orders and deal moves of customers, merged in the order they happened."""

from __future__ import annotations

from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Relation

_STEPS: Final = ("Touchpoint", "Order", "DealStageChange")

OLDEST: Final = Relation("journeys/oldest", CUSTOMER, "s", tag="y", types=_STEPS)
NEWEST: Final = Relation("journeys/newest", CUSTOMER, "s", tag="y", types=_STEPS)
