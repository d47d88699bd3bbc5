"""CSV files as other programs write them, and what is told of bad ones."""

from __future__ import annotations

import csv
import gzip
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from service.errors import BadInput
from service.people_files import PeopleFile, read_people

RUSSIAN = "код,имя,город\n1,Юлия Щербакова,Киев\n2,Пётр Соловьёв,Москва\n"
WESTERN = "id,name,city\n1,Jürgen Müller,Köln\n2,François Lefèvre,Orléans\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def read(
    path: Path, content: str | bytes, *, encoding: str | None = None, delimiter: str | None = None
) -> PeopleFile:
    """What comes of a file with this content."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_people(path, lambda *_: None, encoding=encoding, delimiter=delimiter)


def refusal(path: Path, content: str | bytes, *, encoding: str | None = None) -> str:
    """Why a file with this content is refused, without its name before it."""
    with pytest.raises(BadInput) as caught:
        read(path, content, encoding=encoding)
    assert caught.value.message.startswith(f"{path}: ")
    return caught.value.message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(path: Path, delimiter: str) -> None:
    content = 'id,name,note\n1,"Lee, Ann; jr",x\n2,Bob,"y|z"\n'
    rows = list(csv.reader(content.splitlines()))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    found = read_people(path, lambda *_: None)
    assert found.header == ("id", "name", "note")
    assert found.columns == (["1", "2"], ["Lee, Ann; jr", "Bob"], ["x", "y|z"])


def test_commas_within_values_do_not_make_columns(path: Path) -> None:
    assert read(path, "name;height\nAnn;1,70\nBob;1,80\n").columns == (["Ann", "Bob"], ["1,70", "1,80"])


def test_a_single_column_has_no_delimiter(path: Path) -> None:
    assert read(path, "email\na@b.com\n\nc@d.com\n").columns == (["a@b.com", "c@d.com"],)


@pytest.mark.parametrize(
    ("content", "encoding", "read_as"),
    [
        (RUSSIAN, "utf-8", "utf-8"),
        (RUSSIAN, "utf-8-sig", "utf-8-sig"),
        (RUSSIAN, "utf-16", "utf-16"),
        (RUSSIAN, "cp1251", "cp1251"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "latin-1", "cp1252"),
        (WESTERN, "utf-16-le", "utf-16-le"),
    ],
)
def test_names_are_right_in_every_encoding(path: Path, content: str, encoding: str, read_as: str) -> None:
    found = read(path, content.encode(encoding))
    header, *rows = (line.split(",") for line in content.splitlines())
    assert found.header == tuple(header)
    assert found.columns == tuple(map(list, zip(*rows, strict=True)))
    assert found.encoding == read_as


def test_a_packed_file_is_unpacked_whatever_it_is_called(path: Path) -> None:
    assert read(path, gzip.compress(RUSSIAN.encode("cp1251"))).columns[2] == ["Киев", "Москва"]


def test_what_is_said_wins_over_what_is_found_out(path: Path) -> None:
    assert read(path, "имя\nЮлия\n".encode("koi8_r"), encoding="koi8_r").columns == (["Юлия"],)
    assert read(path, "a;b,c\n1;2,3\n", delimiter=",").header == ("a;b", "c")


def test_values_are_trimmed_and_nothing_is_nothing(path: Path) -> None:
    found = read(path, "name, city\n  Ann , NULL\n n/a,\u00a0Bonn \nNa,NA\nnan,\\N\n")
    assert found.header == ("name", "city")
    assert found.columns == (["Ann", "", "Na", ""], ["", "Bonn", "", ""])


def test_values_of_100_kb_are_cut_but_for_the_ids(path: Path) -> None:
    long = "x" * 100_000
    path.write_text(f"id,name\n{long},{long}\n", encoding="utf-8")
    found = read_people(path, lambda *_: None, ids="id")
    assert found.columns == ([long], ["x" * 500])
    assert csv.field_size_limit() == 131_072


def test_equal_values_are_kept_once(path: Path) -> None:
    path.write_text("name,city\n" + "Ann Lee of Somewhere,A Town with a long name\n" * 50_000, encoding="utf-8")
    tracemalloc.start()
    found = read_people(path, lambda *_: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.lines) == 50_000
    assert peak < 8 * 2**20


def test_a_second_column_of_a_name_and_one_without_a_name_get_their_number(path: Path) -> None:
    assert read(path, "phone,phone,,phone\n1,2,3,4\n").header == ("phone", "phone (2)", "column 3", "phone (3)")


def test_rows_know_the_lines_that_they_begin_on(path: Path) -> None:
    found = read(path, 'id,name\n1,"Ann\nLee"\n\n2,Bob\n')
    assert list(found.lines) == [2, 5]
    assert found.columns[1] == ["Ann\nLee", "Bob"]


def test_empty_values_behind_the_last_column_are_left_out(path: Path) -> None:
    assert read(path, "id,name\n1,Ann,,\n").columns == (["1"], ["Ann"])


def test_a_header_alone_is_a_file_without_rows(path: Path) -> None:
    found = read(path, "id,name\n")
    assert (found.header, found.columns, len(found.lines)) == (("id", "name"), ([], []), 0)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_refused(path: Path, content: bytes) -> None:
    assert refusal(path, content) == "it is empty"


def test_rows_of_another_width_are_refused_with_their_line(path: Path) -> None:
    assert refusal(path, "id,name,city\n1,Ann,Bonn\n2,Bob\n") == "line 3 has 2 values, the header has 3"
    assert refusal(path, "id,name\n1,Ann\n\n2,Bob,Bonn\n") == "line 4 has 3 values, the header has 2"
    assert refusal(path, "id,name\n1\n2,Bob\n3,Cid\n") == "line 2 has 1 value, the header has 2"


def test_a_header_that_is_data_is_refused(path: Path) -> None:
    assert refusal(path, "Ann,a@b.com\nBob,c@d.com\n") == "the first line must name the columns, and has 'a@b.com'"
    assert refusal(path, "Ann,1990-03-12\n") == "the first line must name the columns, and has '1990-03-12'"


def test_other_files_are_refused_by_what_they_are(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert refusal(path, path.read_bytes()) == "it is an Excel or zip file, not text; save it as CSV"
    assert refusal(path, b"%PDF-1.7\n") == "it is a PDF file, not text; save it as CSV"
    assert refusal(path, b"id,name\n1,\0\0\n") == "it is not text; save it as CSV"


def test_a_broken_packed_file_is_refused(path: Path) -> None:
    packed = gzip.compress(RUSSIAN.encode() * 1000)
    assert refusal(path, packed[:-20]) == "the packed file is broken off or damaged"
    assert refusal(path, packed[:40] + bytes(20) + packed[60:]) == "the packed file is broken off or damaged"


def test_an_encoding_that_does_not_fit_is_refused(path: Path) -> None:
    assert (
        refusal(path, bytes(range(128, 256)) * 4)
        == "its encoding is not recognised; save it as UTF-8, or set `encoding` in a file for --config"
    )
    assert (
        refusal(path, RUSSIAN.encode("cp1251"), encoding="utf-8")
        == "it is not written in utf-8; set `encoding` in a file for --config"
    )


def test_a_quotation_mark_that_nobody_closed_is_refused(path: Path) -> None:
    assert (
        refusal(path, 'id,name\n1,Ann\n2,"Bob\n' + "3,Cid and others\n" * 1_100_000)
        == "line 3 is not CSV (field larger than field limit (16777216)): is a quotation mark not closed?"
    )
    assert (
        refusal(path, 'id,name\n1,Ann\n2,"Bob\n3,Cid\n')
        == "line 3 is not CSV (unexpected end of data): is a quotation mark not closed?"
    )
    assert read(path, 'id,name\n1,"Ann" Lee\n2,"Bob\n" Lee\n3,Cid "C" Lee\n').columns[1] == [
        "Ann Lee",
        "Bob\n Lee",
        'Cid "C" Lee',
    ]


def test_no_file_is_the_system_s_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_people(path, lambda *_: None)
    path.mkdir()
    with pytest.raises(BadInput, match="it is not a file"):
        read_people(path, lambda *_: None)
