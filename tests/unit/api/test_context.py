from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from service.access.models import OPERATOR
from service.api.context import Context
from service.errors import Rejected
from service.graph.client import Graph
from service.reads.relations import Relation
from service.services import Services

DOUBLE = Relation("identity/by_key", end="i", type="Double")
COUNT = Relation("deals/stage_changes", end="m", type="Count")


class Numbers:
    """A graph that doubles numbers and counts up to them, and remembers how it was asked."""

    embedded = False

    def __init__(self, poison: str = "none") -> None:
        self.poison = poison
        self.calls: list[list[str]] = []

    async def run(self, _text: str, name: str, *, batch: list[dict[str, Any]], **shared: Any) -> list[Any]:
        queries = name.split("+")
        self.calls.append([one[f"key_{number}"] for number in range(len(queries)) for one in batch])
        answers = [[one["n"], *self._columns(queries, one, shared)] for one in reversed(batch)]
        return [[answers]]

    def _columns(self, queries: list[str], one: dict[str, Any], shared: dict[str, Any]) -> list[list[list[int]]]:
        return [
            self._rows(query, one[f"key_{number}"], shared.get(f"limit_{number}"))
            for number, query in enumerate(queries)
        ]

    def _rows(self, query: str, key: str, limit: int | None) -> list[list[int]]:
        if key == self.poison:
            raise Rejected
        if not key.isdecimal():
            return []
        if query == DOUBLE.query:
            assert limit is None
            return [[2 * int(key)]]
        assert limit is not None
        return [[number] for number in range(min(limit, int(key)))]


def context(graph: Numbers | None = None) -> Context:
    return Context(
        cast("Graph", graph or Numbers()), cast("Services", SimpleNamespace(surroundings=None)), OPERATOR
    )


async def double(here: Context, key: str) -> int | None:
    rows = await here.rows(DOUBLE, ("double",), {}, key)
    assert all(row.keys() == {"double", "__typename"} and row["__typename"] == "Double" for row in rows)
    return rows[0]["double"] if rows else None


async def doubles(here: Context, keys: list[str]) -> list[int | None]:
    return list(await asyncio.gather(*(double(here, key) for key in keys)))


async def count(here: Context, key: str, limit: int) -> list[int]:
    return [row["count"] for row in await here.rows(COUNT, ("count",), {"limit": limit}, key)]


async def test_what_is_asked_at_the_same_time_is_one_round_trip() -> None:
    graph = Numbers()
    assert await doubles(context(graph), ["3", "1", "3", "2"]) == [6, 2, 6, 4]
    assert graph.calls == [["3", "1", "2"]]


async def test_many_keep_their_order_and_what_is_unknown_is_nothing() -> None:
    here = context()
    assert await doubles(here, ["3", "x", "1", "3"]) == [6, None, 2, 6]
    assert await here.rows(DOUBLE, ("double",), {}, "x") == []


async def test_what_was_asked_once_is_known_for_the_rest_of_the_operation() -> None:
    graph = Numbers()
    here = context(graph)
    await double(here, "3")
    assert await doubles(here, ["3", "4"]) == [6, 8]
    assert graph.calls == [["3"], ["4"]]
    assert await double(context(graph), "3") == 6
    assert graph.calls[-1] == ["3"]


async def test_what_was_read_before_a_write_is_forgotten() -> None:
    graph = Numbers()
    here = context(graph)
    await double(here, "3")
    here.forget()
    assert await double(here, "3") == 6
    assert graph.calls == [["3"], ["3"]]


async def test_pages_of_other_sizes_are_read_beside_one_another() -> None:
    graph = Numbers()
    here = context(graph)
    asked = [count(here, key, limit) for key, limit in (("1", 5), ("9", 5), ("8", 2))]
    assert await asyncio.gather(*asked) == [[0], [0, 1, 2, 3, 4], [0, 1]]
    # The second page has fewer keys: the rest of its places are nobody's.
    assert graph.calls == [["1", "9", "8", ""]]
    assert await count(here, "x", 5) == []


async def test_other_relations_and_other_columns_go_in_the_same_round_trip() -> None:
    graph = Numbers()
    here = context(graph)
    twice, thrice, counted = await asyncio.gather(
        double(here, "1"),
        here.rows(DOUBLE, ("thrice",), {}, "2"),
        here.rows(COUNT, ("count",), {"limit": 3}, "3"),
    )
    assert (twice, thrice, len(counted)) == (2, [{"thrice": 4, "__typename": "Double"}], 3)
    assert graph.calls == [["3", "1", "2"]]


async def test_what_starts_from_no_key_goes_alone() -> None:
    graph = Numbers()
    here = context(graph)
    await asyncio.gather(double(here, "1"), here.rows(COUNT, ("count",), {"limit": 3}, ""))
    assert sorted(graph.calls) == [[""], ["1"]]


async def test_the_error_of_one_relation_is_nobody_elses() -> None:
    here = context(Numbers(poison="7"))
    asked = [double(here, "7"), double(here, "1"), count(here, "2", 5)]
    refused, also_refused, counted = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(refused, Rejected)
    assert isinstance(also_refused, Rejected)
    assert counted == [0, 1]


async def test_more_than_a_thousand_keys_go_in_several_round_trips() -> None:
    graph = Numbers()
    answers = await doubles(context(graph), [str(number) for number in range(1001)])
    assert answers == [2 * number for number in range(1001)]
    assert [len(keys) for keys in graph.calls] == [1000, 1]


async def test_who_gives_up_takes_nothing_from_others_who_ask_the_same() -> None:
    """As when a sibling of one of two places fails, and all beside it is cancelled."""
    here = context()
    leaving, staying = (asyncio.create_task(double(here, "3")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 6
    assert leaving.cancelled()
    assert await double(here, "3") == 6


async def test_what_all_gave_up_is_not_read_on_and_can_be_asked_again() -> None:
    began = asyncio.Event()

    class Slow(Numbers):
        async def run(self, *asked: Any, **given: Any) -> list[Any]:
            answer = await super().run(*asked, **given)
            began.set()
            await asyncio.sleep(0 if len(self.calls) > 1 else 60)
            return answer

    graph = Slow()
    here = context(graph)
    asking = [asyncio.create_task(double(here, key)) for key in ("3", "3", "4")]
    await began.wait()
    (reading,) = here._loading
    for one in asking:
        one.cancel()
    await asyncio.wait([*asking, reading])
    assert reading.cancelled()
    assert await doubles(here, ["3", "4"]) == [6, 8]
