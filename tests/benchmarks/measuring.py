"""What all benchmarks share: an engine with a graph and a raw driver, server processes, figures, tables."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from neo4j import AsyncDriver, AsyncGraphDatabase

from service import running
from service.graph.client import Graph
from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from service.graph.migrations import migrate
from service.settings import Settings

URI_VARIABLE = "CUSTOMER_GRAPH_NEO4J_URI"
SERVER_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What `tests.benchmarks.server` is told; a max_batch of 0 leaves the service's own."""

    uri: str
    user: str
    database: str
    embedded: bool
    max_batch: int = 0


@dataclass(frozen=True, slots=True)
class Engine:
    """A migrated engine, by the service's client and by a raw driver with the same settings."""

    address: ServerSettings
    password: str
    graph: Graph
    driver: AsyncDriver

    @property
    def name(self) -> str:
        return "embedded" if self.address.embedded else "neo4j"


def arguments(description: str) -> argparse.ArgumentParser:
    """The command line that all benchmarks share."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--engine", choices=("embedded", "neo4j"), default="embedded")
    return parser


def run(work: Coroutine[None, None, None]) -> None:
    """Runs to the end, set up as the service's command line is."""
    running.run(work)


@asynccontextmanager
async def opened(engine: str) -> AsyncIterator[Engine]:
    """The embedded engine in a temporary folder, or the Neo4j that CUSTOMER_GRAPH_NEO4J_URI names; migrated."""
    if engine == "neo4j":
        settings = Settings()
        if settings.neo4j_uri is None:
            raise SystemExit(f"{URI_VARIABLE} names no Neo4j: python -m tests.neo4j.server 5 -- COMMAND sets it")
        address = ServerSettings(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_database, embedded=False)
        async with _connected(address, settings.neo4j_password.get_secret_value()) as connected:
            yield connected
        return
    with tempfile.TemporaryDirectory(prefix="customer-graph-benchmark-") as folder:
        embedded = EmbeddedEngine(Path(folder))
        started = await asyncio.to_thread(embedded.start)
        try:
            address = ServerSettings(started.uri, USER, DATABASE, embedded=True)
            async with _connected(address, started.password) as connected:
                yield connected
        finally:
            await asyncio.to_thread(embedded.stop)


@asynccontextmanager
async def _connected(address: ServerSettings, password: str) -> AsyncIterator[Engine]:
    graph = Graph(
        address.uri,
        user=address.user,
        password=password,
        database=address.database,
        embedded=address.embedded,
    )
    driver = AsyncGraphDatabase.driver(
        address.uri,
        auth=(address.user, password) if password else None,
        max_connection_pool_size=50,
        notifications_min_severity=None if address.embedded else "OFF",
        telemetry_disabled=True,
    )
    try:
        await migrate(graph)
        yield Engine(address, password, graph, driver)
    finally:
        await driver.close()
        await graph.close()


class Server:
    """A running process that answers GraphQL over HTTP."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port = port
        self.pid = process.pid
        self._process = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        """Processor time that the process took so far, all of its threads together."""
        if platform.system() == "Linux":
            # The system's clock of that process, as clock_getcpuclockid makes its number: psutil's times go by
            # hundredths of a second, and a slice of cheap requests takes only a few of these.
            return time.clock_gettime(~self._process.pid << 3 | 2)
        times = self._process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def serving(
    engine: Engine, *, max_batch: int = 0, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """A process of the service on an engine, ready to answer; ended at the end of the block."""
    told = json.dumps(asdict(engine.address) | {"max_batch": max_batch})
    command = [sys.executable, "-m", "tests.benchmarks.server", told]
    with started(command, engine.password, {"PYTHONUNBUFFERED": "1", **environment}) as server:
        yield server


@contextmanager
def started(command: Sequence[str], password: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """A process that reads the password from its standard input, prints its port and answers at /readyz."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            process.stdin.write(password + "\n")
            process.stdin.flush()
            port = int(process.stdout.readline())
            _await_ready(process, port)
            yield Server(process, port)
        finally:
            process.terminate()


def _await_ready(process: subprocess.Popen[str], port: int) -> None:
    give_up = time.monotonic() + SERVER_START_SECONDS
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except URLError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which this part of the values lies."""
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * part), len(ranked) - 1)]


def ratio(values: Sequence[float], base: Sequence[float]) -> float:
    """The median of the ratios slice by slice: what slows a slice down slows its neighbour too."""
    return median([value / beside for value, beside in zip(values, base, strict=True)])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table in plain text; the first column is words, the others are figures."""
    lines = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    print(f"\n{title}")
    for line in lines:
        first, *rest = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        figures = (cell.strip().rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        print("  ".join((first, *figures)).rstrip(), flush=True)


def verdict(label: str, value: float, target: float, *, at_least: bool) -> str:
    """A ratio beside its target."""
    met = value >= target if at_least else value <= target
    sign = ">=" if at_least else "<="
    return f"{label}: {value:.2f} (target {sign} {target:g}: {'met' if met else 'MISSED'})"
