"""Random valid operations with nasty values: every one is answered, and none with a fault of the service's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import graphql as g
import pytest

from service.graph.client import Graph
from tests.acceptance.conftest import service
from tests.conftest import Engine
from tests.fuzz.hunting import Hunt

SCHEMA = Path(__file__).parents[2] / "schema.graphql"
OPERATIONS = int(os.environ.get("FUZZ_OPERATIONS", "512"))


@pytest.fixture(scope="module")
def fuzzed(engine: Engine, graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunt]:
    del graph
    log = tmp_path_factory.mktemp("fuzz") / "log"
    schema = g.build_schema(SCHEMA.read_text(encoding="utf-8"))
    with service(engine, log) as process, Hunt(process.address, schema, print) as hunt:
        yield hunt
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")


@pytest.mark.timeout(OPERATIONS)
def test_no_operation_is_answered_with_a_fault(fuzzed: Hunt) -> None:
    tally = fuzzed.run(OPERATIONS, first_seed=1)
    assert tally.findings == {}
    # Most of them say something of the graph, and some of what is wrong with them: else nothing was tried.
    assert tally.codes["data"] > 0.4 * OPERATIONS
    assert tally.codes["BAD_USER_INPUT"] > 0.05 * OPERATIONS
    assert len(tally.done) > 0.7 * len(fuzzed.fields)
