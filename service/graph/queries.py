"""Finds the Cypher text of a query by its name: `identity/known` is `cypher/identity/known.cypher`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
# In the wheel the files lie inside the package; in a checkout beside it.
_FOLDERS = (_PACKAGE / "_cypher", _PACKAGE.parent / "cypher")


@cache
def folder() -> Path:
    """Where the Cypher files are."""
    return next(path for path in _FOLDERS if path.is_dir())


@cache
def load(name: str) -> str:
    """The statement of a query file, without its comment lines."""
    lines = (folder() / f"{name}.cypher").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("//")).strip()
