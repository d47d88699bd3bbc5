"""GraphQL: the log of changes, read by polling."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import strawberry

from service.api.by_id import named_by
from service.api.fields import asked, related, sought
from service.api.nodes import Node
from service.changes import log
from service.changes import models as changes
from service.changes.models import Change as Logged
from service.changes.models import ChangeKind, is_place, place
from service.customers.api import Customer
from service.errors import BadInput
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF
from service.reads.connections import cursor, page_size, place_of
from service.reads.ordinary import Reader, Search
from service.reads.relations import KEY

MAX_CUSTOMERS: Final = 100
"""Whom a filter names."""


strawberry.enum(ChangeKind, description="What happened.")


@strawberry.input
class ChangeFilter:
    """Which changes: every given condition holds."""

    kinds: list[ChangeKind] | None = None
    """Only these kinds."""
    customer_ids: list[strawberry.ID] | None = None
    """Only what is about these customers; a former id means the customer that it was merged into."""
    pipeline_id: strawberry.ID | None = None
    """Only what is about a deal of this pipeline."""
    owner: str | None = None
    """Only what is about something of this owner, before or after the change."""


async def _subject(search: Search) -> Any:
    assert search.source is not None
    bound = named_by(search.source["subjectId"] or "")
    if bound.relation is None:
        return None
    rows = await search.rows(bound.relation, {}, bound.parameters[KEY])
    return rows[0] if rows else None


@strawberry.type
class Change:
    """One committed change. Delivered at least once, in order for each customer; cursor resumes after it."""

    cursor: str
    """Where it stands in the log: go on behind it with after."""
    kind: ChangeKind
    """What happened."""
    at: datetime
    """When it was committed."""
    customer_id: strawberry.ID | None
    """Whose it was at the time of the change; absent for what is nobody's."""
    customer: Customer | None = related(CUSTOMER_OF, "customerKey")
    """Whose it is now: after a merge, the survivor."""
    previous_customer_ids: list[strawberry.ID]
    """Of a merge or a split: the customers that this one's facts were under before."""
    changed_fields: list[str]
    """Names of the fields that are others since."""
    subject: Node | None = sought(_subject)
    """The deal, lead, task, ticket, note, order or touchpoint that it is about, as it is now."""


@strawberry.type
class ChangePage:
    """Changes behind a cursor, oldest first."""

    nodes: list[Change]
    """The changes that pass the filter."""
    end_cursor: str | None
    """Where to go on: past what the filter left out, too, so that a filtered reader never falls off the log."""
    has_next_page: bool
    """Whether the log goes on behind endCursor."""


def _change(one: Logged) -> dict[str, Any]:
    return {
        "cursor": cursor(one.place),
        "kind": one.kind,
        "at": one.at,
        "customerId": one.customer_id,
        "customerKey": own_key(one.customer_id) if one.customer_id is not None else "",
        "previousCustomerIds": list(one.previous_ids),
        "changedFields": list(one.fields),
        "subjectId": one.subject_id,
    }


def _wanted(given: ChangeFilter) -> changes.ChangeFilter:
    if given.customer_ids is not None and len(given.customer_ids) > MAX_CUSTOMERS:
        raise BadInput("filter.customerIds", f"at most {MAX_CUSTOMERS} at once")
    return changes.ChangeFilter(
        frozenset(given.kinds) if given.kinds is not None else None,
        frozenset(given.customer_ids) if given.customer_ids is not None else None,
        given.pipeline_id,
        given.owner,
    )


async def _changes(
    reader: Reader, after: str | None = None, filter: ChangeFilter | None = None, first: int = 100
) -> dict[str, Any]:
    size, wanted = page_size(first), _wanted(filter or ChangeFilter())
    number = int(place_of(after, is_place)) if after is not None else None
    if number is not None and number > await log.end(reader.graph):
        raise BadInput("after", "the log does not go so far; is the cursor of another graph?")
    if wanted.customer_ids is not None:
        named = await log.also_known_as(reader.graph, sorted(wanted.customer_ids))
        wanted = replace(wanted, customer_ids=named)
    page = await log.page(reader.graph, number, wanted, size)
    return {
        "nodes": [_change(one) for one in page.changes],
        "endCursor": cursor(place(page.end)) if page.end else None,
        "hasNextPage": page.has_more,
    }


@strawberry.type
class ChangeQuery:
    """The log of changes."""

    changes: ChangePage = asked(_changes)
    """What happened after a cursor, oldest first; without one, from the oldest change that is kept. At most 100 at
    once."""
