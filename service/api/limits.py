"""What a document may be: bounds on its text, and one pass over it that measures each fragment once.

All of it comes before validation, some of whose rules compare each field with each, and most of which follow
fragments. A document that passes costs about what its size suggests, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from service.api.costs import Price, Share, Sum, Weights, added
from service.api.errors import REQUEST_TOO_LARGE, VALIDATION_FAILED, formatted
from service.bounds import Bounds

# Of the comparisons of fields that may have to be merged; the library's own bound lets them take two seconds.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000

_TEXTS: Final = re.compile(
    r'"""(?:[^"\\]++|\\"""|\\|"(?!""))*+(?:"""|\Z)'  # Without an end, it goes on to the last character.
    r'|"(?:[^"\\\n\r]++|\\.)*+"?'
    r"|#[^\n\r]*+"
)
_TOKENS: Final = re.compile(r'""|\.\.\.|[_A-Za-z0-9.+-]++|[!$&():=@\[\]{|}]')
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_ARGUMENTS: Final = re.compile(r"\([^()]*+\)")
_BLANK: Final = r"[\s,\ufeff]*+"
_SELECTED: Final = re.compile(
    rf"[{{}}]|\.\.\.{_BLANK}(?:on\b{_BLANK})?\w*+|@{_BLANK}\w*+|(\w++)(?:{_BLANK}:{_BLANK}\w++)?"
)
"""What selections are written with: the name that a field is answered by is the group."""
_SMALL: Final = 50_000
_TEXTS_TOO: Final = 4
_SEPARATORS: Final[Mapping[type, tuple[Any, ...]]] = {bytes: (b",", b"[", b"{"), str: (",", "[", "{")}
_TOLD_UP_TO: Final = 1_000_000
"""Fragments in fragments come to numbers of hundreds of digits."""


_TOLD: Final = {
    "characters": ("has {} characters", "Send values as variables."),
    "tokens": ("has {} tokens", "Send values as variables, or ask for less at once."),
    "nesting": ("has brackets {} levels deep", "Send values as variables, or ask for less depth at once."),
    "depth": ("asks for fields {} levels deep", "Ask for what is further down by its id."),
    "fields": ("selects {} fields", "Ask for less at once."),
    "aliases": ("has {} aliases", "Ask for lists, such as nodes(ids:), or for less at once."),
    "directives": ("has {} directives", "Use fewer, or send several documents."),
    "repeats": ("selects one field {} times in one place", "Select it once."),
    "fragments": ("has {} fragments", "Use fewer, or send several documents."),
    "operations": ("has {} operations", "Send several documents."),
}
_VARIABLES: Final = {
    "values": ("have {} values", "Send them in several requests."),
    "items": ("have a list of {} values", "Send them in several requests."),
    "value_depth": ("are {} levels deep", "Nest less."),
}


class DocumentRefused(Exception):
    """A document is over a bound, or circular."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


def check_text(text: str, bounds: Bounds) -> None:
    """Raises DocumentRefused for a text that is not worth parsing; takes some 20 ns a character."""
    _check("characters", len(text), bounds)
    bare = _TEXTS.sub(lambda found: " " if found[0][0] == "#" else '""', text)
    _check("tokens", len(_TOKENS.findall(bare)), bounds)
    level = deepest = 0
    for bracket in _BRACKETS.findall(bare):
        level += 1 if bracket in "([{" else -1
        deepest = max(deepest, level)
    _check("nesting", deepest, bounds)
    selections = _ARGUMENTS.sub("", bare)
    # What is written is had at least once; where fragments are spread, it is counted once the text is parsed.
    _check("aliases", selections.count(":"), bounds)
    _check("directives", bare.count("@"), bounds)
    _check("repeats", repeats(selections), bounds)


def repeats(selections: str) -> int:
    """How often one name is selected in one place, at most, in a text without arguments and strings."""
    most = 0
    around: list[dict[str, int]] = []
    for found in _SELECTED.finditer(selections):
        name = found[1]
        if name is not None:
            if around:
                here = around[-1]
                here[name] = times = here.get(name, 0) + 1
                most = max(most, times)
        elif found[0] == "{":
            around.append({})
        elif found[0] == "}" and around:
            around.pop()
    return most


def check_size(text: bytes | str, bounds: Bounds) -> None:
    """Raises DocumentRefused for JSON that is not worth reading: a list costs it no more than two characters.

    What separates values is counted within texts too, so it may be several times as much as there may be values.
    """
    if len(text) <= _SMALL:
        return
    parts = sum(map(text.count, _SEPARATORS[type(text)]))
    if parts > _TEXTS_TOO * bounds.values:
        _check("values", parts, bounds)


def check_variables(variables: Mapping[str, Any] | None, bounds: Bounds) -> None:
    """Raises DocumentRefused for variables that are too many to be looked at one by one."""
    level: list[Any] = [variables] if variables else []
    values = depth = 0
    while level:
        depth += 1
        values += sum(map(len, level))
        _check("values", values, bounds)
        _check("items", max((len(one) for one in level if type(one) is list), default=0), bounds)
        _check("value_depth", depth, bounds)
        level = [
            below
            for one in level
            for below in (one.values() if type(one) is dict else one)
            if type(below) is dict or type(below) is list
        ]


def _check(bound: str, found: int, bounds: Bounds) -> None:
    most: int = getattr(bounds, bound)
    if found > most:
        subject, (what, way_out) = (
            ("document", _TOLD[bound]) if bound in _TOLD else ("variables", _VARIABLES[bound])
        )
        told = max(most, _TOLD_UP_TO)
        number = str(found) if found <= told else f"more than {told}"
        message = f"The {subject} {what.format(number)}; at most {most} are allowed. {way_out}"
        extensions = {"code": REQUEST_TOO_LARGE, "bound": bound, "most": most}
        raise DocumentRefused({"message": message, "extensions": extensions})


@dataclass(slots=True)
class Measure:
    """What is selected, with all that is spread in it."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0

    def add(self, other: Measure, *, below: int = 0) -> None:
        """What is selected too, so many levels below."""
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.depth = max(self.depth, below + other.depth)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a document comes to."""

    whole: Measure
    """Of all its operations, and of fragments that none of them spreads."""
    prices: Mapping[int, Price]
    """By the `id` of an operation's node."""
    visited: int
    """How many selections were looked at."""


def measured(document: DocumentNode, weights: Weights, bounds: Bounds) -> Measured:
    """What a document comes to, which need not be valid; raises DocumentRefused."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    written = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    _check("operations", len(operations), bounds)
    _check("fragments", len(written), bounds)
    fragments = {one.name.value: one for one in written}
    spread = {name: list(_spread_in(one.selection_set)) for name, one in fragments.items()}
    walk = _Walk(weights)
    for name in _innermost_first(fragments, spread):
        walk.known[name] = walk.definition(
            fragments[name], weights.type(fragments[name].type_condition.name.value)
        )
    whole, prices = Measure(), {}
    for one in operations:
        measure, share = walk.definition(one, weights.root(one.operation))
        whole.add(measure)
        prices[id(one)] = Price(share.on(), _defaults(one))
    for name in fragments.keys() - walk.spread:
        whole.add(walk.known[name][0])
    for bound in fields(Measure):
        _check(bound.name, getattr(whole, bound.name), bounds)
    return Measured(whole, prices, walk.visited)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value is not None
    }


def _spread_in(selected: SelectionSetNode) -> Iterator[str]:
    """The fragments that are spread in a selection set, at whatever depth it is written."""
    waiting = [selected]
    while waiting:
        for one in waiting.pop().selections:
            if isinstance(one, FragmentSpreadNode):
                yield one.name.value
            elif isinstance(one, (FieldNode, InlineFragmentNode)) and one.selection_set is not None:
                waiting.append(one.selection_set)


def _innermost_first(
    fragments: Mapping[str, FragmentDefinitionNode], spread: Mapping[str, list[str]]
) -> Iterator[str]:
    """The names of fragments, each after those that it spreads; raises DocumentRefused for a circle."""
    done: set[str] = set()
    for start in fragments:
        path = {start: iter(spread[start])} if start not in done else {}
        while path:
            name, below = next(reversed(path.items()))
            for other in below:
                if other in path:
                    circle = [*path][[*path].index(other) :]
                    text = f"Fragments must not be circular: {' > '.join([*circle[:10], other])}."
                    raise DocumentRefused(formatted(GraphQLError(text, [fragments[other]]), VALIDATION_FAILED))
                if other in fragments and other not in done:
                    path[other] = iter(spread[other])
                    break
            else:
                del path[name]
                done.add(name)
                yield name


class _Walk:
    """Looks at each selection once. What a fragment comes to is known where it is spread."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.known: dict[str, tuple[Measure, Share]] = {}
        self.spread: set[str] = set()
        self.visited = 0

    def definition(
        self, node: OperationDefinitionNode | FragmentDefinitionNode, on: GraphQLNamedType | None
    ) -> tuple[Measure, Share]:
        """What an operation or a fragment comes to."""
        measure, share = self._selected(node.selection_set, on)
        measure.directives += len(node.directives or ())
        return measure, share

    def _selected(self, selected: SelectionSetNode, on: GraphQLNamedType | None) -> tuple[Measure, Share]:
        measure = Measure()
        own: list[tuple[int, Sum]] = []
        each: list[tuple[int, Sum]] = []
        for one in selected.selections:
            self.visited += 1
            measure.directives += len(one.directives or ())
            if isinstance(one, FieldNode):
                share = self._field(one, on, measure)
            else:
                inner, share = self._fragment(one, on)
                measure.add(inner)
            own.append((1, share.own))
            each.append((1, share.each))
        return measure, Share(added(0, own), added(0, each))

    def _field(self, node: FieldNode, on: GraphQLNamedType | None, measure: Measure) -> Share:
        weight = self._weights.field(on, node.name.value)
        below = Share()
        measure.fields += 1
        measure.aliases += node.alias is not None
        measure.depth = max(measure.depth, 1)
        if node.selection_set is not None:
            inner, below = self._selected(node.selection_set, weight.type)
            measure.add(inner, below=1)
        return weight.price(node, below)

    def _fragment(self, node: Any, on: GraphQLNamedType | None) -> tuple[Measure, Share]:
        if isinstance(node, FragmentSpreadNode):
            self.spread.add(node.name.value)
            return self.known.get(node.name.value) or (Measure(), Share())
        condition = node.type_condition
        return self._selected(
            node.selection_set, on if condition is None else self._weights.type(condition.name.value)
        )
