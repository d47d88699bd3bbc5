"""Taking a backup: the engine that runs on the folder is asked for it; where none does, it is started."""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.metadata import version
from pathlib import Path
from typing import Final

import filelock
import orjson

from service.backups.archive import Manifest, MigrationMark, private, seal
from service.errors import BadInput, FolderInUse, ServiceError
from service.graph.client import Graph
from service.graph.embedded import DATABASE, PACKAGE, USER, Address, EmbeddedEngine, running_engine

_APPEAR_SECONDS: Final = 30.0
"""For an engine to be seen on a folder that a service owns: it may be starting, or ending."""


class BackupFailed(ServiceError):
    """The engine could not make the backup."""


def take(folder: Path, target: Path, *, memory_mb: int) -> Manifest:
    """Backs the folder's graph up into a file, which appears under its name when it is whole.

    Raises:
        BadInput: the target is there already, or cannot be; or the folder has no graph.
        BackupFailed: the engine did not make it; what it says is in its log.
        FolderInUse: a service owns the folder, and has no engine that answers.
        OSError: the file cannot be written.
    """
    _check(folder, target)
    with _alone(folder), _engine(folder, memory_mb) as address:
        began = datetime.now(UTC)
        migrations = asyncio.run(migration_marks(address))
        made = folder / "backups" / DATABASE / _backed_up(address)
        try:
            manifest = seal(
                made,
                version=version("customer-graph"),
                engine=version(PACKAGE),
                taken_at=began,
                migrations=migrations,
            )
            _move(made, target)
        finally:
            made.unlink(missing_ok=True)
    return manifest


def _check(folder: Path, target: Path) -> None:
    if not (folder / "databases" / DATABASE).is_dir():
        raise BadInput("--data", f"{folder} has no graph to back up")
    if target.exists():
        raise BadInput("TARGET", f"{target} is there already; choose another name, or move it away")
    parent = target.absolute().parent
    if not parent.is_dir():
        raise BadInput("TARGET", f"there is no folder {parent}")
    if not os.access(parent, os.W_OK):
        raise BadInput("TARGET", f"nothing can be written in {parent}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time; what one that was killed left is deleted."""
    lock = filelock.FileLock(folder / "backup.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise BackupFailed("Another backup of this folder is being taken. Wait for it.") from None
    try:
        for left in (folder / "backups" / DATABASE).glob("*.zip"):
            left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


@contextmanager
def _engine(folder: Path, memory_mb: int) -> Iterator[Address]:
    """The engine that a service runs on the folder, else one of our own."""
    own = EmbeddedEngine(folder, memory_mb=memory_mb)
    give_up = time.monotonic() + _APPEAR_SECONDS
    while True:
        try:
            address = own.start()
            break
        except FolderInUse:
            found = running_engine(folder)
            if found is not None:
                yield found
                return
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)
    try:
        yield address
    finally:
        own.stop()


async def migration_marks(address: Address) -> tuple[MigrationMark, ...]:
    """The migrations that a running engine's graph has, by number."""
    graph = Graph(address.uri, user=USER, password=address.password, database=DATABASE, embedded=True)
    try:
        rows = sorted(await graph.rows("graph/migrations"))
        return tuple(MigrationMark(number=number, checksum=checksum) for number, checksum in rows)
    finally:
        await graph.close()


def _backed_up(address: Address) -> str:
    """The name of the archive that the engine makes of its database as it is at one moment, under writes too."""
    credentials = base64.b64encode(f"{USER}:{address.password}".encode()).decode()
    # However long it takes: an engine that dies ends the connection.
    connection = HTTPConnection("127.0.0.1", address.http_port)
    try:
        connection.request(
            "POST",
            f"/api/v1/command/{DATABASE}",
            orjson.dumps({"language": "sql", "command": "BACKUP DATABASE"}),
            {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        response = connection.getresponse()
        body = response.read()
    except (OSError, HTTPException) as error:
        raise BackupFailed(f"The engine ended while it made the backup ({error}). Take it again.") from None
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        raise BackupFailed(f"The engine could not make the backup: {body[:500].decode(errors='replace')}")
    name: str = orjson.loads(body)["result"][0]["backupFile"]
    return name


def _move(made: Path, target: Path) -> None:
    """Gives the file its name, in one step; from another disk it is copied beside it first."""
    target = target.absolute()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            made.rename(part)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(made, part)
        # A link, not a rename: it does not replace what came to be there meanwhile.
        _named(part, target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)


def _copy(made: Path, part: Path) -> None:
    with made.open("rb") as source, private(part) as copy:
        shutil.copyfileobj(source, copy, 1024 * 1024)
        copy.flush()
        os.fsync(copy.fileno())


def _named(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        raise BadInput("TARGET", f"{target} is there already; choose another name, or move it away") from None
    except OSError:  # A file system without links.
        part.replace(target)


def sync_folder(folder: Path) -> None:
    """What a folder lists is on the disk; some systems cannot be asked that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
