"""What plans promise beside the right answer: a write is made once, and one request's fault is its own."""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import Rejected, Unavailable
from service.graph.client import Graph
from service.reads.gathering import Gatherer
from service.services import Services
from tests.integration.asking import RECORD, Api
from tests.integration.forms import touch

CREATE = """mutation ($a: CreateDealInput!, $b: CreateDealInput!) {
  a: createDeal(input: $a) { deal { title } userErrors { message } }
  b: createDeal(input: $b) { deal { title } userErrors { message } } }"""
DEALS = "query ($c: String!) { customer(by: {cookie: $c}) { deals { nodes { title } } } }"


@pytest.mark.parametrize("failing", [1, 2])
async def test_a_write_whose_payload_cannot_be_read_by_a_plan_is_made_once(
    api: Api, unique: str, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    await api.done(RECORD, input=touch(unique, ("cookie", unique)))
    read, reads = Gatherer.read, 0

    async def fails(self: Gatherer, *given: Any) -> list[Any]:
        nonlocal reads
        reads += 1
        if reads == failing:
            raise Unavailable
        return await read(self, *given)

    monkeypatch.setattr(Gatherer, "read", fails)
    # Without an idempotency key: made again, there would be more of them.
    forms = {name: {"by": {"cookie": unique}, "title": name} for name in ("a", "b")}
    answer = await api.answer(CREATE, **forms)
    assert answer == {"data": {name: {"deal": {"title": name}, "userErrors": []} for name in ("a", "b")}}
    assert reads == failing
    found = await api.field(DEALS, c=unique)
    assert sorted(deal["title"] for deal in found["deals"]["nodes"]) == ["a", "b"]


async def test_what_the_graph_refuses_of_one_request_is_answered_and_leaves_the_plan_to_others(
    graph: Graph, services: Services, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(graph, services)
    await api.done(RECORD, input=touch(unique, ("cookie", unique)))
    read = Gatherer.read
    with monkeypatch.context() as patched:

        async def refuses(_self: Gatherer, *_given: Any) -> list[Any]:
            raise Rejected

        patched.setattr(Gatherer, "read", refuses)
        assert await api.field(DEALS, c=unique) == {"deals": {"nodes": []}}
    assert Gatherer.read is read
    before = api.compiled_answers
    assert await api.field(DEALS, c=unique) == {"deals": {"nodes": []}}
    assert api.compiled_answers == before + 1
