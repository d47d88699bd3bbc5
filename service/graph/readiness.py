"""Whether the graph can be used, and why not."""

from __future__ import annotations

import asyncio
from typing import Final

from service.errors import NotMigrated, ServiceError
from service.graph.client import Graph
from service.graph.committer import Committer
from service.graph.migrations import pending

_READY_SECONDS: Final = 3.0


async def trouble(graph: Graph, committer: Committer) -> str | None:
    """What keeps the graph from being read and written; None if nothing does."""
    if graph.trouble is not None:
        return graph.trouble
    try:
        async with asyncio.timeout(_READY_SECONDS):
            missing = await pending(graph)
    except TimeoutError:
        return "The graph does not answer."
    except ServiceError as error:
        return error.message
    return NotMigrated().message if missing else committer.trouble
