"""A graph to look at as it is: it is not migrated, and nothing else is done on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.graph.client import Graph
from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from service.graph.supervision import by_thread
from service.opening import neo4j
from service.settings import Settings


@asynccontextmanager
async def as_it_is(settings: Settings) -> AsyncIterator[Graph]:
    """The graph of the settings; raises FolderInUse where a service has the embedded engine's folder."""
    if settings.neo4j_uri is not None:
        async with neo4j(settings) as graph:
            yield graph
        return
    engine = EmbeddedEngine(settings.data, memory_mb=settings.embedded_memory_mb)
    try:
        address = await by_thread(engine, engine.start)
        graph = Graph(address.uri, user=USER, password=address.password, database=DATABASE, embedded=True)
        try:
            yield graph
        finally:
            await graph.close()
    finally:
        await asyncio.to_thread(engine.stop)
