"""Installs the peer by npm, once for each package.json, and runs it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.measuring import Engine, Server, started

HERE = Path(__file__).parent
PACKAGE = HERE / "package.json"


def version() -> str:
    """Which @neo4j/graphql it is."""
    return str(json.loads(PACKAGE.read_text())["dependencies"]["@neo4j/graphql"])


@contextmanager
def peer_serving(engine: Engine) -> Iterator[Server]:
    """A process of the peer on an engine, ready to answer; ended at the end of the block."""
    node = _found("node")
    modules = _installed()
    with tempfile.TemporaryDirectory(prefix="customer-graph-peer-") as folder:
        # Node looks for modules beside the file that imports them.
        for name in ("package.json", "server.mjs", "typedefs.graphql"):
            shutil.copy(HERE / name, folder)
        Path(folder, "node_modules").symlink_to(modules)
        command = [node, str(Path(folder, "server.mjs")), json.dumps(asdict(engine.address))]
        with started(command, engine.password, {"NODE_ENV": "production"}) as server:
            yield server


def _installed() -> Path:
    """The folder with the modules; the next run finds it again."""
    npm = _found("npm")
    key = hashlib.sha256(PACKAGE.read_bytes()).hexdigest()[:16]
    cached = Path(tempfile.gettempdir(), f"customer-graph-peer-modules-{key}")
    if not cached.exists():
        partial = Path(tempfile.mkdtemp(prefix=f"{cached.name}-"))
        shutil.copy(PACKAGE, partial)
        quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        subprocess.run([npm, "install", *quiet], cwd=partial, check=True, stdout=subprocess.DEVNULL)
        partial.rename(cached)
    return cached / "node_modules"


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise SystemExit(f"{program} is needed for the peer (Node 20 or later, with npm), and is not on PATH")
    return path
