"""What is read of webhooks, and writing them beside the log's lock."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from service.errors import Conflict, Unavailable
from service.graph.client import Graph, Transaction
from service.reads.relations import Relation
from service.webhooks.models import Standing, WebhookState

ALL_WEBHOOKS: Final = Relation("webhooks/all", end="w", type="Webhook")
WEBHOOK_BY_ID: Final = Relation("webhooks/by_id", end="w", type="Webhook")

_ATTEMPTS: Final = 8
_PAUSE_SECONDS: Final = 0.02

T = TypeVar("T")


def now_millis() -> int:
    """The time, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


async def insist(graph: Graph, write: Callable[[Transaction], Awaitable[T]]) -> T:
    """What a transaction comes to; tried again where it met another one."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with graph.transaction() as transaction:
                return await write(transaction)
        except Conflict:
            if attempt == _ATTEMPTS:
                raise Unavailable from None
            await asyncio.sleep(_PAUSE_SECONDS * attempt * random.uniform(0.5, 1.5))
    raise AssertionError("unreachable")


async def held(graph: Graph, webhook_ids: Sequence[str]) -> list[Standing]:
    """Webhooks as who delivers needs them."""
    rows = await graph.rows("webhooks/held", ids=list(webhook_ids))
    return [
        Standing(webhook_id, url, secret, wanted, WebhookState(state), at, failures, error, since, revision, epoch)
        for webhook_id, url, secret, wanted, state, at, failures, error, since, revision, epoch in rows
    ]
