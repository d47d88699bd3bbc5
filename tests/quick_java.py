"""A quick start of the embedded engine in tests: its classes as they are in memory once it runs, kept on disk.

A start takes a second of processor time, not four. What the engine does is the same.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from filelock import FileLock

from service.graph.client import Graph
from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from service.graph.migrations import migrate

_VARIABLE: Final = "JDK_JAVA_OPTIONS"
_MODEST: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""The optimising compiler and the collector beside it take as much processor time as they save in minutes."""


@contextmanager
def quick_java() -> Iterator[None]:
    """Java that is started from this process, or from those that it starts, is up at once."""
    classes = _kept_classes()
    with _options(f"{_MODEST} -XX:AOTCache={classes}" if classes else _MODEST):
        yield


@contextmanager
def _options(options: str) -> Iterator[None]:
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = f"{before} {options}" if before else options
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


def _kept_classes() -> Path | None:
    """The file of classes, made when it is not there yet; None if it cannot be. It goes with the environment."""
    path = Path(sys.prefix, "cache", f"arcadedb-{version('arcadedb-embedded')}.aot")
    try:
        path.parent.mkdir(exist_ok=True)
        with FileLock(f"{path}.lock"):
            if not path.exists():
                _keep_classes(path.with_suffix(".draft"), path)
    except OSError:
        return None
    return path


def _keep_classes(draft: Path, path: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        _options(f"{_MODEST} -XX:AOTCacheOutput={draft}"),
        # In a thread: this one has the loop of the tests.
        ThreadPoolExecutor(1) as beside,
    ):
        beside.submit(asyncio.run, _live_once(EmbeddedEngine(Path(folder, "engine")))).result()
    draft.rename(path)


async def _live_once(engine: EmbeddedEngine) -> None:
    """From start to stop, with the work that is the same in all tests."""
    address = engine.start()
    try:
        graph = Graph(address.uri, user=USER, password=address.password, database=DATABASE, embedded=True)
        try:
            await migrate(graph)
        finally:
            await graph.close()
    finally:
        engine.stop()
