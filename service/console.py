"""What commands print: answers on standard output, everything else on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from service.identity.matching.recognising import Recognised

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def phases() -> Iterator[Callable[[str, float], None]]:
    """A bar that shows the name of a phase, and how much of all is done."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), console=err
    ) as bar:
        task = bar.add_task("", total=1.0)

        def show(phase: str, part: float) -> None:
            bar.update(task, description=phase.capitalize(), completed=part)

        yield show


def columns_taken(columns: Sequence[Recognised]) -> Table:
    """What each column is taken for, as a table."""
    table = Table("column", "taken for", "why", box=None, padding=(0, 2, 0, 0))
    for one in columns:
        table.add_row(
            Text(one.name, overflow="fold"), one.sort.value if one.sort else "ignored", Text(one.because)
        )
    return table


def counted(count: int, what: str) -> str:
    """So many of something, in words."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
