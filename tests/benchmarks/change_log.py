"""Whether a long log slows those who write, and how much of it webhooks deliver.

    python -m tests.benchmarks.change_log [--engine embedded|neo4j] [--changes N] [--endpoints N]

Touchpoints are recorded one after another and in hundreds, with a log of some thousand changes and with one of N;
and the newest changes are read. Then webhooks: one endpoint while some hundred changes a second come, and many
endpoints for which as many changes wait, of which one answers slowly in the second round. Endpoints, writer and
service share the machine with the engine.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median
from typing import Any, ClassVar, Final, cast

from service import ids
from service.changes.models import ChangeKind, place
from service.graph.queries import load
from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.measuring import (
    Engine,
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
from tests.benchmarks.subscribers import Writer

SHORT: Final = 1_000
SINGLE: Final = 200
LISTS: Final = 30
AT_ONCE: Final = 100
_ROWS_A_TRANSACTION: Final = 5_000
SECONDS: Final = 10
A_SECOND: Final = 3
"""Lists of a hundred."""
WAITING: Final = 300
"""Changes that wait for many endpoints."""
SLOW_SECONDS: Final = 2.0
NEWEST: Final = "{ changes { newestCursor } }"
PAGE: Final = (
    "query ($after: String) { changes(after: $after, first: 100) { endCursor nodes { cursor kind at } } }"
)
REGISTER: Final = """mutation ($input: RegisterWebhookInput!) { registerWebhook(input: $input) {
  webhook { id } userErrors { message } } }"""
DELETE: Final = """mutation ($input: DeleteWebhookInput!) { deleteWebhook(input: $input) {
  deletedId userErrors { message } } }"""


class Endpoints(asyncio.Protocol):
    """One connection of endpoints that take everything; those that are slow take their time."""

    told: ClassVar[defaultdict[str, list[float]]] = defaultdict(list)
    """By the path: when each delivery came, by `time.perf_counter`."""
    slow: ClassVar[str] = ""
    """A path."""

    def __init__(self) -> None:
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while True:
            head, blank, rest = self._data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            if not blank or length is None or len(rest) < int(length[1]):
                return
            self._data = rest[int(length[1]) :]
            path = head.split(b" ", 2)[1].decode()
            self.told[path].append(time.perf_counter())
            loop = asyncio.get_running_loop()
            loop.call_later(SLOW_SECONDS if path == self.slow else 0, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


@asynccontextmanager
async def registered(caller: Caller, port: int, count: int) -> AsyncIterator[list[str]]:
    """So many webhooks from now on, by the paths that they lead to; they are gone at the end."""
    Endpoints.told.clear()
    paths, made = [f"/{number}" for number in range(count)], []
    for path in paths:
        form = {"url": f"http://127.0.0.1:{port}{path}", "filter": {"kinds": ["TOUCHPOINT_RECORDED"]}}
        payload = (await caller.post(REGISTER, {"input": form}))["registerWebhook"]
        made.append(payload["webhook"]["id"])
    await asyncio.sleep(3)  # A look for what there is, and another.
    try:
        yield paths
    finally:
        for one in made:
            await caller.post(DELETE, {"input": {"webhookId": one}})


async def all_told(paths: Sequence[str], count: int) -> None:
    """Waits until each has so many."""
    while any(len(Endpoints.told[path]) < count for path in paths):  # noqa: ASYNC110
        await asyncio.sleep(0.02)


async def recording(caller: Caller, writer: Writer) -> list[float]:
    """Seconds: of a touchpoint alone, of one in a hundred, of a page of the newest; medians."""
    found = []
    single = []
    for _ in range(SINGLE):
        began = time.perf_counter()
        single.append(await writer.write() - began)
    found.append(median(single))
    after = (await caller.post(NEWEST, {}))["changes"]["newestCursor"]
    many = []
    for _ in range(LISTS):
        began = time.perf_counter()
        await writer.write_many(AT_ONCE)
        many.append((time.perf_counter() - began) / AT_ONCE)
    found.append(median(many))
    pages = []
    for _ in range(LISTS):
        began = time.perf_counter()
        page = await caller.post(PAGE, {"after": after})
        pages.append(time.perf_counter() - began)
        after = page["changes"]["endCursor"]
    found.append(median(pages))
    return found


async def lengthened(engine: Engine, count: int) -> int:
    """Writes changes to the log until it has so many, as the service does; how many it has."""
    append, ((end,),) = load("changes/append"), await engine.graph.rows("changes/end")
    mint, at = ids.Mint(time.time_ns() // 1_000_000), time.time_ns() // 1_000_000
    while end < count:
        last = min(end + _ROWS_A_TRANSACTION, count)
        rows = [_change(number, mint(ids.CUSTOMER), at) for number in range(end + 1, last + 1)]
        await engine.driver.execute_query(append, rows=rows, database_=engine.address.database)
        end = last
    return int(end)


def _change(number: int, customer_id: str, at: int) -> dict[str, Any]:
    return {
        "place": place(number),
        "kind": ChangeKind.CUSTOMER_UPDATED.value,
        "at": at,
        "customerId": customer_id,
        "fields": ["attributes"],
        "previousIds": [],
        "owners": [],
    }


async def one_endpoint(caller: Caller, server: Server, writer: Writer, port: int) -> list[object]:
    """While some hundred changes a second come: a row of figures."""
    async with registered(caller, port, 1) as (path,):
        written, cpu = list[float](), server.cpu_seconds()
        began = time.perf_counter()
        for number in range(SECONDS * A_SECOND):
            await writer.write_many(AT_ONCE)
            written += [time.perf_counter()] * AT_ONCE
            await asyncio.sleep(max(began + (number + 1) / A_SECOND - time.perf_counter(), 0))
        rate = len(written) / (time.perf_counter() - began)
        await all_told([path], len(written))
        cpu = server.cpu_seconds() - cpu
        told = Endpoints.told[path]
        late = [max(came - since, 0) for came, since in zip(told, written, strict=True)]
    seconds = told[-1] - told[0]
    return [
        f"1, {rate:.0f} changes a second",
        f"{len(told) / seconds:,.0f}",
        milliseconds(percentile(late, 0.5)),
        milliseconds(percentile(late, 0.99)),
        f"{cpu / len(told) * 1e6:,.0f}",
    ]


async def many_endpoints(
    caller: Caller, server: Server, writer: Writer, port: int, count: int, slow: str
) -> tuple[list[object], float]:
    """Where as many changes wait for each: a row, and the seconds until all but the slow one had all."""
    async with registered(caller, port, count) as paths:
        Endpoints.slow = slow
        cpu, began = server.cpu_seconds(), time.perf_counter()
        for _ in range(WAITING // AT_ONCE):
            await writer.write_many(AT_ONCE)
        quick = [path for path in paths if path != slow]
        await all_told(quick, WAITING)
        cpu = server.cpu_seconds() - cpu
        found = [came - began for path in quick for came in Endpoints.told[path]]
    seconds, deliveries = max(found), len(found)
    name = f"{count}, {WAITING} changes each" + (f", one of them takes {SLOW_SECONDS:.0f} s" if slow else "")
    row: list[object] = [
        name,
        f"{deliveries / seconds:,.0f}",
        milliseconds(percentile(found, 0.5)),
        milliseconds(percentile(found, 0.99)),
        f"{cpu / deliveries * 1e6:,.0f}",
    ]
    return row, seconds


async def measure_log(engine: Engine, server: Server, length: int) -> None:
    """Recording with a short and a long log."""
    rows, found = [], []
    async with callers(server.port, 1) as (caller,):
        for _ in range(SHORT // AT_ONCE):
            await Writer(caller).write_many(AT_ONCE)
    for count in (SHORT, length):
        has = await lengthened(engine, count)
        # Connections are new: a long log takes longer to write than an idle one is kept.
        async with callers(server.port, 1) as (caller,):
            found.append(await recording(caller, Writer(caller)))
        rows.append([f"{has:,}", *(milliseconds(one) for one in found[-1])])
    columns = ["changes in the log", "a touchpoint alone", "one of a hundred", "a page of the newest"]
    print_table("By the length of the log", columns, rows)
    for name, short, long in zip(columns[1:], *found, strict=True):
        print(verdict(f"{name}, times with the long log", long / short, 1.5, at_least=False))


async def measure_webhooks(server: Server, count: int) -> None:
    """One endpoint, and many."""
    listener = await asyncio.get_running_loop().create_server(Endpoints, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with callers(server.port, 1) as (caller,):
        writer = Writer(caller)
        rows = [await one_endpoint(caller, server, writer, port)]
        row, usual = await many_endpoints(caller, server, writer, port, count, "")
        rows.append(row)
        row, beside = await many_endpoints(caller, server, writer, port, count, "/0")
        rows.append(row)
    listener.close()
    columns = ["endpoints", "deliveries a second", "p50", "p99", "CPU of each, µs"]
    print_table("From the commit to the endpoint", columns, rows)
    print(verdict("beside a slow endpoint, times until all others had all", beside / usual, 2, at_least=False))


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--endpoints", type=int, default=50)
    given = parser.parse_args()
    async with opened(given.engine) as engine:
        with serving(engine, environment={"CUSTOMER_GRAPH_WEBHOOK_LOOPBACK": "true"}) as server:
            await measure_webhooks(server, given.endpoints)
            await measure_log(engine, server, given.changes)


if __name__ == "__main__":
    run(main())
