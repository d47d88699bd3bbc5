"""How much callers may ask for in a minute, by what it costs.

Each process counts for itself: with several of them, a caller may spend as much with each.
"""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from service.access.models import Caller
from service.api.errors import RATE_LIMITED
from service.api.refusing import RequestRefused

NEW_DOCUMENT: Final = 50
"""What a caller pays for a document that is not known yet: it is parsed and checked, and may be refused."""


class Rates:
    """What each caller has spent in the last minute. It is forgotten a minute after the first request of it."""

    def __init__(self, cost_per_minute: int) -> None:
        self._each = RateLimitItemPerMinute(cost_per_minute)
        self._spent = FixedWindowRateLimiter(MemoryStorage())

    async def spend(self, caller: Caller, cost: int) -> None:
        """Counts what an operation costs; raises RequestRefused where it is too much, and then counts nothing."""
        if await self._spent.test(self._each, caller.id, caller.name, cost=cost):
            await self._spent.hit(self._each, caller.id, caller.name, cost=cost)
            return
        until, left = await self._spent.get_window_stats(self._each, caller.id, caller.name)
        seconds = max(1, math.ceil(until - time.time()))
        most = self._each.amount
        if cost > most:
            message = f"The operation would cost {cost}; {most} a minute are allowed. Ask for less at once."
        else:
            message = (
                f"This would cost {cost}, and {left} of {most} a minute are left. Try again in {seconds} seconds."
            )
        extensions = {"code": RATE_LIMITED, "cost": cost, "remaining": left, "retryAfter": seconds}
        errors = [{"message": message, "extensions": extensions}]
        raise RequestRefused(errors, status=429, headers={"Retry-After": str(seconds)})

    async def left(self, caller: Caller) -> int:
        """What a caller may still spend in this minute."""
        return (await self._spent.get_window_stats(self._each, caller.id, caller.name)).remaining
