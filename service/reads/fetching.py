"""What the ordinary execution reads: rows of relations, in as few statements as may be.

Relations that are asked for at the same time from about equally many keys, as those of one list of customers are,
go in one statement: a key of the one beside a key of the other, or beside "", which finds nothing.
So a document costs its depth in round trips.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Final

from service.graph.client import Graph
from service.reads.levels import Level, Subquery
from service.reads.relations import KEY, Parameters, Relation, renamed
from service.reads.statements import ROOT, page_statement, parameter, statement
from service.reads.types import TYPE

Row = dict[str, Any]

MAX_KEYS: Final = 1000
"""In one statement; more go in several."""
MAX_TOGETHER: Final = 12
"""Relations in one statement."""
FEW_KEYS: Final = 127
"""So few that it does not matter how many each relation has."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The rows that a relation leads to from each of these keys."""

    relation: Relation
    columns: tuple[str, ...]
    parameters: Parameters
    keys: Sequence[str]


async def fetch(graph: Graph, wanted: Sequence[Wanted]) -> list[list[list[Row]] | BaseException]:
    """The rows of each that is wanted, by key, or why they could not be read."""
    parts = _parts(wanted)
    read = await asyncio.gather(*(_read(graph, [wanted[place] for place in part]) for part in parts))
    found: list[list[list[Row]] | BaseException] = [[] for _ in wanted]
    for part, rows in zip(parts, read, strict=True):
        for place, one in zip(part, rows, strict=True):
            found[place] = one
    return found


def _parts(wanted: Sequence[Wanted]) -> list[list[int]]:
    """The places of what goes together."""
    alike: dict[int, list[int]] = {}
    # In an order of their own, so that the same relations make the same statement.
    for place, one in sorted(enumerate(wanted), key=lambda entry: (entry[1].relation.query, entry[1].columns)):
        # What starts from no key would be read again beside each key of another.
        alone = one.keys == [""] or len(one.keys) > MAX_KEYS
        alike.setdefault(-1 - place if alone else max(len(one.keys), FEW_KEYS).bit_length(), []).append(place)
    return [
        places[start : start + MAX_TOGETHER]
        for places in alike.values()
        for start in range(0, len(places), MAX_TOGETHER)
    ]


def _is_sliced(graph: Graph, one: Wanted) -> bool:
    return graph.embedded and one.relation.slices is not None


async def _read(graph: Graph, part: list[Wanted]) -> list[list[list[Row]] | BaseException]:
    """One statement; if that fails, one for each, so that one's error is nobody else's."""
    try:
        if len(part) > 1:
            return [*await _together(graph, part)]
        if _is_sliced(graph, part[0]):
            return [await _in_slices(graph, part[0])]
        return [await _in_chunks(graph, part[0])]
    except Exception as error:
        if len(part) == 1:
            return [error]
        return [one for alone in part for one in await _read(graph, [alone])]


async def _in_chunks(graph: Graph, one: Wanted) -> list[list[Row]]:
    found: list[list[Row]] = []
    for start in range(0, len(one.keys), MAX_KEYS):
        chunk = Wanted(one.relation, one.columns, one.parameters, one.keys[start : start + MAX_KEYS])
        found += (await _together(graph, [chunk]))[0]
    return found


async def _together(graph: Graph, part: list[Wanted]) -> list[list[list[Row]]]:
    """One statement for relations that are read from equally many keys."""
    names, text = _text(tuple((one.relation, one.columns, tuple(one.parameters)) for one in part))
    shared = {
        parameter(name, number): value
        for number, one in enumerate(part)
        for name, value in one.parameters.items()
        if name != KEY
    }
    keys = [parameter("key", number) for number in range(len(part))]
    batch: list[dict[str, Any]] = [
        {"n": place, **dict(zip(keys, row, strict=True))}
        for place, row in enumerate(zip_longest(*(one.keys for one in part), fillvalue=""))
    ]
    queries = "+".join(one.relation.query for one in part)
    found: list[list[list[Row]]] = [[[] for _ in one.keys] for one in part]
    for place, *lists in (await graph.run(text, queries, **shared, batch=batch))[0][0]:
        for number, rows in enumerate(lists):
            if rows:
                found[number][place] = [_row(part[number].relation, names[number], row) for row in rows]
    return found


@lru_cache(1024)
def _text(
    asked: tuple[tuple[Relation, tuple[str, ...], tuple[str, ...]], ...],
) -> tuple[list[list[str]], str]:
    """The names of what is read of each relation, and the statement."""
    root, names, shared = Level(ROOT), [], set[str]()
    for number, (relation, columns, given) in enumerate(asked):
        level = Level(renamed(relation.end, number))
        if relation.tag:
            level.expression(renamed(relation.tag, number))
        for name in columns:
            level.property(name)
        for letter in relation.values:
            level.expression(renamed(letter, number))
        start = f"{ROOT}.{parameter('key', number)}"
        root.subquery(Subquery(number, relation, start, level, entry=True))
        names.append([*([TYPE] if relation.tag else []), *columns, *relation.values])
        shared |= {parameter(name, number) for name in given}
    return names, statement(root, shared)


@lru_cache(1024)
def _page_text(relation: Relation, columns: tuple[str, ...]) -> tuple[list[str], str]:
    """The names of what is read of a page, and the statement that reads it alone."""
    level = Level(renamed(relation.end, 0) if relation.end else "")
    for name in columns:
        level.property(name)
    for letter in relation.values:
        level.expression(renamed(letter, 0))
    return [*columns, *relation.values], page_statement(Subquery(0, relation, "", level), ())


def _row(relation: Relation, names: list[str], values: list[Any]) -> Row:
    row = dict(zip(names, values, strict=True))
    if not relation.tag:
        row[TYPE] = relation.type
    return row


async def _in_slices(graph: Graph, one: Wanted) -> list[list[Row]]:
    assert one.relation.slices is not None
    rows: list[Row] = []
    names, text = _page_text(one.relation, one.columns)
    for part in one.relation.slices(one.parameters):
        changed = {**one.parameters, **part, "limit": one.parameters["limit"] - len(rows)}
        given = {parameter(name, 0): value for name, value in changed.items()}
        found = (await graph.run(text, one.relation.query, **given, own={}))[0][0]
        rows += [_row(one.relation, names, row) for row in found]
        if len(rows) >= one.parameters["limit"]:
            break
    return [rows]
