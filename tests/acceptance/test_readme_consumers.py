"""The README's consumers keep a CRM in step, whatever ends: they are run as they are printed there."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from service.changes.retention import Retention
from tests.clients import node
from tests.clients.world import MortalService, World, Writers, opened

pytestmark = pytest.mark.front

README = Path(__file__).resolve().parents[2] / "README.md"
SECTION = README.read_text(encoding="utf-8").partition("## Keep a CRM in step")[2].partition("\n## ")[0]
PATIENCE_SECONDS = 90
WHO = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id displayName } } }"
IDENTIFY = """mutation ($input: IdentifyCustomerInput!) { identifyCustomer(input: $input) {
  userErrors { code } customer { id } } }"""
SPLIT = """mutation ($input: SplitCustomerInput!) { splitCustomer(input: $input) {
  userErrors { code message } customers { id } } }"""

Contacts = dict[str, tuple[str | None, str | None]]
"""Name and the customer merged into, by id."""


def printed(language: str, url: str) -> str:
    """The consumer of the README in a language, at another address."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    (text,) = [one for one in found if one.count("ws://127.0.0.1:8000/graphql") == 1]
    return text.replace("ws://127.0.0.1:8000/graphql", url)


class PythonCrm:
    """The one in Python."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "crm.py"
        program.write_text(printed("python", url), encoding="utf-8")
        self.command = [sys.executable, str(program)]

    def contacts(self) -> Contacts:
        with closing(sqlite3.connect(self.folder / "crm.db")) as db:
            rows = db.execute("SELECT id, name, merged_into FROM contact").fetchall()
        return {one: (name, into) for one, name, into in rows}

    def cursor(self) -> str | None:
        try:
            with closing(sqlite3.connect(self.folder / "crm.db")) as db:
                row = db.execute("SELECT cursor FROM place").fetchone()
        except sqlite3.OperationalError:
            return None
        return str(row[0]) if row else None


class JavaScriptCrm:
    """The one in JavaScript."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        node.workplace(folder)
        program = folder / "crm.mjs"
        program.write_text(printed("js", url), encoding="utf-8")
        self.command = node.command(program)

    def contacts(self) -> Contacts:
        known = json.loads((self.folder / "crm.json").read_text(encoding="utf-8"))["contacts"]
        return {one: (contact.get("name"), contact.get("mergedInto")) for one, contact in known.items()}

    def cursor(self) -> str | None:
        try:
            found: str | None = json.loads((self.folder / "crm.json").read_text(encoding="utf-8"))["cursor"]
        except FileNotFoundError:
            return None
        return found


Crm = PythonCrm | JavaScriptCrm


class Running:
    """Consumers at work."""

    def __init__(self, crms: Sequence[Crm]) -> None:
        self.crms = crms
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        for one in self.crms:
            with (one.folder / "output").open("ab") as output:
                self._processes.append(
                    subprocess.Popen(
                        one.command, cwd=one.folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL
                    )
                )

    def stop(self) -> None:
        for one in self._processes:
            one.kill()
            one.wait()
        self._processes.clear()

    async def until_at(self, cursor: str) -> None:
        """Waits until each has stored that it is at a cursor."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            for one in self.crms:
                while one.cursor() != cursor:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        for process in self._processes:
            assert process.poll() is None


async def check(crms: Sequence[Crm], service: MortalService) -> int:
    """Each knows each customer there ever was: by name, or by whom they were merged into; how many were merged."""
    merged = 0
    for one in crms:
        contacts = one.contacts()
        ids, truth = sorted(contacts), dict[str, tuple[str, str | None]]()
        for start in range(0, len(ids), 100):
            some = ids[start : start + 100]
            nodes = await service.client.field(WHO, ids=some)
            truth |= {asked: (node["id"], node["displayName"]) for asked, node in zip(some, nodes, strict=True)}
        for asked in ids:
            survivor = asked
            while (into := contacts[survivor][1]) is not None:
                survivor = into
            assert (survivor, contacts[survivor][0]) == truth[asked]
            merged += survivor != asked
    assert len({frozenset(one.contacts()) for one in crms}) == 1
    return merged


@pytest.mark.timeout(600)
async def test_the_readmes_consumers_keep_a_crm_in_step(
    request: pytest.FixtureRequest, tmp_path: Path, unique: str
) -> None:
    async with opened(request.config, tmp_path, "service") as world:
        (service,) = world.services
        before = Writers(world.services, unique, count=4, people=60)
        await before.more(60)
        await before.stop()
        crms: list[Crm] = [PythonCrm(tmp_path / "python", service.given["ws"])]
        if node.is_there():
            crms.append(await asyncio.to_thread(JavaScriptCrm, tmp_path / "js", service.given["ws"]))
        running = Running(crms)
        running.start()
        try:
            await running.until_at(await world.newest())
            writers = Writers(world.services, unique, count=4, people=60, turn="b")
            await writers.more(20)
            service.cut()
            await writers.more(20)
            await service.kill()
            await service.start()
            await writers.more(20)
            await world.restart_engine()
            await writers.more(20)
            await writers.stop()
            # Of nobody whom the writers know: they join people at random, and the last name stands for both.
            await name(service, "Ann", f"{unique}-ann")
            await split_off(service, unique)
            await running.until_at(await world.newest())
            assert await check(crms, service) > 0
            # They are away for longer than the log is kept.
            running.stop()
            await missed(world, unique)
            running.start()
            await running.until_at(await world.newest())
            await name(service, "Bob", f"{unique}-bob")
            await running.until_at(await world.newest())
            await check(crms, service)
        finally:
            running.stop()
        for one in crms:
            assert {"Ann", "Bob", "Carl"} <= {called for called, _ in one.contacts().values()}


async def name(service: MortalService, called: str, *cookies: str) -> str:
    """Gives somebody a name; who they are."""
    form = {
        "messageId": f"{cookies[0]}-{called}",
        "source": "crm",
        "identifiers": [{"kind": "cookie", "value": cookie} for cookie in cookies],
        "attributes": {"name": called},
    }
    payload = await service.client.field(IDENTIFY, input=form)
    assert payload["userErrors"] == []
    customer_id: str = payload["customer"]["id"]
    return customer_id


async def split_off(service: MortalService, unique: str) -> None:
    """Somebody turns out to be two."""
    cookies = [f"{unique}-{one}" for one in ("x", "y")]
    one = await name(service, "Xaver", *cookies)
    form = {
        "customerId": one,
        "identifiers": [{"kind": "cookie", "value": cookies[1]}],
        "reason": "a borrowed laptop",
    }
    payload = await service.client.field(SPLIT, input=form)
    assert (payload["userErrors"], len(payload["customers"])) == ([], 2)


async def missed(world: World, unique: str) -> None:
    """More touchpoints, merges and a name; then the log is gone."""
    (service,) = world.services
    others = Writers(world.services, unique, count=2, people=60, turn="c")
    await others.more(40)
    await others.stop()
    await name(service, "Carl", f"{unique}-c")
    graph = world.address.graph()
    try:
        retention = Retention(graph, days=1000, most=0)
        while await retention.step():
            pass
    finally:
        await graph.close()
