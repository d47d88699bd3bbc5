from __future__ import annotations

from typing import Any

import pytest

from service.deals.service import DealDesk
from service.errors import UserErrorCode
from service.identity.rules import Rules
from service.settings import Settings
from tests.unit.examples import empty_book_list
from tests.unit.graph.memory import MemoryGraph, committing


@pytest.mark.parametrize(
    ("form", "by", "field"),
    [
        ({"title": ""}, ("cookie", "cookie", "c"), ("title",)),
        ({"title": "A car"}, ("email", "email", "ann"), ("by", "email")),
        ({"title": "A car"}, ("id", "id", "tp_1"), ("by", "id")),
    ],
)
async def test_a_wrong_deal_is_told_by_its_path_before_the_graph_is_asked(
    form: dict[str, Any], by: tuple[str, str, str], field: tuple[str, ...]
) -> None:
    graph = MemoryGraph()
    async with committing(graph, empty_book_list) as committer:
        dealt = await DealDesk(committer, Settings(), Rules()).create(form, by)
    assert dealt.deal_id is None
    assert [(error.code, error.field) for error in dealt.errors] == [(UserErrorCode.INVALID, field)]
    assert graph.begun == 0


async def test_wrong_moves_and_ends_are_told_before_the_graph_is_asked() -> None:
    graph = MemoryGraph()
    async with committing(graph, empty_book_list) as committer:
        desk = DealDesk(committer, Settings(), Rules())
        moved = await desk.move({"dealId": "deal_1"})
        closed = await desk.close({"dealId": "deal_1", "outcome": "DRAWN"})
    assert [error.field for error in moved.errors] == [("stageId",)]
    assert [error.field for error in closed.errors] == [("outcome",)]
    assert graph.begun == 0


async def test_a_deal_with_nobody_is_refused_when_it_is_decided() -> None:
    graph = MemoryGraph()
    async with committing(graph, empty_book_list) as committer:
        dealt = await DealDesk(committer, Settings(), Rules()).create(
            {"title": "A car"}, ("phone", "phone", "+79161234567")
        )
    assert [(error.code, error.field) for error in dealt.errors] == [(UserErrorCode.NOT_FOUND, ("by",))]
    assert graph.begun == 1
    assert graph.committed == [[]]
