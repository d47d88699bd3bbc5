"""The embedded engine for as long as a service runs: one that ends is started again, on the same folder.

What was acknowledged is on the disk, so an engine that was killed comes back with it. Until then reads fail at
once, and writes wait for it as long as they wait for anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from service.errors import ServiceError
from service.graph.client import Graph, Watcher
from service.graph.embedded import DATABASE, USER, Address, EmbeddedEngine
from service.graph.migrations import migrate

_LOOK_SECONDS: Final = 0.1
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
"""Between two starts of an engine that will not start, or that ends again and again."""
_STABLE_SECONDS: Final = 60.0
"""One that ran for so long did not end for the reason for which it ended before."""
_ENDED: Final = "The embedded engine ended and is being started again."
_FAILS: Final = "The embedded engine does not start: see engine.log in the data folder. It is tried again."

log = logging.getLogger(__name__)


@asynccontextmanager
async def supervised(
    engine: EmbeddedEngine, *, pool_size: int, acquire_seconds: float, watcher: Watcher
) -> AsyncIterator[Graph]:
    """The migrated graph of an engine that is started here, kept running, and stopped at the end.

    Raises:
        EngineFailed: it does not start at all.
    """
    address = await by_thread(engine, engine.start)
    try:
        graph = Graph(
            address.uri,
            user=USER,
            password=address.password,
            database=DATABASE,
            embedded=True,
            pool_size=pool_size,
            acquire_seconds=acquire_seconds,
            watcher=watcher,
        )
        try:
            await migrate(graph)
            keeping = asyncio.create_task(_keep(engine, graph, address.uri), name="engine")
            try:
                yield graph
            finally:
                keeping.cancel()
                await asyncio.wait([keeping])
        finally:
            await graph.close()
    finally:
        await asyncio.to_thread(engine.stop)


async def _keep(engine: EmbeddedEngine, graph: Graph, uri: str) -> None:
    """Starts the engine again whenever it ends."""
    loop = asyncio.get_running_loop()
    pause = _FIRST_PAUSE
    while True:
        since = loop.time()
        while (code := engine.exit_code) is None:  # noqa: ASYNC110 -- another loop's child has no event
            await asyncio.sleep(_LOOK_SECONDS)
        graph.trouble = _ENDED
        if loop.time() - since > _STABLE_SECONDS:
            pause = _FIRST_PAUSE
        log.error("the embedded engine ended (exit code %d) and is started again", code)
        while True:
            try:
                address = await by_thread(engine, engine.start_again)
                break
            except ServiceError as error:
                graph.trouble = _FAILS
                # Not its message, which has the end of the engine's own log: nobody knows what is in there.
                log.error(
                    "%s: see engine.log in the data folder. Next try in %.1f s.", type(error).__name__, pause
                )
            except OSError as error:
                graph.trouble = _FAILS
                log.error("the embedded engine cannot be started: %s. Next try in %.1f s.", error.strerror, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        if address.uri != uri:
            uri = address.uri
            await graph.move_to(uri)
        graph.trouble = None
        log.warning("the embedded engine runs again")


async def by_thread(engine: EmbeddedEngine, start: Callable[[], Address]) -> Address:
    """Starts the engine; who is cancelled meanwhile ends the start, so that no engine is left behind."""
    starting = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        engine.abandon()
        with suppress(ServiceError, OSError):
            await starting
        await asyncio.to_thread(engine.stop)
        raise
