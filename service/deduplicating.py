"""Finding who is in a CSV file of people more than once: which columns say what, and the file of clusters."""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from service.errors import BadInput
from service.identity.matching.attributes import folded
from service.identity.matching.recognising import Recognised, recognise
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import Column, Table
from service.people_files import PeopleFile

_IGNORE: Final = "ignore"
_SORTS: Final[Mapping[str, Sort | None]] = {**{folded(sort.value): sort for sort in Sort}, _IGNORE: None}
_KEYS: Final = ("id", "encoding", "delimiter", "columns")
_BY_CONFIG: Final = "by --config"
OUTPUT: Final = ("id", "cluster", "probability")
"""The columns of the file of clusters."""


@dataclass(frozen=True, slots=True)
class Config:
    """What somebody said of a file, before anything is recognised."""

    id: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: Mapping[str, Sort | None] = field(default_factory=dict)
    """None: to be ignored."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found."""

    rows: int
    clusters: int
    together: int
    """Rows in clusters of two or more."""


def read_config(path: Path) -> Config:
    """A file for --config.

    Raises:
        OSError: it cannot be read.
        BadInput: names the key and what there is to choose from.
    """
    with path.open("rb") as file:
        try:
            said = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput("--config", f"{path} is not TOML: {error}") from None
    for key in said:
        if key not in _KEYS:
            raise BadInput("--config", f"there is no key {key!r}. Keys: {', '.join(_KEYS)}")
    id_, encoding, delimiter = (_text(said, key) for key in _KEYS[:3])
    if encoding is not None and not _is_encoding(encoding):
        raise BadInput(
            "--config", f"encoding: there is no encoding {encoding!r}; use a name such as utf-8 or cp1251"
        )
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n '):
        raise BadInput("--config", f"delimiter: {delimiter!r} is not one character such as ; or ,")
    columns = _columns(said.get("columns", {}))
    named = [*([id_] if id_ else ()), *(name for name, sort in columns.items() if sort is Sort.ID)]
    if len(set(named)) > 1:
        raise BadInput("--config", f"there is one id, not {len(set(named))}: {', '.join(dict.fromkeys(named))}")
    return Config(named[0] if named else None, encoding, delimiter, columns)


def _text(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise BadInput("--config", f"{key}: a text is needed")
    return value


def _is_encoding(name: str) -> bool:
    try:
        # Some codecs, such as base64's, are not of text.
        return "a".encode(name).decode(name) == "a"
    except (LookupError, ValueError):
        return False


def _columns(said: object) -> dict[str, Sort | None]:
    if not isinstance(said, dict):
        raise BadInput("--config", "columns: a table is needed, such as [columns]")
    columns: dict[str, Sort | None] = {}
    for name, sort in said.items():
        if not isinstance(sort, str) or folded(sort) not in _SORTS:
            known = ", ".join((*Sort, _IGNORE))
            raise BadInput("--config", f"columns.{name}: there is no sort {sort!r}. Sorts: {known}")
        columns[name] = _SORTS[folded(sort)]
    return columns


def take(file: PeopleFile, name: str, config: Config, ids: str | None) -> list[Recognised]:
    """What each column of a file is taken for: what was said, else what is recognised.

    Args:
        file: its content.
        name: what the file is called, for what is told of it.
        config: what is said of it.
        ids: the column that --id names; it wins over the config.

    Raises:
        BadInput: a column that is named is not there, ids are missing or twice, or nothing says who anybody is.
    """
    _check_columns(file.header, config, ids)
    chosen = ids or config.id
    said = {column: (sort, _BY_CONFIG) for column, sort in config.columns.items()}
    if chosen is not None:
        said[chosen] = (Sort.ID, "by --id" if ids else _BY_CONFIG)
    taken = [
        Recognised(one.name, *said[one.name]) if one.name in said else _not_the_id(one, chosen)
        for one in recognise(file.header, file.columns)
    ]
    for one in taken:
        if one.sort is Sort.ID:
            _check_ids(file, one.name)
    if file.lines and not any(map(_tells_people_apart, taken)):
        raise BadInput(
            name,
            f"no column is recognised as saying anything of a person. It has {', '.join(file.header)}. "
            'Say in a file for --config what they are: [columns] and lines such as "name" = "full name"',
        )
    return taken


def _tells_people_apart(one: Recognised) -> bool:
    """Whether a column says something of a person: a category does where somebody says so."""
    if one.sort is Sort.CATEGORY:
        return one.because == _BY_CONFIG
    return one.sort not in (None, Sort.ID)


def _check_columns(header: Sequence[str], config: Config, ids: str | None) -> None:
    wanted = [("--id", ids), ("--config", config.id), *(("--config", column) for column in config.columns)]
    for option, column in wanted:
        if column is not None and column not in header:
            raise BadInput(option, f"the file has no column {column!r}. It has {', '.join(header)}")


def _not_the_id(one: Recognised, chosen: str | None) -> Recognised:
    if chosen is not None and one.sort is Sort.ID:
        return Recognised(one.name, None, one.because)
    return one


def _check_ids(file: PeopleFile, column: str) -> None:
    seen: dict[str, int] = {}
    for line, value in zip(file.lines, file.columns[file.header.index(column)], strict=True):
        if not value:
            raise BadInput(column, f"line {line} has no id")
        if value in seen:
            raise BadInput(column, f"the id {_short(value)!r} of line {seen[value]} is on line {line} again")
        seen[value] = line


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def table(file: PeopleFile, taken: Sequence[Recognised]) -> Table:
    """What is compared: the columns that say something."""
    chosen = [
        (Column(one.name, one.sort), values)
        for one, values in zip(taken, file.columns, strict=True)
        if one.sort is not None and one.sort is not Sort.ID
    ]
    return Table(tuple(column for column, _ in chosen), tuple(values for _, values in chosen))


def ids_of(file: PeopleFile, taken: Sequence[Recognised]) -> Sequence[str]:
    """The id of each row: that of the file, else its number from 1."""
    for one, values in zip(taken, file.columns, strict=True):
        if one.sort is Sort.ID:
            return values
    return [str(number) for number in range(1, len(file.lines) + 1)]


def tally(labels: Sequence[int]) -> Tally:
    """How many clusters there are, and how many rows are in those of two or more."""
    sizes: dict[int, int] = {}
    for label in labels:
        sizes[label] = sizes.get(label, 0) + 1
    return Tally(len(labels), len(sizes), sum(size for size in sizes.values() if size > 1))


def write_clusters(
    file: IO[str], ids: Sequence[str], labels: Sequence[int], probabilities: Sequence[float]
) -> None:
    """The file of clusters, which are numbered from 1 as they come."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(OUTPUT)
    numbers: dict[int, int] = {}
    for id_, label, probability in zip(ids, labels, probabilities, strict=True):
        writer.writerow((id_, numbers.setdefault(label, len(numbers) + 1), f"{probability:.4f}"))


@contextmanager
def written(path: Path, source: Path) -> Iterator[IO[str]]:
    """A file that appears under its name when it is whole; opened at once, so that what cannot be is told soon.

    Raises:
        BadInput: it is the source, or no plain file.
        OSError: it cannot be written.
    """
    target = path.resolve()
    if target.exists():
        if source.exists() and target.samefile(source):
            raise BadInput("--out", "that is the file that is read; choose another name")
        if not target.is_file():
            raise BadInput("--out", f"{path} is not a file")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        file = part.open("x", encoding="utf-8", newline="")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
