"""The file of a backup: any byte that changed, and any other file, is told."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.backups.archive import BackupUnusable, Manifest, MigrationMark, checked, seal, unpack

FILES = {"schema.json": b"{}" * 500, "Customer_0.1.65536.v0.bucket": bytes(range(256)) * 300, "empty": b""}
MARKS = (MigrationMark(number=1, checksum="a" * 64), MigrationMark(number=2, checksum="b" * 64))
TAKEN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def sealed(path: Path, files: dict[str, bytes] = FILES) -> Manifest:
    return seal(archive(path, files), version="1.2", engine="26.10.2", taken_at=TAKEN, migrations=MARKS)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    sealed(tmp_path / "backup")
    return tmp_path / "backup"


def test_what_was_sealed_is_read_and_unpacked(backup: Path, tmp_path: Path) -> None:
    manifest = checked(backup)
    assert (manifest.version, manifest.engine, manifest.taken_at) == ("1.2", "26.10.2", TAKEN)
    assert manifest.migrations == MARKS
    unpack(backup, tmp_path / "a" / "b")
    assert {path.name: path.read_bytes() for path in (tmp_path / "a" / "b").iterdir()} == FILES
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "a" / "b").iterdir()} == {0o600}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_it_is_still_an_archive_that_others_can_read(backup: Path) -> None:
    with zipfile.ZipFile(backup) as made:
        assert made.testzip() is None
        assert made.namelist() == [*FILES]


def test_any_byte_that_changed_is_told(backup: Path) -> None:
    content = backup.read_bytes()
    covered = content.index(b'{"format"')
    for place in [*range(0, len(content), 37), *range(len(content) - 40, len(content))]:
        damaged = bytearray(content)
        damaged[place] ^= 1
        backup.write_bytes(damaged)
        # A letter of the version may be another, say; of the files and of their checksum no bit.
        within = place < covered or place >= content.index(b'"sha256"')
        with pytest.raises(BackupUnusable, match=str(backup)) if within else suppress(BackupUnusable):
            checked(backup)


@pytest.mark.parametrize("kept", [0, 1, 21, 22, 500, -1, -200])
def test_what_is_broken_off_is_no_backup(backup: Path, kept: int) -> None:
    backup.write_bytes(backup.read_bytes()[:kept])
    with pytest.raises(BackupUnusable, match="no manifest"):
        checked(backup)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06", b"\x1f\x8b\x08\x00", b"\x00" * 5_000, b"{}\n", "Юлия".encode()]
)
def test_another_file_is_no_backup(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(BackupUnusable, match="no manifest"):
        checked(tmp_path / "other")


def test_an_archive_of_something_else_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="no manifest"):
        checked(archive(tmp_path / "photos.zip", {"a.jpg": b"1"}))


def test_another_format_is_no_backup(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes().replace(b"customer-graph-backup-1", b"customer-graph-backup-2"))
    with pytest.raises(BackupUnusable, match="no manifest"):
        checked(backup)


@pytest.mark.parametrize("name", ["../outside", "/etc/x", "a/b", ".hidden", "c:\\x", "a\\..\\b"])
def test_files_go_nowhere_else(tmp_path: Path, name: str) -> None:
    sealed(tmp_path / "backup", {name: b"1"})
    checked(tmp_path / "backup")
    with pytest.raises(BackupUnusable, match="of no database"):
        unpack(tmp_path / "backup", tmp_path / "a" / "b")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "backup"]


def test_what_is_no_archive_is_not_sealed(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"something")
    with pytest.raises(BackupUnusable, match="no archive"):
        seal(tmp_path / "other", version="1", engine="1", taken_at=TAKEN, migrations=())
    assert (tmp_path / "other").read_bytes() == b"something"
