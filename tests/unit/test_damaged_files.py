"""Damaged files end in a sentence and an exit code, bad rows among rejects; never in a traceback."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

import orjson
import pytest

from service import cli, importing
from service.event_files import Row
from service.exports.service import Exports
from service.exports.values import ExportKind
from service.identity.recording import Recorded
from service.identity.rules import Rules
from service.importing import Rejects, Tally, Target
from service.settings import Settings
from service.touchpoints.service import Recorder
from tests.fuzz.files import SORTS, Sort, damaged

FILES = int(os.environ.get("FUZZ_FILES", "40"))
"""Of each sort."""


class Recording:
    """Takes what rows come to, and commits it to nowhere."""

    def __init__(self, kind: ExportKind | None) -> None:
        nowhere, settings = cast("Any", None), Settings()
        recorder = Recorder(nowhere, settings, Rules())
        self.command = (
            recorder.command if kind is None else Exports(kind, nowhere, nowhere, settings, Rules()).command
        )
        self.committed = 0

    async def commit(self, commands: Sequence[Any]) -> list[Any]:
        self.committed += len(commands)
        return [Recorded("one") for _ in commands]


class Imports:
    """Stands for the graph in the command."""

    def __init__(self) -> None:
        self.recorded = 0

    def __call__(
        self, _settings: Settings, rows: Any, _packed: IO[bytes], _size: int, path: Path, kind: ExportKind | None
    ) -> Tally:
        target = Recording(kind)
        try:
            with Rejects(path) as rejects:
                return asyncio.run(self._run(rows, target, rejects))
        finally:
            self.recorded = target.committed

    async def _run(self, rows: Any, target: Recording, rejects: Rejects) -> Tally:
        def reject(row: Row, reason: str) -> None:
            rejects.write(row, reason)

        return await importing.import_rows(rows, cast("Target", target), reject, lambda _: None)


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of a command line; any other exception is the test's."""
    monkeypatch.setattr(sys, "argv", ["customer-graph", *words])
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Commands take SIGTERM over."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
def test_damaged_files_end_in_order(
    sort: Sort, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imports = Imports()
    monkeypatch.setattr(cli, "_import", imports)
    codes = []
    # Comparing people takes longer than all else.
    for seed in range(FILES if sort.command == "import" else FILES // 3):
        name, content = damaged(sort, random.Random(f"{sort.name} {seed}"))
        path = tmp_path / name
        path.write_bytes(content)
        out, rejected = tmp_path / "out.csv", tmp_path / f"{name}.rejected.ndjson"
        out.unlink(missing_ok=True)
        more = (str(path), *sort.options) if sort.command == "import" else (str(path), "--out", str(out))
        code = run(monkeypatch, sort.command, *more)
        said = capsys.readouterr()
        assert code in (0, 1, 2), seed
        assert code == 0 or said.err.strip(), f"seed {seed}: it failed without a word"
        assert "Traceback" not in said.err, seed
        codes.append(code)
        if sort.command == "dedupe":
            assert out.exists() == (code == 0), f"seed {seed}: a file by halves"
        elif code == 0:
            rows = [orjson.loads(line) for line in rejected.read_bytes().splitlines()] if rejected.exists() else []
            assert all(row["reason"] and row["row"] > 0 for row in rows), seed
            assert said.out.startswith(f"{imports.recorded} recorded, 0 duplicates, {len(rows)} refused"), seed
    assert 0 in codes
    assert {1, 2} & {*codes}
