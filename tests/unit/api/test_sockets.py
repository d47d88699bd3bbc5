"""A socket whose caller is nobody any more, or says again who they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

import orjson

from service.access.models import OPERATOR, Caller
from service.access.watches import Watches
from service.api.sockets import serve_socket


class Ran:
    """What is asked of the service."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def check_size(self, _text: str) -> None:
        """All is small here."""

    async def stream(
        self, *, query: str, send: Callable[[bytes], Coroutine[Any, Any, None] | None], **_given: Any
    ) -> None:
        self.queries.append(query)
        if (sending := send(b'{"data":{}}')) is not None:
            await sending


class Everybody:
    """Lets everybody in, until they are told to go."""

    def __init__(self) -> None:
        self.watches = Watches()

    async def caller(self, _credential: str | None) -> Caller:
        return OPERATOR

    def watch(self, caller: Caller, ended: Callable[[], object]) -> Callable[[], None]:
        return self.watches.add(caller, ended)


class Peer:
    """The other side of a socket."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})
        self.heard: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.is_cut = False

    def say(self, **message: Any) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    def cut(self) -> None:
        self.is_cut = True
        self.leave()

    def leave(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect"})

    async def hear(self, message: Any) -> None:
        await self.reads.wait()
        self.heard.append(message)
        if message["type"] == "websocket.close":
            self.leave()

    def serve(self, ran: Ran, everybody: Everybody) -> asyncio.Task[None]:
        own = {"customer_graph.socket": {"abort": self.cut}}
        scope = {
            "type": "websocket",
            "subprotocols": ["graphql-transport-ws"],
            "headers": [],
            "extensions": own,
        }
        return asyncio.create_task(
            serve_socket(cast("Any", ran), cast("Any", everybody), scope, self.said.get, self.hear)
        )


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_nothing_is_run_for_who_is_nobody_any_more_though_they_read_nothing() -> None:
    peer, ran, everybody = Peer(), Ran(), Everybody()
    serving = peer.serve(ran, everybody)
    peer.say(type="connection_init")
    await settled()
    peer.say(type="subscribe", id="before", payload={"query": "mutation { before }"})
    await settled()
    peer.reads.clear()
    everybody.watches.end(lambda _caller: True)
    await settled()
    peer.say(type="subscribe", id="after", payload={"query": "mutation { after }"})
    await settled()
    assert ran.queries == ["mutation { before }"]
    # The closing is not read either: it is not waited for.
    assert not peer.is_cut
    async with asyncio.timeout(5):
        await serving
    assert peer.is_cut


async def test_who_says_twice_who_they_are_is_closed_and_forgotten() -> None:
    peer, everybody = Peer(), Everybody()
    serving = peer.serve(Ran(), everybody)
    peer.say(type="connection_init")
    peer.say(type="connection_init")
    await serving
    assert peer.heard[-1]["code"] == 4429
    assert not everybody.watches
