"""`customer-graph dedupe` up to the matching, which here takes equal rows for one person."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.deduplicating import Config, Tally, read_config, tally, write_clusters
from service.errors import BadInput
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import Table

PEOPLE = "id,name,city\n7,Ann Lee,Bonn\n8,Bob Ray,Kiel\n9,Ann Lee,Bonn\n"


@dataclass
class Matching:
    """What the matching was asked."""

    table: Table | None = None

    def match_table(self, table: Table, progress: Callable[[str, float], None]) -> SimpleNamespace:
        self.table = table
        progress("matching", 1.0)
        known: dict[tuple[str, ...], int] = {}
        labels = [known.setdefault(row, 10 * len(known)) for row in zip(*table.values, strict=True)]
        return SimpleNamespace(labels=labels, probabilities=[0.98765] * len(labels))

    @property
    def columns(self) -> dict[str, Sort]:
        assert self.table is not None
        return {column.name: column.sort for column in self.table.columns}


@pytest.fixture(autouse=True)
def matching(monkeypatch: pytest.MonkeyPatch) -> Matching:
    stand_in = Matching()
    monkeypatch.setitem(sys.modules, "service.identity.matching.finding", stand_in)
    return stand_in


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dedupe(content: str | None = None, *options: str, out: str = "clusters.csv") -> Result:
    """The command's run on a file with this content."""
    if content is not None:
        Path("people.csv").write_text(content, encoding="utf-8")
    return CliRunner().invoke(app, ["dedupe", "people.csv", "--out", out, *options])


def refusal(content: str | None = None, *options: str, out: str = "clusters.csv") -> str:
    """Why the command refuses; nothing is left of the output then."""
    done = dedupe(content, *options, out=out)
    assert isinstance(done.exception, BadInput), done.exception
    assert not list(Path().glob(".*.part"))
    return done.exception.message


def config(text: str) -> tuple[str, str]:
    """Options for a config with this text."""
    Path("people.toml").write_text(text, encoding="utf-8")
    return ("--config", "people.toml")


@pytest.mark.usefixtures("folder")
def test_it_says_what_it_took_columns_for_and_writes_clusters(matching: Matching) -> None:
    done = dedupe(PEOPLE)
    assert done.exception is None
    assert Path("clusters.csv").read_text(encoding="utf-8") == (
        "id,cluster,probability\n7,1,0.9877\n8,2,0.9877\n9,1,0.9877\n"
    )
    assert matching.columns == {"name": Sort.FULL_NAME, "city": Sort.CITY}
    assert done.stdout.startswith("3 rows, 2 clusters, 2 rows in clusters of two or more, 0.")
    assert [line.split("  ")[0].strip() for line in done.stderr.splitlines() if "by its name" in line] == [
        "name",
        "city",
    ]


@pytest.mark.usefixtures("folder")
def test_rows_without_an_id_have_their_number() -> None:
    assert dedupe("city,name\nBonn,Ann\nKiel,Bob\nBonn,Ann\n").exception is None
    assert Path("clusters.csv").read_text(encoding="utf-8") == (
        "id,cluster,probability\n1,1,0.9877\n2,2,0.9877\n3,1,0.9877\n"
    )


@pytest.mark.usefixtures("folder")
def test_the_id_that_is_named_wins(matching: Matching) -> None:
    dedupe("id,name,code\n1,Ann,x\n2,Bob,y\n", "--id", "code")
    assert Path("clusters.csv").read_text(encoding="utf-8").splitlines()[1:] == ["x,1,0.9877", "y,2,0.9877"]
    assert matching.columns == {"name": Sort.FULL_NAME}


@pytest.mark.usefixtures("folder")
def test_the_config_says_what_columns_are(matching: Matching) -> None:
    said = 'id = "b"\n[columns]\na = "Given_Name"\nc = "ignore"\nemail = "category"\n'
    done = dedupe("a,b,c,email\nx1,1,Ann,a@b.com\nx2,2,Bob,a@b.com\n", *config(said))
    assert done.exception is None
    assert matching.columns == {"a": Sort.GIVEN_NAME, "email": Sort.CATEGORY}
    assert done.stderr.count("by --config") == 4


@pytest.mark.usefixtures("folder")
def test_a_header_alone_makes_a_header_alone() -> None:
    done = dedupe("id,name\n")
    assert done.exception is None
    assert Path("clusters.csv").read_text(encoding="utf-8") == "id,cluster,probability\n"
    assert done.stdout.startswith("0 rows, 0 clusters, 0 rows in clusters of two or more")


@pytest.mark.usefixtures("folder")
def test_one_column_is_enough_if_it_says_something_of_a_person(matching: Matching) -> None:
    assert dedupe("email\na@b.com\na@b.com\n").exception is None
    assert matching.columns == {"email": Sort.EMAIL}
    assert refusal("colour\nred\nred\nblue\n") == (
        "people.csv: no column is recognised as saying anything of a person. It has colour. "
        'Say in a file for --config what they are: [columns] and lines such as "name" = "full name"'
    )
    assert dedupe("colour\nred\nred\nblue\n", *config('columns = {colour = "category"}')).exception is None


@pytest.mark.usefixtures("folder")
def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    there = "the file has no column 'nr'. It has id, name, city"
    assert refusal(PEOPLE, "--id", "nr") == f"--id: {there}"
    assert refusal(PEOPLE, *config('id = "nr"')) == f"--config: {there}"
    assert refusal(PEOPLE, *config('columns = {nr = "city"}')) == f"--config: {there}"


@pytest.mark.usefixtures("folder")
def test_ids_that_are_missing_or_twice_are_refused_with_their_lines() -> None:
    assert (
        refusal("id,name\n1,Ann\n2,Bob\n1,Cid\n2,Dan\n", "--id", "id")
        == "id: the id '1' of line 2 is on line 4 again"
    )
    assert refusal("id,name\n1,Ann\n,Bob\n", "--id", "id") == "id: line 3 has no id"
    nearly = "".join(f"{number},Ann\n" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 3))
    assert refusal(f"rec_id,name\n{nearly}") == "rec_id: the id '3' of line 4 is on line 11 again"
    assert dedupe(f"rec_id,name\n{nearly}", *config('columns = {rec_id = "ignore"}')).exception is None


@pytest.mark.usefixtures("folder")
def test_the_input_is_never_overwritten() -> None:
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    Path("same.csv").symlink_to("people.csv")
    for name in ("people.csv", "./people.csv", "same.csv"):
        assert refusal(out=name) == "--out: that is the file that is read; choose another name"
    assert Path("people.csv").read_text(encoding="utf-8") == PEOPLE


def test_an_output_that_cannot_be_written_is_told_before_the_work(folder: Path, matching: Matching) -> None:
    assert refusal(PEOPLE, out="/dev/null") == "--out: /dev/null is not a file"
    assert refusal(PEOPLE, out=str(folder)) == f"--out: {folder} is not a file"
    done = dedupe(PEOPLE, out="nowhere/clusters.csv")
    assert str(done.exception) == "[Errno 2] No such file or directory: 'nowhere/clusters.csv'"
    assert matching.table is None


@pytest.mark.usefixtures("folder")
def test_what_fails_leaves_the_former_output_as_it_was() -> None:
    Path("clusters.csv").write_text("former", encoding="utf-8")
    refusal("")
    assert isinstance(dedupe("id,name\n", "--config", "none.toml").exception, FileNotFoundError)
    assert Path("clusters.csv").read_text(encoding="utf-8") == "former"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = ", "people.toml is not TOML: Invalid value (at end of document)"),
        ("ids = 'x'", "there is no key 'ids'. Keys: id, encoding, delimiter, columns"),
        ("id = 5", "id: a text is needed"),
        ("columns = 'x'", "columns: a table is needed, such as [columns]"),
        ("encoding = 'klingon'", "encoding: there is no encoding 'klingon'; use a name such as utf-8 or cp1251"),
        ("encoding = 'base64'", "encoding: there is no encoding 'base64'; use a name such as utf-8 or cp1251"),
        ("delimiter = '::'", "delimiter: '::' is not one character such as ; or ,"),
        ("[columns]\na = 'id'\nb = 'id'", "there is one id, not 2: a, b"),
        (
            "[columns]\na = 'shoe size'",
            "columns.a: there is no sort 'shoe size'. Sorts: full name, given name, middle name, family name, "
            "birth date, e-mail, phone, street, city, postcode, sex, company, national id, category, id, ignore",
        ),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_bad_config_is_refused_by_its_key(text: str, message: str) -> None:
    assert refusal(PEOPLE, *config(text)) == f"--config: {message}"


def test_a_config_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(
        'encoding = "cp1251"\ndelimiter = ";"\n[columns]\n"код" = "id"\n"имя" = "e-mail"\n', encoding="utf-8"
    )
    assert read_config(path) == Config("код", "cp1251", ";", {"код": Sort.ID, "имя": Sort.EMAIL})


def test_clusters_are_numbered_as_they_come() -> None:
    file = io.StringIO()
    write_clusters(file, ["a,b", "c", "d"], [7, 3, 7], [1.0, 0.5, 0.33333])
    assert file.getvalue() == 'id,cluster,probability\n"a,b",1,1.0000\nc,2,0.5000\nd,1,0.3333\n'


def test_the_tally_counts_rows_that_are_together() -> None:
    assert tally([1, 2, 1, 3, 3, 3]) == Tally(rows=6, clusters=3, together=5)
