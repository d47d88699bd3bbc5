"""Reading a CSV file of people, as other programs write them: any delimiter and encoding, packed or not.

The file is read twice, once for its encoding and once for its rows; kept are its columns, equal values once.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Final, cast

from service.errors import BadInput
from service.identity.matching import looks
from service.identity.matching.tables import MAX_CHARACTERS
from service.text_encoding import NotText, encoding_of

_DELIMITERS: Final = ",;\t|"
_TRIED: Final = 50
"""Rows by which the delimiter is chosen."""
_CHUNK: Final = 1 << 20
_LONGEST: Final = 1 << 24
"""Characters of a value; a longer one is a quotation mark that nobody closed."""
_SHOWN_EVERY: Final = 4096
"""Rows."""
_PACKED: Final = b"\x1f\x8b"
_OTHER_FILES: Final = (
    (b"PK\x03\x04", "an Excel or zip file"),
    (b"\xd0\xcf\x11\xe0", "an Excel file"),
    (b"%PDF", "a PDF file"),
    (b"PAR1", "a Parquet file"),
)
_NOTHING: Final = frozenset(
    (
        *("null", "(null)", "none", "(none)", "nil", "nan", "n/a", "#n/a", "\\n", "-", "--", "?"),
        *("undefined", "unknown", "NA"),
    )
)
"""What programs write where they know nothing, in any case, but for R's NA: Na is a name."""

Progress = Callable[[str, float], None]
"""Is told the name of a phase and how much of it is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """The content of a file, in columns."""

    header: tuple[str, ...]
    columns: tuple[list[str], ...]
    """The values, trimmed and cut for comparing, "" where nothing is known; of the column of ids as they are."""
    lines: array[int]
    """The line that each row begins on."""
    encoding: str


def read_people(
    path: Path,
    progress: Progress,
    *,
    ids: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> PeopleFile:
    """The content of a file.

    Args:
        path: the file.
        progress: is told how far it is read.
        ids: the column whose values are kept whole.
        encoding: of its text; found out if it is not given.
        delimiter: between values; found out if it is not given.

    Raises:
        OSError: it cannot be read.
        BadInput: it is no CSV file of a header and rows.
    """
    size = max(1, path.stat().st_size)
    if not path.is_file():
        raise BadInput(str(path), "it is not a file")
    known = encoding or _found_encoding(path, size, progress)
    try:
        with _opened(path) as (file, packed), _long_values():
            # A guess may be wrong in a byte or two; what somebody said must be right.
            errors = "strict" if encoding or known.startswith("utf") else "replace"
            text = TextIOWrapper(file, encoding=known, errors=errors, newline="")
            by = delimiter or _delimiter(list(islice(_lines(text), _TRIED)))
            text.seek(0)
            return _content(path, _Reader(text, by), ids, known, lambda: progress("Reading", packed.tell() / size))
    except UnicodeError:
        raise BadInput(str(path), f"it is not written in {known}; set `encoding` in a file for --config") from None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The content, unpacked on the way, and the file itself, which knows how far it is read."""
    with path.open("rb") as packed:
        is_packed = packed.read(len(_PACKED)) == _PACKED
        packed.seek(0)
        try:
            yield (cast("IO[bytes]", gzip.GzipFile(fileobj=packed)) if is_packed else packed), packed
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise BadInput(str(path), "the packed file is broken off or damaged") from None


@contextmanager
def _long_values() -> Iterator[None]:
    """The limit of a value is the whole process's: it is put back."""
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _found_encoding(path: Path, size: int, progress: Progress) -> str:
    with _opened(path) as (file, packed):

        def chunks() -> Iterator[bytes]:
            while chunk := file.read(_CHUNK):
                yield chunk
                progress("Finding the encoding", packed.tell() / size)

        head = file.read(8)
        for start, what in _OTHER_FILES:
            if head.startswith(start):
                raise BadInput(str(path), f"it is {what}, not text; save it as CSV")
        file.seek(0)
        try:
            found = encoding_of(chunks())
        except NotText:
            raise BadInput(str(path), "it is not text; save it as CSV") from None
    if found is None:
        raise BadInput(
            str(path), "its encoding is not recognised; save it as UTF-8, or set `encoding` in a file for --config"
        )
    return found


def _lines(text: IO[str]) -> Iterator[str]:
    """The lines, none longer than may be looked at for nothing."""
    while line := text.readline(_CHUNK):
        yield line


def _delimiter(lines: Sequence[str]) -> str:
    """What parts the header and the first rows into as many values, the most; a comma if there is but one."""

    def parted(delimiter: str) -> float:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
        alike = sum(count == counts[0] for count in counts) / max(1, len(counts))
        return alike * (counts[0] - 1) if counts else 0.0

    return max(_DELIMITERS, key=parted)


def _content(path: Path, reader: _Reader, ids: str | None, encoding: str, show: Callable[[], None]) -> PeopleFile:
    rows = reader.rows(path)
    _, first = next(rows, (0, []))
    if not first:
        raise BadInput(str(path), "it is empty")
    header = _header(path, first)
    whole = header.index(ids) if ids in header else None
    columns: tuple[list[str], ...] = tuple([] for _ in header)
    # Equal values are one object: of a million towns there are a thousand.
    known: list[dict[str, str]] = [{} for _ in header]
    lines = array("Q")
    for line, row in rows:
        if len(row) != len(header):
            row = _fitted(path, line, row, len(header))
        lines.append(line)
        for place, cell in enumerate(row):
            value = known[place].get(cell)
            if value is None:
                value = cell.strip() if place == whole else _cleaned(cell)
                if len(cell) <= MAX_CHARACTERS:
                    known[place][cell] = value
            columns[place].append(value)
        if len(lines) % _SHOWN_EVERY == 0:
            show()
    show()
    return PeopleFile(header, columns, lines, encoding)


class _Reader:
    """A reader of the csv module that tells where a row begins, and that its last quotation mark is open."""

    def __init__(self, text: Iterable[str], delimiter: str) -> None:
        self._record: list[str] = []
        self._delimiter = delimiter
        self._reader = csv.reader(self._kept(text), delimiter=delimiter, skipinitialspace=True)

    def _kept(self, text: Iterable[str]) -> Iterator[str]:
        for line in text:
            self._record.append(line)
            yield line

    def rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Each row with the line it begins on; empty lines are none.

        Raises:
            BadInput: a row is no CSV.
        """
        while True:
            self._record.clear()
            line = self._reader.line_num + 1
            try:
                row = next(self._reader, None)
                if len(self._record) > 1:
                    self._check_closed()
            except csv.Error as error:
                why = f"line {line} is not CSV ({error}): is a quotation mark not closed?"
                raise BadInput(str(path), why) from None
            if row is None:
                return
            if row:
                yield line, row

    def _check_closed(self) -> None:
        """The reader takes the end of the file for a quotation mark: all rows from the open one would be one."""
        strict = csv.reader(self._record, delimiter=self._delimiter, skipinitialspace=True, strict=True)
        try:
            next(strict)
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise


def _header(path: Path, cells: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns: one without a name, and a second of a name, get their number."""
    for cell in map(str.strip, cells):
        if looks.is_email(cell) or looks.year_of(cell) is not None:
            raise BadInput(str(path), f"the first line must name the columns, and has {_short(cell)!r}")
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = plain = cell.strip().lstrip("\ufeff") or f"column {number}"
        copies = 1
        while name in names:
            copies += 1
            name = f"{plain} ({copies})"
        names.append(name)
    return tuple(names)


def _fitted(path: Path, line: int, row: list[str], width: int) -> list[str]:
    """A row with empty values behind the last column without them."""
    if len(row) > width and not any(map(str.strip, row[width:])):
        return row[:width]
    raise BadInput(str(path), f"line {line} has {_values(len(row))}, the header has {width}")


def _values(count: int) -> str:
    return f"{count} value" if count == 1 else f"{count} values"


def _cleaned(cell: str) -> str:
    value = cell.strip()[:MAX_CHARACTERS]
    return "" if value in _NOTHING or value.lower() in _NOTHING else value


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
