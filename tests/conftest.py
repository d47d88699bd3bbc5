"""Real engines for all tests: the embedded one by default, Neo4j with `--engine neo4j`.

Each worker process has an engine of its own, and takes one file of tests after another.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from service.graph.migrations import migrate
from service.services import Services
from service.settings import Settings
from tests.neo4j.emptying import empty
from tests.neo4j.server import running
from tests.quick_java import quick_java

TESTS = Path(__file__).parent
LONGEST = (
    "unit/test_project.py",
    "acceptance/test_concurrency.py",
    "integration/test_match_everyone.py",
    "acceptance/test_embedded_life.py",
    "integration/test_import.py",
)
"""Files that take long come first: else one worker has one of them left when the others are done."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("embedded", "neo4j"), default="embedded")
    parser.addoption("--neo4j-version", choices=("5", "2026"), default="5")
    parser.addoption("--restored", action="store_true", help="the embedded engine is a restored backup")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker a core; none for a file by itself, which then shows at once what it prints."""
    files = {argument.partition("::")[0] for argument in config.args}
    alone = len(files) == 1 and all(name.endswith(".py") for name in files)
    return 0 if alone else os.cpu_count() or 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.relative_to(TESTS).as_posix(), len(ranks)))


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine that tests may fill."""

    uri: str
    user: str
    password: str
    database: str
    embedded: bool

    def graph(self) -> Graph:
        return Graph(
            self.uri, user=self.user, password=self.password, database=self.database, embedded=self.embedded
        )

    @asynccontextmanager
    async def migrated(self) -> AsyncIterator[Graph]:
        """Its graph, migrated."""
        graph = self.graph()
        try:
            await migrate(graph)
            yield graph
        finally:
            await graph.close()

    def environment(self) -> dict[str, str]:
        """The environment of a service process on this engine."""
        return os.environ | {
            "CUSTOMER_GRAPH_NEO4J_URI": self.uri,
            "CUSTOMER_GRAPH_NEO4J_USER": self.user,
            "CUSTOMER_GRAPH_NEO4J_PASSWORD": self.password,
            "CUSTOMER_GRAPH_NEO4J_DATABASE": self.database,
        }


@contextmanager
def started(config: pytest.Config, folder: Path, *, lasting: bool = False) -> Iterator[Engine]:
    """An empty engine, of the sort that the tests are run on; one that is `lasting` serves many of them."""
    if config.getoption("--engine") == "neo4j":
        with running(config.getoption("--neo4j-version"), folder, lasting=lasting) as server:
            yield Engine(server.uri, "", "", "neo4j", embedded=False)
        return
    if config.getoption("--restored"):
        folder = restored(folder)
    embedded = EmbeddedEngine(folder)
    address = embedded.start()
    try:
        yield Engine(address.uri, USER, address.password, DATABASE, embedded=True)
    finally:
        embedded.stop()


def restored(folder: Path) -> Path:
    """A folder made of the backup of another one, which was migrated."""
    source, backup, target = folder / "source", folder / "backup", folder / "restored"
    for words in (("migrate",), ("backup", backup), ("restore", backup)):
        data = target if words[0] == "restore" else source
        subprocess.run([sys.executable, "-m", "service.cli", *words, "--data", data], check=True)
    return target


@pytest.fixture(scope="session")
def java(request: pytest.FixtureRequest) -> Iterator[None]:
    """Embedded engines of these tests start quickly, those of service processes too."""
    with quick_java() if request.config.getoption("--engine") == "embedded" else nullcontext():
        yield


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with started(request.config, tmp_path_factory.mktemp("engine"), lasting=True) as engine:
        yield engine


@pytest.fixture(scope="session")
def spare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A second engine."""
    with started(request.config, tmp_path_factory.mktemp("spare"), lasting=True) as engine:
        yield engine


@pytest.fixture(scope="module")
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine of a file's own: nothing else is in it, and no other service's chores are done in it.

    Neo4j takes longer to start, and to plan and compile what it is asked first, than most files take: there it is
    the same one for each, emptied.
    """
    if request.config.getoption("--engine") == "neo4j":
        engine = request.getfixturevalue("spare")
        empty(engine.uri)
        yield engine
        return
    with started(request.config, tmp_path_factory.mktemp("alone")) as engine:
        yield engine


@pytest.fixture(scope="session")
async def graph(engine: Engine) -> AsyncIterator[Graph]:
    """The migrated graph."""
    async with engine.migrated() as graph:
        yield graph


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session")
async def services(graph: Graph, settings: Settings) -> AsyncIterator[Services]:
    """The services of one process."""
    async with open_services(settings, graph, reminding=False) as opened:
        yield opened


@pytest.fixture
def unique() -> str:
    """A text that no other test uses, for identifiers and message ids."""
    return uuid4().hex[:12]
