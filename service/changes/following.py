"""Following the log by a filter, from a place on: what was missed first, then what comes, and heartbeats."""

from __future__ import annotations

import time
from asyncio import timeout
from collections.abc import Hashable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from service.changes.feed import Feed
from service.changes.log import also_known_as
from service.changes.models import Change, ChangeFilter, ChangeKind
from service.graph.client import Graph

BEAT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Says that there is still somebody there, and where the reader is: past what the filter left out."""

    number: int


class Following:
    """The changes behind one that pass a filter, some at a time, without an end; a heartbeat now and then.

    An async iterator. Those who follow the same have their heartbeats at the same time, wherever they are.
    """

    def __init__(
        self,
        graph: Graph,
        feed: Feed,
        after: int,
        wanted: ChangeFilter,
        meant: Sequence[str] = (),
        *,
        end: int = 0,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        """Begins behind a change.

        Args:
            graph: where the log is.
            feed: follows its end.
            after: the number of the change.
            wanted: the filter.
            meant: ids of the customers that it is about, who are followed through merges and splits.
            end: how far the log is known to go.
            beat_seconds: how often a heartbeat comes.
        """
        self._feed = feed
        self._meant = tuple(meant)
        self._known = end
        self._now = self._before = _State(after, Persons(graph, wanted, self._meant))
        self._beat_seconds = beat_seconds
        self._phase = hash((wanted, self._meant)) % 1000 / 1000 * beat_seconds
        self._beat = self._next_beat()

    @property
    def place(self) -> int:
        """The number of the last change that came, or was left out."""
        return self._now.at

    @property
    def subject(self) -> Hashable:
        """What is followed: with the same from the same place on, the same comes."""
        return self._now.persons.wanted, self._meant

    @property
    def is_caught_up(self) -> bool:
        """Whether nothing is known to be behind its place."""
        return self.place >= max(self._known, self._feed.end)

    def again(self) -> Following:
        """Another one, from where this was before what came last."""
        other = copy(self)
        other._now = other._before
        return other

    def __aiter__(self) -> Following:
        """Itself."""
        return self

    async def __anext__(self) -> Sequence[Change] | Heartbeat:
        """What comes next; raises as `step` does."""
        while not (some := await self.step()):
            pass
        return some

    async def step(self) -> Sequence[Change] | Heartbeat:
        """Waits until the log goes on; what passes of the next changes, perhaps nothing, or a heartbeat.

        Raises:
            CursorExpired: the reader is behind the log's beginning.
            Unavailable: the graph does not answer.
        """
        try:
            async with timeout(max(self._beat - time.monotonic(), 0)):
                await self._feed.beyond(self.place)
            is_due = time.monotonic() >= self._beat
        except TimeoutError:
            is_due = True
        if is_due:
            self._beat, self._before = self._next_beat(), self._now
            return Heartbeat(self.place)
        changes = await self._feed.behind(self.place)
        persons = copy(self._now.persons)
        passed = await persons.passed(changes)
        self._before, self._now = self._now, _State(int(changes[-1].place), persons)
        return passed

    def _next_beat(self) -> float:
        since = (time.monotonic() - self._phase) % self._beat_seconds
        return time.monotonic() + self._beat_seconds - since


class _State(NamedTuple):
    """Where a reader is, and whom it follows there."""

    at: int
    persons: Persons


class Persons:
    """A filter whose customers are followed."""

    def __init__(self, graph: Graph, wanted: ChangeFilter, meant: Sequence[str]) -> None:
        self._graph = graph
        self._meant = meant
        self.wanted = wanted
        """By all ids that the customers have where the reader is."""

    async def passed(self, changes: Sequence[Change]) -> list[Change]:
        """Those of some changes that pass."""
        if not self._meant:
            return [one for one in changes if self.wanted.passes(one)]
        found = []
        for one in changes:
            before = self.wanted
            if one.previous_ids and before.customer_ids and replace(before, kinds=None).passes(one):
                names = await self._after(one, before.customer_ids)
                self.wanted = replace(before, customer_ids=names)
            if before.passes(one) or self.wanted.passes(one):
                found.append(one)
        return found

    async def _after(self, change: Change, names: frozenset[str]) -> frozenset[str]:
        """All ids of the filter's customers after a merge or a split."""
        if change.kind == ChangeKind.CUSTOMERS_MERGED.value and change.customer_id is not None:
            # Not looked up: by now they may be apart again, and what was told between would be left out.
            return names | {change.customer_id}
        return await also_known_as(self._graph, self._meant)
