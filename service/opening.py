"""Opening the graph: for the service, and for the commands that need nothing else of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.graph.client import Graph, Watcher
from service.graph.embedded import EmbeddedEngine
from service.graph.supervision import supervised
from service.settings import Settings


@asynccontextmanager
async def open_graph(settings: Settings, watcher: Watcher = lambda *_: None) -> AsyncIterator[Graph]:
    """The graph of the settings: Neo4j where an address is set, else the embedded engine, migrated.

    A `watcher` is told of each statement.
    """
    if settings.neo4j_uri is not None:
        async with neo4j(settings, watcher) as graph:
            yield graph
        return
    engine = EmbeddedEngine(settings.data, memory_mb=settings.embedded_memory_mb)
    async with supervised(
        engine, pool_size=settings.pool_size, acquire_seconds=_acquire_seconds(settings), watcher=watcher
    ) as graph:
        yield graph


@asynccontextmanager
async def neo4j(settings: Settings, watcher: Watcher = lambda *_: None) -> AsyncIterator[Graph]:
    """The Neo4j whose address is set, as it is."""
    assert settings.neo4j_uri is not None
    graph = Graph(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password.get_secret_value(),
        database=settings.neo4j_database,
        pool_size=settings.pool_size,
        watcher=watcher,
        acquire_seconds=_acquire_seconds(settings),
    )
    try:
        yield graph
    finally:
        await graph.close()


def _acquire_seconds(settings: Settings) -> float:
    """So that a request that gets no connection can tell so, in its time."""
    return settings.request_timeout_seconds / 2
