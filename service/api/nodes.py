"""The interfaces that types of all domains share."""

from __future__ import annotations

from datetime import datetime

import strawberry


@strawberry.interface
class Node:
    """Anything with a global id. Ids are typed and sortable by age: cus_…, tp_…, ord_…, deal_…"""

    id: strawberry.ID


@strawberry.interface
class JourneyStep(Node):
    """Anything with a place in a customer's journey."""

    occurred_at: datetime
    """When it happened, by the source's clock."""
