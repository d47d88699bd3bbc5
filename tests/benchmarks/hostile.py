"""What requests that want to cost much do cost, and what others feel of them.

    python -m tests.benchmarks.hostile [--engine embedded|neo4j]

For each sort of `tests.hostile`: the processor time that the service takes until it is refused, over HTTP and all
threads together, each request with another text; the same against parsing an ordinary query of the same number of
characters; and the 99th percentile of a quick read on another connection, while four connections send nothing else
without a pause, against the same with four connections sending an ordinary query.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import orjson
from graphql import parse

from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.measuring import (
    Server,
    arguments,
    median,
    milliseconds,
    opened,
    percentile,
    print_table,
    run,
    serving,
    verdict,
)
from tests.hostile import ATTACKS, PROFILE, Attack

ROUNDS: Final = 11
BESIDE_SECONDS: Final = 1.5
TARGET_SECONDS: Final = 0.020
_PARSED_CHARACTERS: Final = 20_000


class _Sender(Caller):
    """A connection that sends bodies as they are, and opens again where the service closed it."""

    async def send(self, body: bytes) -> None:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        self._transport.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        await self._answer


async def _connected(port: int) -> _Sender:
    return (await asyncio.get_running_loop().create_connection(_Sender, "127.0.0.1", port))[1]


async def _send(port: int, body: bytes) -> None:
    """One request on a connection of its own."""
    sender = await _connected(port)
    await sender.send(body)
    sender.close()


def _parse_seconds_a_character() -> float:
    """Of ordinary queries."""
    text = (
        "{" + "".join(f" a{n}: {PROFILE.strip()[1:-1]}" for n in range(_PARSED_CHARACTERS // len(PROFILE))) + "}"
    )
    took = []
    for _ in range(9):
        began = time.process_time()
        parse(text)
        took.append(time.process_time() - began)
    return median(took) / len(text)


async def _cpu(server: Server, attack: Attack) -> float:
    """The processor time of one request; the median of several."""
    took = []
    for number in range(ROUNDS):
        before = server.cpu_seconds()
        await _send(server.port, attack.body(number))
        took.append(server.cpu_seconds() - before)
    return median(took)


async def _beside(server: Server, body: Callable[[int], bytes] | None) -> list[float]:
    """How long a quick read takes while four others send this without a pause."""
    stop = False

    async def sending(number: int) -> None:
        while not stop and body is not None:
            await _send(server.port, body(number))
            number += 1

    others = [asyncio.create_task(sending(place * 1_000_000)) for place in range(1, 5)]
    took = []
    async with callers(server.port, 1) as (one,):
        until = time.perf_counter() + BESIDE_SECONDS
        while time.perf_counter() < until:
            began = time.perf_counter()
            await one.post("{ pipelines { name } }", {})
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.005)
    stop = True
    await asyncio.gather(*others)
    return took


def _ordinary(_number: int) -> bytes:
    return orjson.dumps({"query": PROFILE})


async def measure(engine_name: str) -> None:
    """Measures and prints."""
    a_character = _parse_seconds_a_character()
    rows, costs = [], []
    async with opened(engine_name) as engine:
        with serving(engine) as server:
            await _beside(server, _ordinary)
            idle, usual = await _beside(server, None), await _beside(server, _ordinary)
            for attack in ATTACKS:
                cost = await _cpu(server, attack)
                took = await _beside(server, attack.body)
                size = len(attack.body(0))
                costs.append(cost)
                rows.append(
                    (
                        attack.name,
                        size,
                        milliseconds(cost),
                        f"{cost / (size * a_character):.2f}",
                        milliseconds(percentile(took, 0.99)),
                        f"{percentile(took, 0.99) / percentile(usual, 0.99):.1f}",
                    )
                )
    print_table(
        f"refused, on {engine_name}; parsing takes {a_character * 1e6:.2f} us a character",
        ("request", "bytes", "CPU", "of parsing", "others' p99", "of the usual"),
        rows,
    )
    print(f"others' p99 with nobody beside: {milliseconds(percentile(idle, 0.99))}", end="; ")
    print(f"with four who send an ordinary query: {milliseconds(percentile(usual, 0.99))}")
    print(verdict("CPU ms until the dearest is refused", max(costs) * 1e3, TARGET_SECONDS * 1e3, at_least=False))


if __name__ == "__main__":
    run(measure(arguments(__doc__ or "").parse_args().engine))
