"""A graph that answers a gatherer's statements when it is told to."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any, cast

from service.deadlines import current
from service.graph.client import Graph
from service.reads.gathering import MAX_IN_FLIGHT, Gatherer
from service.reads.levels import Level
from service.reads.variants import Variant


class Call:
    """A statement that was sent and is not answered yet."""

    def __init__(self, text: str, shared: dict[str, Any], batch: list[dict[str, Any]]) -> None:
        self.text = text
        self.shared = shared
        self.batch = batch
        self.due = current()
        self.done = asyncio.get_running_loop().create_future()

    @property
    def keys(self) -> list[str]:
        return [one["key"] for one in self.batch]

    def answer(self) -> None:
        """The rows, the last one first."""
        self.done.set_result([[[[one["n"], f"row of {one['key']}"] for one in reversed(self.batch)]]])

    def fail(self, error: Exception) -> None:
        self.done.set_exception(error)


class Statements:
    """A graph that answers when it is told to."""

    def __init__(self, *, embedded: bool = False) -> None:
        self.embedded = embedded
        self.calls: list[Call] = []

    async def run(self, text: str, name: str, *, batch: list[dict[str, Any]], **shared: Any) -> Any:
        assert name == "plan"
        call = Call(text, shared, batch)
        self.calls.append(call)
        return await call.done

    @property
    def keys(self) -> list[list[str]]:
        """What was asked, call by call."""
        return [call.keys for call in self.calls]


async def settled() -> None:
    """Lets everything go on as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


@cache
def variant(text: str = "UNWIND") -> Variant:
    return Variant((), text, lambda *_: {}, "", Level("p"), frozenset(), {})


class Reads:
    """Reads of a gatherer, by their keys."""

    def __init__(self, graph: Statements, *, together: bool = True) -> None:
        self.graph = graph
        self.gatherer = Gatherer(cast("Graph", graph), together=together)

    def start(self, key: str, text: str = "UNWIND", **shared: Any) -> asyncio.Task[list[Any]]:
        return asyncio.create_task(self.gatherer.read(variant(text), [], shared, {"key": key}))

    async def busy(self) -> list[asyncio.Task[list[Any]]]:
        """As many as go alone before others wait."""
        tasks = [self.start(f"busy{number}") for number in range(MAX_IN_FLIGHT)]
        await settled()
        return tasks

    async def waiting(self, *keys: str) -> list[asyncio.Task[list[Any]]]:
        tasks = [self.start(key) for key in keys]
        await settled()
        return tasks

    def idle(self) -> bool:
        return not self.gatherer._queues and not self.gatherer._tasks
