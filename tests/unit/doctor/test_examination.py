from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from service.doctor.examination import CHECKS, examine
from service.doctor.findings import Patient, Tally
from service.doctor.identity import Group, judge
from service.graph.client import Graph
from service.graph.migrations import all_migrations
from service.identity.rules import Rules
from service.settings import Settings


class Empty:
    """A graph that nothing was ever done to."""

    embedded = False

    async def agent(self) -> str:
        return "Neo4j/5.26.30"

    async def rows(self, _name: str, /, **_parameters: Any) -> list[list[Any]]:
        return []


async def test_a_graph_that_was_never_migrated_is_a_matter_of_findings() -> None:
    settings = Settings(data=Path(__file__).parent)
    found = await examine(Patient(cast("Graph", Empty()), settings))
    assert list(found) == list(CHECKS)
    assert len(found["migrations"]) == len(all_migrations())
    assert {one.remedy for one in found["migrations"]} == {"Run `customer-graph migrate`."}
    (log,) = found["log"]
    assert log.what == "what is to be examined is not there as it must be"
    assert "above" in log.remedy


@pytest.mark.parametrize(
    ("kinds", "links", "what"),
    [
        ({"customer:cus_a": "customer", "cookie:1": "cookie"}, [("customer:cus_a", "cookie:1")], None),
        ({"cookie:1": "cookie"}, [], "customers have not their own identifier: their id leads to somebody else"),
        ({"customer:cus_a": "customer", "cookie:1": "cookie"}, [], "customers hang together by no accepted link"),
        ({}, [], "customers have no identifier"),
    ],
)
def test_what_makes_a_customer_one(kinds: dict[str, str], links: list[tuple[str, str]], what: str | None) -> None:
    tally = Tally("customers")
    judge(Group("cus_a", "ANONYMOUS", kinds, links), Rules().current, tally)
    assert [one.what for one in tally.findings()] == ([what] if what else [])
