"""Which process delivers to which webhook: each is leased by one, and taken over when that one is not heard of.

A lease is a token of its holder and a beat that grows when it is renewed. No clock of another machine is trusted:
whoever would take a webhook over must have seen the same beat for as long as a lease lasts, by its own clock; and
a holder that could not renew for a shorter time delivers nothing. All is decided by the graph, in statements that
change a webhook only if it is as it was seen, or still held.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from service.errors import ServiceError
from service.graph.client import Graph
from service.graph.insisting import insist, now_millis
from service.webhooks.delivery import Delivery
from service.webhooks.models import Standing, Timing, WebhookState
from service.webhooks.repository import held

_PAUSE_SECONDS: Final = 0.05
_AT_ONCE: Final = 100
"""Webhooks that are taken at a time, so that several processes come to share them."""
_STOP_SECONDS: Final = 1.0

log = logging.getLogger(__name__)

Deliver = Callable[[Standing, float, Callable[[], None]], Delivery]
"""From a webhook, when it was taken, and whom to tell of news, to its delivery."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A webhook as it was looked at."""

    id: str
    state: str
    revision: int
    owner: str
    beat: int


class Leases:
    """What this process holds. `run` takes, renews, keeps and gives back, until it is cancelled."""

    def __init__(self, graph: Graph, deliver: Deliver, timing: Timing) -> None:
        self.token = secrets.token_hex(8)
        """Of this process."""
        self._graph = graph
        self._deliver = deliver
        self._timing = timing
        self._news = asyncio.Event()
        self._held: dict[str, tuple[Delivery, asyncio.Task[None]]] = {}
        self._beats: dict[str, tuple[str, int, float]] = {}
        """Of others' leases: owner and beat, and since when they are the same by the monotonic clock."""
        self._unfit: set[str] = set()
        """What this process cannot deliver to."""
        self._renewed = 0.0

    def look(self) -> None:
        """Says that webhooks are others than they were: it is looked at soon."""
        self._news.set()

    async def run(self) -> None:
        """Holds what is to be held."""
        try:
            while True:
                self._news.clear()
                try:
                    await self._keep()
                    await self._look()
                except ServiceError as error:
                    log.warning("webhooks are looked at later: %s", error.code)
                except Exception:
                    log.exception("webhooks are looked at later")
                await asyncio.sleep(_PAUSE_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._timing.look):
                        await self._news.wait()
        finally:
            await self._end()

    async def _keep(self) -> None:
        """Keeps how far deliveries came, and renews all leases when it is time."""
        start = time.monotonic()
        is_due = start - self._renewed >= self._timing.renew
        some = [one for one, _ in self._held.values() if is_due or one.unkept]
        if some:
            kept = await self._kept(some)
            for one in some:
                if one.standing.id in kept:
                    one.renewed = start
                else:
                    # Taken over by another process, or removed.
                    await self._stop(one.standing.id)
        if is_due:
            self._renewed = start

    async def _kept(self, some: Sequence[Delivery]) -> set[str]:
        """Keeps how far deliveries came; the ids of those that are still held."""
        counts = [(one, one.unkept) for one in some]
        rows = [one.row() for one in some]
        kept = await insist(
            self._graph,
            lambda transaction: transaction.rows("webhooks/keep", owner=self.token, now=now_millis(), rows=rows),
        )
        for one, many in counts:
            one.unkept -= many
        return {webhook_id for (webhook_id,) in kept}

    async def _look(self) -> None:
        """Looks at all webhooks, and takes and gives back what is to be."""
        start = time.monotonic()
        rows = [_Seen(*row) for row in await self._graph.rows("webhooks/standing")]
        there = {one.id: one for one in rows}
        left = [one for one in self._held if one not in there or there[one].owner != self.token]
        for webhook_id in left:
            await self._stop(webhook_id)
        mine = [there[one] for one in self._held]
        await self._begin_again([one for one in mine if self._is_changed(one) and one.state == _ACTIVE])
        await self._release([one.id for one in mine if one.state != _ACTIVE])
        free = [
            one for one in rows if one.id not in self._held and one.state == _ACTIVE and self._is_free(one, start)
        ]
        self._beats = {one: seen for one, seen in self._beats.items() if one in there}
        if free:
            await self._take(free[:_AT_ONCE])

    def _is_changed(self, one: _Seen) -> bool:
        """Whether what this process delivers is of an older revision."""
        return self._held[one.id][0].standing.revision != one.revision

    def _is_free(self, one: _Seen, now: float) -> bool:
        """Whether nobody holds a webhook, as far as can be told from here. One's own token is of a lost answer."""
        if one.id in self._unfit:
            return False
        if one.owner in ("", self.token):
            return True
        owner, beat, since = self._beats.get(one.id, ("", -1, now))
        if (owner, beat) != (one.owner, one.beat):
            self._beats[one.id] = (one.owner, one.beat, now)
            return False
        return now - since >= self._timing.lease

    async def _take(self, free: Sequence[_Seen]) -> None:
        """Takes webhooks, those that are still as they were seen, and begins to deliver."""
        start = time.monotonic()
        rows = [{"id": one.id, "owner": one.owner, "beat": one.beat} for one in free]
        taken = await insist(
            self._graph,
            lambda transaction: transaction.rows("webhooks/take", owner=self.token, now=now_millis(), rows=rows),
        )
        await self._begin([webhook_id for (webhook_id,) in taken], start)
        if len(free) == _AT_ONCE:
            self.look()

    async def _begin(self, webhook_ids: Sequence[str], renewed: float) -> None:
        if not webhook_ids:
            return
        for standing in await held(self._graph, webhook_ids):
            if standing.state is not WebhookState.ACTIVE:
                continue
            try:
                one = self._deliver(standing, renewed, self.look)
            except Exception:
                # Written by a version that knows more than this one, say: its lease ends, and another may take it.
                log.exception("webhook %s cannot be delivered to by this process", standing.id)
                self._unfit.add(standing.id)
                continue
            self._held[standing.id] = (one, asyncio.create_task(one.run()))

    async def _begin_again(self, changed: Sequence[_Seen]) -> None:
        """Stops deliveries that users changed, keeps how far they came, and begins anew."""
        stopped = [await self._stop(one.id) for one in changed]
        if not stopped:
            return
        start = time.monotonic()
        kept = await self._kept(stopped)
        await self._begin([one.id for one in changed if one.id in kept], start)

    async def _release(self, webhook_ids: Sequence[str]) -> None:
        """Stops deliveries, keeps how far they came, and gives webhooks back."""
        stopped = [await self._stop(one) for one in webhook_ids]
        if stopped:
            await self._kept(stopped)
            await self._give_back([one.standing.id for one in stopped])

    async def _give_back(self, webhook_ids: Sequence[str]) -> None:
        ids = list(webhook_ids)
        await insist(
            self._graph,
            lambda transaction: transaction.rows("webhooks/release", owner=self.token, now=now_millis(), ids=ids),
        )

    async def _stop(self, webhook_id: str) -> Delivery:
        """Ends a delivery; what is under way is given up."""
        delivery, task = self._held.pop(webhook_id)
        await _ended([task])
        return delivery

    async def _end(self) -> None:
        """Ends all deliveries, keeps how far they came, and gives all back."""
        deliveries = [delivery for delivery, _ in self._held.values()]
        tasks = [task for _, task in self._held.values()]
        self._held.clear()
        await _ended(tasks)
        if not deliveries:
            return
        try:
            async with asyncio.timeout(self._timing.end):
                await self._kept(deliveries)
                await self._give_back([one.standing.id for one in deliveries])
        except (ServiceError, TimeoutError):
            log.warning("%d webhooks go on in another process when their lease ends", len(deliveries))


_ACTIVE: Final = WebhookState.ACTIVE.value


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_STOP_SECONDS)
