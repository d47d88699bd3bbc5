"""What is true of the project as a whole: its tools are content with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "service").rglob("*.py"))


def said(*command: str) -> str:
    """What a tool complains of; nothing if it is content."""
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False
    )
    return done.stdout if done.returncode else ""


def test_ruff_has_nothing_to_say() -> None:
    complaint = said(sys.executable, "-m", "ruff", "check")
    assert not complaint, complaint


def test_everything_is_formatted() -> None:
    complaint = said(sys.executable, "-m", "ruff", "format", "--check")
    assert not complaint, complaint


def test_mypy_has_nothing_to_say() -> None:
    complaint = said(sys.executable, "-m", "mypy")
    assert not complaint, complaint


def test_imports_go_where_the_design_lets_them() -> None:
    complaint = said(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert not complaint, complaint


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
