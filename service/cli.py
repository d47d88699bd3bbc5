"""The command line: serve, demo, keys, migrate, doctor, backup, restore, reindex, match, import and others.

What works on a graph is imported by the commands that need it: the API alone takes a second of processor time to
build, and neither `dedupe` nor `--help` has a use for it.
"""

from __future__ import annotations

import logging
import signal
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import IO, TYPE_CHECKING, Annotated, Any

import orjson
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from service import deduplicating, reporting
from service.access.cli import app as keys
from service.access.exposure import check_exposure
from service.backups import cli as backups
from service.console import columns_taken, counted, err, out, phases
from service.doctor import cli as doctor
from service.errors import BadInput, ServiceError
from service.exports.values import ExportKind, Notation
from service.people_files import read_people
from service.running import DataOption, run, settings_of
from service.settings import Settings

if TYPE_CHECKING:
    from service.importing import Tally

app = typer.Typer(
    help="A customer graph: one profile and one journey from the first page view to the won deal.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

backups.register(app)
doctor.register(app)
app.add_typer(keys, name="keys")


def main() -> None:
    """Entry point: what a user can put right is one sentence, not a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except ValidationError as error:
        for detail in error.errors():
            name = "__".join(str(part) for part in detail["loc"])
            err.print(f"Setting CUSTOMER_GRAPH_{name.upper()}: {detail['msg']}", markup=False)
        raise SystemExit(2) from None
    except ServiceError as error:
        err.print(error.message, markup=False)
        raise SystemExit(2 if isinstance(error, BadInput) else 1) from None
    except (SettingsError, TOMLDecodeError) as error:
        err.print(f"The settings cannot be read: {error}", markup=False)
        raise SystemExit(2) from None
    except (EOFError, zlib.error):
        err.print("The packed file is broken off or damaged. What came before is recorded.", markup=False)
        raise SystemExit(1) from None
    except OSError as error:
        err.print(str(error), markup=False)
        raise SystemExit(1) from None


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data: DataOption = None,
    insecure: Annotated[
        bool | None,
        typer.Option("--insecure", help="Without authentication, on an address that others reach too."),
    ] = None,
) -> None:
    """Serve GraphQL at /graphql, and GraphiQL at /."""
    from service.serving import listen, serving, url

    settings = settings_of(host=host, port=port, data=data, insecure=insecure)

    async def work() -> None:
        with listen(settings.host, settings.port) as listener:
            check_exposure(settings, listener.getsockname()[0])
            async with serving(settings, listener) as stopped:
                out.print(f"Listening on {url(listener)}")
                await stopped

    run(work(), settings)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
    once: Annotated[bool, typer.Option("--once", help="Show everything and exit.")] = False,
) -> None:
    """A small world in a temporary folder, two stories, and a query for each kind of user."""
    from service import demo as demonstration

    run(demonstration.run(out, port=port, once=once))


@app.command()
def migrate(data: DataOption = None) -> None:
    """Bring the graph's schema up to date."""

    from service.graph.migrations import migrate as apply_migrations
    from service.opening import open_graph

    async def work() -> list[str]:
        async with open_graph(settings_of(data=data)) as graph:
            return await apply_migrations(graph)

    names = run(work())
    out.print("\n".join(f"applied {name}" for name in names) or "The graph is up to date.")


@app.command()
def reindex(data: DataOption = None) -> None:
    """Give all customers the keys that searchCustomers finds them by: once, for a graph from before it had them.

    Broken off and started again, it changes only what is not as it should be. Others may read and write meanwhile.
    """
    from service.app import open_services
    from service.opening import open_graph

    settings = settings_of(data=data)

    async def work(show: Callable[[int, int], None]) -> tuple[int, int]:
        async with open_graph(settings) as graph, open_services(settings, graph) as services:
            return await services.finder.rebuild(show)

    with Progress(TextColumn("Looked at {task.completed:,.0f}"), console=err) as progress:
        task = progress.add_task("", total=None)
        seen, changed = run(work(lambda looked_at, _: progress.update(task, completed=looked_at)))
    out.print(f"{seen} profiles and identifiers looked at, {changed} of them changed.")


@app.command()
def match(
    data: DataOption = None,
    again: Annotated[bool, typer.Option("--again", help="Start over, not where the last one ended.")] = False,
    learn: Annotated[
        bool, typer.Option(help="First learn from the customers how records of one person differ.")
    ] = True,
) -> None:
    """Find customers who may be one person: once, for a graph from before there was matching, and to learn anew.

    Broken off and started again, it goes on where it ended. Others may read and write meanwhile.
    """
    from service.app import open_services
    from service.opening import open_graph

    settings = settings_of(data=data)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("Starting", total=None)

        def show(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of or None)

        async def work() -> tuple[int, int]:
            async with open_graph(settings) as graph, open_services(settings, graph, matching=False) as services:
                return await services.everyone.match(again=again, learning=learn, show=show)

        seen, found = run(work())
    out.print(f"{seen} customers looked at, {found} new candidates found. See matchCandidates.")


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="NDJSON, or CSV with --map; may be packed (.gz).")],
    data: DataOption = None,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", help="field=column of a CSV file, repeated.")
    ] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--set", help="field=value for every row of a CSV file, repeated.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of times without an offset; UTC if absent.")] = None,
    kind: Annotated[
        ExportKind | None, typer.Option("--as", help="What the rows of another CRM's export are.")
    ] = None,
    words: Annotated[
        list[str] | None, typer.Option("--value", help="With --as: field:word=meaning, repeated.")
    ] = None,
    decimal: Annotated[str, typer.Option(help="With --as: the decimal point of amounts.")] = ".",
    dates: Annotated[
        list[str] | None, typer.Option(help="With --as: a form of times, such as '%m/%d/%Y %I:%M %p'.")
    ] = None,
) -> None:
    """Record a file of touchpoints, orders and attributes, or what another CRM exports. Started again, it records
    nothing twice.
    """
    from service import event_files, importing
    from service.exports.rows import check_fields, words_of

    mapping, constants = importing.pairs("--map", mapped), importing.pairs("--set", fixed)
    names = [name for name, _ in (*mapping, *constants)]
    zone = importing.zone_named(timezone)
    if decimal not in (".", ","):
        raise BadInput("--decimal", "a point or a comma")
    notation = Notation(zone, decimal, tuple(dates or ()), words_of("--value", words or ()))
    if kind is None:
        importing.check_fields(names)
        if words or dates:
            raise BadInput("--value" if words else "--dates", "only with --as, for exports of other CRMs")
    elif mapping:
        check_fields(kind, names)
    else:
        raise BadInput("--map", "an export needs it: --map field=column, such as --map 'id=Record ID'")
    if constants and not mapping:
        raise BadInput("--set", "only for CSV, beside --map")
    if not mapping and file.name.removesuffix(".gz").endswith(".csv"):
        raise BadInput("--map", "a CSV file needs it: --map field=column, such as --map cookie=visitor_id")
    rejected = file.with_name(f"{file.name}.rejected.ndjson")
    with file.open("rb") as packed:
        content = event_files.unpacked(packed, file.name)
        if kind is not None:
            rows = event_files.export_rows(content, mapping, constants, notation)
        elif mapping:
            rows = event_files.csv_rows(content, mapping, constants, zone)
        else:
            rows = event_files.ndjson_rows(content, zone)
        tally = _import(settings_of(data=data), rows, packed, file.stat().st_size, rejected, kind)
    out.print(
        f"{tally.recorded} recorded, {tally.duplicates} duplicates, {tally.refused} refused"
        + (f" (see {rejected})" if tally.refused else "")
    )
    if tally.left_out:
        out.print(f"{tally.left_out} identifiers were left out of events that were kept.")


def _import(
    settings: Settings, rows: Any, packed: IO[bytes], size: int, rejected: Path, kind: ExportKind | None
) -> Tally:
    from service import importing
    from service.app import open_services
    from service.graph.migrations import migrate as apply_migrations
    from service.opening import open_graph

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]:>7,.0f} rows/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress, importing.Rejects(rejected) as rejects:
        task = progress.add_task("Importing", total=size, rate=0.0)

        def show(tally: Tally) -> None:
            elapsed = progress.tasks[0].elapsed or 1e-9
            progress.update(task, completed=packed.tell(), rate=tally.rows / elapsed)

        async def work() -> Tally:
            async with open_graph(settings) as graph:
                if settings.neo4j_uri is not None:
                    await apply_migrations(graph)
                # Whom it records is left marked, for a service to match: here all speed is for the import.
                async with open_services(settings, graph, matching=False, reminding=False) as services:
                    progress.reset(task)
                    target = services.recorder if kind is None else services.exports(kind)
                    return await importing.import_rows(rows, target, rejects.write, show)

        tally = run(work())
        progress.update(task, completed=size)
        return tally


@app.command()
def dedupe(
    file: Annotated[
        Path, typer.Argument(help="CSV with a header, of any delimiter and encoding; may be packed (.gz).")
    ],
    clusters: Annotated[Path, typer.Option("--out", help="CSV to write: id, cluster, probability.")],
    ids: Annotated[str | None, typer.Option("--id", help="The column of ids; found out if absent.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML that says what columns are.")] = None,
) -> None:
    """Find who is in a file of people more than once. Touches no graph."""
    # Numbers for arrays load slowly, and no other command needs them.
    from service.identity.matching.finding import match_table

    # As Ctrl-C does, so that no half of a file stays.
    signal.signal(signal.SIGTERM, _terminated)
    began = time.perf_counter()
    said = deduplicating.read_config(config) if config else deduplicating.Config()
    with deduplicating.written(clusters, file) as target:
        with phases() as show:
            people = read_people(file, show, ids=ids or said.id, encoding=said.encoding, delimiter=said.delimiter)
        taken = deduplicating.take(people, str(file), said, ids)
        err.print(columns_taken(taken))
        labels, probabilities = [], []
        if people.lines:
            with phases() as show:
                found = match_table(deduplicating.table(people, taken), show)
            labels, probabilities = found.labels, found.probabilities
        deduplicating.write_clusters(target, deduplicating.ids_of(people, taken), labels, probabilities)
    tally = deduplicating.tally(labels)
    out.print(
        f"{counted(tally.rows, 'row')}, {counted(tally.clusters, 'cluster')}, "
        f"{counted(tally.together, 'row')} in clusters of two or more, "
        f"{time.perf_counter() - began:.1f} seconds"
    )


def _terminated(*_: object) -> None:
    raise SystemExit(143)


@app.command()
def report(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(reporting.REPORTS)}.")],
    given: Annotated[str, typer.Option("--input", help="The report's input, as JSON.")] = "{}",
    start: Annotated[str | None, typer.Option("--from", help="A day, or a time with its offset.")] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="A day, or a time with an offset; it is left out.")
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="A PNG or SVG file to write as well.")] = None,
    data: DataOption = None,
) -> None:
    """Print a report on many journeys as a table, and draw it."""
    from service.api.refusing import RequestRefused

    asked = reporting.input_of(name, given, start, end)
    try:
        answer = run(reporting.answered(settings_of(data=data), name, asked))
    except RequestRefused as refused:
        raise BadInput("--input", "; ".join(str(error["message"]) for error in refused.errors)) from None
    reporting.show(out, name, answer)
    if chart is not None:
        reporting.draw(name, answer, chart)
        out.print(f"Drawn in {chart}.")


@app.command()
def explain(
    query: Annotated[str, typer.Argument(help="A GraphQL document.")],
    variables: Annotated[str, typer.Option(help="Its variables, as JSON.")] = "{}",
) -> None:
    """Show how a document is answered: the statement of its plan, or why it has none. Reads nothing."""
    from service.api.refusing import RequestRefused
    from service.app import explain_document

    try:
        values = orjson.loads(variables)
    except orjson.JSONDecodeError as error:
        raise BadInput("--variables", f"not JSON: {error}") from None
    if not isinstance(values, dict):
        raise BadInput("--variables", "a JSON object is needed")
    try:
        text = explain_document(Settings(), query, values)
    except RequestRefused as refused:
        raise BadInput("query", "; ".join(str(error["message"]) for error in refused.errors)) from None
    typer.echo(text)


@app.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from service.api.schema import schema as built

    # Not through the console: nothing may wrap it.
    write: Callable[[str], None] = typer.echo
    write(built.as_str())


if __name__ == "__main__":
    main()
