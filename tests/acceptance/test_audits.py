"""The audits of npm's graphql-http: each of them, also of what the specification only recommends."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.clients import node

pytestmark = pytest.mark.front

AUDITS = 61


async def test_all_audits_of_graphql_http_pass(address: str, tmp_path: Path) -> None:
    folder = await asyncio.to_thread(node.workplace, tmp_path / "node")
    command = [*node.command(folder / "audits.mjs"), f"{address}/graphql"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    results = [orjson.loads(line) for line in done.stdout.splitlines()]
    # The others are notice (of MAY), warn (of SHOULD) and error (of MUST).
    assert [one for one in results if one["status"] != "ok"] == []
    assert len({one["name"] for one in results}) == len(results) == AUDITS
