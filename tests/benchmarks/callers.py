"""Callers over real HTTP: keep-alive connections that post GraphQL and check the answers.

Not httpx: at 64 connections it takes as much processor time a request as the service, and both share the
machine's cores. This client takes some 60 microseconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httptools
import orjson


class Caller(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    async def post(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of a GraphQL request's answer; raises AssertionError for any other answer."""
        assert self._transport is not None
        body = orjson.dumps({"query": query, "variables": variables})
        self._answer = asyncio.get_running_loop().create_future()
        head = f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        self._transport.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        answer = orjson.loads(await self._answer)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def close(self) -> None:
        """Closes the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not inherit asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server closed the connection"))

    def on_message_begin(self) -> None:
        self._body.clear()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(bytes(self._body))


@asynccontextmanager
async def callers(port: int, count: int) -> AsyncIterator[list[Caller]]:
    """So many open connections to a server on this machine."""
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Caller, "127.0.0.1", port))[1] for _ in range(count)]
    try:
        yield opened
    finally:
        for caller in opened:
            caller.close()


async def post_all(
    connections: list[Caller], query: str, requests: Iterable[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[float]]:
    """Posts a query with each of the variables, all connections at once; answers and seconds, as they came."""
    waiting: Iterator[dict[str, Any]] = iter(requests)
    answers: list[dict[str, Any]] = []
    seconds: list[float] = []

    async def work(caller: Caller) -> None:
        for variables in waiting:
            began = time.perf_counter()
            answers.append(await caller.post(query, variables))
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(work(caller) for caller in connections))
    return answers, seconds
