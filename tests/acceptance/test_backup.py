"""`customer-graph backup` while a service writes, and `restore`: all that came before, and nothing by halves."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.backups.archive import checked
from service.graph.client import Graph
from service.graph.embedded import DATABASE, USER, EmbeddedEngine, end_left_over
from tests.acceptance.conftest import Client, ServiceProcess, touch
from tests.clients.world import RECORD

WRITERS = 8
LOG = """CALL () { MATCH (k:Counter {name: 'changes'}) RETURN k.seq AS seq }
  CALL () { MATCH (c:Change) RETURN collect(c.place) AS places }
  CALL () { MATCH (t:Touchpoint) RETURN collect(t.messageId) AS messages }
  CALL () { MATCH (i:Identifier) WHERE NOT (i)-[:IDENTIFIES]->(:Customer) RETURN count(i) AS nobody }
  RETURN seq, places, messages, nobody"""


@pytest.fixture(autouse=True, scope="module")
def _embedded_only(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--engine") != "embedded":
        pytest.skip("about the embedded engine")


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUSTOMER_GRAPH_")}
    return kept | {"CUSTOMER_GRAPH_EMBEDDED_MEMORY_MB": "256"}


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "service.cli", *map(str, words)]


def ran(environment: dict[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command that ended."""
    return subprocess.run(
        command(*words), env=environment, capture_output=True, text=True, timeout=180, check=False
    )


class Writers:
    """Record until they are stopped, and keep what was acknowledged in order."""

    def __init__(self, client: Client) -> None:
        self.acknowledged: list[str] = []
        self._client = client
        self._over = False
        self._tasks = [asyncio.create_task(self._write(number)) for number in range(WRITERS)]

    async def _write(self, number: int) -> None:
        count = 0
        while not self._over:
            count += 1
            message = f"{number}-{count}"
            keys = [("cookie", f"{number}-{count % 7}"), ("email", f"{number}-{count % 3}@example.org")]
            form = touch(message, "page_view", "web", "2026-05-01T00:00:00Z", *keys[: 1 + count % 2])
            answer = await self._client.data(RECORD, input=form)
            assert answer["recordTouchpoint"]["userErrors"] == []
            self.acknowledged.append(message)

    async def more(self, count: int) -> None:
        """Until so many more are acknowledged."""
        enough = len(self.acknowledged) + count
        async with asyncio.timeout(60):
            while len(self.acknowledged) < enough:  # noqa: ASYNC110 -- there is no event for it
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)


@pytest.fixture(scope="module")
async def taken(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str], list[str]]:
    """A backup that was taken while writers recorded; what they had recorded before it, and when it was done."""
    folder = tmp_path_factory.mktemp("backup")
    process = ServiceProcess(environment, folder / "log", "--data", str(folder / "data"))
    client = Client(process.address)
    writers = Writers(client)
    try:
        await writers.more(200)
        before = [*writers.acknowledged]
        done = await asyncio.to_thread(ran, environment, "backup", folder / "one", "--data", folder / "data")
        assert done.returncode == 0, done.stderr
        assert "all that was recorded before" in done.stdout
        during = [*writers.acknowledged]
        await writers.more(50)
    finally:
        await writers.stop()
        await client.http.aclose()
        process.stop()
    return folder / "one", before, during


async def state(folder: Path) -> tuple[int, list[int], list[str], int]:
    """The log's counter, the places of changes, the messages that were recorded, and identifiers of nobody."""
    engine = EmbeddedEngine(folder, memory_mb=256)
    address = await asyncio.to_thread(engine.start)
    try:
        graph = Graph(address.uri, user=USER, password=address.password, database=DATABASE, embedded=True)
        try:
            ((seq, places, messages, nobody),) = await graph.run(LOG)
        finally:
            await graph.close()
    finally:
        await asyncio.to_thread(engine.stop)
    return seq, sorted(int(place) for place in places), messages, nobody


async def test_a_backup_under_writes_is_one_moment_of_the_graph(
    taken: tuple[Path, list[str], list[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    file, before, during = taken
    assert len(during) > len(before), "nothing was recorded meanwhile: the test says nothing"
    done = ran(environment, "restore", file, "--data", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert "when the backup was begun" in done.stdout

    seq, places, messages, nobody = await state(tmp_path / "data")
    # The log is whole up to its counter: no half of a transaction is in the copy.
    assert places == list(range(1, seq + 1))
    assert len(messages) == len({*messages})
    assert {*before} <= {*messages}
    assert nobody == 0
    # Of each writer what it recorded first: a copy of one moment, not of several.
    for number in range(WRITERS):
        own = sorted(int(one.split("-")[1]) for one in messages if one.startswith(f"{number}-"))
        assert own == list(range(1, len(own) + 1))


async def test_a_restored_folder_serves_and_goes_on(
    taken: tuple[Path, list[str], list[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    file, before, _ = taken
    assert ran(environment, "restore", file, "--data", tmp_path / "data").returncode == 0
    assert (tmp_path / "data" / "password").stat().st_mode & 0o777 == 0o600
    process = ServiceProcess(environment, tmp_path / "log", "--data", str(tmp_path / "data"))
    client = Client(process.address)
    try:
        again: dict[str, Any] = await client.field(
            RECORD.replace("touchpoint {", "duplicate touchpoint {"),
            input=touch(before[0], "page_view", "web", "2026-05-01T00:00:00Z", ("cookie", "0-1")),
        )
        assert again["duplicate"] is True
        new = touch("new", "page_view", "web", "2026-05-01T00:00:00Z", ("cookie", "0-1"))
        assert (await client.field(RECORD, input=new))["userErrors"] == []
    finally:
        await client.http.aclose()
        process.stop()


async def test_a_folder_without_a_service_is_backed_up_too(
    taken: tuple[Path, list[str], list[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    file, _, during = taken
    source = file.parent / "data"
    done = ran(environment, "backup", tmp_path / "two", "--data", source)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "two").stat().st_mode & 0o777 == 0o600
    assert not list(source.joinpath("backups").rglob("*.zip"))
    assert ran(environment, "restore", tmp_path / "two", "--data", tmp_path / "data").returncode == 0
    copy, original = await state(tmp_path / "data"), await state(source)
    assert copy == original
    assert {*during} <= {*copy[2]}


def test_what_is_there_is_not_overwritten(
    taken: tuple[Path, list[str], list[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    file, _, _ = taken
    source, before = file.parent / "data", file.read_bytes()
    for words, said in [
        (("backup", file, "--data", source), f"TARGET: {file} is there already"),
        (("backup", tmp_path / "no" / "one", "--data", source), "TARGET: there is no folder"),
        (("backup", tmp_path / "one", "--data", tmp_path / "none"), "has no graph to back up"),
        (("restore", file, "--data", source), f"--data: {source} has data"),
    ]:
        done = ran(environment, *words)
        assert done.returncode == 2
        assert said in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr
    assert file.read_bytes() == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sort", ["damaged", "broken off", "foreign", "absent"])
def test_what_is_no_backup_leaves_no_trace(
    taken: tuple[Path, list[str], list[str]], environment: dict[str, str], tmp_path: Path, sort: str
) -> None:
    whole = bytearray(taken[0].read_bytes())
    file = tmp_path / "file"
    if sort == "damaged":
        whole[len(whole) // 2] ^= 0xFF
    if sort != "absent":
        file.write_bytes({"broken off": bytes(whole[:-5_000]), "foreign": b"hello\n"}.get(sort, bytes(whole)))
    done = ran(environment, "restore", file, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert {"damaged": "is damaged", "absent": "No such file"}.get(sort, "no manifest") in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Path]:
    """A folder on which an engine may be left."""
    yield tmp_path / "data"
    end_left_over(tmp_path / "data" / "restoring")


def test_a_restore_that_is_killed_leaves_no_data_and_can_be_repeated(
    taken: tuple[Path, list[str], list[str]], environment: dict[str, str], mortal: Path
) -> None:
    folder = mortal
    for number in (signal.SIGTERM, signal.SIGKILL):
        process = subprocess.Popen(
            command("restore", taken[0], "--data", folder),
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        give_up = time.monotonic() + 60
        while not (folder / "restoring" / "engine.log").exists() and time.monotonic() < give_up:
            time.sleep(0.01)
        assert process.poll() is None
        process.send_signal(number)
        process.wait(30)
        assert not (folder / "databases").exists()
        if number == signal.SIGTERM:
            assert [path.name for path in folder.rglob("*")] == ["service.lock"]
    assert ran(environment, "restore", taken[0], "--data", folder).returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == ["config", "databases", "password", "service.lock"]


async def test_a_neo4j_is_backed_up_otherwise(environment: dict[str, str], tmp_path: Path) -> None:
    done = ran(environment | {"CUSTOMER_GRAPH_NEO4J_URI": "bolt://127.0.0.1:1"}, "backup", tmp_path / "one")
    assert done.returncode == 1
    assert "neo4j-admin" in done.stderr


def test_the_manifest_names_what_it_was_taken_with(taken: tuple[Path, list[str], list[str]]) -> None:
    manifest = checked(taken[0])
    assert manifest.migrations[0].number == 1
    assert manifest.engine.startswith("26.")
    assert taken[0].stat().st_mode & 0o777 == 0o600
