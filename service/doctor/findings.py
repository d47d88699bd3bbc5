"""What the doctor finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from service.graph.client import Graph
from service.settings import Settings

_EXAMPLES: Final = 5

RESTORE: Final = "Restore a backup from before it, and report this finding: the service itself does not write so."
"""What to do about what nothing but a foreign hand or a fault of this program can have made."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be. Ids only: no finding has a value of the data."""

    check: str
    what: str
    remedy: str
    count: int = 1
    examples: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "examples": list(self.examples)}


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    graph: Graph
    settings: Settings


Found = AsyncIterator[Finding]
Check = Callable[[Patient], Found]


class Tally:
    """Findings of one check that are alike, counted, with some examples: there may be as many as nodes."""

    def __init__(self, check: str) -> None:
        self._check = check
        self._found: dict[tuple[str, str], tuple[int, list[str]]] = {}

    def add(self, what: str, remedy: str, example: str) -> None:
        """Counts one more."""
        count, examples = self._found.get((what, remedy), (0, []))
        if len(examples) < _EXAMPLES:
            examples.append(example)
        self._found[what, remedy] = count + 1, examples

    def findings(self) -> list[Finding]:
        """One for each sort."""
        return [
            Finding(self._check, what, remedy, count, tuple(examples))
            for (what, remedy), (count, examples) in self._found.items()
        ]
