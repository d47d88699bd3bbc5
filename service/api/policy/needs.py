"""What an operation needs: found out in one walk over its document, without executing anything.

Fragments are gone through once each, so the walk is linear in the document. What `@include` and `@skip` leave
open, and what arguments decide, is first taken to be needed; only for a caller who lacks some of that is it looked
at more closely, with the variables of the request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    get_named_type,
    value_from_ast_untyped,
)

from service.access.models import Rights, Scope
from service.api.policy import changes, customers, journeys, roots, sales
from service.api.policy.arguments import FIELDS, INPUT_FIELDS
from service.api.policy.rules import Rule, TypeRules
from service.reads.fields import Mask

TABLES: Final[tuple[TypeRules, ...]] = (
    *roots.RULES,
    *customers.RULES,
    *journeys.RULES,
    *sales.RULES,
    *changes.RULES,
)
RULES: Final[Mapping[str, Mapping[str, Rule]]] = {one.type: one.fields for one in TABLES}
MASKS: Final[Mapping[str, Mapping[str, Mask]]] = {
    one.type: {name: rule.mask for name, rule in one.fields.items() if rule.mask} for one in TABLES
}
_UNDECIDED: Final = Rule(frozenset(Scope))
"""Of a field that no table names."""

_Fields = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class Place:
    """A field that is selected, and of which type."""

    type: _Fields
    node: FieldNode

    def __str__(self) -> str:
        return f"{self.type.name}.{self.node.name.value}"


class Needs:
    """What one operation of a document needs."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self.at_most: Rights = frozenset(
            scope.value for place in self._places(None) for scope, _ in self._possible(place)
        )
        """The scopes that it needs for whatever variables: who has them is let in by one comparison."""

    def missing(self, rights: Rights, variables: Mapping[str, Any] | None) -> dict[str, str]:
        """The scopes that a caller lacks for these variables, each with the field that needs it."""
        if self.at_most <= rights:
            return {}
        given = self._given(variables or {})
        found: dict[str, str] = {}
        for place in self._places(given):
            for scope, what in self._needed(place, given):
                if scope.value not in rights:
                    found.setdefault(scope.value, what)
        return found

    def _given(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        defaults = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in self._operation.variable_definitions or ()
            if one.default_value is not None
        }
        return {**defaults, **variables}

    def _places(self, given: Mapping[str, Any] | None) -> Iterator[Place]:
        """All fields that are selected; those that may be, where the variables are not given."""
        root = self._schema.get_root_type(self._operation.operation)
        assert root is not None
        waiting: list[tuple[_Fields, SelectionSetNode]] = [(root, self._operation.selection_set)]
        spread: set[str] = set()
        while waiting:
            type_, selections = waiting.pop()
            for one in selections.selections:
                if not _is_included(one, given):
                    continue
                if isinstance(one, FragmentSpreadNode):
                    fragment = self._fragments[one.name.value]
                    if one.name.value not in spread:
                        spread.add(one.name.value)
                        waiting.append((self._type(fragment.type_condition.name.value), fragment.selection_set))
                elif isinstance(one, FieldNode):
                    if one.name.value.startswith("__"):  # What the schema is, is nobody's secret here.
                        continue
                    yield Place(type_, one)
                    if one.selection_set:
                        named = get_named_type(type_.fields[one.name.value].type)
                        waiting.append((self._type(named.name), one.selection_set))
                elif isinstance(one, InlineFragmentNode):
                    condition = one.type_condition
                    waiting.append((self._type(condition.name.value) if condition else type_, one.selection_set))

    def _type(self, name: str) -> _Fields:
        found = self._schema.type_map[name]
        assert isinstance(found, (GraphQLObjectType, GraphQLInterfaceType))
        return found

    def _possible(self, place: Place) -> Iterator[tuple[Scope, str]]:
        """What a field needs with whatever its arguments may come to."""
        yield from _of_field(place)
        if decided := FIELDS.get(str(place)):
            yield from ((scope, str(place)) for scope in decided.possible)
        arguments = place.type.fields[place.node.name.value].args
        for one in place.node.arguments or ():
            for scope in _asked_by(arguments[one.name.value].type):
                yield scope, str(place)

    def _needed(self, place: Place, given: Mapping[str, Any]) -> Iterator[tuple[Scope, str]]:
        """What a field needs with the arguments that it has."""
        yield from _of_field(place)
        arguments = place.type.fields[place.node.name.value].args
        values = {
            one.name.value: value_from_ast_untyped(one.value, dict(given)) for one in place.node.arguments or ()
        }
        if decided := FIELDS.get(str(place)):
            yield from ((scope, f"{place}{decided.how}") for scope in decided.scopes(values))
        for name, value in values.items():
            for scope, what in _asked(arguments[name].type, value):
                yield scope, f"{what} of {place}"


def _of_field(place: Place) -> Iterator[tuple[Scope, str]]:
    rule = RULES.get(place.type.name, {}).get(place.node.name.value, _UNDECIDED)
    return ((scope, str(place)) for scope in rule.scopes)


def _is_included(node: Any, given: Mapping[str, Any] | None) -> bool:
    for directive in node.directives or ():
        if directive.name.value in ("include", "skip"):
            (argument,) = directive.arguments
            value = value_from_ast_untyped(argument.value, dict(given or {}))
            if given is None and not isinstance(value, bool):
                continue
            if bool(value) is (directive.name.value == "skip"):
                return False
    return True


@lru_cache(512)
def _asked_by(type_: GraphQLInputType) -> frozenset[Scope]:
    """What input of a type may need."""
    found: set[Scope] = set()
    waiting, seen = [get_named_type(type_)], set[str]()
    while waiting:
        named = waiting.pop()
        if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
            continue
        seen.add(named.name)
        for name, field in named.fields.items():
            if scope := INPUT_FIELDS.get((named.name, name)):
                found.add(scope)
            waiting.append(get_named_type(field.type))
    return frozenset(found)


def _asked(type_: GraphQLInputType, value: Any) -> Iterator[tuple[Scope, str]]:
    """What given input needs. What does not fit its type is left to the coercion, which refuses it."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or not _asked_by(named):
        return
    for one in value if isinstance(value, list) else [value]:
        for name, inner in one.items() if isinstance(one, dict) else ():
            if name not in named.fields or inner is None or inner is Undefined:
                continue
            if scope := INPUT_FIELDS.get((named.name, name)):
                yield scope, f"{named.name}.{name}"
            yield from _asked(named.fields[name].type, inner)
