"""Telling in time: a task that is due, a ticket that has had no answer for as long as its priority allows.

What is to be told of has the moment in an index of the graph. Every process looks there now and then, and at the
moment that it knows of; what it finds due is decided under the committer's lock, where it is looked at again. So
each is told once, however many processes there are, and what became due while none ran, when one starts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, Final

from service.errors import ServiceError
from service.graph.books import Command
from service.graph.client import Graph
from service.graph.committer import Committer
from service.positions import millis_of, position
from service.tasks.commands import RemindOfTask
from service.tickets.commands import RemindOfTicket

BATCH: Final = 200
"""Reminders at once: other commands go on between."""
LOOK_SECONDS: Final = 10.0
"""How far is looked ahead; what a process wrote that has ended is told so late at most."""
_SWEEP_SECONDS: Final = 60.0
"""After which all is looked at again: what could not be told, and what others wrote to be told in the past."""
_PAUSE_SECONDS: Final = 0.02

log = logging.getLogger(__name__)


class Reminders:
    """Tells what is due. `run` does so until it is cancelled."""

    def __init__(self, graph: Graph, committer: Committer) -> None:
        self._graph = graph
        self._committer = committer
        self._nearer = asyncio.Event()
        self._next = 0
        """When it is looked again, in epoch milliseconds."""
        self._after = ""
        """Told up to here: an index keeps for a while what was removed from its beginning."""

    def expect(self, at: int | None) -> None:
        """Says that this process wrote something that is to be told of then, in epoch milliseconds."""
        if at is not None and at < self._next:
            self._nearer.set()

    async def run(self) -> None:
        """Tells what is due, sleeps until the next is, and begins anew now and then."""
        swept = -_SWEEP_SECONDS
        while True:
            if self._nearer.is_set() or time.monotonic() - swept >= _SWEEP_SECONDS:
                swept, self._after = time.monotonic(), ""
            self._nearer.clear()
            try:
                wait = await self.step()
            except ServiceError as error:
                log.warning("reminding goes on later: %s", error.code)
                wait = LOOK_SECONDS
            except Exception:
                log.exception("reminding goes on later")
                wait = LOOK_SECONDS
            try:
                async with asyncio.timeout(max(wait, _PAUSE_SECONDS)):
                    await self._nearer.wait()
            except TimeoutError:
                pass

    async def step(self) -> float:
        """Tells a batch of what is due; after how many seconds there is more to do."""
        now = _now()
        until = now + round(LOOK_SECONDS * 1000)
        # What is written from here on is not among what is read.
        self._next = until
        rows = await self._graph.rows("reminders/coming", after=self._after, before=position(until), limit=BATCH)
        # Of each sort so many at most: of both together so many are the first ones for sure.
        coming = sorted(rows, key=lambda row: row[2])[:BATCH]
        due = [row for row in coming if _moment(row) <= now]
        if due:
            await self._tell(due)
            self._after = due[-1][2]
        if len(due) < len(coming):
            self._next = min(self._next, _moment(coming[len(due)]))
        elif len(due) == BATCH:
            self._next = now
        return max(self._next - _now(), 0) / 1000

    async def _tell(self, due: Sequence[list[Any]]) -> None:
        """Lets it be decided what of this is still due. What fails is tried again at the next sweep."""
        commands = [_command(kind, record_id) for kind, record_id, _ in due]
        outcomes = await self._committer.submit_all(commands)
        failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failed:
            log.warning("%d of %d reminders come later", len(failed), len(due))


def _command(kind: str, record_id: str) -> Command:
    return RemindOfTask(record_id) if kind == "Task" else RemindOfTicket(record_id)


def _moment(row: list[Any]) -> int:
    at = millis_of(row[2])
    assert at is not None
    return at


def _now() -> int:
    return time.time_ns() // 1_000_000
