"""How soon subscribers are told of a change, how much each telling costs, and what those do who never read.

    python -m tests.benchmarks.subscribers [--engine embedded|neo4j] [--subscribers N]

A thousand WebSockets, each with a subscription to the same few fields; somebody records a touchpoint at a time.
Latency is from the acknowledgement of the write to when the subscriber's bytes came. All subscribers and the
writer are one process, and the services have a core that it does not use: the kernel would wake it again and again
on the core that tells it, as if subscribers ran on the service's machine. The engine uses both. A telling's CPU
is that of the service, less what it takes for as many writes with nobody subscribed.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import orjson
import psutil

from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.filling import unique_name
from tests.benchmarks.measuring import (
    Server,
    arguments,
    milliseconds,
    opened,
    percentile,
    print_table,
    run,
    serving,
    verdict,
)

SUBSCRIBE: Final = """subscription { changes(filter: {kinds: [TOUCHPOINT_RECORDED]}) {
  cursor kind at customerId changedFields } }"""
RECORD_MANY: Final = """mutation ($input: RecordTouchpointsInput!) { recordTouchpoints(input: $input) {
  results { userErrors { message } } userErrors { message } } }"""
WIDE: Final = SUBSCRIBE.replace(
    "cursor", "cursor " + " ".join(f"again{number}: customerId" for number in range(80))
)
"""Some 5 kB each: of these the system keeps few for one that does not read."""
RECORD: Final = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  touchpoint { id } userErrors { message } } }"""
WRITES: Final = 60
FLOOD: Final = 300
AT_ONCE: Final = 100
_SMALL_BUFFER: Final = 4096


class Subscriber(asyncio.Protocol):
    """One WebSocket with one subscription, which counts what comes."""

    def __init__(self, query: str = SUBSCRIBE) -> None:
        self._query = query
        self.told: list[float] = []
        """When each change came, by `time.perf_counter`."""
        self.ready = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._data += data
        if not self._is_open:
            head, blank, self._data = self._data.partition(b"\r\n\r\n")
            assert blank, head
            self._is_open = True
            self._send({"type": "connection_init"})
        while (frame := self._frame()) is not None:
            if b'"next"' in frame:
                self.told.append(now)
            elif b"connection_ack" in frame:
                self._send({"type": "subscribe", "id": "1", "payload": {"query": self._query}})
                # Answered behind the subscription: so it is known to have begun.
                self._send({"type": "subscribe", "id": "2", "payload": {"query": "{ pipelines { id } }"}})
            elif b'"complete"' in frame:
                self.ready.set_result(None)

    def stop_reading(self) -> None:
        """Never reads again."""
        assert self._transport is not None
        self._transport.pause_reading()

    def close(self) -> None:
        """Ends it."""
        assert self._transport is not None
        self._transport.abort()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._transport is not None
        body = orjson.dumps(message)
        # A mask of zeros is a mask; nothing is shorter than the 126 bytes that would have to be written otherwise.
        body = body.ljust(126)
        self._transport.write(b"\x81\xfe" + len(body).to_bytes(2, "big") + bytes(4) + body)

    def _frame(self) -> bytes | None:
        """The next frame's body, if it is there as a whole."""
        if len(self._data) < 4:
            return None
        size, start = self._data[1], 2
        if size == 126:
            size, start = int.from_bytes(self._data[2:4], "big"), 4
        if len(self._data) < start + size:
            return None
        frame, self._data = self._data[start : start + size], self._data[start + size :]
        # Whatever is no text, such as a ping, is not counted.
        return frame


@asynccontextmanager
async def subscribed(port: int, count: int, *, small: bool = False) -> AsyncIterator[list[Subscriber]]:
    """So many subscribers; `small`, with hardly any room for what they do not read, which is much."""
    loop, found, query = asyncio.get_running_loop(), list[Subscriber](), WIDE if small else SUBSCRIBE
    try:
        for _ in range(count):
            connection = socket.socket()
            if small:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
            connection.setblocking(False)
            await loop.sock_connect(connection, ("127.0.0.1", port))
            found.append((await loop.create_connection(lambda: Subscriber(query), sock=connection))[1])
            if len(found) % 50 == 0:
                await found[-1].ready
        await asyncio.gather(*(one.ready for one in found))
        await asyncio.sleep(0.5)
        yield found
    finally:
        for one in found:
            one.close()


class Writer:
    """Records touchpoints of one visitor."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._name = unique_name("told")
        self._numbers = itertools.count()

    async def write(self) -> float:
        """Records one; when it was acknowledged."""
        await self._caller.post(RECORD, {"input": self._form()})
        return time.perf_counter()

    async def write_many(self, count: int) -> None:
        """Records so many at once."""
        await self._caller.post(RECORD_MANY, {"input": {"items": [self._form() for _ in range(count)]}})

    def _form(self) -> dict[str, Any]:
        return {
            "messageId": f"{self._name}-{next(self._numbers)}",
            "type": "page_view",
            "channel": "web",
            "identifiers": [{"kind": "cookie", "value": self._name}],
        }


async def latencies(writer: Writer, readers: Sequence[Subscriber]) -> list[float]:
    """Of every change and subscriber, in seconds."""
    found: list[float] = []
    for _ in range(WRITES):
        before = [len(one.told) for one in readers]
        began = await writer.write()
        while any(len(one.told) == count for one, count in zip(readers, before, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        found += [one.told[count] - began for one, count in zip(readers, before, strict=True)]
        await asyncio.sleep(0.03)
    return found


async def flood(writer: Writer, server: Server, readers: Sequence[Subscriber]) -> float:
    """Writes many, waits until all who read have them; by how many MB the service grew in the second half."""
    process = psutil.Process(server.pid)
    sizes = []
    for _ in range(2):
        before = len(readers[0].told)
        for _ in range(FLOOD // AT_ONCE):
            await writer.write_many(AT_ONCE)
        while any(len(one.told) < before + FLOOD for one in readers):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        sizes.append(process.memory_info().rss / 1e6)
    return sizes[1] - sizes[0]


def _row(name: str, found: Sequence[float]) -> list[object]:
    return [name, *(milliseconds(percentile(found, part)) for part in (0.5, 0.99)), milliseconds(max(found))]


def apart() -> int:
    """Leaves a core to the services; which. Where there is only one, all share it."""
    this = psutil.Process()
    first, *others = this.cpu_affinity()
    this.cpu_affinity(others or [first])
    return int(first)


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--subscribers", type=int, default=1000)
    given = parser.parse_args()
    async with opened(given.engine) as engine:
        core = apart()
        with serving(engine) as server, serving(engine) as other:
            for one in (server, other):
                psutil.Process(one.pid).cpu_affinity([core])
            await measure(given.subscribers, server, other)


@asynccontextmanager
async def writing(server: Server) -> AsyncIterator[Writer]:
    """A writer with a connection of its own: one that is idle while a thousand subscribe would be closed."""
    async with callers(server.port, 1) as (caller,):
        yield Writer(caller)


async def measure(count: int, server: Server, other: Server) -> None:
    """All that is measured, and the verdicts."""
    async with writing(server) as writer:
        for _ in range(300):
            await writer.write()
        usual = server.cpu_seconds()
        await latencies(writer, [])
        usual = server.cpu_seconds() - usual
        async with subscribed(server.port, 1) as one:
            alone = await latencies(writer, one)
        async with subscribed(other.port, 1) as one:
            across = await latencies(writer, one)
    async with subscribed(server.port, count) as everyone, writing(server) as writer:
        cpu = server.cpu_seconds()
        many = await latencies(writer, everyone)
        cpu = server.cpu_seconds() - cpu - usual
    lazy = count // 10
    async with (
        subscribed(server.port, lazy, small=True) as idle,
        subscribed(server.port, count - lazy) as active,
        writing(server) as writer,
    ):
        for lazy_one in idle:
            lazy_one.stop_reading()
        grown = await flood(writer, server, active)
        beside = await latencies(writer, active)
    rows = [
        _row("one, of the process that writes", alone),
        _row("one, of another process", across),
        _row(f"{count:,}, of the process that writes", many),
        _row(f"{count - lazy:,}, beside {lazy} who never read", beside),
    ]
    print_table("From the commit to the subscriber", ["subscribers", "p50", "p99", "longest"], rows)
    told = WRITES * count
    print(f"CPU of the service for each telling: {cpu / told * 1e6:.1f} µs")
    print(verdict("one, of the process that writes, p99 in ms", percentile(alone, 0.99) * 1e3, 20, at_least=False))
    print(verdict("one, of another process, p99 in ms", percentile(across, 0.99) * 1e3, 250, at_least=False))
    print(verdict(f"{count:,}, p99 in ms", percentile(many, 0.99) * 1e3, 50, at_least=False))
    slower = percentile(beside, 0.99) / percentile(many, 0.99)
    print(verdict("beside those who never read, p99 times", slower, 2, at_least=False))
    print(f"memory after {2 * FLOOD:,} changes to those who never read, more than after {FLOOD:,}: {grown:.1f} MB")


if __name__ == "__main__":
    run(main())
