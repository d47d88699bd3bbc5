"""How a process stands at a moment: what it can tell by itself, and what only the graph knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from service.changes import log
from service.changes.feed import Feed
from service.errors import ServiceError
from service.graph.client import Graph
from service.graph.committer import Committer
from service.observing.operation import SUBSCRIPTION, Observed

_SECONDS: Final = 1.0
"""For what the graph is asked: whoever scrapes waits for it."""
_STATES: Final = ("ACTIVE", "PAUSED", "FAILING")
_TRANSPORTS: Final = ("sse", "websocket")

Labelled = Sequence[tuple[tuple[str, ...], float]]
"""Values, by those of their labels."""


@dataclass(frozen=True, slots=True)
class LogStanding:
    """The log of changes, and how far who follows it is."""

    end: int
    lag: int
    newest_seconds: float | None
    """When the last change was made, in seconds since the epoch; None before the first."""
    webhooks: Labelled
    webhook_lags: Labelled


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true at a moment."""

    engine: str
    open: Labelled
    subscribers: Labelled
    connections: Labelled
    pool_size: int
    waiting: int
    log: LogStanding | None
    """None where the graph did not answer."""


async def standing(graph: Graph, committer: Committer, feed: Feed, open_: Collection[Observed]) -> Standing:
    """How this process stands."""
    in_use, idle = graph.connections()
    kinds = Counter((one.kind, one.transport) for one in open_ if one.kind != SUBSCRIPTION)
    followers = Counter(one.transport for one in open_ if one.kind == SUBSCRIPTION)
    return Standing(
        engine="embedded" if graph.embedded else "neo4j",
        open=list(kinds.items()),
        subscribers=[((name,), followers[name]) for name in _TRANSPORTS],
        connections=[(("in_use",), in_use), (("idle",), idle)],
        pool_size=graph.pool_size,
        waiting=committer.waiting,
        log=await _log(graph, feed),
    )


async def _log(graph: Graph, feed: Feed) -> LogStanding | None:
    seen = feed.end if feed.is_followed else None
    try:
        async with asyncio.timeout(_SECONDS):
            end = await log.end(graph)
            newest = await log.between(graph, end - 1, end) if end else []
            hooks = await graph.rows("webhooks/lags")
    except (ServiceError, TimeoutError):
        return None
    lags: dict[str, list[int]] = {state: [] for state in _STATES}
    for state, at in hooks:
        lags[state].append(max(end - int(at), 0))
    return LogStanding(
        end=end,
        lag=max(end - seen, 0) if seen is not None else 0,
        newest_seconds=newest[0].at / 1000 if newest else None,
        webhooks=[((state,), len(found)) for state, found in lags.items()],
        webhook_lags=[((state,), max(found, default=0)) for state, found in lags.items()],
    )
