"""Writing from tests with statements of their own, beside a service that writes too."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from service.errors import Conflict
from service.graph.client import Graph

_PAUSE_SECONDS = 0.01


async def committed(graph: Graph, *statements: tuple[str, dict[str, Any]]) -> None:
    """Runs statements with their parameters in one transaction; again while others change what it changes.

    The matcher may be at work on what an earlier test left: of two that write one page at once, the embedded
    engine fails one; where engines lock, two that wait for each other.
    """
    while True:
        try:
            await _transact(graph, statements)
        except Conflict:
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def _transact(graph: Graph, statements: Sequence[tuple[str, dict[str, Any]]]) -> None:
    async with graph.transaction() as transaction:
        for statement, parameters in statements:
            await transaction._run(statement, "", parameters)
