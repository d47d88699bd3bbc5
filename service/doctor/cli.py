"""`customer-graph doctor`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.table import Table
from rich.text import Text

from service.console import err, out
from service.errors import BadInput, FolderInUse
from service.running import DataOption, run, settings_of
from service.settings import Settings

if TYPE_CHECKING:
    from service.doctor.findings import Finding
    from service.graph.client import Graph


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(doctor)


def doctor(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Examine the graph: engine, schema, who is who, the log of changes, and what hangs nowhere.

    It changes nothing. It ends with 0 where all is well, with 1 where something is found, and says what to do.
    The embedded engine can be examined while no service uses its folder; Neo4j at any time.
    """
    from service.doctor.examination import examine
    from service.doctor.findings import Patient

    settings = settings_of(data=data)

    async def work() -> dict[str, list[Finding]]:
        async with _opened(settings) as graph:
            with err.status("") as status:
                return await examine(Patient(graph, settings), lambda name: status.update(f"Looking at {name} …"))

    found = run(work())
    if as_json:
        findings = [one.row() for each in found.values() for one in each]
        answer = {"sound": not findings, "checks": list(found), "findings": findings}
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
    else:
        out.print(_table(found))
    if any(found.values()):
        raise typer.Exit(1)


def _table(found: dict[str, list[Finding]]) -> Table:
    table = Table("check", "finding", "what to do", box=None, padding=(0, 2, 0, 0))
    for name, findings in found.items():
        if not findings:
            table.add_row(name, "ok", "")
        for one in findings:
            examples = f", such as {', '.join(one.examples)}" if any(one.examples) else ""
            counted = f" ({one.count:,}{examples})" if one.count > 1 or examples else ""
            table.add_row(name, Text(f"{one.what}{counted}", overflow="fold"), Text(one.remedy, overflow="fold"))
    return table


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Graph]:
    """The graph as it is: an embedded one is not migrated, nor made where there is none."""
    from service.doctor.opening import as_it_is

    if settings.neo4j_uri is None and not (settings.data / "databases").is_dir():
        raise BadInput("--data", f"there is no graph in {settings.data}")
    try:
        async with as_it_is(settings) as graph:
            yield graph
    except FolderInUse:
        raise FolderInUse(
            "A service is using this data folder, and the embedded engine has room for one. Stop it first: "
            "customer-graph doctor looks at a folder that nobody uses."
        ) from None
