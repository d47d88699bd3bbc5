"""Subscribers in this process, many at little cost: they follow the log by the bare protocols, whatever ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from itertools import cycle
from typing import Any, Final

import httpx
from websockets.exceptions import WebSocketException

from tests.acceptance.streams import SECONDS, connected, streamed
from tests.clients.world import MortalService

CHANGES: Final = "subscription ($after: String) { changes(after: $after) { cursor kind customerId } }"
_PAUSE_SECONDS: Final = 0.1

Answers = AsyncIterator[dict[str, Any]]


class CutError(Exception):
    """The subscription ended."""


async def by_socket(service: MortalService, after: str) -> Answers:
    """What graphql-transport-ws answers."""
    async with connected(service.http) as socket:
        await socket.subscribe("1", CHANGES, after=after)
        while (message := await socket.receive())["type"] == "next":
            yield message["payload"]
        raise CutError(message)


async def by_events(service: MortalService, after: str) -> Answers:
    """What graphql-sse answers in distinct connections."""
    timeout = httpx.Timeout(10, read=SECONDS)
    async with (
        httpx.AsyncClient(base_url=service.http, timeout=timeout) as client,
        streamed(client, CHANGES, after=after) as events,
    ):
        while (event := await events.next()) is not None and event[0] == "next":
            yield event[1]
        raise CutError(event)


class Subscriber:
    """One that goes to another service after each cut, and remembers what each told."""

    def __init__(
        self,
        name: str,
        services: Sequence[MortalService],
        subscribe: Callable[[MortalService, str], Answers],
        start: str,
    ) -> None:
        self.name = name
        self.last = start
        self.told: list[tuple[str, list[str]]] = []
        """For each subscription the cursor that it went on behind, and those of the changes that came."""
        self._services = cycle(services)
        self._subscribe = subscribe
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Ends it."""
        self._task.cancel()
        await asyncio.wait([self._task])

    def is_at_work(self) -> bool:
        """Whether it did not fail."""
        return not self._task.done()

    async def _follow(self) -> None:
        for service in self._services:
            told: list[str] = []
            self.told.append((self.last, told))
            try:
                async with aclosing(self._subscribe(service, self.last)) as answers:  # type: ignore[type-var]
                    async for answer in answers:
                        self._take(answer, told)
            except (OSError, TimeoutError, httpx.HTTPError, WebSocketException, CutError):
                pass
            await asyncio.sleep(_PAUSE_SECONDS)

    def _take(self, answer: dict[str, Any], told: list[str]) -> None:
        if "errors" in answer:
            raise CutError(answer["errors"])
        change = answer["data"]["changes"]
        if change["kind"] == "HEARTBEAT":
            assert change["cursor"] == self.last, f"{self.name} was led past a gap"
            return
        self.last = change["cursor"]
        told.append(self.last)

    def check(self, start: str, log: Sequence[str]) -> None:
        """It was told the log: by each subscription without a gap or a repeat, by all together the whole."""
        places = {start: 0} | {cursor: place for place, cursor in enumerate(log, 1)}
        furthest = 0
        for after, told in self.told:
            at = places[after]
            assert at == furthest, f"{self.name} resumed elsewhere than where it was cut off"
            assert told == log[at : at + len(told)], f"{self.name} missed or repeated something behind {at}"
            furthest = at + len(told)
        assert furthest == len(log), f"{self.name} was told {furthest} of {len(log)} changes"
