"""`customer-graph keys`: making, listing and revoking API keys on the graph itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.access.models import ALL_RIGHTS, Scope
from service.console import err, out
from service.errors import BadInput, FolderInUse, UserError
from service.running import DataOption, run, settings_of

if TYPE_CHECKING:
    from service.access.repository import Listed
    from service.access.service import KeyDesk, KeyDone

ALL = "all"

app = typer.Typer(help="API keys: who may ask, and what.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is: what `by` is in what they write.")],
    scopes: Annotated[
        list[str], typer.Option("--scope", help=f"{', '.join(one.value for one in Scope)}, or all; repeated.")
    ],
    expires: Annotated[
        str | None, typer.Option(help="A day, or a time with its offset, when it ends; absent: when revoked.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Make a key. It is printed once, alone on standard output, and cannot be shown again."""
    given: dict[str, Any] = {"name": name, "scopes": _scopes(scopes)}
    if expires is not None:
        given["expiresAt"] = expires if "T" in expires else f"{expires}T00:00:00Z"

    async def work() -> KeyDone:
        async with _desk(data) as desk:
            return await desk.create(given, ALL_RIGHTS)

    done = run(work())
    _check(done.errors, {"name": "NAME", "scopes": "--scope", "expiresAt": "--expires"})
    err.print(f"The key {done.key_id} of {name}: keep it now, it is not shown again.", markup=False)
    typer.echo(done.key)


@app.command(name="list")
def list_keys(data: DataOption = None) -> None:
    """List all keys, those that were revoked too; their secrets are kept nowhere."""

    async def work() -> list[Listed]:
        async with _desk(data) as desk:
            return await desk.listed()

    rows: list[tuple[str, ...]] = [("id", "name", "scopes", "made", "ends", "revoked")]
    for one in run(work()):
        times = (_written(at) for at in (one.created_at, one.expires_at, one.revoked_at))
        rows.append((one.id, one.name, ",".join(one.scopes), *times))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        # Not through the console, which would cut ids to the width of a terminal.
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, key_…; see list.")],
    data: DataOption = None,
) -> None:
    """End a key for good; services that run let nobody in with it after 5 seconds, and close what is open."""

    async def work() -> KeyDone:
        async with _desk(data) as desk:
            return await desk.revoke(key_id)

    _check(run(work()).errors, {"keyId": "ID"})
    out.print(f"{key_id} is revoked.", markup=False)


@asynccontextmanager
async def _desk(data: Any) -> AsyncIterator[KeyDesk]:
    from service.access.service import KeyDesk
    from service.opening import open_graph

    try:
        async with open_graph(settings_of(data=data)) as graph:
            yield KeyDesk(graph)
    except FolderInUse:
        text = (
            "A service is running on this data folder. Stop it for as long as this takes, or ask it itself: "
            "createApiKey, revokeApiKey and apiKeys in GraphQL, with a key that has the scope admin."
        )
        raise FolderInUse(text) from None


def _scopes(given: list[str]) -> list[str]:
    names = [name for text in given for name in text.replace(",", " ").split()]
    unknown = sorted({name for name in names if name != ALL and name not in ALL_RIGHTS})
    if unknown:
        known = ", ".join(one.value for one in Scope)
        raise BadInput("--scope", f"there is no {', '.join(unknown)}; the scopes are {known}, or all")
    return sorted(ALL_RIGHTS) if ALL in names else names


def _check(errors: tuple[UserError, ...], names: Mapping[str, str]) -> None:
    for error in errors:
        raise BadInput(names[error.field[0]], error.message.partition(": ")[2])


def _written(epoch_millis: int | None) -> str:
    if epoch_millis is None:
        return ""
    return datetime.fromtimestamp(epoch_millis / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
