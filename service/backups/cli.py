"""The commands backup and restore."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from service.console import out
from service.errors import ServiceError
from service.settings import Settings

_Data = Annotated[Path | None, typer.Option(help="Folder of the embedded engine.")]


class NotEmbedded(ServiceError):
    """This is for the embedded engine; back a Neo4j up with neo4j-admin, as the README says."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    data: _Data = None,
) -> None:
    """Back the embedded engine's graph up into one file, as it is at one moment; a service may go on writing."""
    from service.backups.taking import take

    settings = _settings(data)
    manifest = take(settings.data, target, memory_mb=settings.embedded_memory_mb)
    out.print(
        f"{target}: {target.stat().st_size:,} bytes, all that was recorded "
        f"before {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC.",
        markup=False,
        soft_wrap=True,
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `customer-graph backup` wrote.")],
    data: _Data = None,
) -> None:
    """Make a data folder of a backup. The folder must have no data yet."""
    from service.backups.restoring import restore as restored

    settings = _settings(data)
    manifest = restored(file, settings.data, memory_mb=settings.embedded_memory_mb)
    out.print(
        f"{settings.data} is as {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, when the backup was begun.",
        markup=False,
        soft_wrap=True,
    )


def _settings(data: Path | None) -> Settings:
    # As Ctrl-C does, so that nothing half written stays.
    signal.signal(signal.SIGTERM, _terminated)
    settings = Settings(data=data) if data is not None else Settings()
    if settings.neo4j_uri is not None and data is None:
        raise NotEmbedded
    return settings


def _terminated(*_: object) -> None:
    raise SystemExit(143)
