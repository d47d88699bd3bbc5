"""Clients of streams, as thin as they can be: WebSockets with graphql-transport-ws, and server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

SECONDS = 75
"""For something to come: two heartbeats that do not, and more."""
PROTOCOL = "graphql-transport-ws"
CHANGES = """subscription ($after: String, $filter: ChangeFilter) {
  changes(after: $after, filter: $filter) { cursor kind customerId previousCustomerIds subject { id } } }"""


def without_heartbeat(change: dict[str, Any]) -> list[dict[str, Any]]:
    """The change, if it is one."""
    return [change] if change.get("kind") != "HEARTBEAT" else []


class Socket:
    """One WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(SECONDS):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        return message

    async def subscribe(self, name: str, query: str = CHANGES, **variables: Any) -> None:
        """Begins an operation."""
        await self.send(id=name, type="subscribe", payload={"query": query, "variables": variables})

    async def begun(self) -> None:
        """Waits until what was sent before is read: a later message is answered."""
        await self.subscribe("begun", "{ __typename }")
        assert (await self.receive())["type"] == "next"
        assert (await self.receive()) == {"id": "begun", "type": "complete"}

    async def changes(self, count: int) -> list[dict[str, Any]]:
        """The next changes, of whichever operation; heartbeats are left out."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            message = await self.receive()
            assert message["type"] == "next", message
            found += without_heartbeat(message["payload"]["data"]["changes"])
        return found

    async def closed(self) -> tuple[int, str]:
        """Waits until the other side has closed; its code and reason."""
        async with asyncio.timeout(SECONDS):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def connected(
    address: str, *, greeting: bool = True, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Socket]:
    """A WebSocket on which operations can be begun."""
    url = address.replace("http", "ws", 1) + "/graphql"
    # Without pings of its own: one that does not read would take the service for dead.
    async with connect(
        url,
        subprotocols=[PROTOCOL],  # type: ignore[list-item]
        ping_interval=None,
        additional_headers=headers,
    ) as connection:
        socket = Socket(connection)
        if greeting:
            await socket.send(type="connection_init")
            assert (await socket.receive())["type"] == "connection_ack"
        yield socket


class Events:
    """The events of one response."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any] | None:
        """The next event's name and data; None at the end."""
        name = None
        async with asyncio.timeout(SECONDS):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:") and name is not None:
                    text = line.removeprefix("data:").strip()
                    return name, json.loads(text) if text else None
        return None

    async def changes(self, count: int) -> list[dict[str, Any]]:
        """The next changes; heartbeats are left out."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            event = await self.next()
            assert event is not None
            assert event[0] == "next", event
            found += without_heartbeat(event[1]["data"]["changes"])
        return found


@asynccontextmanager
async def streamed(http: httpx.AsyncClient, query: str = CHANGES, **variables: Any) -> AsyncIterator[Events]:
    """A stream of events."""
    body = {"query": query, "variables": variables}
    headers = {"Accept": "text/event-stream"}
    async with http.stream("POST", "/graphql", json=body, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield Events(response)
