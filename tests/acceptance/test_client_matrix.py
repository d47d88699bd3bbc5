"""Clients that others wrote, over HTTP with a key: queries, mutations, pages, errors, and being refused."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.access.models import ALL_RIGHTS
from service.access.service import KeyDesk
from service.graph.client import Graph
from tests.acceptance.conftest import service
from tests.clients import asking_gql, node
from tests.conftest import Engine

pytestmark = pytest.mark.front

SCHEMA = Path(__file__).parents[2] / "schema.graphql"
METHODS = {
    "apollo": ["GET", "POST"],
    "urql": ["GET", "POST"],
    "graphql-request": ["POST"],
    "relay": ["POST"],
    "gql": ["POST"],
}
NORMALISING = ("apollo", "relay")
"""Those whose store knows a node by its id, and shows in one answer what another one changed."""


@pytest.fixture(scope="module")
async def key(graph: Graph) -> str:
    made = await KeyDesk(graph).create({"name": "clients", "scopes": sorted(ALL_RIGHTS)}, ALL_RIGHTS)
    assert made.key is not None
    return made.key


@pytest.fixture(scope="module")
async def closed(engine: Engine, graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where a service listens that lets in only who has a key."""
    del graph  # Migrated.
    log = tmp_path_factory.mktemp("matrix") / "log"
    with service(engine, log, CUSTOMER_GRAPH_AUTH="required") as process:
        yield f"{process.address}/graphql"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs, and what Relay's compiler makes of its documents and this service's schema."""
    folder = node.workplace(tmp_path_factory.mktemp("matrix") / "node")
    shutil.copy(SCHEMA, folder)
    compiler = node.command(folder / "node_modules" / "relay-compiler" / "cli.js")
    compile_ = [*compiler, "relay.config.json"]
    subprocess.run(compile_, cwd=folder / "relay", check=True, stdout=subprocess.DEVNULL)
    return folder


async def known(graph: Graph, cookie: str) -> int:
    """How many identifiers have this value."""
    ((count,),) = await graph.run("MATCH (i:Identifier) WHERE i.value = $value RETURN count(i)", value=cookie)
    return int(count)


async def got(name: str, request: pytest.FixtureRequest, **given: Any) -> dict[str, Any]:
    """What a client got."""
    if name == "gql":
        program = [sys.executable, asking_gql.__file__]
    else:
        program = node.command(request.getfixturevalue("folder") / f"asking-{name}.mjs")
    command = [*program, orjson.dumps(given).decode()]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", METHODS)
async def test_a_client_gets_what_it_asks_for(
    name: str, closed: str, key: str, request: pytest.FixtureRequest, graph: Graph, unique: str
) -> None:
    headers = {"authorization": f"Bearer {key}"}
    days = [f"2024-05-0{day}T00:00:00.000Z" for day in (7, 6, 5, 4, 3, 2, 1)]
    display_name = f"Ann {unique}"
    assert await got(name, request, url=closed, unique=unique, headers=headers, refused=False) == {
        "recorded": [False] * 7,
        "refused": [{"code": "INVALID", "field": ["identifiers", "1", "kind"]}],
        "identifiers": [{"kind": "cookie", "value": unique}],
        "pages": [days[:3], days[3:6], days[6:]],
        "updated": display_name,
        "wrong": ["BAD_USER_INPUT"],
        "invalid": ["GRAPHQL_VALIDATION_FAILED"],
        "methods": METHODS[name],
    } | ({"kept": display_name} if name in NORMALISING else {})
    assert await known(graph, unique) == 1


@pytest.mark.parametrize("name", METHODS)
async def test_a_client_without_a_good_key_is_told_so_and_changes_nothing(
    name: str, closed: str, key: str, request: pytest.FixtureRequest, graph: Graph, unique: str
) -> None:
    for headers in ({}, {"authorization": f"Bearer {key[:-1]}"}):
        answer = await got(name, request, url=closed, unique=unique, headers=headers, refused=True)
        assert answer == {"refused": ["UNAUTHENTICATED"]}
    assert await known(graph, unique) == 0
