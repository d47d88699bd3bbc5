"""Following the log: what this process knows of its end, and the newest changes, for all who wait for more.

Nobody has a queue. Who follows the log has a place in it, and asks for what is behind that place: it is served
from the newest changes, which are kept here once for all, or from the graph where it is further back. So one that
is slow costs no memory and holds up nobody, and one that falls off the log's end is told so by the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from service.changes import log as changes
from service.changes.models import Change
from service.errors import CursorExpired, ServiceError, Unavailable
from service.graph.client import Graph

KEPT: Final = 10_000
"""The newest changes that are kept for those who keep up, up to twice as many for a while: 7 to 14 MB."""
LOOK_SECONDS: Final = 0.1
"""After which it is looked whether another process wrote; what this one writes is seen at once."""
_FAILED_SECONDS: Final = 0.5
_READ_SECONDS: Final = 10.0
"""For a read, after which its connection is given up: one to a graph that is gone without a word never answers."""
_AT_ONCE: Final = 4
"""Who catches up reads the graph in turn with others: not all who come back after a cut at the same time."""

log = logging.getLogger(__name__)


class Feed:
    """The end of the log, as this process knows it: `run` follows it while somebody waits."""

    def __init__(self, graph: Graph, *, kept: int = KEPT) -> None:
        self._graph = graph
        self._kept = kept
        self._end = -1
        self._newest: list[Change] = []
        """The last ones up to the end, without a gap."""
        self._news = asyncio.Event()
        self._wake = asyncio.Event()
        self._catching_up = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    @property
    def end(self) -> int:
        """The number of the last change that this process knows of; below 0 as long as nobody has waited."""
        return self._end

    def wake(self) -> None:
        """Says that this process wrote, or that somebody waits: it is looked at once."""
        self._wake.set()

    @property
    def is_followed(self) -> bool:
        """Whether somebody waits for more; else its end is not looked for."""
        return self._waiting > 0

    async def run(self) -> None:
        """Follows the end of the log."""
        while True:
            pause: float | None = None
            if self._waiting:
                pause = await self._looked()
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def _looked(self) -> float:
        """Looks for the end; how long to wait for the next look, if nothing wakes it."""
        try:
            async with asyncio.timeout(_READ_SECONDS):
                await self._look()
        except TimeoutError:
            log.warning("the log's end is looked for again: no answer")
            return 0.0
        except ServiceError as error:
            log.info("the log's end is looked for again: %s", error.code)
            return _FAILED_SECONDS
        except Exception:
            log.exception("the log's end is looked for again")
            return _FAILED_SECONDS
        return LOOK_SECONDS

    async def _look(self) -> None:
        end = await changes.end(self._graph)
        if end == self._end:
            return
        newer = await self._newer(end) if self._end >= 0 and 0 < end - self._end <= self._kept else None
        if newer is None:
            # Too much came since the last look: who is further back than the end reads the graph.
            self._newest.clear()
        else:
            # In place: it is done after every commit, and there are many.
            self._newest += newer
        if len(self._newest) > 2 * self._kept:
            del self._newest[: -self._kept]
        self._end = end
        self._news.set()
        self._news = asyncio.Event()

    async def _newer(self, end: int) -> list[Change] | None:
        """The changes since the last look; None where they are not in the log any more."""
        found: list[Change] = []
        try:
            for start in range(self._end, end, changes.SLICE):
                found += await changes.between(self._graph, start, min(start + changes.SLICE, end))
        except CursorExpired:
            return None
        return found

    async def beyond(self, number: int) -> int:
        """Waits until there is a change behind one; the number of the last one then."""
        self._waiting += 1
        if self._waiting == 1:
            self._wake.set()
        try:
            while self._end <= number:
                await self._news.wait()
            return self._end
        finally:
            self._waiting -= 1

    async def behind(self, number: int) -> Sequence[Change]:
        """The next changes behind one, `log.SLICE` at most, oldest first; waits until there are some.

        Raises:
            CursorExpired: the change behind it is not in the log any more.
            Unavailable: the graph does not answer.
        """
        end = await self.beyond(number)
        first = end - len(self._newest)
        if number >= first:
            return self._newest[number - first : number - first + changes.SLICE]
        async with self._catching_up:
            try:
                async with asyncio.timeout(_READ_SECONDS):
                    return await changes.between(self._graph, number, min(number + changes.SLICE, end))
            except TimeoutError:
                raise Unavailable from None
