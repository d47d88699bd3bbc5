"""The valid API keys as a process knows them: all of them, so that a request costs no read, nor does a wrong key.

The graph counts the changes of keys; that number is read every two seconds while keys are in use, and the keys
anew when it has grown. A key that is not known may be new: then the number is read at once, for all together that
wait for it, a few times a second at most. What was looked at longer ago than `_TRUSTED_SECONDS` is not believed.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from service.access import keys, repository
from service.access.keys import Key
from service.access.models import Caller
from service.errors import Unauthenticated
from service.graph.client import Graph

_TRUSTED_SECONDS: Final = 4.0
_LEAST_SECONDS: Final = 0.25
"""Between two looks at the graph."""


class Keyring:
    """The keys that are valid."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._keys: dict[str, Key] = {}
        self._revision = -1
        self._looked_at = float("-inf")
        """When the last look began that succeeded."""
        self._began = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self.used_at = float("-inf")
        """When somebody came with a key, last."""

    async def caller(self, text: str) -> Caller:
        """Whose key this is.

        Raises:
            Unauthenticated: there is no such key, or not any more.
            Unavailable: that cannot be found out.
        """
        found = keys.read(text)
        if found is None:
            raise Unauthenticated
        key_id, secret = found
        now = self.used_at = time.monotonic()
        if now - self._looked_at > _TRUSTED_SECONDS or key_id not in self._keys:
            await self.look_since(now)
        key = self._keys.get(key_id)
        if key is None or not key.is_opened_by(secret) or is_over(key.caller):
            raise Unauthenticated
        return key.caller

    def knows(self, key_id: str) -> bool:
        """Whether a key was valid when it was last looked at."""
        return key_id in self._keys

    async def look_since(self, asked: float) -> None:
        """Looks at the graph, unless somebody did since a time of the monotonic clock; raises Unavailable."""
        while self._looked_at < asked:
            # One that has ended is over at once, not when its callbacks are called: waiting for it would not wait.
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
                self._looking.add_done_callback(_looked)
            # Shared by all who wait: none of them may end it.
            await asyncio.shield(self._looking)

    async def _look(self) -> None:
        await asyncio.sleep(self._began + _LEAST_SECONDS - time.monotonic())
        began = self._began = time.monotonic()
        revision = await repository.revision(self._graph)
        if revision != self._revision:
            # The number comes first: what changes after it is seen by its growing again.
            self._keys = await repository.valid(self._graph)
            self._revision = revision
        self._looked_at = began


def _looked(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # Whoever waits has it; nobody may.


def is_over(caller: Caller) -> bool:
    """Whether a caller's key or token has ended."""
    return caller.ends_at is not None and caller.ends_at <= time.time()
