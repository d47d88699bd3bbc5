"""What resolvers have at hand: the graph behind one loader a relation, and the services.

A context lives for one operation. `one` and `page` gather what is asked for at the same time and ask the graph
once for all of it, so an operation costs its depth in round trips, never its width.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from service.graph.client import Graph

if TYPE_CHECKING:
    from service.services import Services

V = TypeVar("V")
A = TypeVar("A", bound=Hashable)

Relation = Callable[[Graph, Sequence[str]], Awaitable[dict[str, V]]]
PagedRelation = Callable[[Graph, Sequence[str], A], Awaitable[dict[str, list[V]]]]

# Longer lists of keys go in several statements.
_KEYS_A_STATEMENT = 1000


class Context:
    """The context of one operation."""

    def __init__(self, graph: Graph, services: Services) -> None:
        self.graph = graph
        self.services = services
        self._loaders: dict[Hashable, DataLoader[str, Any]] = {}

    def forget(self) -> None:
        """Drops what was read before a write: mutations of one operation run one after another."""
        self._loaders.clear()

    async def one(self, relation: Relation[V], key: str) -> V | None:
        """What a relation has for a key, or None."""
        return cast("V | None", await self._loader((relation,), relation).load(key))

    async def many(self, relation: Relation[V], keys: Sequence[str]) -> list[V | None]:
        """What a relation has for several keys, in their order."""
        return cast("list[V | None]", await self._loader((relation,), relation).load_many(keys))

    async def page(self, relation: PagedRelation[A, V], key: str, arguments: A) -> list[V]:
        """The rows that a relation with arguments has for a key."""

        def fetch(graph: Graph, keys: Sequence[str]) -> Awaitable[dict[str, list[V]]]:
            return relation(graph, keys, arguments)

        return await self._loader((relation, arguments), fetch).load(key) or []

    def _loader(
        self, identity: Hashable, fetch: Callable[[Graph, Sequence[str]], Awaitable[Any]]
    ) -> DataLoader[str, Any]:
        loader = self._loaders.get(identity)
        if loader is None:

            async def load(keys: list[str]) -> list[Any]:
                found = await fetch(self.graph, keys)
                return [found.get(key) for key in keys]

            loader = self._loaders[identity] = DataLoader(load, max_batch_size=_KEYS_A_STATEMENT)
        return loader


Info = StrawberryInfo[Context, None]
