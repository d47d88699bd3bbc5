"""GraphQL: the log of changes, read by polling and by subscribing."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from service.api.by_id import named_by
from service.api.fields import asked, followed, related, sought
from service.api.nodes import Node
from service.api.policy.arguments import scope_of_id
from service.changes import log
from service.changes.asking import filter_of, number_of
from service.changes.following import Following, Heartbeat
from service.changes.models import Change as Logged
from service.changes.models import ChangeFilter as Wanted
from service.changes.models import ChangeKind, place
from service.customers.api import Customer
from service.graph.client import Graph
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF
from service.reads.connections import cursor, page_size
from service.reads.fields import Event
from service.reads.ordinary import Reader, Search
from service.reads.relations import KEY

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
    bound, scope = named_by(search.source["subjectId"] or ""), scope_of_id(search.source["subjectId"])
    if bound.relation is None or scope is None or scope.value not in search.reader.caller.rights:
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
    """The deal, lead, task, ticket, note, order or touchpoint that it is about, as it is now; null for a caller
    without the scope that reading it needs."""


@strawberry.type
class ChangePage:
    """Changes behind a cursor, oldest first."""

    nodes: list[Change]
    """The changes that pass the filter."""
    end_cursor: str | None
    """Where to go on: past what the filter left out, too, so that a filtered reader never falls off the log."""
    has_next_page: bool
    """Whether the log goes on behind endCursor."""
    newest_cursor: str
    """Where the log ends now, whatever the filter. At the first start and after CURSOR_EXPIRED: take it, then read
    all that you need, and go on from here. So nothing falls between."""


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


async def _wanted(graph: Graph, given: ChangeFilter | None) -> Wanted:
    return await filter_of(graph, **vars(given)) if given else Wanted()


async def _changes(
    reader: Reader, after: str | None = None, filter: ChangeFilter | None = None, first: int = 100
) -> dict[str, Any]:
    size = page_size(first)
    wanted = await _wanted(reader.graph, filter)
    number = await number_of(reader.graph, after) if after is not None else None
    page = await log.page(reader.graph, number, wanted, size)
    return {
        "nodes": [_change(one) for one in page.changes],
        "endCursor": cursor(place(page.end)) if page.end else None,
        "hasNextPage": page.has_more,
        "newestCursor": cursor(place(page.newest)),
    }


async def _followed(reader: Reader, after: str | None = None, filter: ChangeFilter | None = None) -> _Changes:
    graph = reader.graph
    wanted = await _wanted(graph, filter)
    number = await (number_of(graph, after) if after is not None else log.end(graph))
    end = await log.check(graph, number)
    meant = (filter and filter.customer_ids) or ()
    return _Changes(Following(graph, reader.services.feed, number, wanted, meant, end=end))


class _Changes:
    """Changes as the events of a subscription: a `service.reads.fields.Stream`."""

    def __init__(self, following: Following) -> None:
        self._following = following

    @property
    def place(self) -> int:
        """The number of the last change that came, or was left out."""
        return self._following.place

    @property
    def subject(self) -> Hashable:
        """What is followed."""
        return self._following.subject

    @property
    def is_caught_up(self) -> bool:
        """Whether nothing is known to be behind its place."""
        return self._following.is_caught_up

    def again(self) -> _Changes:
        """Another one, from where this was before its latest events."""
        return _Changes(self._following.again())

    def __aiter__(self) -> _Changes:
        """Itself."""
        return self

    async def __anext__(self) -> Sequence[Event]:
        """The next changes, perhaps none, or a heartbeat."""
        some = await self._following.step()
        return [_beat(some)] if isinstance(some, Heartbeat) else [_event(one) for one in some]


def _event(one: Logged) -> Event:
    number = int(one.place)
    return Event(one.place, number - 1, number, partial(_change, one))


def _beat(one: Heartbeat) -> Event:
    now = time.time_ns() // 1_000_000
    where, kind = place(one.number), ChangeKind.HEARTBEAT.value
    change = Logged(where, kind, now, None, (), (), None, None, ())
    return Event(f"{where} {kind}", one.number, one.number, partial(_change, change))


@strawberry.type
class ChangeSubscription:
    """The log of changes, as it grows."""

    changes: Change = followed(_followed)
    """Changes as they are committed; with after, first everything since that cursor, without one from now on. At
    least once, in the order of commits; a HEARTBEAT every 30 seconds has a cursor past what the filter left out.
    Ends with the error code CURSOR_EXPIRED rather than leave any out."""


@strawberry.type
class ChangeQuery:
    """The log of changes."""

    changes: ChangePage = asked(_changes)
    """What happened after a cursor, oldest first; without one, from the oldest change that is kept. At most 100 at
    once."""
