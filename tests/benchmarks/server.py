"""The service process that benchmarks measure: the service over an engine that the benchmark started.

Reads its settings as JSON (see `measuring.ServerSettings`) from its first argument and the password from its
standard input, prints its port, and serves until it is terminated.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest import mock

from service import serving
from service.graph import committer
from service.graph.client import Graph, Watcher
from service.settings import Settings
from tests.benchmarks.measuring import run


async def serve() -> None:
    settings = json.loads(sys.argv[1])
    password = sys.stdin.readline().rstrip("\n")

    @asynccontextmanager
    async def open_graph(_settings: Settings, watcher: Watcher) -> AsyncIterator[Graph]:
        """The engine that runs already; each process has its own connections."""
        graph = Graph(
            settings["uri"],
            user=settings["user"],
            password=password,
            database=settings["database"],
            embedded=settings["embedded"],
            watcher=watcher,
        )
        try:
            yield graph
        finally:
            await graph.close()

    listener = serving.listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    with (
        mock.patch.object(serving, "open_graph", open_graph),
        mock.patch.object(committer, "MAX_BATCH", settings["max_batch"] or committer.MAX_BATCH),
    ):
        async with serving.serving(Settings(), listener) as task:
            await task


if __name__ == "__main__":
    run(serve())
