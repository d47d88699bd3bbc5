"""`customer-graph doctor` as an operator runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.doctor import engine
from service.doctor.schema import made
from service.graph.client import Graph
from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from service.graph.migrations import all_migrations, migrate


def doctor(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs it on no other graph than its arguments say."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CUSTOMER_GRAPH_")}
    environment["COLUMNS"] = "250"
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "doctor", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_folder_without_a_graph_is_bad_input_and_stays_as_it_is(tmp_path: Path) -> None:
    done = doctor("--data", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "there is no graph in" in done.stderr
    assert not (tmp_path / "none").exists()
    assert doctor("--nonsense").returncode == 2


async def test_an_embedded_graph_is_examined_as_it_is(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--engine") != "embedded":
        pytest.skip("of the embedded engine")
    folder = tmp_path / "data"
    one = EmbeddedEngine(folder, memory_mb=256)
    address = one.start()
    try:
        used = doctor("--data", str(folder))
        assert used.returncode == 1
        assert "A service is using this data folder" in used.stderr
        graph = Graph(address.uri, user=USER, password=address.password, database=DATABASE, embedded=True)
        await migrate(graph)
        async with graph.transaction() as transaction:
            await transaction._run("CREATE (:Customer {id: 'cus_x', state: 'ANONYMOUS'})", "by hand", {})
            await transaction._run("MATCH (m:Migration {number: 6}) DELETE m", "by hand", {})
        await graph.close()
    finally:
        one.stop()
    told = doctor("--data", str(folder), "--json")
    assert told.returncode == 1, told.stderr
    answer = json.loads(told.stdout)
    assert answer["sound"] is False
    assert [[found["check"], found["what"], found["examples"]] for found in answer["findings"]] == [
        ["migrations", "006_changes.cypher is not applied", []],  # Nor is it by the examination.
        ["customers", "customers have no identifier", ["cus_x"]],
    ]
    table = doctor("--data", str(folder))
    assert table.returncode == 1
    assert "customers have no identifier (1, such as cus_x)" in table.stdout
    assert "Run `customer-graph migrate`." in table.stdout
    assert "log" in table.stdout
    assert "ok" in table.stdout


def test_an_engine_that_cannot_be_reached_is_a_finding() -> None:
    environment = os.environ | {"CUSTOMER_GRAPH_NEO4J_URI": "bolt://127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "doctor", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert found["check"] == "engine"
    assert "Start the engine" in found["remedy"]


@pytest.mark.parametrize(
    ("agent", "name", "version"),
    [
        ("Neo4j/5.26.30", "Neo4j", (5, 26)),
        ("Neo4j/2026.08.1", "Neo4j", (2026, 8)),
        ("Neo4j/5.26.0 compatible (ArcadeDB 26.10.2)", "ArcadeDB", (26, 10)),
        ("Memgraph/2.1", "Memgraph/2.1", None),
    ],
)
def test_an_engine_is_known_by_what_it_calls_itself(
    agent: str, name: str, version: tuple[int, int] | None
) -> None:
    assert engine.release(agent)[:2] == (name, version)


def test_what_must_be_there_is_read_from_the_migrations() -> None:
    constraints, others = made(all_migrations(), embedded=False)
    assert constraints["Identifier", ("key",)] == "identifier_key"
    assert others["Touchpoint", ("identifierKey", "position")] == "touchpoint_order"
    assert ("Deal", ("closingPosition",)) not in others  # It was dropped.
    assert ("Touchpoint", ("identifierKey", "position")) not in made(all_migrations(), embedded=True)[1]
    text = "".join(statement for one in all_migrations() for _, statement in one.statements)
    assert len(constraints) == text.count("CREATE CONSTRAINT")
    assert len(others) == text.count("CREATE INDEX") - text.count("DROP INDEX")
