"""Lists that the embedded engine reads slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from service.graph.client import Graph
from service.reads.gathering import Gatherer
from service.reads.levels import Level, Subquery
from service.reads.relations import Bound, Parameters, Relation
from service.reads.variants import Variant


def _parts(_parameters: Parameters) -> Iterator[Parameters]:
    yield {"from": "c", "before": "d"}
    yield {"from": "b", "before": "c"}
    yield {"from": "a", "before": "b"}


class Lists:
    """An embedded graph with so many rows in each slice."""

    def __init__(self, *, embedded: bool = True, **found: int) -> None:
        self.embedded = embedded
        self.found = found
        self.asked: list[tuple[str, str, int]] = []

    async def run(self, text: str, _name: str, *, limit_0: int, **given: Any) -> Any:
        if "batch" not in given:
            # The page alone, its parameters the statement's: there the engine looks the range up by an index.
            assert text.startswith("MATCH (c0:Customer)\nWHERE c0.lastSeenPosition >= $from_0")
            return [[self._page(given["from_0"], given["before_0"], limit_0)]]
        (one,) = given["batch"]
        assert one["n"] == 0
        if self.embedded:
            assert text == "UNWIND $batch AS p\nWITH\n  p.n AS p_0,\n  p.other AS p_1\nRETURN collect([p_0, p_1])"
            return [[[[0, "other"]]]]
        return [[[[0, "other", self._page(one["from_0"], one["before_0"], limit_0)]]]]

    def _page(self, start: str, before: str, limit: int) -> list[list[str]]:
        self.asked.append((start, before, limit))
        return [[f"{start}{number}"] for number in range(min(limit, self.found[start]))]


async def listed(graph: Lists, *, together: bool = True) -> list[Any]:
    relation = Relation("customers/last_seen", end="c", slices=_parts)
    root = Level("p", ["p.other", Subquery(0, relation, "", Level("c0", ["c0.id"]))])
    whole = Variant((), "UNWIND", lambda *_: {}, "", root, frozenset({"limit_0"}), {})
    parameters = {"from": "", "before": "~", "limit": 3}
    own = {"from_0": "", "before_0": "~"}
    gatherer = Gatherer(cast("Graph", graph), together=together)
    return await gatherer.read(whole, [Bound(relation, parameters, 2)], {"limit_0": 3}, own)


@pytest.mark.parametrize("together", [True, False])
async def test_the_embedded_engine_is_asked_slice_by_slice_until_the_page_is_full(together: bool) -> None:
    graph = Lists(c=1, b=5, a=9)
    assert await listed(graph, together=together) == ["other", [["c0"], ["b0"], ["b1"]]]
    assert graph.asked == [("c", "d", 3), ("b", "c", 2)]


async def test_a_page_that_is_not_full_has_all_slices() -> None:
    graph = Lists(c=0, b=1, a=1)
    assert await listed(graph) == ["other", [["b0"], ["a0"]]]
    assert graph.asked == [("c", "d", 3), ("b", "c", 3), ("a", "b", 2)]


async def test_another_engine_is_asked_for_the_whole_at_once() -> None:
    graph = Lists(embedded=False, **{"": 3})
    assert await listed(graph) == ["other", [["0"], ["1"], ["2"]]]
    assert graph.asked == [("", "~", 3)]
