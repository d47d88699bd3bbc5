"""A clock that is set back: ids and the log's times go on growing, and what is recorded is found in its order."""

from __future__ import annotations

import time
from typing import Any

import pytest

from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import Api
from tests.integration.forms import touch

DAY = 86_400 * 10**9
RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  userErrors { code } touchpoint { id receivedAt customer { id } } } }"""
LOG = """query ($after: String) { changes(after: $after, first: 100) {
  nodes { cursor at } endCursor newestCursor } }"""


async def test_a_clock_that_is_set_back_turns_nothing_round(
    graph: Graph, services: Services, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(graph, services)
    start = (await api.field(LOG))["newestCursor"]
    real, written = time.time_ns, list[dict[str, Any]]()
    for number, days in enumerate((0, -1, -400, 0)):
        monkeypatch.setattr(time, "time_ns", lambda days=days: real() + days * DAY)
        form = touch(f"{unique}-{number}", ("cookie", unique))
        payload = await api.field(RECORD, input=form)
        assert payload["userErrors"] == []
        written.append(payload["touchpoint"])
    ids, times = [one["id"] for one in written], [one["receivedAt"] for one in written]
    assert ids == sorted(ids)
    assert times == sorted(times)
    assert len({one["customer"]["id"] for one in written}) == 1
    told = (await api.field(LOG, after=start))["nodes"]
    assert len(told) >= len(written)
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)
