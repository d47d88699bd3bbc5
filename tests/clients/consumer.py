"""A consumer of changes in a process of its own, and what it printed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Consumer:
    """A process that prints a line of JSON for each change, and `after` whenever it subscribes."""

    def __init__(self, name: str, command: Sequence[str], given: dict[str, Any], folder: Path) -> None:
        self.name = name
        self._path = folder / f"{name}.out"
        with self._path.open("wb") as output, (folder / f"{name}.err").open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, json.dumps(given)], stdout=output, stderr=errors, stdin=subprocess.DEVNULL, cwd=folder
            )

    def stop(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it printed so far."""
        whole = self._path.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def cursors(self) -> set[str]:
        """Of the changes that it saw."""
        return {line["cursor"] for line in self.lines if "cursor" in line}

    def check(self, log: Sequence[dict[str, Any]], start: str) -> None:
        """It saw the log: each subscription went on behind its cursor without a gap, and all together saw all.

        Args:
            log: the changes behind the start, as they are read by `changes`.
            start: the cursor that it was given.
        """
        assert self._process.poll() is None, f"{self.name} ended: {self.lines[-3:]}"
        check(self.name, self.lines, log, start)


def check(name: str, lines: Sequence[dict[str, Any]], log: Sequence[dict[str, Any]], start: str) -> None:
    """What one saw is the log; see `Consumer.check`."""
    places = {start: 0} | {one["cursor"]: place for place, one in enumerate(log, 1)}
    at, furthest = 0, 0
    for line in lines:
        if "after" in line:
            at = places[line["after"]]
            # Never resumed behind something that it did not see: so repeats are at the seam only.
            assert at <= furthest, f"{name} resumed beyond what it saw"
        elif line.get("kind") == "HEARTBEAT":
            assert places[line["cursor"]] == at, f"{name} was led past a gap"
        elif "cursor" in line:
            assert at < len(log), f"{name} saw what is not in the log: {line}"
            assert line["cursor"] == log[at]["cursor"], f"{name} missed or repeated something at {at}"
            told = {field: log[at][field] for field in ("kind", "customerId", "previousCustomerIds")}
            assert {field: line[field] for field in told} == told
            at += 1
            furthest = max(furthest, at)
    assert furthest == len(log), f"{name} saw {furthest} of {len(log)} changes"
