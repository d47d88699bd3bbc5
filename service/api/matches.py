"""GraphQL: who may be one person, and deciding it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import strawberry

from service.access.models import Caller
from service.api.fields import paged, related, written_by
from service.api.inputs import UserError, user_error
from service.api.pagination import Connection
from service.customers.api import Customer
from service.identity.api import IdentityEvent
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF, EVENT_BY_ID
from service.matches.api import MatchCandidate, match_page
from service.matches.repository import BY_ID

if TYPE_CHECKING:
    from service.services import Services


@strawberry.input
class DecideMatchInput:
    """Whether the two customers of a candidate are one person."""

    match_id: strawberry.ID
    """Of matchCandidates or possibleDuplicates."""
    same: bool
    """One person: they are merged. Or two: then they must not be."""
    reason: str | None = strawberry.UNSET
    """Why; the history shows it."""


@strawberry.type
class DecideMatchPayload:
    """What was decided; without a match where the input was wrong, and then nothing was changed."""

    match: MatchCandidate | None = related(BY_ID, "matchId")
    """The candidate as it is now."""
    customer: Customer | None = related(CUSTOMER_OF, "anchor")
    """Who they are now; of two people, the one that the candidate names first."""
    event: IdentityEvent | None = related(EVENT_BY_ID, "eventId")
    """What was done; undoIdentityEvent takes it back by its id, and the question is open again."""
    user_errors: list[UserError]
    """What is wrong with the input."""


async def _decide(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    done = await services.matches.decide(given, caller.name)
    return {
        "matchId": None if done.errors else given["matchId"],
        "anchor": own_key(done.customer_ids[0]) if done.customer_ids else None,
        "eventId": done.event_id,
        "userErrors": [user_error(one) for one in done.errors],
    }


@strawberry.type
class MatchQuery:
    """Who may be one person."""

    match_candidates: Connection[MatchCandidate] = paged(match_page)
    """Customers who may be one person though no identifier says so, the most probable first."""


@strawberry.type
class MatchMutation:
    """Deciding who is one person."""

    decide_match: DecideMatchPayload = written_by(_decide, DecideMatchInput)
    """Decides a candidate, once: one person, who is merged, or two, who must not be. Neither is asked again."""
