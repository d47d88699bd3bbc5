"""Reading files of events, NDJSON or CSV, row by row: memory does not grow with the file."""

from __future__ import annotations

import csv
import gzip
import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import TextIOWrapper
from typing import IO, Any, Final, cast

import orjson

from service.errors import BadInput
from service.exports.rows import raw_of
from service.exports.values import Notation
from service.identity import kinds

SOURCE: Final = "import"
"""The source of rows that name none."""
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""No row has so much to say; a file that is one line must not fill the memory."""
_LONGEST_HEADER: Final = 256 * 1024
_DEEPEST: Final = 250
_DELIMITERS: Final = (",", ";", "\t", "|")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its number from 1, its content, and the recording input that it makes."""

    number: int
    record: Any
    raw: Mapping[str, Any] | None
    reason: str | None = None
    """Why it makes no input."""


def unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    """The content of a file, unpacked on the way if its name ends in .gz."""
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if name.endswith(".gz") else file


def ndjson_rows(file: IO[bytes], zone: tzinfo) -> Iterator[Row]:
    """The rows of a file with one recording input a line; empty lines are passed over."""
    for number, raw_line in enumerate(_lines(file), 1):
        line = raw_line.removeprefix(BOM_UTF8) if number == 1 else raw_line
        if not line.strip():
            continue
        try:
            record = _json(line)
        except ValueError as error:
            yield Row(number, line[:40_000].decode(errors="replace").rstrip("\n")[:10_000], None, str(error))
            continue
        if isinstance(record, dict):
            yield _row(number, record, dict(record), zone)
        else:
            yield Row(number, record, None, "not a JSON object")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines; of one that is too long its beginning, which says so by its length."""
    while line := file.readline(_LONGEST_LINE + 1):
        yield line
        while len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(_LONGEST_LINE + 1)


def _json(line: bytes) -> Any:
    """What a line says; raises ValueError with what is wrong."""
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"longer than {_LONGEST_LINE} bytes")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    if line.count(b"{") + line.count(b"[") > _DEEPEST:
        # Not every depth that is read can be written again, among rejects or as content.
        try:
            orjson.dumps(record)
        except orjson.JSONEncodeError:
            raise ValueError(f"more than {_DEEPEST} levels deep") from None
    return record


def csv_rows(file: IO[bytes], mapping: Pairs, constants: Pairs, zone: tzinfo) -> Iterator[Row]:
    """The rows of a CSV file with a header; `mapping` gives the column of each field. Empty cells are left out.

    Raises:
        BadInput: a mapped column is not in the header.
    """
    for number, cells in records(file, [column for _, column in mapping]):
        if isinstance(cells, csv.Error):
            yield Row(number, None, None, f"not CSV: {cells}")
            continue
        values = [(name, cells[column]) for name, column in mapping if cells.get(column)]
        yield _row(number, cells, _nested([*constants, *values]), zone)


def export_rows(file: IO[bytes], mapping: Pairs, constants: Pairs, notation: Notation) -> Iterator[Row]:
    """The rows of another system's export, a CSV file with a header; empty cells are left out.

    Raises:
        BadInput: a mapped column is not in the header.
    """
    source = dict(constants).get("source", SOURCE)
    for number, cells in records(file, [column for _, column in mapping]):
        if isinstance(cells, csv.Error):
            yield Row(number, None, None, f"not CSV: {cells}")
            continue
        values = [(name, cells[column]) for name, column in mapping if cells.get(column)]
        try:
            yield Row(number, cells, raw_of([*constants, *values], notation, source))
        except ValueError as error:
            yield Row(number, cells, None, str(error))


def records(file: IO[bytes], columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str] | csv.Error]]:
    """The records of a CSV file by number from 1; its delimiter is the one that makes these columns of its header.

    Raises:
        BadInput: a column is not in the header.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    try:
        header, delimiter = _header(text, columns)
        lines = iter(lambda: text.readline(_LONGEST_LINE), "")
        yield from enumerate(_records(csv.DictReader(lines, header, delimiter=delimiter)), 1)
    finally:
        # The file is the caller's: without this the wrapper would close it.
        with suppress(ValueError):  # Left early, it may be closed already.
            text.detach()


def _header(text: TextIOWrapper, columns: Sequence[str]) -> tuple[list[str], str]:
    line = text.readline(_LONGEST_LINE)
    while line.count('"') % 2 and len(line) < _LONGEST_HEADER and (more := text.readline(_LONGEST_LINE)):
        line += more
    try:
        headers = {one: next(csv.reader([line], delimiter=one), []) for one in _DELIMITERS}
    except csv.Error as error:
        raise BadInput(
            "--map", f"the file does not begin with the names of columns; that is not CSV: {error}"
        ) from None
    for delimiter, header in headers.items():
        if {*columns} <= {*header}:
            return header, delimiter
    header = max(headers.values(), key=len)
    missing = next(one for one in columns if one not in header)
    raise BadInput("--map", f"the file has no column {missing!r}. It has {', '.join(header)}")


def _records(reader: csv.DictReader[str]) -> Iterator[dict[str, str] | csv.Error]:
    """The records, or why one is none; the reader goes on behind it."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


def _nested(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The recording input of flat fields: `campaign.name` goes inside, kinds of identifier become identifiers."""
    raw: dict[str, Any] = {"identifiers": []}
    for name, value in fields:
        if kinds.by_name(name) is not None:
            raw["identifiers"].append({"kind": name, "value": value})
            continue
        outer, _, inner = name.partition(".")
        if inner:
            raw.setdefault(outer, {})[inner] = value
        else:
            raw[outer] = value
    return raw


def _row(number: int, record: Any, raw: dict[str, Any], zone: tzinfo) -> Row:
    if "messageId" not in raw:
        raw["messageId"] = _message_id(number, record)
    raw.setdefault("source", SOURCE)
    try:
        raw = _with_offset(raw, zone)
    except ValueError as error:
        return Row(number, record, None, f"occurredAt: {error}")
    return Row(number, record, raw)


def _message_id(number: int, record: Any) -> str:
    """The same for the same row of the same file, so that a second run repeats it; equal rows stay apart."""
    content = orjson.dumps([number, record], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return f"row-{number}-{hashlib.sha256(content).hexdigest()[:24]}"


def _with_offset(raw: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Gives a time without offset the one of the zone."""
    text = raw.get("occurredAt")
    if not isinstance(text, str):
        return raw
    at = datetime.fromisoformat(text.strip())
    return raw | {"occurredAt": at if at.tzinfo else at.replace(tzinfo=zone)}
