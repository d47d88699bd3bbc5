"""The reference data of journeys, beside the project's checkout; where it is absent, its tests are skipped."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "journeys"

needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the reference data (../shared/data) is not here")


def expected(name: str) -> dict[str, Any]:
    """The expected numbers of a file; empty where the data is absent."""
    if not FOLDER.is_dir():
        return {}
    found: dict[str, Any] = json.loads((FOLDER / f"expected_{name}.json").read_bytes())
    return found


def shop_events() -> Iterator[dict[str, str]]:
    """The events of the shop, in the order of the file."""
    with gzip.open(FOLDER / "ecom.csv.gz", "rt", newline="") as file:
        yield from csv.DictReader(file)
