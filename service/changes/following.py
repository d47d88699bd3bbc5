"""Following the log by a filter, from a place on: what was missed first, then what comes, and heartbeats."""

from __future__ import annotations

import time
from asyncio import timeout
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.changes.feed import Feed
from service.changes.log import also_known_as
from service.changes.models import Change, ChangeFilter, ChangeKind
from service.graph.client import Graph

BEAT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Says that there is still somebody there, and where the reader is: past what the filter left out."""

    number: int


async def follow(
    graph: Graph,
    feed: Feed,
    after: int,
    wanted: ChangeFilter,
    meant: Sequence[str] = (),
    *,
    beat_seconds: float = BEAT_SECONDS,
) -> AsyncIterator[Sequence[Change] | Heartbeat]:
    """The changes behind one that pass a filter, some at a time, without an end; a heartbeat now and then.

    Args:
        graph: where the log is.
        feed: follows its end.
        after: the number of the change behind which to begin.
        wanted: the filter.
        meant: ids of the customers that it is about, who are followed through merges and splits.
        beat_seconds: how often a heartbeat comes.

    Raises:
        CursorExpired: the reader is behind the log's beginning.
    """
    persons = Persons(graph, wanted, meant)
    at, beat = after, time.monotonic() + beat_seconds
    while True:
        try:
            async with timeout(max(beat - time.monotonic(), 0)):
                await feed.beyond(at)
        except TimeoutError:
            beat = time.monotonic() + beat_seconds
            yield Heartbeat(at)
            continue
        changes = await feed.behind(at)
        at = int(changes[-1].place)
        passed = await persons.passed(changes)
        if passed:
            yield passed
        if time.monotonic() >= beat:
            beat = time.monotonic() + beat_seconds
            yield Heartbeat(at)


class Persons:
    """A filter whose customers are followed."""

    def __init__(self, graph: Graph, wanted: ChangeFilter, meant: Sequence[str]) -> None:
        self._graph = graph
        self._meant = meant
        self._wanted = wanted

    async def passed(self, changes: Sequence[Change]) -> list[Change]:
        """Those of some changes that pass."""
        if not self._meant:
            return [one for one in changes if self._wanted.passes(one)]
        found = []
        for one in changes:
            before = self._wanted
            if one.previous_ids and before.customer_ids and replace(before, kinds=None).passes(one):
                names = await self._after(one, before.customer_ids)
                self._wanted = replace(before, customer_ids=names)
            if before.passes(one) or self._wanted.passes(one):
                found.append(one)
        return found

    async def _after(self, change: Change, names: frozenset[str]) -> frozenset[str]:
        """All ids of the filter's customers after a merge or a split."""
        if change.kind == ChangeKind.CUSTOMERS_MERGED.value and change.customer_id is not None:
            # Not looked up: by now they may be apart again, and what was told between would be left out.
            return names | {change.customer_id}
        return await also_known_as(self._graph, self._meant)
