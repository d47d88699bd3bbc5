"""The server around the application: it listens, and ends in order."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import uvicorn

from service.access.authenticator import authenticating
from service.app import create_app, documents_of, open_services
from service.connections import Connection, SocketConnection
from service.observing.watch import watch_of
from service.opening import open_graph
from service.settings import Settings
from service.webhooks.models import Timing

_PONG_SECONDS: Final = 60.0


@asynccontextmanager
async def serving(settings: Settings, listener: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    """The service, listening on a socket; the task ends when a signal tells it to stop."""
    documents = documents_of(settings)
    watch = watch_of(settings, documents.trusted_names)
    async with (
        open_graph(settings, watch.statement) as graph,
        open_services(settings, graph, delivering=Timing(), watch=watch) as services,
        authenticating(settings, graph, services.keys.changed) as authenticator,
    ):
        application, close_streams = create_app(settings, graph, services, watch, authenticator, documents)
        config = uvicorn.Config(
            application,
            lifespan="off",
            http=Connection,
            log_config=None,  # What it logs goes where all else does: see `service.observing.logs`.
            access_log=False,
            server_header=False,
            # Longer than clients and balancers keep an idle connection, so that they are the ones to close it.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=math.ceil(settings.shutdown_timeout_seconds),
            ws=SocketConnection,
            ws_max_size=settings.max_body_bytes,
            # Events are short, and packing them costs more than all else of telling somebody.
            ws_per_message_deflate=False,
            # Who reads slowly answers late, behind what waits for them; who is dead is found out all the same.
            ws_ping_timeout=_PONG_SECONDS,
        )
        server = _Server(config, close_streams)
        for number in (signal.SIGINT, signal.SIGTERM):
            # The server raises a signal again once it has stopped. What is left then must not be interrupted:
            # committing what waits, and ending the engine.
            signal.signal(number, _let_pass)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started and not task.done():  # noqa: ASYNC110 -- uvicorn has no event for it
                await asyncio.sleep(0.01)
            yield task
        finally:
            server.should_exit = True
            await task
            await asyncio.to_thread(watch.close)


class _Server(uvicorn.Server):
    """The server; what is streamed ends when it ends, instead of being waited for."""

    def __init__(self, config: uvicorn.Config, close_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._close_streams = close_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends: sockets are closed with 1012, service restart, and streams without a last event."""
        self._close_streams()
        await super().shutdown(sockets)


def _let_pass(_number: int, _frame: object) -> None:
    """A signal that has been heard already."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises OSError where the port is taken."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def url(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
