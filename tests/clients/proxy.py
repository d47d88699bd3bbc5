"""A way between two that can be cut, slow, or silent."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Passes on what whoever connects and its target say to each other, on one port for as long as it is open."""

    def __init__(self) -> None:
        self._target: tuple[str, int] | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._speaks = asyncio.Event()
        self._speaks.set()
        self.delay_seconds = 0.0
        """Of all that is passed on, in each direction."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_raised: object) -> None:
        assert self._server is not None
        self._server.close()
        self.speak()
        self.cut()
        if self._passing:
            await asyncio.wait(self._passing)

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def lead_to(self, url: str | None) -> None:
        """Says where to: for those who connect from now on."""
        parts = urlsplit(url or "")
        self._target = (parts.hostname, parts.port) if parts.hostname and parts.port else None

    def cut(self) -> None:
        """Resets all connections."""
        for one in self._open:
            sock: socket.socket = one.get_extra_info("socket")
            # Reset and not closed: as when a machine on the way is gone.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.transport.abort()
        self._open.clear()

    @property
    def connections(self) -> int:
        """How many who connected are still there."""
        return len(self._open) // 2

    def fall_silent(self) -> None:
        """From now on takes connections and what is said on them, and passes nothing on."""
        self._speaks.clear()

    def speak(self) -> None:
        """Passes on again, first what was said meanwhile."""
        self._speaks.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self._target is None:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            self._open.discard(writer)
            writer.transport.abort()
            return
        self._open.add(far_writer)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        said: asyncio.Queue[bytes] = asyncio.Queue()
        telling = asyncio.create_task(self._tell(said, target))
        try:
            while some := await source.read(65_536):
                said.put_nowait(some)
            # While it is silent, whoever goes away is heard of all the same, and what they said is lost.
            if self._speaks.is_set():
                said.put_nowait(b"")
                await telling
        except OSError:
            pass
        finally:
            telling.cancel()
            await asyncio.wait([telling])
            self._open.discard(target)
            target.close()

    async def _tell(self, said: asyncio.Queue[bytes], target: asyncio.StreamWriter) -> None:
        while some := await said.get():
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            await self._speaks.wait()
            try:
                target.write(some)
                await target.drain()
            except OSError:
                return
