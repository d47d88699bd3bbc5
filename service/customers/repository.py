"""What is read of customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service import ids
from service.identity.repository import CUSTOMER
from service.positions import END
from service.reads.relations import Parameters, Relation
from service.reads.slices import back, positions_back


def _last_seen_slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of positions, the latest first, up to the whole."""
    for since, upper in positions_back(parameters["from"], parameters["before"]):
        yield {"from": since, "before": upper}


def _created_slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of ids, the latest first, up to the whole."""
    upper = parameters["before"]
    for lower in back(ids.millis_of(upper) if upper != END else None):
        since = ids.first_at(ids.CUSTOMER, lower) if lower is not None else ids.CUSTOMER
        yield {"since": since, "before": upper}
        upper = since


LAST_SEEN: Final = Relation(
    "customers/last_seen", end="c", type="Customer", place="lastSeenPosition", slices=_last_seen_slices
)
CREATED: Final = Relation("customers/created", end="c", type="Customer", place="id", slices=_created_slices)
PREVIOUS_IDS: Final = Relation("customers/previous_ids", CUSTOMER, values=("x",))
PROFILES: Final = Relation("customers/profiles_of_customer", CUSTOMER, "p")
