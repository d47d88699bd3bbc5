from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, OperationDefinitionNode, execute, parse
from graphql.execution.values import get_variable_values

from service.api.fields import asked, column, declared, related
from service.errors import BadInput
from service.reads.ordinary import attach
from service.reads.planning import Planner
from service.reads.relations import Relation
from service.reads.selections import Operation, Unplannable

LETTER = Relation("identity/by_key", end="i", type="Letter")


@strawberry.type
class Letter:
    """A letter, read by itself."""

    name: str = column("name")


@strawberry.type
class Word:
    """What a function of the reader made: where its letters are."""

    length: int
    first: Letter = related(LETTER, "initial")
    letters: list[Letter] = related(LETTER, "letters")


async def spelt(reader: Any, text: str, at_most: int = 100) -> Mapping[str, Any]:
    if len(text) > at_most:
        raise BadInput("text", "too long")
    assert reader.settings == "settings"
    return {"length": len(text), "initial": text[0], "letters": list(text)}


async def all_spelt(_reader: Any, texts: list[str]) -> list[Mapping[str, Any]]:
    return [await spelt(_reader, text) for text in texts]


@strawberry.type
class Query:
    """Reading."""

    word: Word | None = asked(spelt)
    words: list[Word] = asked(all_spelt)


SCHEMA = strawberry.Schema(query=Query)
TYPES = declared(SCHEMA)
attach(TYPES)


class Reader:
    """Answers with the letter that it is asked for; there is none in place of a hyphen."""

    def __init__(self) -> None:
        self.settings, self.memo = "settings", dict[Any, Any]()
        self.read: list[str] = []

    async def rows(self, relation: Relation, columns: tuple[str, ...], _parameters: Any, key: str) -> list[Any]:
        assert relation is LETTER
        self.read.append(key)
        return [] if key == "-" else [dict.fromkeys(columns, key.upper())]


async def answer(query: str, reader: Reader | None = None) -> ExecutionResult:
    result = execute(SCHEMA._schema, parse(query), context_value=reader or Reader())
    return result if isinstance(result, ExecutionResult) else await result


async def test_what_a_function_found_out_leads_on_by_its_items() -> None:
    reader = Reader()
    found = await answer('{ word(text: "ba-b") { length first { name } letters { name } } }', reader)
    assert found.errors is None
    assert found.data == {
        "word": {"length": 4, "first": {"name": "B"}, "letters": [{"name": "B"}, {"name": "A"}, {"name": "B"}]}
    }
    assert sorted(reader.read) == ["-", "a", "b", "b", "b"]


async def test_what_is_not_selected_is_not_read() -> None:
    reader = Reader()
    found = await answer('{ words(texts: ["x", "yz"]) { length } }', reader)
    assert found.data == {"words": [{"length": 1}, {"length": 2}]}
    assert reader.read == []


async def test_arguments_are_those_of_the_function() -> None:
    found = await answer('{ word(text: "abc", atMost: 2) { length } }')
    assert found.data == {"word": None}
    assert [(error.message, error.path) for error in found.errors or ()] == [("text: too long", ["word"])]


def test_it_has_no_plan() -> None:
    node = parse('{ word(text: "a") { length } }').definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    variables = get_variable_values(SCHEMA._schema, (), {})
    assert not isinstance(variables, list)
    planner = Planner(TYPES, Operation(node, {}), variables, SimpleNamespace(), masked=False)
    with pytest.raises(Unplannable, match=r"^Query.word: "):
        planner.query()
