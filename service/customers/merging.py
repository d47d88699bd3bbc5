"""What merging customers would settle. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.customers.recording import Profiles
from service.customers.survivorship import conflicts
from service.graph.books import Books


def merge_conflicts(books: Books, customer_ids: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """The attributes of which the customers' golden values differ, with what is golden for all together."""
    profiles = books[Profiles]
    before = [profiles.golden(one, books) for one in customer_ids]
    return tuple(
        {"name": one.name, "values": list(one.values), "chosen": one.chosen}
        for one in conflicts(before, profiles.golden_together(customer_ids, books))
    )
