"""`python -m tests.fuzz [--engine embedded|5|2026] [--seed N] OPERATIONS`: prints findings; 1 if there are any."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import graphql as g

from tests.acceptance.conftest import ServiceProcess
from tests.fuzz.hunting import Hunt
from tests.neo4j.server import Version, running

_SCHEMA = Path(__file__).parents[2] / "schema.graphql"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("operations", type=int)
    parser.add_argument("--engine", choices=("embedded", "5", "2026"), default="embedded")
    parser.add_argument("--seed", type=int, default=1, help="of the first 64 operations; the next have the next")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="customer-graph-fuzz-") as folder,
        _service(given.engine, Path(folder)) as at,
    ):
        began = time.monotonic()
        schema = g.build_schema(_SCHEMA.read_text(encoding="utf-8"))
        try:
            with Hunt(at, schema, _tell) as hunt:
                tally = hunt.run(given.operations, given.seed)
        finally:
            log = Path(folder, "service.log").read_text(encoding="utf-8", errors="replace")
            print(log[-20_000:])
        never = [name for name in hunt.fields if not tally.done[name]]
        print(f"{sum(tally.codes.values())} answers in {time.monotonic() - began:.0f} s: {dict(tally.codes)}")
        print(f"slowest {tally.slowest:.2f} s; without data ever: {', '.join(never) or 'none'}")
        print(f"{len(tally.findings)} findings")
    return 1 if tally.findings else 0


def _tell(text: str) -> None:
    print(text, flush=True)


@contextmanager
def _service(engine: str, folder: Path) -> Iterator[str]:
    environment = os.environ | {
        "CUSTOMER_GRAPH_DATA": str(folder / "data"),
        "CUSTOMER_GRAPH_WEBHOOK_LOOPBACK": "true",
    }
    if engine == "embedded":
        yield from _running(environment, folder)
        return
    version: Version = "5" if engine == "5" else "2026"
    with running(version, folder / "neo4j") as server:
        environment |= {"CUSTOMER_GRAPH_NEO4J_URI": server.uri, "CUSTOMER_GRAPH_NEO4J_USER": ""}
        command = [sys.executable, "-m", "service.cli", "migrate"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        yield from _running(environment, folder)


def _running(environment: dict[str, str], folder: Path) -> Iterator[str]:
    process = ServiceProcess(environment, folder / "service.log")
    try:
        yield process.address
    finally:
        process.stop()


if __name__ == "__main__":
    sys.exit(main())
