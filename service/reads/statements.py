"""From levels to one statement of Cypher.

    UNWIND $batch AS p
    WITH p.n AS p_0, COLLECT { … } AS p_1, COLLECT { … } AS p_2
    RETURN collect([p_0, p_1, p_2])

`p` has what differs between reads that go together, `p.n` tells which of them a row answers. All else that is
bound is a parameter of the statement. No value is ever written into the text.
"""

from __future__ import annotations

from collections.abc import Collection

from service.reads.levels import Level, Subquery
from service.reads.relations import KEY, renamed

_INDENT = "  "
ROOT = "p"


def parameter(name: str, number: int) -> str:
    """What a parameter of a subquery is called in the statement."""
    return f"{name}_{number}"


def statement(root: Level, shared: Collection[str]) -> str:
    """The statement that reads a root level; `shared` names the parameters that are the statement's, not `p`'s."""
    named, names = _named(Level(ROOT, [f"{ROOT}.n", *root.columns]), shared)
    return f"UNWIND $batch AS {ROOT}\n{named}\nRETURN collect([{names}])"


def page_statement(page: Subquery, shared: Collection[str]) -> str:
    """The statement that reads a root's page alone, its own parameters the statement's, and `$own` the others'.

    For the embedded engine, which looks a range up by an index only where a statement begins.
    """
    assert page.relation is not None
    text = page.relation.text("", page.number, lambda name: f"${parameter(name, page.number)}", carried="")
    if not any(isinstance(one, Subquery) for one in page.level.columns):
        return f"{text}\nRETURN collect([{', '.join(_column(one, shared) for one in page.level.columns)}])"
    named, names = _named(page.level, shared)
    return f"{text}\nWITH {page.level.variable}, $own AS {ROOT}\n{named}\nRETURN collect([{names}])"


def reference(name: str, number: int, shared: Collection[str]) -> str:
    """A parameter of a subquery as the statement refers to it."""
    called = parameter(name, number)
    return f"${called}" if called in shared else f"{ROOT}.{called}"


def _column(column: str | Subquery, shared: Collection[str]) -> str:
    if isinstance(column, str):
        return column
    lines = _source(column, shared)
    if any(isinstance(one, Subquery) for one in column.level.columns):
        named, names = _named(column.level, shared)
        lines += [named, f"RETURN [{names}]"]
    else:
        lines.append(f"RETURN [{', '.join(_column(one, shared) for one in column.level.columns)}]")
    return f"COLLECT {{\n{_indented(lines)}\n}}"


def _named(level: Level, shared: Collection[str]) -> tuple[str, str]:
    """A WITH that names the columns of a level, and the names: Neo4j takes no list with a count inside."""
    names = [f"{level.variable}_{number}" for number in range(len(level.columns))]
    columns = [f"{_column(one, shared)} AS {name}" for one, name in zip(level.columns, names, strict=True)]
    return "WITH\n" + ",\n".join(_indented([column]) for column in columns), ", ".join(names)


def _source(subquery: Subquery, shared: Collection[str]) -> list[str]:
    relation = subquery.relation
    if relation is None:
        return [f"UNWIND {subquery.start} AS {subquery.level.variable}"]
    start, lines = subquery.start, []
    if subquery.entry and relation.start:
        letter, label, key = relation.start.letter, relation.start.label, relation.start.key
        lines.append(f"MATCH ({letter}0:{label} {{{key}: {start}}})")
        start = f"{letter}0"
    number = subquery.number
    if subquery.each:
        lines.append(f"UNWIND {start} AS {renamed(KEY, number)}")
        start = renamed(KEY, number)
    return [*lines, relation.text(start, number, lambda name: reference(name, number, shared), carried=ROOT)]


def _indented(parts: list[str]) -> str:
    return "\n".join(_INDENT + line for part in parts for line in part.split("\n"))
