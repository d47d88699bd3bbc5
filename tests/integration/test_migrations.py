"""Migrations: applied once, also by two processes at once, and never edited afterwards."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import MigrationChanged
from service.graph import queries
from service.graph.client import Graph
from service.graph.migrations import _insist, all_migrations, migrate, pending
from tests.conftest import Engine, started

NAMES = [migration.name for migration in all_migrations()]


@pytest.fixture
def cypher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the Cypher files, which the service now reads."""
    copy = tmp_path / "cypher"
    shutil.copytree(queries.folder(), copy)
    monkeypatch.setattr(queries, "folder", lambda: copy)
    return copy


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine of its own with nothing in it."""
    with started(request.config, tmp_path / "engine") as engine:
        yield engine


@pytest.mark.timeout(120)
async def test_two_that_start_at_once_on_an_empty_database_agree(empty: Engine, cypher: Path) -> None:
    one, two = empty.graph(), empty.graph()
    try:
        assert [migration.name for migration in await pending(one)] == NAMES
        applied = await asyncio.gather(migrate(one), migrate(two))
        assert {name for names in applied for name in names} == set(NAMES)
        assert sorted(await two.rows("graph/migrations")) == [[m.number, m.checksum] for m in all_migrations()]
        counters = await one.run("MATCH (k:Counter) RETURN k.name, k.seq, k.clock, k.lock ORDER BY k.name")
        assert counters == [
            ["apiKeys", None, None, 0],
            ["changes", 0, 0, 0],
            ["matching", None, None, 0],
            ["webhooks", None, None, 0],
        ]
        ((pipeline,),) = await one.run("MATCH (p:Pipeline) RETURN collect([p.id, p.name])")
        assert pipeline == [["pip_00000000000070008000000000000001", "Sales"]]
        stages = await one.run(
            "MATCH (p:Pipeline)-[:HAS_STAGE]->(s) RETURN s.position, s.kind ORDER BY s.position"
        )
        assert stages == [[1, "OPEN"], [2, "OPEN"], [3, "OPEN"], [4, "OPEN"], [5, "WON"], [6, "LOST"]]
        assert await one.run("MATCH (n) RETURN count(n)") == [[len(NAMES) + 4 + 1 + 6]]

        assert list(await asyncio.gather(migrate(one), migrate(two))) == [[], []]

        added = cypher / "schema" / "900_probe.cypher"
        added.write_text(
            "// neo4j\nMERGE (p:Probe {id: 'neo4j'});\n// embedded\nMERGE (p:Probe {id: 'embedded'});\n"
            "// both\nMERGE (p:Probe {id: 'both'});\n"
        )
        assert [migration.name for migration in await pending(two)] == ["900_probe.cypher"]
        assert await migrate(two) == ["900_probe.cypher"]
        probes = await one.run("MATCH (p:Probe) RETURN p.id ORDER BY p.id")
        assert probes == [["both"], ["embedded" if empty.embedded else "neo4j"]]
        assert await pending(one) == []
    finally:
        await one.close()
        await two.close()


async def test_a_second_time_there_is_nothing_to_do(graph: Graph) -> None:
    before = await graph.run("MATCH (m:Migration) RETURN m.number, m.appliedAt ORDER BY m.number")
    assert [number for number, _ in before] == [*range(1, len(NAMES) + 1)]
    assert await pending(graph) == []
    assert await migrate(graph) == []
    assert await graph.run("MATCH (m:Migration) RETURN m.number, m.appliedAt ORDER BY m.number") == before


async def test_a_stage_that_two_processes_put_into_a_pipeline_is_in_it_once(graph: Graph) -> None:
    """The embedded engine lets two that make the default pipeline at once each draw the same edge."""
    stages = "MATCH (p:Pipeline {id: $id})-[:HAS_STAGE]->(s) RETURN s.position ORDER BY s.position"
    sales = "pip_00000000000070008000000000000001"
    before = await graph.run(stages, id=sales)
    (repair,) = (
        statement
        for migration in all_migrations()
        for _, statement in migration.statements
        if statement.endswith("DELETE r") and "HAS_STAGE" in statement
    )
    twice = """MATCH (p:Pipeline {id: 'pip_00000000000070008000000000000001'})-[:HAS_STAGE]->(s)
      WITH p, s CREATE (p)-[:HAS_STAGE]->(s)"""
    await graph.change_schema(twice)
    assert len(await graph.run(stages, id=sales)) == 2 * len(before)
    await asyncio.gather(*(_insist(graph, repair) for _ in range(2)))
    assert await graph.run(stages, id=sales) == before
    # Where there is nothing to mend, nothing goes.
    await graph.change_schema(repair)
    assert await graph.run(stages, id=sales) == before


async def test_a_new_file_is_pending(graph: Graph, cypher: Path) -> None:
    (cypher / "schema" / "900_later.cypher").write_text("MERGE (p:Probe {id: 'later'});\n")
    assert [(one.number, one.name) for one in await pending(graph)] == [(900, "900_later.cypher")]


async def test_a_file_that_was_edited_after_it_was_applied_is_refused(graph: Graph, cypher: Path) -> None:
    (cypher / "schema" / "003_later.cypher").write_text("MERGE (p:Probe {id: 'later'});\n")
    path = cypher / "schema" / NAMES[1]
    path.write_text(path.read_text() + "// A comment.\n")
    for work in (pending, migrate):
        with pytest.raises(MigrationChanged) as refused:
            await work(graph)
        assert (
            refused.value.message
            == f"{NAMES[1]} was applied and has been edited since. Restore it, and add a new migration."
        )
    assert await graph.run("MATCH (m:Migration) RETURN count(m)") == [[len(NAMES)]]
