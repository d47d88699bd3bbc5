"""How long the log of changes is kept: by age, and by how many there are.

The oldest changes are deleted first, so what is left has no gap: a reader behind its beginning finds changes
missing and is told so. Where the log begins stands in the graph, in the transaction that deletes: nobody has to
look for it among what was deleted. All of it is off the committer's lock, some hundred changes at once with pauses
between, so a writer does not feel it. Each process does it; who comes second finds it done.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import Final
from uuid import uuid4

from service.changes import log as changes
from service.changes.models import place
from service.errors import Conflict, ServiceError
from service.graph.client import Graph

SLICE: Final = 500
"""Changes that a transaction deletes."""
LOOK_SECONDS: Final = 60.0
"""After which it is looked again for what is too old or too much."""
_SHARE: Final = 0.2
"""Of the time, while there is much to delete: the rest is for those who write and read."""
_DAY_MILLIS: Final = 86_400_000

log = logging.getLogger(__name__)


class Retention:
    """Deletes what need not be kept. `run` does so until it is cancelled."""

    def __init__(self, graph: Graph, *, days: float, most: int) -> None:
        self._graph = graph
        self._kept_millis = round(days * _DAY_MILLIS)
        self._most = most
        self._ahead = _now() - _passed()

    async def run(self) -> None:
        """Deletes what is too old or too much, and looks again now and then."""
        more = False
        while True:
            if not more:
                # Several processes that were started together do not all look at once.
                await asyncio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.0))
            more, begun = False, time.monotonic()
            try:
                more = await self.step() > 0
            except Conflict:
                log.debug("another process deletes old changes")
            except ServiceError as error:
                log.warning("deleting old changes goes on later: %s", error.code)
            except Exception:
                log.exception("deleting old changes goes on later")
            await asyncio.sleep((time.monotonic() - begun) * (1 - _SHARE) / _SHARE)

    async def step(self) -> int:
        """Deletes some of the oldest changes; how many, and 0 when all that is left is to be kept.

        Raises:
            Conflict: somebody else deletes at the moment.
        """
        end = await changes.end(self._graph)
        begin = await changes.begin(self._graph)
        upto = await self._needless(begin, end)
        if upto == begin:
            return 0
        async with self._graph.transaction() as transaction:
            ((now,),) = await transaction.rows("changes/begin_lock", token=uuid4().hex)
            if now != begin:
                # Another process deleted them meanwhile.
                raise Conflict
            await transaction.write("changes/remove", after=place(begin), upto=place(upto))
            await transaction.write("changes/set_begin", number=upto)
        return upto - begin

    async def _needless(self, begin: int, end: int) -> int:
        """Up to which number changes can go now: at most a slice of them."""
        upto = min(begin + SLICE, end)
        too_many = min(end - self._most, upto)
        if too_many == upto:
            return upto
        # A time of day that is set forward makes nothing old: as much time has to pass here.
        before = min(_now(), self._ahead + _passed()) - self._kept_millis
        old = await self._graph.rows("changes/older", after=place(begin), upto=place(upto), before=before)
        # The graph's clock never goes back: the old ones are the first ones.
        return max(begin, too_many, *(int(where) for (where,) in old))


def _now() -> int:
    return time.time_ns() // 1_000_000


def _passed() -> int:
    """Milliseconds of a clock that nobody sets."""
    return time.monotonic_ns() // 1_000_000
