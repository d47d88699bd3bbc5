"""A sound graph has no findings; each damage, done by hand, is found and named, with what to do."""

from __future__ import annotations

import time as clock
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from service import demo_world
from service.app import open_services
from service.doctor import identity, log, orphans
from service.doctor.examination import CHECKS, examine
from service.doctor.findings import Finding, Patient
from service.graph.client import Graph
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import (
    ADD_NOTE,
    CREATE_DEAL,
    CREATE_TASK,
    IDENTIFY,
    OPEN_TICKET,
    ORDER,
    RECORD_MANY,
    Api,
)
from tests.integration.damages import DAMAGES, MARKED, Damage
from tests.integration.hooks import REGISTER

MERGE = """mutation ($input: MergeCustomersInput!) { mergeCustomers(input: $input) {
  customer { id } userErrors { code message field } } }"""


@pytest.fixture(scope="module")
async def world(alone: Engine) -> AsyncIterator[Graph]:
    """The demo's world, with a merge, a task, a ticket, a note and a webhook."""
    settings = Settings(webhook_loopback=True, matching=False)
    start = datetime.combine(datetime.now(UTC).date() - timedelta(days=30), time(), UTC)
    async with alone.migrated() as graph:
        async with open_services(settings, graph, reminding=False) as services:
            await fill(Api(graph, services), demo_world.generate(start))
        yield graph


async def fill(api: Api, world: demo_world.World) -> None:
    for first in range(0, len(world.touchpoints), 500):
        await api.field(RECORD_MANY, input={"items": world.touchpoints[first : first + 500]})
    for order in world.orders:
        await api.done(ORDER, input=order)
    for one in world.identities:
        await api.done(IDENTIFY, input=one)
    deal = (await api.done(CREATE_DEAL, input=demo_world.IVANOVS_DEAL))["deal"]
    customer_id = deal["customer"]["id"]
    others = await api.field("{ customers(first: 2) { nodes { id } } }")
    merged = [one["id"] for one in others["nodes"] if one["id"] != customer_id][:1]
    await api.done(MERGE, input={"customerIds": [customer_id, *merged], "reason": "The same."})
    await api.done(CREATE_TASK, input={"title": "Call", "customerId": customer_id})
    await api.done(CREATE_TASK, input={"title": "Sweep"})
    await api.done(OPEN_TICKET, input={"by": {"id": customer_id}, "subject": "Help", "channel": "email"})
    await api.done(ADD_NOTE, input={"subjectId": customer_id, "text": "Likes tea", "by": "Olga"})
    await api.done(REGISTER, input={"url": "http://127.0.0.1:9/"})


async def found(graph: Graph) -> list[Finding]:
    """All findings."""
    each = await examine(Patient(graph, Settings(data=Path(__file__).parent)))
    assert list(each) == list(CHECKS)
    return [one for findings in each.values() for one in findings]


async def change(graph: Graph, *statements: str) -> None:
    """Does something by hand."""
    for statement in statements:
        async with graph.transaction() as transaction:
            await transaction._run(statement, "by hand", {})


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there are many, and ends of slices anywhere."""
    monkeypatch.setattr(identity, "IDENTIFIERS", 7)
    monkeypatch.setattr(identity, "CUSTOMERS", 3)
    monkeypatch.setattr(orphans, "SLICE", 11)
    monkeypatch.setattr(log, "SLICE", 13)


async def test_a_sound_graph_has_no_findings(world: Graph) -> None:
    assert await found(world) == []


@pytest.mark.usefixtures("small_slices")
async def test_slices_leave_nothing_out(world: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {}
    rows = world.rows

    async def noted(name: str, /, **parameters: Any) -> list[list[Any]]:
        read = await rows(name, **parameters)
        if "after" in parameters and "limit" in parameters:
            seen.setdefault(name, set()).update(row[0] for row in read)
        return read

    monkeypatch.setattr(world, "rows", noted)
    assert await found(world) == []
    for name, label in (
        ("doctor/identifiers", "Identifier"),
        ("matches/customer_page", "Customer"),
        ("doctor/touchpoints", "Touchpoint"),
        ("doctor/orders", "Order"),
        ("doctor/source_profiles", "SourceProfile"),
        ("doctor/tasks", "Task"),
        ("doctor/notes", "Note"),
        ("doctor/stage_changes", "DealStageChange"),
    ):
        ((many,),) = await world.run(f"MATCH (n:{label}) RETURN count(n)")
        assert len(seen[name]) == many > 0, name


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.name)
async def test_a_damage_is_found_and_named(world: Graph, damage: Damage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "_CHORE_SECONDS", 0.01)
    await change(world, *damage.done)
    try:
        findings = await found(world)
    finally:
        await change(world, *damage.undone)
    assert len(findings) == damage.count, findings
    first = findings[0]
    assert first.check == damage.check
    assert first.what.startswith(damage.what)
    assert damage.remedy in first.remedy
    assert first.count == 1
    values = ("cookie:", "@", "user-", "+7")
    assert not [one for one in first.examples if any(value in one for value in values)]


async def test_after_all_damages_were_undone_the_graph_is_sound(world: Graph) -> None:
    assert await found(world) == []


async def test_an_id_that_was_merged_away_must_lead_to_somebody(world: Graph) -> None:
    await change(
        world,
        "MATCH (i:Identifier {kind: 'customer'})-[e:IDENTIFIES]->(c:Customer) WHERE i.value <> c.id "
        "WITH i, e, c LIMIT 1 SET i.x = 1, c.x = 1 DELETE e",
    )
    try:
        findings = await found(world)
    finally:
        await change(
            world,
            f"{MARKED} MATCH (c:Customer {{x: 1}}) CREATE (i)-[:IDENTIFIES]->(c) REMOVE i.x REMOVE c.x",
        )
    assert "former ids of customers lead nowhere" in {one.what for one in findings}
    assert {one.check for one in findings} <= {"identifiers", "customers"}


async def test_a_missing_index_and_a_missing_constraint_are_named(world: Graph) -> None:
    drops = "DROP INDEX customer_last_seen", "DROP CONSTRAINT webhook_id"
    makes = (
        "CREATE INDEX customer_last_seen IF NOT EXISTS FOR (c:Customer) ON (c.lastSeenPosition)",
        "CREATE CONSTRAINT webhook_id IF NOT EXISTS FOR (w:Webhook) REQUIRE w.id IS UNIQUE",
    )
    for drop in drops:
        await world.change_schema(drop)
    try:
        findings = await found(world)
    finally:
        for make in makes:
            await world.change_schema(make)
    assert sorted(one.what for one in findings) == [
        "the constraint webhook_id on Webhook(id) is missing",
        "the index customer_last_seen on Customer(lastSeenPosition) is missing",
    ]
    assert all("cypher/schema" in one.remedy for one in findings)
    assert await found(world) == []


async def test_a_full_disk_is_found_on_the_embedded_engine(world: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.doctor.engine.ROOM_BYTES", 1 << 62)
    findings = await found(world)
    assert [one.check for one in findings] == (["disk"] if world.embedded else [])


async def test_many_alike_are_one_finding_with_examples(world: Graph) -> None:
    await change(
        world, "UNWIND range(1, 20) AS n CREATE (:Customer {id: 'cus_x' + toString(n), state: 'ANONYMOUS'})"
    )
    try:
        (finding,) = await found(world)
    finally:
        await change(world, "MATCH (c:Customer) WHERE c.id STARTS WITH 'cus_x' DELETE c")
    assert finding.count == 20
    assert len(finding.examples) == 5


async def test_clocks_that_differ_are_found(world: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    real = clock.time
    monkeypatch.setattr(clock, "time", lambda: real() - 30)
    (finding,) = await found(world)
    assert finding.check == "clocks"
    assert finding.what == "the engine's clock is 30 s ahead of this machine's"
    assert "NTP" in finding.remedy


async def test_an_index_that_cannot_be_used_is_found(world: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = world.rows

    async def populating(name: str, /, **parameters: Any) -> list[list[Any]]:
        read = await rows(name, **parameters)
        if name == "doctor/indexes":
            read = [
                [labels, properties, "POPULATING", 40.0]
                if (labels, properties) == (["Customer"], ["lastSeenPosition"])
                else [labels, properties, *rest]
                for labels, properties, *rest in read
            ]
        return read

    monkeypatch.setattr(world, "rows", populating)
    (finding,) = await found(world)
    assert finding.what == "the index customer_last_seen on Customer(lastSeenPosition) is POPULATING (40 %)"
    assert "Wait" in finding.remedy
