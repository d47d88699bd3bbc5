"""Merging by rule who is surely one person: where the operator wants that, what speaks against it, undoing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import RECORD, UPDATE, Api
from tests.integration.candidates import NODE, alike, born, decide, duplicates, known, name_of, settle, who
from tests.integration.forms import identifiers, touch
from tests.integration.stewarding import history, undo

EXPLAIN = """query ($a: IdentifierInput!, $b: IdentifierInput!) { explainIdentity(a: $a, b: $b) {
  sameCustomer path { method rule probability source } } }"""
LINKS = """query ($by: CustomerBy!) { customer(by: $by) { identityGraph {
  links { method rule probability active source } } } }"""


@pytest.fixture(scope="module")
async def graph(alone: Engine) -> AsyncIterator[Graph]:
    """A graph of this file's: a service whose operator lets no rules merge may match first in the others'."""
    async with alone.migrated() as graph:
        yield graph


@pytest.fixture(scope="module")
async def ruled(graph: Graph) -> AsyncIterator[Api]:
    """A service whose operator lets rules merge."""
    async with open_services(Settings(auto_merge_probability=0.9), graph) as services:
        yield Api(graph, services)


async def test_what_is_sure_enough_is_merged_by_rule(ruled: Api, graph: Graph, unique: str) -> None:
    one, other = await _alike_for(ruled, graph, unique)
    assert await who(ruled, one, other) == [one, one]
    event = (await history(ruled, id=one))[0]
    assert (event["kind"], event["by"], event["customerIds"]) == ("MERGED", "rules", [one, other])
    (candidate,) = await _decided(ruled, graph, one)
    assert (candidate["status"], candidate["decidedBy"]) == ("SAME", "rules")
    assert candidate["decidedAt"] is not None
    a, b = identifiers(*(("cookie", f"{unique}-0-{place}") for place in range(2)))
    explained = await ruled.field(EXPLAIN, a=a, b=b)
    assert explained["sameCustomer"]
    expected = {"method": "PROBABILISTIC", "rule": "match", "probability": candidate["probability"]}
    assert expected | {"source": "rules"} in explained["path"]
    links = (await ruled.field(LINKS, by={"id": one}))["identityGraph"]["links"]
    assert expected | {"source": "rules", "active": True} in links


async def test_what_a_rule_merged_and_somebody_parted_is_not_merged_again(
    ruled: Api, graph: Graph, unique: str
) -> None:
    one, other = await _alike_for(ruled, graph, unique)
    (event,) = [each for each in await history(ruled, id=one) if each["kind"] == "MERGED"]
    await undo(ruled, event["id"])
    for city in ("Lviv", "Kyiv"):
        await settle(graph)
        assert await who(ruled, one, other) == [one, other]
        (candidate,) = await duplicates(ruled, one)
        assert candidate["status"] == "OPEN"
        await ruled.done(UPDATE, input={"customerId": other, "attributes": {"city": city}})
    await settle(graph)
    assert (await decide(ruled, candidate["id"], same=True))["match"]["status"] == "SAME"


CONFLICTS: dict[str, Any] = {
    "user_id": [[("user_id", "1")], [("user_id", "2")]],
    "ids of one system": [[("external:crm", "1")], [("external:crm", "2")]],
}


@pytest.mark.parametrize("conflict", CONFLICTS)
async def test_accounts_of_their_own_are_not_merged_by_rule(
    ruled: Api, graph: Graph, unique: str, conflict: str
) -> None:
    for place, keys in enumerate(CONFLICTS[conflict]):
        own = [(kind, f"{unique}-{value}") for kind, value in keys]
        await ruled.done(RECORD, input=touch(f"{unique}-{place}", ("cookie", f"{unique}-0-{place}"), *own))
    one, other = await _alike_for(ruled, graph, unique)
    assert await who(ruled, one, other) == [one, other]
    (candidate,) = await duplicates(ruled, one)
    assert (candidate["status"], candidate["probability"] > 0.9) == ("OPEN", True)


async def test_shared_ids_of_one_system_are_no_conflict(ruled: Api, graph: Graph, unique: str) -> None:
    for place, source in enumerate(("crm", "shop")):
        own = (f"external:{source}", f"{unique}-{place}")
        await ruled.done(RECORD, input=touch(f"{unique}-{place}", ("cookie", f"{unique}-0-{place}"), own))
    one, other = await _alike_for(ruled, graph, unique)
    assert len(set(await who(ruled, one, other))) == 1


async def test_birth_dates_that_are_corroborated_are_not_merged_by_rule(
    ruled: Api, graph: Graph, unique: str
) -> None:
    was = born(unique)
    said = {"name": name_of(unique), "city": "Kyiv", "postcode": "01001", "email": f"{unique}@gmail.com"}
    ids = []
    for place, birth in enumerate((was, was.replace(day=was.day % 27 + 1))):
        key = ("cookie", f"{unique}-{place}")
        await known(ruled, f"{unique}-{place}-1", "crm", said | {"birthDate": str(birth)}, key)
        written = birth.strftime("%d.%m.%Y")
        ids.append(await known(ruled, f"{unique}-{place}-2", "shop", said | {"dateOfBirth": written}, key))
    await settle(graph)
    assert await who(ruled, *ids) == ids
    (candidate,) = await duplicates(ruled, ids[0])
    assert candidate["status"] == "OPEN"
    assert candidate["probability"] > 0.9


async def _alike_for(api: Api, graph: Graph, unique: str) -> list[str]:
    both = await alike(api, unique)
    await settle(graph)
    return both


async def _decided(api: Api, graph: Graph, customer_id: str) -> list[dict[str, Any]]:
    """All candidates of a customer, decided ones too."""
    found = await graph.run(
        """MATCH (:Customer {id: $id})<-[:IDENTIFIES]-(i:Identifier)<-[:PROPOSES]-(m:MatchCandidate)
           RETURN DISTINCT m.id""",
        id=customer_id,
    )
    return [await api.field(NODE, id=match_id) for (match_id,) in found]
