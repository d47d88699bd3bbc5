"""Small writes beside the log's lock: a transaction that is tried again where it met another one."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from service.errors import Conflict, Unavailable
from service.graph.client import Graph, Transaction

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
