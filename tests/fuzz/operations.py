"""Random valid operations, drawn from the schema for each query and mutation alike, as bytes that are sent."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field
from typing import Any, Final

import graphql as g
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

from tests.fuzz.aiming import Aiming, Known
from tests.fuzz.values import RAW, scalars

_AIMED: Final = (0.97, 0.97, 0.9, 0.6)
"""How many values fit what there is: in most operations nearly all, so that one nasty one is what is tried."""
SHAPED_ALIKE: Final = 2
"""Operations with the same selections and other values: to draw a document takes longer than to answer it."""
FIELDS_A_TURN: Final = 8
"""Few: of many that it can choose from, Hypothesis prefers some."""
_LIFTED: Final = 0.5
"""How often an argument goes as a variable, which another reader takes than a literal."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A document, and its variables."""

    document: g.DocumentNode
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The document as text."""
        text = g.print_ast(self.document)
        for sign, raw in RAW.items():
            text = text.replace(sign, raw)
        return text

    @property
    def body(self) -> bytes:
        """The request, in JSON that may have what Python would not write."""
        query = json.dumps(self.query)
        variables = json.dumps(self.variables)
        for sign, raw in RAW.items():
            variables = variables.replace(sign, raw)
        # How Python writes what is beyond a double.
        variables = variables.replace("-Infinity", "-1e400").replace("Infinity", "1e400").replace("NaN", "1e400")
        return f'{{"query": {query}, "variables": {variables}}}'.encode()


class Operations:
    """The operations of one schema."""

    def __init__(self, schema: g.GraphQLSchema, known: Known) -> None:
        self._schema = schema
        self._known = known
        custom = scalars()
        assert schema.query_type is not None
        assert schema.mutation_type is not None
        self.fields = [*schema.query_type.fields, *schema.mutation_type.fields]
        self._documents = {
            name: make(schema, fields=[name], custom_scalars=custom, print_ast=lambda node: node)
            for make, type_ in ((queries, schema.query_type), (mutations, schema.mutation_type))
            for name in type_.fields
        }

    def strategy(self, turn: int) -> st.SearchStrategy[list[Operation]]:
        """Operations of one of some fields of the query and the mutation; all fields have their turn."""
        start = turn * FIELDS_A_TURN
        fields = [self.fields[n % len(self.fields)] for n in range(start, start + FIELDS_A_TURN)]

        @st.composite
        def drawn(draw: st.DrawFn) -> list[Operation]:
            node = draw(self._documents[draw(st.sampled_from(fields))])
            chance = random.Random(draw(st.integers(0, 2**32)))
            return [self._finished(node, chance) for _ in range(SHAPED_ALIKE)]

        return drawn()

    def _finished(self, node: g.DocumentNode, chance: random.Random) -> Operation:
        types = g.TypeInfo(self._schema)
        aiming = Aiming(types, chance, self._known, chance.choice(_AIMED))
        aimed: g.DocumentNode = g.visit(node, g.TypeInfoVisitor(types, aiming))
        types = g.TypeInfo(self._schema)
        lifting = _Lifting(types, chance)
        lifted: g.DocumentNode = g.visit(aimed, g.TypeInfoVisitor(types, lifting))
        return Operation(_declaring(lifted, lifting.kinds), lifting.variables)


class _Lifting(g.Visitor):
    """Makes arguments variables."""

    def __init__(self, types: g.TypeInfo, chance: random.Random) -> None:
        super().__init__()
        self._types = types
        self._chance = chance
        self.kinds: dict[str, g.GraphQLInputType] = {}
        self.variables: dict[str, Any] = {}

    def leave_argument(self, node: g.ArgumentNode, *_: Any) -> g.ArgumentNode:
        kind = self._types.get_input_type()
        if kind is None or self._chance.random() > _LIFTED:
            return node
        name = f"v{len(self.kinds)}"
        self.kinds[name] = kind
        self.variables[name] = _plain(node.value)
        return g.ArgumentNode(name=node.name, value=g.VariableNode(name=g.NameNode(value=name)))


def _plain(node: g.ValueNode) -> Any:
    """A literal as JSON has it."""
    value = g.value_from_ast_untyped(node)
    return _finite(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return value


def _declaring(document: g.DocumentNode, kinds: dict[str, g.GraphQLInputType]) -> g.DocumentNode:
    if not kinds:
        return document
    definitions = tuple(
        g.VariableDefinitionNode(
            variable=g.VariableNode(name=g.NameNode(value=name)), type=g.parse_type(str(kind)), directives=()
        )
        for name, kind in kinds.items()
    )
    (operation,) = document.definitions
    assert isinstance(operation, g.OperationDefinitionNode)
    return g.DocumentNode(
        definitions=(
            g.OperationDefinitionNode(
                operation=operation.operation,
                name=operation.name,
                variable_definitions=definitions,
                directives=operation.directives,
                selection_set=operation.selection_set,
            ),
        )
    )
