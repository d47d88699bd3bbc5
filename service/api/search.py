"""GraphQL: finding customers by a text."""

from __future__ import annotations

from typing import Any, Final

import strawberry

from service.api.fields import asked, related
from service.customers.api import Customer
from service.errors import BadInput
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF
from service.reads.connections import MAX_FIRST

MAX_CHARACTERS: Final = 200
"""Of a text that is searched for."""


@strawberry.type
class CustomerMatch:
    """A customer who answers a text."""

    customer: Customer = related(CUSTOMER_OF, "key")
    """Who it is, as they are now."""
    score: float
    """How well they answer: 1 is exactly, under 0.6 is not shown."""
    matched_on: list[str]
    """On what: names of attributes and kinds of identifier, in alphabetical order; `id` for the customer's own."""


async def _matches(reader: Any, text: str, first: int = 20) -> list[dict[str, Any]]:
    wanted = text.strip()
    if not any(one.isalnum() for one in wanted):
        raise BadInput("text", "a name, an address, a number or an id is needed; there is no letter and no digit")
    if len(wanted) > MAX_CHARACTERS:
        raise BadInput("text", f"at most {MAX_CHARACTERS} characters")
    if not 1 <= first <= MAX_FIRST:
        raise BadInput("first", f"from 1 to {MAX_FIRST}")
    found = await reader.services.finder.find(wanted, first)
    return [{"key": own_key(one.customer_id), "score": one.score, "matchedOn": list(one.on)} for one in found]


@strawberry.type
class SearchQuery:
    """Finding."""

    search_customers: list[CustomerMatch] = asked(_matches)
    """By name, e-mail, phone or company, forgiving typing errors, word order and script; best first."""
