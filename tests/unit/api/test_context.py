from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from service.api.context import Context
from service.graph.client import Graph
from service.services import Services

GRAPH = cast("Graph", object())


class Relation:
    """Doubles numbers, and remembers how it was asked."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    async def double(self, graph: Graph, keys: Sequence[str]) -> dict[str, int | None]:
        assert graph is GRAPH
        self.calls.append(list(keys))
        return {key: 2 * int(key) for key in keys if key.isdecimal()}

    async def count(self, _graph: Graph, keys: Sequence[str], limit: int) -> dict[str, list[int]]:
        self.calls.append(list(keys))
        return {key: list(range(min(limit, int(key)))) for key in keys if key.isdecimal()}


def context() -> Context:
    return Context(GRAPH, cast("Services", None))


async def test_what_is_asked_at_the_same_time_is_one_round_trip() -> None:
    here, relation = context(), Relation()
    double = relation.double
    answers = await asyncio.gather(*(here.one(double, str(number)) for number in (3, 1, 3, 2)))
    assert answers == [6, 2, 6, 4]
    assert relation.calls == [["3", "1", "2"]]


async def test_many_keep_their_order_and_what_is_unknown_is_none() -> None:
    here, relation = context(), Relation()
    assert await here.many(relation.double, ["3", "x", "1", "3"]) == [6, None, 2, 6]
    assert await here.one(relation.double, "x") is None


async def test_what_was_asked_once_is_known_for_the_rest_of_the_operation() -> None:
    here, relation = context(), Relation()
    double = relation.double
    await here.one(double, "3")
    assert await here.many(double, ["3", "4"]) == [6, 8]
    assert relation.calls == [["3"], ["4"]]
    assert await context().one(double, "3") == 6
    assert relation.calls[-1] == ["3"]


async def test_pages_with_the_same_arguments_are_one_round_trip() -> None:
    here, relation = context(), Relation()
    count = relation.count
    asked = [here.page(count, key, limit) for key, limit in (("1", 5), ("9", 5), ("9", 2))]
    assert await asyncio.gather(*asked) == [[0], [0, 1, 2, 3, 4], [0, 1]]
    assert sorted(relation.calls) == [["1", "9"], ["9"]]
    assert await here.page(count, "x", 5) == []


async def test_more_than_a_thousand_keys_go_in_several_round_trips() -> None:
    here, relation = context(), Relation()
    await here.many(relation.double, [str(number) for number in range(1001)])
    assert [len(keys) for keys in relation.calls] == [1000, 1]
