"""The embedded engine's life: one folder, one service, one engine, and no acknowledged write is ever lost."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.acceptance.conftest import Client, ServiceProcess, touch

WRITERS = 16
READY_SECONDS = 60
FAILED = "The graph failed at this, and keeps a log of why: the disk that it is on may be full. Try again later."
DOES_NOT_START = "The embedded engine does not start: see engine.log in the data folder. It is tried again."
ENOUGH = 100
"""Acknowledged writes before something is killed."""
RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  userErrors { code } touchpoint { id messageId } } }"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Touchpoint { id messageId } } }"


@pytest.fixture(autouse=True, scope="module")
def _embedded_only(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--engine") != "embedded":
        pytest.skip("about the embedded engine")


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Nothing is set but a small engine and short deadlines."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CUSTOMER_GRAPH_")}
    return kept | {"CUSTOMER_GRAPH_EMBEDDED_MEMORY_MB": "256", "CUSTOMER_GRAPH_REQUEST_TIMEOUT_SECONDS": "2"}


def engines(folder: Path) -> list[psutil.Process]:
    """The engines that run on a folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "com.arcadedb.server.ArcadeDBServer" in words and any(str(folder) in word for word in words):
            found.append(process)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever still runs on it at the end is ended."""
    yield tmp_path / "data"
    for engine in engines(tmp_path / "data"):
        engine.kill()


class Life:
    """A service on a folder, with a client."""

    def __init__(self, environment: dict[str, str], folder: Path, log: Path) -> None:
        self.process = ServiceProcess(environment, log, "--data", str(folder))
        self.client = Client(self.process.address)
        self.acknowledged: dict[str, str] = {}

    async def load(self, name: str, enough: asyncio.Event, over: asyncio.Event) -> None:
        """16 writers record until told to stop, whatever the answers; keeps what was acknowledged."""

        async def writer(number: int) -> None:
            count = 0
            while not over.is_set():
                count += 1
                message = f"{name}-{number}-{count}"
                cookie = ("cookie", f"{name}-{number}-{count % 5}")
                form = touch(message, "page_view", "web", "2024-05-01T00:00:00Z", cookie)
                try:
                    answer = await self.client.answer(RECORD, input=form)
                except (httpx.HTTPError, ValueError):
                    await asyncio.sleep(0.05)
                    continue
                if "errors" not in answer:
                    touchpoint = answer["data"]["recordTouchpoint"]["touchpoint"]
                    self.acknowledged[touchpoint["id"]] = touchpoint["messageId"]
                if len(self.acknowledged) >= ENOUGH:
                    enough.set()

        await asyncio.gather(*(writer(number) for number in range(WRITERS)))

    async def stored(self, ids: list[str]) -> dict[str, str]:
        """The touchpoints among these ids that there are, with their messages."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), 100):
            nodes = await self.client.field(NODES, ids=ids[start : start + 100])
            found |= {node["id"]: node["messageId"] for node in nodes if node}
        return found


async def end_by(how: str, life: Life, engine: psutil.Process) -> None:
    """Ends a service under load in one of the ways."""
    if how == "service stopped":
        assert await asyncio.to_thread(life.process.stop) == 0
        assert not engine.is_running()
    elif how == "service killed":
        life.process.process.kill()
        life.process.process.wait()
        assert engine.is_running(), "the engine is left over: that is the case to test"
    else:
        engine.kill()
        await becomes(life, 503)
        answer = await life.client.answer(NODES, ids=["tp_" + "0" * 32])
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAVAILABLE"]
        assert (await life.client.http.get("/livez")).status_code == 200
        # The writers go on all the while.
        await becomes(life, 200)
        assert await asyncio.to_thread(life.process.stop) == 0


async def becomes(life: Life, status: int) -> str | None:
    """Waits until a service says that it is ready, or that it is not, and why."""
    async with asyncio.timeout(READY_SECONDS):
        while (ready := await life.client.http.get("/readyz")).status_code != status:  # noqa: ASYNC110 -- asked
            await asyncio.sleep(0.02)
    reason: str | None = ready.json().get("reason")
    return reason


@pytest.mark.timeout(240)
async def test_no_acknowledged_write_is_lost_whatever_ends(
    environment: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    acknowledged: dict[str, str] = {}
    former: psutil.Process | None = None
    for how in ("service stopped", "service killed", "engine killed", "nothing"):
        life = Life(environment, folder, tmp_path / how)
        (engine,) = engines(folder)
        if former is not None:
            assert former.pid != engine.pid
            assert not former.is_running(), "the engine that was left over is ended first"
        assert await life.stored(list(acknowledged)) == acknowledged, f"before: {how}"
        if how != "nothing":
            enough, over = asyncio.Event(), asyncio.Event()
            load = asyncio.create_task(life.load(how, enough, over))
            async with asyncio.timeout(60):
                await enough.wait()
            await end_by(how, life, engine)
            over.set()
            await load
            acknowledged |= life.acknowledged
            former = engine
        await life.client.http.aclose()
    assert life.process.stop() == 0
    assert engines(folder) == []
    assert len(acknowledged) >= 3 * ENOUGH
    assert len(set(acknowledged.values())) == len(acknowledged), "each message is there once"


@pytest.fixture
async def life(environment: dict[str, str], folder: Path, tmp_path: Path) -> AsyncIterator[Life]:
    """A service on the folder."""
    one = Life(environment, folder, tmp_path / "log")
    yield one
    await one.client.http.aclose()
    assert one.process.stop() == 0


@pytest.mark.timeout(120)
async def test_a_folder_is_its_services_alone(
    life: Life, environment: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """Its password is nobody else's to read, and a second service is refused while the first goes on."""
    password = own_password(folder)
    (engine,) = engines(folder)
    assert password not in " ".join(engine.cmdline())
    assert password not in " ".join(f"{name}={value}" for name, value in engine.environ().items())
    open_to = {
        connection.laddr.ip for connection in engine.net_connections("inet") if connection.status == "LISTEN"
    }
    assert {address.removeprefix("::ffff:") for address in open_to} == {"127.0.0.1"}

    for command in (["serve", "--port", "0"], ["migrate"], ["import", str(tmp_path / "events.ndjson")]):
        (tmp_path / "events.ndjson").touch()
        second = await asyncio.to_thread(refused, [*command, "--data", str(folder)], environment)
        message = "Another service is using this data folder. Stop it, or choose another folder with --data."
        assert (second.returncode, second.stderr.strip().splitlines()[-1]) == (1, message)
        assert "Traceback" not in second.stderr
    assert [one.pid for one in engines(folder)] == [engine.pid]
    form = touch("still", "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", "still"))
    payload = await life.client.field(RECORD, input=form)
    assert payload["touchpoint"]["messageId"] == "still"


@pytest.mark.timeout(120)
async def test_an_engine_that_ends_comes_back_with_what_waits_for_it(
    environment: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """Writes that were sent while it is away are answered, once each; it comes back at the same address."""
    life = Life(environment | {"CUSTOMER_GRAPH_REQUEST_TIMEOUT_SECONDS": "60"}, folder, tmp_path / "log")
    (engine,) = engines(folder)
    port = re.findall(r"bolt.port=(\d+)", " ".join(engine.cmdline()))
    engine.kill()
    reason = await becomes(life, 503)
    assert reason in {
        "The embedded engine ended and is being started again.",
        "The graph cannot be reached right now. Try again; a write with the same messageId is safe to repeat.",
    }
    forms = [
        touch(f"away-{number % 5}", "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", "away"))
        for number in range(10)
    ]
    payloads = await asyncio.gather(*(life.client.field(RECORD, input=form) for form in forms))
    assert len({payload["touchpoint"]["id"] for payload in payloads}) == 5
    assert await becomes(life, 200) is None
    (again,) = engines(folder)
    assert again.pid != engine.pid
    assert re.findall(r"bolt.port=(\d+)", " ".join(again.cmdline())) == port
    await life.client.http.aclose()
    assert life.process.stop() == 0
    assert engines(folder) == []


@pytest.mark.timeout(120)
async def test_an_engine_that_cannot_start_is_tried_again_until_it_can(life: Life, folder: Path) -> None:
    (engine,) = engines(folder)
    databases, away = folder / "databases", folder / "away"
    form = touch("before", "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", "before"))
    kept = (await life.client.field(RECORD, input=form))["touchpoint"]
    engine.kill()
    engine.wait()
    databases.rename(away)
    databases.write_text("no folder")
    async with asyncio.timeout(READY_SECONDS):
        while await becomes(life, 503) != DOES_NOT_START:  # noqa: ASYNC110 -- asked
            await asyncio.sleep(0.05)
    assert (await life.client.http.get("/livez")).status_code == 200
    databases.unlink()
    away.rename(databases)
    await becomes(life, 200)
    assert await life.stored([kept["id"]]) == {kept["id"]: "before"}


@pytest.mark.timeout(120)
async def test_a_full_disk_fails_writes_until_there_is_room_again(life: Life, folder: Path) -> None:
    """Reads go on. No file may grow is what the engine meets here; a full disk says the same by another number."""
    (engine,) = engines(folder)

    async def record(message: str) -> dict[str, Any]:
        form = touch(message, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", "full"))
        return await life.client.answer(RECORD, input=form)

    before = (await record("before"))["data"]["recordTouchpoint"]["touchpoint"]
    _, most = engine.rlimit(psutil.RLIMIT_FSIZE)
    engine.rlimit(psutil.RLIMIT_FSIZE, (0, most))
    for _ in range(3):
        (error,) = (await record("full"))["errors"]
        assert (error["message"], error["extensions"]["code"]) == (FAILED, "UNAVAILABLE")
    assert await becomes(life, 503) == FAILED
    assert await life.stored([before["id"]]) == {before["id"]: "before"}
    engine.rlimit(psutil.RLIMIT_FSIZE, (most, most))
    await becomes(life, 200)
    after = (await record("full"))["data"]["recordTouchpoint"]["touchpoint"]
    kept = {before["id"]: "before", after["id"]: "full"}
    assert await life.stored(list(kept)) == kept
    engine.kill()
    await becomes(life, 503)
    await becomes(life, 200)
    assert await life.stored(list(kept)) == kept
    again = (await record("full"))["data"]["recordTouchpoint"]["touchpoint"]
    assert again == after


@pytest.mark.timeout(120)
async def test_an_engine_that_is_killed_while_the_disk_is_full_has_what_was_acknowledged(
    life: Life, folder: Path
) -> None:
    async def record(message: str) -> dict[str, Any]:
        form = touch(message, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", "killed"))
        return await life.client.answer(RECORD, input=form)

    kept = {}
    for number in range(20):
        made = (await record(f"m{number}"))["data"]["recordTouchpoint"]["touchpoint"]
        kept[made["id"]] = f"m{number}"
    (engine,) = engines(folder)
    engine.rlimit(psutil.RLIMIT_FSIZE, (0, engine.rlimit(psutil.RLIMIT_FSIZE)[1]))
    (error,) = (await record("full"))["errors"]
    assert (error["message"], error["extensions"]["code"]) == (FAILED, "UNAVAILABLE")
    engine.kill()
    await becomes(life, 503)
    await becomes(life, 200)
    assert await life.stored(list(kept)) == kept
    made = (await record("full"))["data"]["recordTouchpoint"]["touchpoint"]
    assert await life.stored([made["id"]]) == {made["id"]: "full"}


@pytest.mark.timeout(120)
async def test_a_service_can_be_stopped_while_its_engine_starts_again(life: Life, folder: Path) -> None:
    (engine,) = engines(folder)
    engine.kill()
    await becomes(life, 503)
    started = time.monotonic()
    assert await asyncio.to_thread(life.process.stop) == 0
    assert time.monotonic() - started < 15
    assert engines(folder) == []


def own_password(folder: Path) -> str:
    """The password of a folder, which only its owner can read."""
    path = folder / "password"
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0
    password = path.read_text().strip()
    assert len(password) >= 24
    return password


def refused(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A process that must end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
