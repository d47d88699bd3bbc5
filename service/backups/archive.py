"""The file of a backup: a ZIP archive of the database's files, with a manifest as the archive's comment.

The manifest has the SHA-256 of all that is before it: the file but for its comment and that comment's length.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from service.errors import ServiceError

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
"""Of an archive's last record, which ends with its comment's length and the comment."""
_LENGTH_BYTES: Final = 2
_CHUNK: Final = 1024 * 1024
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. ~%#@+=-]*")
"""Files lie side by side in a database's folder: a name is no path."""


class BackupUnusable(ServiceError):
    """The file cannot be restored."""


class MigrationMark(BaseModel):
    """A migration that the graph of a backup has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    checksum: str


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["customer-graph-backup-1"] = "customer-graph-backup-1"
    version: str
    """Of the service that took it."""
    engine: str
    """The engine's version."""
    taken_at: datetime
    migrations: tuple[MigrationMark, ...]
    sha256: str


def seal(
    path: Path, *, version: str, engine: str, taken_at: datetime, migrations: tuple[MigrationMark, ...]
) -> Manifest:
    """Writes the manifest into an archive of the engine's, and all of it to the disk.

    Raises:
        BackupUnusable: it is no archive, or has a comment already.
    """
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_BYTES))
        end = file.read()
        if not end.startswith(_END) or not end.endswith(b"\0" * _LENGTH_BYTES):
            raise BackupUnusable(f"The engine wrote no archive in {path}.")
        covered = size - _LENGTH_BYTES
        manifest = Manifest(
            version=version,
            engine=engine,
            taken_at=taken_at,
            migrations=migrations,
            sha256=_checksum(file, covered),
        )
        comment = manifest.model_dump_json().encode()
        file.seek(covered)
        file.write(struct.pack("<H", len(comment)) + comment)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _checksum(file: IO[bytes], length: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()


def checked(path: Path) -> Manifest:
    """The manifest of a backup whose every byte is as it was written.

    Raises:
        BackupUnusable: it is something else, or damaged.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                comment = archive.comment
            manifest = Manifest.model_validate_json(comment)
        except (zipfile.BadZipFile, ValidationError, ValueError, NotImplementedError, struct.error):
            raise BackupUnusable(
                f"{path} is not a whole backup of `customer-graph backup`: it has no manifest. "
                "If it was copied, copy it again, in binary mode."
            ) from None
        size = file.seek(0, os.SEEK_END)
        if _checksum(file, size - len(comment) - _LENGTH_BYTES) != manifest.sha256:
            raise BackupUnusable(f"{path} is damaged: it is not as it was written. Use another copy.")
    return manifest


def unpack(path: Path, folder: Path) -> None:
    """Writes the files of a checked backup into a new folder.

    Raises:
        BackupUnusable: it has what no database has.
        OSError: they cannot be written.
    """
    folder.parent.mkdir(mode=0o700, parents=True)
    folder.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not _FILE_NAME.fullmatch(entry.filename):
                    raise BackupUnusable(f"{path} has a file {entry.filename!r}, which is of no database.")
                with archive.open(entry) as packed, private(folder / entry.filename) as file:
                    shutil.copyfileobj(packed, file, _CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BackupUnusable(f"{path} cannot be unpacked: {error}.") from None


def private(path: Path) -> IO[bytes]:
    """A new file that only its owner may read; raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
