"""An endpoint of webhooks on loopback: it answers as it is told, and remembers what it got."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from standardwebhooks import Webhook

Respond = Callable[["Got"], Awaitable[bytes]]
"""From what came to a whole HTTP answer; empty: the connection is closed without one."""


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; underscores in names of headers are dashes."""
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = orjson.loads(self.body)["data"]
        return data

    def verified(self, secret: str) -> Any:
        """The body, by the library that receivers use."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass(slots=True)
class Receiver:
    """What came, and how it is answered."""

    port: int = 0
    respond: Respond | None = None
    got: list[Got] = field(default_factory=list)
    taken: list[Got] = field(default_factory=list)
    """Those that were answered by a 2xx."""
    connections: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in?key=1"

    async def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Waits until something is true of what came."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 -- conditions are about anything
                await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of a connection, one after the other."""
        self.connections += 1
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
                one = Got(line, headers, await reader.readexactly(int(headers["content-length"])))
                self.got.append(one)
                said = await self.respond(one) if self.respond else answer(204)
                if not said:
                    return
                if said.startswith(b"HTTP/1.1 2"):
                    self.taken.append(one)
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def cut(self) -> None:
        """Closes all connections."""
        for writer in list(self._writers):
            writer.close()


@asynccontextmanager
async def receiving(respond: Respond | None = None) -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(respond=respond)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        receiver.cut()
