"""GraphQL: candidates, and how a list of them is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from service.api.fields import column, computed, related
from service.api.nodes import Node
from service.errors import BadInput
from service.identity.repository import CUSTOMER_OF
from service.matches import repository
from service.matches.models import MIN_PROBABILITY, MatchStatus, behind, evidence_of, is_place
from service.reads.connections import page_size, place_of
from service.reads.fields import Input
from service.reads.relations import Bound
from service.surroundings import Surroundings

if TYPE_CHECKING:
    from service.customers.api import Customer

strawberry.enum(MatchStatus, description="What became of a candidate.")

MAX_DUPLICATES: Final = 100
"""Of a customer that are shown."""


@strawberry.type
class MatchEvidence:
    """How one thing that is known of two customers agrees."""

    field: str
    """What is compared: a name, a birth date, …; the prior is what speaks for or against before all of it."""
    a: str | None
    """What is known of the one."""
    b: str | None
    """What is known of the other."""
    agreement: str
    """How far they agree."""
    weight: float
    """In bits: positive speaks for one person, negative against. All weights add up to the score."""


def _status(stored: str, standing: list[list[str]]) -> str:
    """A decision, or else what became of the customers without one."""
    return stored if stored != MatchStatus.OPEN.value or not standing else standing[0][0]


@strawberry.type
class MatchCandidate(Node):
    """Two customers who may be one person though no identifier says so. It follows merges and splits."""

    id: strawberry.ID = column("id")
    a: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "a")
    """The one, as they are now."""
    b: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(CUSTOMER_OF, "b")
    """The other, as they are now."""
    probability: float = column("probability")
    """How likely they are one person, from 0 to 1."""
    status: MatchStatus = computed(_status, "status", Input(repository.STANDING))
    """What was decided. Without a decision SAME where they are one by now, DIFFERENT where they must not be."""
    evidence: list[MatchEvidence] = computed(evidence_of, "evidence")
    """What speaks for and against it, as it was found."""
    found_at: datetime = column("foundAt")
    """When it was first found."""
    decided_at: datetime | None = column("decidedAt")
    """When it was decided."""
    decided_by: str | None = column("decidedBy")
    """Who decided it: a person, or the rules."""


def probability(given: float) -> float:
    """A checked `minProbability`."""
    if not MIN_PROBABILITY <= given <= 1:
        raise BadInput("minProbability", f"from {MIN_PROBABILITY} to 1; less probable ones are not kept")
    return given


def match_page(
    _around: Surroundings,
    status: MatchStatus = MatchStatus.OPEN,
    min_probability: float = MIN_PROBABILITY,
    first: int = 20,
    after: str | None = None,
) -> Bound:
    """A page of candidates, most probable first."""
    size, start, least = page_size(first), f"{status.value}:", probability(min_probability)
    where = place_of(after, lambda text: is_place(text) and text.startswith(start)) if after is not None else start
    parameters = {
        "after": where,
        "before": behind(status.value, least),
        "status": status.value,
        "minProbability": least,
        "limit": size + 1,
    }
    return Bound(repository.PAGE, parameters, size, after is not None)


def duplicates(_around: Surroundings, min_probability: float = MIN_PROBABILITY) -> Bound:
    """The open candidates of a customer."""
    return Bound(repository.OF_CUSTOMER, {"minProbability": probability(min_probability), "limit": MAX_DUPLICATES})
