"""The server's connections, where its own do not do.

Of HTTP: a request's head must come in time, and be no longer than heads are; the server's own protocol waits for a
head without end, and keeps what there is of it. Of WebSocket: what is told to many is written without a turn
through the application's and the server's coroutines, which take as long as the writing itself.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

HEAD_SECONDS: float = 10.0
"""From when a connection is made, or a request on it begins, to the end of the request's head."""
MOST_HEAD_BYTES: Final = 64 * 1024
SOCKET: Final = "customer_graph.socket"
"""The ASGI extension of a WebSocket: `write` and `abort` of `SocketConnection`."""
MOST_PINGS: Final = 100
"""That may come in `PING_SECONDS`: clients send one in ten seconds or so."""
PING_SECONDS: Final = 10.0
_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


class Connection(HttpToolsProtocol):
    """A connection that is closed when a request's head does not get on."""

    _waiting: asyncio.TimerHandle | None = None
    _bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """From now on a head is waited for."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More of a request."""
        super().data_received(data)
        if self._waiting is not None:
            self._bytes += len(data)
            if self._bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LONG)
                self.transport.close()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """The end of a request's head."""
        self._stop()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._bytes = 0
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        self.transport.close()


class SocketConnection(WebSocketsSansIOProtocol):
    """A WebSocket to which can be written without waiting, and whose pings are bounded."""

    _pings = 0
    _pings_since = 0.0

    def handle_connect(self, event: Request) -> None:
        """Tells the application of `write` and `abort`."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][SOCKET] = {"write": self.write, "abort": self.transport.abort}

    def handle_ping(self) -> None:
        """Answers a ping, unless the answers before are not read: they would heap up. Too many end it."""
        now = self.loop.time()
        if now - self._pings_since > PING_SECONDS:
            self._pings, self._pings_since = 0, now
        self._pings += 1
        if self._pings > MOST_PINGS:
            self.transport.abort()
        elif self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def write(self, text: bytes) -> bool:
        """Writes a message of UTF-8 if the connection takes it now; False: nothing is written, use `send`."""
        if (
            not self.writable.is_set()
            or self.disconnected
            or self.close_sent
            or not self.handshake_complete
            or self.conn.state is not State.OPEN
        ):
            return False
        self.transport.write(Frame(Opcode.TEXT, text).serialize(mask=False))
        return True
