"""What an operation needs: found out in one walk over its document, without executing anything.

A fragment is gone through once for each type that it is spread on, however often that is. What `@include` and
`@skip` leave open, and what arguments decide, is first taken to be needed; only for a caller who lacks some of it
is it looked at more closely, with the variables of the request.
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
    NamedTypeNode,
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
        self._depends = False
        """Whether variables decide what is selected."""
        places = list(self._places(None))
        self._certain = {scope.value: what for one in reversed(places) for scope, what in _of_field(one)}
        self._open = [(one, scopes) for one in places if (scopes := _by_arguments(one))]
        self.at_most: Rights = frozenset(self._certain).union(
            scope.value for _, scopes in self._open for scope in scopes
        )
        """The scopes that it needs for whatever variables: who has them is let in by one comparison."""

    def missing(self, rights: Rights, variables: Mapping[str, Any] | None) -> dict[str, str]:
        """The scopes that a caller lacks for these variables, each with the field that needs it."""
        if self.at_most <= rights:
            return {}
        given = self._given(variables or {})
        certain, places = self._certain, [one for one, _ in self._open]
        if self._depends:
            places = list(self._places(given))
            certain = {scope.value: what for one in reversed(places) for scope, what in _of_field(one)}
        found = {scope: what for scope, what in certain.items() if scope not in rights}
        for place in places:
            for scope, what in _needed(place, given):
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
        spread: set[tuple[str, str]] = set()
        while waiting:
            type_, selections = waiting.pop()
            for one in selections.selections:
                included = _included(one, given)
                self._depends |= included is None
                if included is False:
                    continue
                if isinstance(one, FragmentSpreadNode):
                    fragment = self._fragments[one.name.value]
                    below = self._narrowed(type_, fragment.type_condition)
                    if (one.name.value, below.name) not in spread:
                        spread.add((one.name.value, below.name))
                        waiting.append((below, fragment.selection_set))
                elif isinstance(one, FieldNode):
                    if one.name.value.startswith("__"):  # What the schema is, is nobody's secret here.
                        continue
                    yield Place(type_, one)
                    if one.selection_set:
                        named = get_named_type(type_.fields[one.name.value].type)
                        waiting.append((self._type(named.name), one.selection_set))
                elif isinstance(one, InlineFragmentNode):
                    waiting.append((self._narrowed(type_, one.type_condition), one.selection_set))

    def _narrowed(self, type_: _Fields, condition: NamedTypeNode | None) -> _Fields:
        """The type of what a fragment selects of: an interface of an object leaves it what it is."""
        if condition is None:
            return type_
        found = self._type(condition.name.value)
        if isinstance(found, GraphQLInterfaceType) and isinstance(type_, GraphQLObjectType):
            return type_ if self._schema.is_sub_type(found, type_) else found
        return found

    def _type(self, name: str) -> _Fields:
        found = self._schema.type_map[name]
        assert isinstance(found, (GraphQLObjectType, GraphQLInterfaceType))
        return found


def _by_arguments(place: Place) -> frozenset[Scope]:
    """What a field needs besides, with whatever its arguments may come to."""
    decided = FIELDS.get(str(place))
    arguments = place.type.fields[place.node.name.value].args
    inputs = (_asked_by(arguments[one.name.value].type) for one in place.node.arguments or ())
    return frozenset(decided.possible if decided else ()).union(*inputs)


def _needed(place: Place, given: Mapping[str, Any]) -> Iterator[tuple[Scope, str]]:
    """What a field needs besides, with the arguments that it has."""
    arguments = place.type.fields[place.node.name.value].args
    values = {one.name.value: value_from_ast_untyped(one.value, dict(given)) for one in place.node.arguments or ()}
    if decided := FIELDS.get(str(place)):
        yield from ((scope, f"{place}{decided.how}") for scope in decided.scopes(values))
    for name, value in values.items():
        for scope, what in _asked(arguments[name].type, value):
            yield scope, f"{what} of {place}"


def _of_field(place: Place) -> Iterator[tuple[Scope, str]]:
    rule = RULES.get(place.type.name, {}).get(place.node.name.value, _UNDECIDED)
    return ((scope, str(place)) for scope in rule.scopes)


def _included(node: Any, given: Mapping[str, Any] | None) -> bool | None:
    """Whether something is selected; None where that depends on variables that are not given."""
    included: bool | None = True
    for directive in node.directives or ():
        if directive.name.value in ("include", "skip"):
            (argument,) = directive.arguments
            value = value_from_ast_untyped(argument.value, dict(given or {}))
            if given is None and not isinstance(value, bool):
                included = None
            elif bool(value) is (directive.name.value == "skip"):
                return False
    return included


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
