"""Delivering to one webhook: change by change, the next one only when the endpoint has the one before."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from standardwebhooks import Webhook as Signer

from service.changes.feed import Feed
from service.changes.following import Persons
from service.changes.log import also_known_as
from service.changes.models import Change
from service.errors import CursorExpired, ServiceError
from service.graph.client import Graph
from service.graph.insisting import now_millis
from service.webhooks.endpoint import Endpoint
from service.webhooks.messages import Message, message, signed
from service.webhooks.models import FilterInput, Standing, Timing, WebhookState
from service.webhooks.retrying import pause

KEEP_AFTER: Final = 100
"""Deliveries after which it is kept at once how far they came."""
_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.1
EXPIRED: Final = (
    f"{CursorExpired.code}: the log does not go back to lastCursor. Read what you need anew; then set "
    "redeliverAfter to a newer cursor, such as endCursor of changes, and the state to ACTIVE."
)

log = logging.getLogger(__name__)


class Delivery:
    """One webhook that this process holds. `run` delivers until the webhook is not ACTIVE, or it is cancelled."""

    def __init__(
        self,
        standing: Standing,
        endpoint: Endpoint,
        graph: Graph,
        feed: Feed,
        timing: Timing,
        *,
        renewed: float,
        news: Callable[[], None],
    ) -> None:
        """`renewed`: when it was taken, by the monotonic clock; `news` is called when something is to be kept."""
        self.standing = standing
        self.renewed = renewed
        self.unkept = 0
        """Deliveries and failures since the last time that they were kept."""
        self._endpoint = endpoint
        self._graph = graph
        self._feed = feed
        self._timing = timing
        self._news = news
        self._signer = Signer(standing.secret)
        self._filter = FilterInput.model_validate(orjson.loads(standing.filter or "{}"))

    async def run(self) -> None:
        """Delivers what is behind the place in the log."""
        try:
            while self.standing.state is WebhookState.ACTIVE:
                try:
                    await self._follow(await self._persons())
                except CursorExpired:
                    self._end(WebhookState.FAILING, EXPIRED)
                except ServiceError as error:
                    log.info("webhook %s goes on later: %s", self.standing.id, error.code)
                    await asyncio.sleep(_AGAIN_SECONDS)
                except Exception:
                    log.exception("webhook %s goes on later", self.standing.id)
                    await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            await self._endpoint.close()

    async def _persons(self) -> Persons:
        """The filter, by all ids that its customers have now."""
        meant = self._filter.customer_ids
        names = await also_known_as(self._graph, meant) if meant else None
        return Persons(self._graph, self._filter.wanted(names), meant or ())

    async def _follow(self, persons: Persons) -> None:
        """Delivers what the log has and the filter lets through, while the webhook is ACTIVE."""
        while True:
            for change in await self._feed.behind(self.standing.at):
                for one in await persons.passed([change]):
                    await self._deliver(one)
                    if self.standing.state is not WebhookState.ACTIVE:
                        return
                self.standing.at = int(change.place)
            # What is kept in memory is read without waiting for anything: let others have their turn.
            await asyncio.sleep(0)

    async def _deliver(self, change: Change) -> None:
        """Tries until the endpoint has a change, or the webhook is not ACTIVE any more."""
        one = message(self.standing.id, change)
        while self.standing.state is WebhookState.ACTIVE:
            wait = await self._try(one)
            if wait is None:
                return
            await asyncio.sleep(wait)

    async def _try(self, one: Message) -> float | None:
        """One try; how many seconds to wait for the next one, None where there is none."""
        await self._while_held()
        now = datetime.now(UTC)
        answer = await self._endpoint.post(signed(one, self._signer, now), one.body)
        standing = self.standing
        if answer.is_taken:
            standing.failures, standing.last_error, standing.failing_since = 0, None, None
            self._note()
            return None
        standing.failures += 1
        standing.last_error = answer.reason
        standing.failing_since = standing.failing_since or now_millis()
        if answer.is_gone:
            self._end(WebhookState.PAUSED, answer.reason)
            return None
        if now_millis() - standing.failing_since >= self._timing.give_up * 1000:
            self._end(WebhookState.FAILING, answer.reason)
            return None
        self._note()
        return pause(answer, standing.failures, self._timing, datetime.now(UTC))

    async def _while_held(self) -> None:
        """Waits until it is sure that no other process delivers this."""
        while time.monotonic() - self.renewed >= self._timing.hold:  # noqa: ASYNC110 -- the lease has no event
            await asyncio.sleep(_LOOK_SECONDS)

    def _end(self, state: WebhookState, why: str) -> None:
        log.warning("webhook %s is %s", self.standing.id, state.value)
        self.standing.state, self.standing.last_error = state, why
        self.unkept += 1
        self._news()

    def _note(self) -> None:
        self.unkept += 1
        if self.unkept >= KEEP_AFTER:
            self._news()

    def row(self) -> dict[str, Any]:
        """What is to be kept."""
        return self.standing.row()
