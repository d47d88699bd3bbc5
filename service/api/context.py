"""What resolvers have at hand: the graph behind one loader a relation, and the services.

A context lives for one operation. What is asked of a relation at the same time is read in one round trip, so an
operation costs its depth in round trips, never its width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from strawberry.dataloader import DataLoader

from service.graph.client import Graph
from service.reads.ordinary import Row, fetch
from service.reads.relations import Parameters, Relation

if TYPE_CHECKING:
    from service.services import Services

# Longer lists of keys go in several statements.
_KEYS_A_STATEMENT = 1000


class Context:
    """The context of one operation."""

    def __init__(self, graph: Graph, services: Services) -> None:
        self.graph = graph
        self.services = services
        self.settings = services.settings
        self.memo: dict[Any, Any] = {}
        self.done: Mapping[str, Any] = {}
        self._loaders: dict[tuple[Relation, tuple[str, ...], bytes], DataLoader[str, list[Row]]] = {}

    def forget(self) -> None:
        """Drops what was read before a write: mutations of one operation run one after another."""
        self._loaders.clear()

    async def rows(
        self, relation: Relation, columns: tuple[str, ...], parameters: Parameters, key: str
    ) -> list[Row]:
        """The rows that a relation leads to from a key."""
        identity = (relation, columns, orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS))
        loader = self._loaders.get(identity)
        if loader is None:

            async def load(keys: list[str]) -> list[list[Row]]:
                return await fetch(self.graph, relation, columns, parameters, keys)

            loader = self._loaders[identity] = DataLoader(load, max_batch_size=_KEYS_A_STATEMENT)
        return await loader.load(key)
