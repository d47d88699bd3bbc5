"""Restoring a backup: unpacked and tried beside where the data will be, then put there in one step, or not."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Final

from service.backups.archive import BackupUnusable, Manifest, checked, unpack
from service.backups.taking import migration_marks, sync_folder
from service.errors import BadInput
from service.graph.embedded import DATABASE, EmbeddedEngine, end_left_over, owning, set_password
from service.graph.migrations import all_migrations

_DRAFT: Final = "restoring"


def restore(file: Path, folder: Path, *, memory_mb: int) -> Manifest:
    """Makes a folder of a backup, with an engine's password of its own.

    Raises:
        BadInput: the folder has data.
        BackupUnusable: the file is no whole backup, or of a newer version, or its graph does not open.
        FolderInUse: a service owns the folder.
        OSError: something cannot be read or written.
    """
    manifest = checked(file)
    _check_migrations(file, manifest)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with owning(folder):
        if (folder / "databases").exists():
            raise BadInput(
                "--data", f"{folder} has data. Restore into another folder, and then set this one aside yourself"
            )
        draft = folder / _DRAFT
        # Of a run that was killed.
        end_left_over(draft)
        shutil.rmtree(draft, ignore_errors=True)
        try:
            unpack(file, draft / "databases" / DATABASE)
            _try(file, draft, manifest, memory_mb)
            _put(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _check_migrations(file: Path, manifest: Manifest) -> None:
    known = {one.number: one.checksum for one in all_migrations()}
    for mark in manifest.migrations:
        if known.get(mark.number) != mark.checksum:
            raise BackupUnusable(
                f"{file} was taken by version {manifest.version}, whose migration {mark.number:03d} is not "
                "in this one. Restore it with that version, or a later one."
            )


def _try(file: Path, draft: Path, manifest: Manifest, memory_mb: int) -> None:
    """Opens the graph, and looks whether it is the one that the manifest speaks of."""
    set_password(draft)
    engine = EmbeddedEngine(draft, memory_mb=memory_mb)
    address = engine.start()
    try:
        found = asyncio.run(migration_marks(address))
    finally:
        engine.stop()
    if found != manifest.migrations:
        raise BackupUnusable(f"{file} opens, but its graph is not the one that its manifest speaks of.")


def _put(draft: Path, folder: Path) -> None:
    """What the graph needs first, then the graph: until it is there, the folder has no data."""
    for path in draft.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
    shutil.rmtree(folder / "config", ignore_errors=True)
    (draft / "config").rename(folder / "config")
    (draft / "password").replace(folder / "password")
    sync_folder(draft / "databases" / DATABASE)
    sync_folder(draft / "databases")
    (draft / "databases").rename(folder / "databases")
    sync_folder(folder)
