from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from service.graph import queries

FOLDER = queries.folder()
SERVICE = Path(queries.__file__).resolve().parent.parent
FILES = sorted(path for path in FOLDER.rglob("*.cypher") if path.parent.name != "schema")
NAMES = [path.relative_to(FOLDER).with_suffix("").as_posix() for path in FILES]


def lines_of(name: str) -> list[str]:
    return (FOLDER / f"{name}.cypher").read_text(encoding="utf-8").splitlines()


def header_of(name: str) -> str:
    """The comment that a file begins with."""
    header = []
    for line in lines_of(name):
        if not line.startswith("//"):
            break
        header.append(line)
    return "\n".join(header)


def texts_of(path: Path) -> Iterator[str]:
    """All string literals of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def texts() -> frozenset[str]:
    """Those of the whole service."""
    return frozenset(text for path in SERVICE.rglob("*.py") for text in texts_of(path))


def test_there_are_query_files() -> None:
    assert "identity/known" in NAMES
    assert len(NAMES) > 40


def test_a_statement_is_loaded_without_its_comments() -> None:
    assert queries.load("graph/migrations") == "MATCH (m:Migration)\nRETURN collect([m.number, m.checksum])"


def test_an_unknown_query_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        queries.load("graph/nonsense")


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_says_what_a_query_does(name: str) -> None:
    # `// `, a sentence, and its end in the same line.
    assert re.match(r"// [A-Z].{10,}\.", lines_of(name)[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_header_names_every_parameter_and_no_other(name: str) -> None:
    used = set(re.findall(r"\$(\w+)", queries.load(name)))
    documented = re.search(r"Parameters: (.+?)\.(?:\s|$)", header_of(name), re.DOTALL)
    assert bool(used) == bool(documented)
    if documented:
        # What stands in parentheses explains; the rest are names.
        outside = re.sub(r"\([^()]*\)", "", documented[1].replace("\n//", " "))
        assert {part.strip() for part in outside.split(",")} == used


@pytest.mark.parametrize("name", NAMES)
def test_the_header_names_the_columns_of_what_returns_some(name: str) -> None:
    returns = re.search(r"^RETURN\b", queries.load(name), re.MULTILINE) is not None
    assert bool(re.search(r"\bColumns(:| as in \w+)", header_of(name))) == returns


@pytest.mark.parametrize("name", NAMES)
def test_columns_as_in_another_query_are_those_of_a_query_of_the_same_folder(name: str) -> None:
    for other in re.findall(r"[Cc]olumns as in (\w+)", header_of(name)):
        found = [path for path in FILES if path.stem == other]
        assert found, f"there is no query {other}"


@pytest.mark.parametrize("name", NAMES)
def test_a_reading_query_answers_with_one_record(name: str) -> None:
    # What begins a line; others are of subqueries.
    returns = re.findall(r"^RETURN\b.*", queries.load(name), re.MULTILINE)
    assert not returns or returns[-1].startswith("RETURN collect(")


@pytest.mark.parametrize("name", NAMES)
def test_every_query_is_used(name: str) -> None:
    assert name in texts()


def test_every_query_that_is_used_has_a_file() -> None:
    folders = "|".join(path.name for path in FOLDER.iterdir() if path.is_dir())
    named = {text for text in texts() if re.fullmatch(rf"({folders})/[a-z_]+", text)}
    assert named - set(NAMES) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_one_statement_and_no_semicolon(name: str) -> None:
    assert ";" not in queries.load(name)
