"""Installs the JavaScript clients by npm, once for each package.json, and names the commands that run them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE / "package.json"
NAMES = ("graphql-ws", "graphql-sse", "apollo", "urql")


def is_there() -> bool:
    """Whether Node is there."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def workplace(folder: Path) -> Path:
    """A folder with the programs and the libraries that they import; the test is skipped where Node is not."""
    if not is_there():
        pytest.skip("Node (20 or later, with npm) is not on PATH")
    folder.mkdir(exist_ok=True)
    # Node looks for modules beside the file that imports them.
    for path in (PACKAGE, *HERE.glob("*.mjs")):
        shutil.copy(path, folder)
    shutil.copytree(HERE / "relay", folder / "relay")
    (folder / "node_modules").symlink_to(_installed())
    return folder


def command(program: Path) -> list[str]:
    """What runs a program."""
    return [shutil.which("node") or "node", str(program)]


def _installed() -> Path:
    """The folder with the modules; the next run finds it again."""
    key = hashlib.sha256(PACKAGE.read_bytes()).hexdigest()[:16]
    cached = Path(tempfile.gettempdir(), f"customer-graph-client-modules-{key}")
    if not cached.exists():
        partial = Path(tempfile.mkdtemp(prefix=f"{cached.name}-"))
        shutil.copy(PACKAGE, partial)
        quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "install", *quiet], cwd=partial, check=True, stdout=subprocess.DEVNULL)
        try:
            partial.rename(cached)
        except OSError:
            # Another test was faster.
            if not cached.exists():
                raise
            shutil.rmtree(partial)
    return cached / "node_modules"
