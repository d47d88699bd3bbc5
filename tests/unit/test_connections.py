"""Connections whose requests do not get on, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from service import connections, serving
from service.connections import MOST_PINGS, SOCKET, Connection, SocketConnection


async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    """An application that answers at once."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    async with listening(uvicorn.Config(answer, lifespan="off", log_config=None, http=Connection)) as found:
        yield found


@asynccontextmanager
async def listening(config: uvicorn.Config) -> AsyncIterator[int]:
    """A server's port."""
    listener = serving.listen("127.0.0.1", 0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await task


async def read(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(5):
        return await reader.read()


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHo"]
)
async def test_a_head_that_does_not_end_is_given_up(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    told = await read(reader)
    assert told.count(b"HTTP/1.1 204") == begun.count(b"\r\n\r\n")
    writer.close()


async def test_a_head_in_parts_that_ends_in_time_is_answered_again_and_again(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        for part in (b"GET / HT", b"TP/1.1\r\n", b"Host: a\r\n", b"\r\n"):
            writer.write(part)
            await asyncio.sleep(0.04)
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
    # Between requests a connection may rest for longer.
    await asyncio.sleep(0.4)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(5):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
    writer.close()


async def test_a_head_that_is_too_long_is_431(port: int) -> None:
    for head in (b"GET /" + b"a" * 80_000, b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 80_000):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        assert (await read(reader)).startswith(b"HTTP/1.1 431 ")
        writer.close()


# WebSockets


async def accept(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that says whether it could write, then only listens."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    assert scope["extensions"][SOCKET]["write"](b"hello")
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture
async def wide() -> AsyncIterator[int]:
    """A server of sockets."""
    async with listening(uvicorn.Config(accept, lifespan="off", log_config=None, ws=SocketConnection)) as found:
        yield found


async def upgraded(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    async with asyncio.timeout(5):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert await reader.readexactly(7) == b"\x81\x05hello"
    return reader, writer


def ping(text: bytes) -> bytes:
    return bytes((0x89, 0x80 | len(text))) + bytes(4) + text


async def test_pings_are_answered(wide: int) -> None:
    reader, writer = await upgraded(wide)
    writer.write(ping(b"one") + ping(b"two"))
    async with asyncio.timeout(5):
        assert await reader.readexactly(10) == b"\x8a\x03one\x8a\x03two"
    writer.close()


async def test_a_flood_of_pings_ends_the_socket(wide: int) -> None:
    reader, writer = await upgraded(wide)
    writer.write(ping(b"x") * (MOST_PINGS + 1))
    async with asyncio.timeout(5):
        try:
            while await reader.read(65_536):
                pass
        except ConnectionResetError:
            pass
    writer.close()
