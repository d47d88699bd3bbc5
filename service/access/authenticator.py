"""Who asks: from what callers show of themselves to who they are, and when they are that no more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

from service import ids
from service.access import keys
from service.access.bearers import Bearers, bearers_of
from service.access.keyring import Keyring, is_over
from service.access.models import OPERATOR, Caller
from service.access.watches import Ended, Watches
from service.errors import BadInput, CredentialMissing, ServiceError, Unauthenticated
from service.graph.client import Graph
from service.settings import Auth, Settings

_LOOK_SECONDS: Final = 2.0
"""Between two looks at which keys are valid."""
_TURN_SECONDS: Final = 1.0
"""Between two looks at which keys and tokens have ended by the clock."""
_UNUSED_SECONDS: Final = 60.0
"""After which nobody looks, until a key is used again."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def authenticating(settings: Settings, graph: Graph, changed: asyncio.Event) -> AsyncIterator[Authenticator]:
    """What finds out who asks, as the settings say; `changed` is set when this process changed API keys."""
    bearers = bearers_of(settings)
    if settings.auth is Auth.NONE:
        if bearers is not None:
            raise BadInput("CUSTOMER_GRAPH_JWT_ISSUER", "tokens count with CUSTOMER_GRAPH_AUTH=required only")
        yield Anybody()
        return
    known = Known(Keyring(graph), bearers, changed)
    running = asyncio.create_task(known.run())
    try:
        yield known
    finally:
        running.cancel()
        await asyncio.wait((running,))


class Authenticator(Protocol):
    """Who asks."""

    async def caller(self, credential: str | None) -> Caller:
        """Whose key or token this is; raises Unauthenticated, or Unavailable where it cannot be found out."""

    def watch(self, caller: Caller, ended: Ended) -> Callable[[], None]:
        """Tells within 5 s of when a caller's key or token ends, until what comes back is called."""


class Anybody:
    """No authentication: all who ask are the operator, whatever they show."""

    async def caller(self, _credential: str | None) -> Caller:
        """The operator."""
        return OPERATOR

    def watch(self, _caller: Caller, _ended: Ended) -> Callable[[], None]:
        """The operator never ends."""
        return _nothing


class Known:
    """Only who has an API key, or a token where an issuer is set."""

    def __init__(self, keyring: Keyring, bearers: Bearers | None, changed: asyncio.Event) -> None:
        """`changed` is set when this process changed keys."""
        self._keyring = keyring
        self._bearers = bearers
        self._changed = changed
        self._watches = Watches()

    async def caller(self, credential: str | None) -> Caller:
        """Whose key or token this is."""
        if credential is None:
            raise CredentialMissing
        try:
            return await self._proved(credential)
        except Unauthenticated:
            # Neither what was shown nor why it was not enough: both help those who try.
            log.info("a caller was refused")
            raise

    async def _proved(self, credential: str) -> Caller:
        if credential.startswith(keys.PREFIX):
            return await self._keyring.caller(credential)
        if self._bearers is None:
            raise Unauthenticated
        return await self._bearers.caller(credential)

    def watch(self, caller: Caller, ended: Ended) -> Callable[[], None]:
        """Tells when a caller's key or token ends."""
        return self._watches.add(caller, ended)

    async def run(self) -> None:
        """Looks, for ever, who has ended."""
        looked = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TURN_SECONDS):
                    await self._changed.wait()
            now = time.monotonic()
            is_used = bool(self._watches) or now - self._keyring.used_at < _UNUSED_SECONDS
            if self._changed.is_set() or (is_used and now - looked >= _LOOK_SECONDS):
                self._changed.clear()
                looked = now
                await self._look(now)
            self._watches.end(self._is_over)

    async def _look(self, now: float) -> None:
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._keyring.look_since(now)
        except (ServiceError, TimeoutError):
            pass  # While the graph does not answer, it tells nothing to anybody.
        except Exception:
            # Whoever has ended by the clock is told all the same.
            log.exception("looking at the keys goes on later")

    def _is_over(self, caller: Caller) -> bool:
        return is_over(caller) or (caller.id.startswith(ids.API_KEY) and not self._keyring.knows(caller.id))


def _nothing() -> None:
    """Nobody waits."""
