"""Random valid query documents, drawn from the schema: what a client may ask, and much that none would."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

import graphql as g
from graphql import GraphQLSchema, get_named_type, is_abstract_type, is_leaf_type

from tests.integration.arguments import Arguments, World

MAX_FIELDS, MAX_COMPOSITES = 40, 12
_MAX_DEPTH: Final = 5
_PLUMBING: Final = frozenset({"edges", "nodes", "node", "pageInfo"})

_RARE: Final = {"sessions": 0.1, "attribution": 0.1}  # No plan covers them.

Composite = g.GraphQLObjectType | g.GraphQLInterfaceType


@dataclass(slots=True)
class _Fragment:
    name: str
    on: str
    text: str
    fields: int
    composites: int


def document(schema: GraphQLSchema, chance: random.Random, world: World) -> tuple[str, dict[str, Any]]:
    """A document that passes validation, and its variables."""
    while True:
        text, variables = _Writer(schema, chance, world).written()
        # Rarely are fields in conflict, by a fragment that is spread in two places.
        if not g.validate(schema, g.parse(text)):
            return text, variables


class _Writer:
    """Writes one document."""

    def __init__(self, schema: GraphQLSchema, chance: random.Random, world: World) -> None:
        self._schema = schema
        self._chance = chance
        self._values = Arguments(chance, world)
        self._fields = self._composites = 0
        self._room = chance.choice((8, 15, 25, MAX_FIELDS - 4, MAX_FIELDS - 4))
        self._fragments: list[_Fragment] = []
        self._is = self._values.happens
        self._taken: dict[tuple[str, ...], tuple[str, str, str]] = {}
        """What is asked under a key at a place: the type of the parent, the head, and of what type it is."""

    def written(self) -> tuple[str, dict[str, Any]]:
        query = self._schema.query_type
        assert query is not None
        weights = {"node": 2, "nodes": 2, "customer": 5, "customers": 5, "pipelines": 1, "searchCustomers": 1}
        weights |= {"matchCandidates": 2, "tasks": 2, "tickets": 2}
        names = self._chance.choices(list(weights), list(weights.values()), k=self._chance.choice((1, 1, 1, 2, 3)))
        parts: list[str] = []
        for name in names:
            if self._composites < MAX_COMPOSITES and (not parts or self._fields < self._room):
                parts.append(self._field(query, name, (), 0))
        if self._is(0.1):
            parts.append("__typename")
        declared = self._values.declarations
        name = self._chance.choice(("", " Q", " Everything"))
        head = f"query{name}({', '.join(declared)}) " if declared else f"query{name} " if name else ""
        texts = [f"{head}{{ {' '.join(parts)} }}"]
        texts += [f"fragment {one.name} on {one.on} {{ {one.text} }}" for one in self._fragments]
        self._chance.shuffle(texts)
        return "\n".join(texts), self._values.variables

    def _selections(self, parent: g.GraphQLNamedType, place: tuple[str, ...], depth: int) -> str:
        """What is asked of a type, without the braces; never empty."""
        assert isinstance(parent, Composite)
        wanted = (1, 2, 2, 3) if parent.name.endswith(("Connection", "Edge")) else range(2, 8 if depth < 3 else 5)
        tries = range(self._chance.choice(wanted))
        parts = [self._selection(parent, place, depth) for _ in tries if self._fields < self._room]
        return " ".join(filter(None, parts)) or self._safe(parent, place)

    def _selection(self, parent: Composite, place: tuple[str, ...], depth: int) -> str:
        if self._is(0.55 if is_abstract_type(parent) else 0.12):
            return self._fragment(parent, place, depth)
        if self._is(0.06):
            return self._field(parent, "__typename", place, depth)
        if self._is(0.08):
            return self._again(parent, place, depth)
        weights = {name: self._weight(one, depth) * _RARE.get(name, 1) for name, one in parent.fields.items()}
        weights = {n: weight * (0.1 if (*place, n) in self._taken else 1) for n, weight in weights.items()}
        if not any(weights.values()):
            return self._safe(parent, place)
        (name,) = self._chance.choices(list(weights), list(weights.values()))
        return self._field(parent, name, place, depth)

    def _weight(self, definition: g.GraphQLField, depth: int) -> float:
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return 1.0
        connection = named.name.endswith("Connection")
        left = min(self._room - self._fields - 2, MAX_COMPOSITES - self._composites)
        if left < (2 if connection else 1) or depth >= _MAX_DEPTH:
            return 0
        return 2.5 if connection else 1 if named.name == "PageInfo" else 1.5

    def _safe(self, parent: Composite, place: tuple[str, ...]) -> str:
        name = "id" if "id" in parent.fields and self._is(0.7) else "__typename"
        return self._field(parent, name, place, 0)

    def _field(self, parent: Composite, name: str, place: tuple[str, ...], depth: int) -> str:
        """A field under a key that is free at this place."""
        definition = parent.fields.get(name, g.TypeNameMetaFieldDef)
        signature = name + self._values.arguments(definition.args, get_named_type(definition.type).name)
        kind = str(definition.type)
        key = f"{self._chance.choice(('x', 'my', name))}_{self._chance.randint(1, 3)}" if self._is(0.15) else name
        while self._taken.get((*place, key), ("", signature, kind))[1:] != (signature, kind):
            key = f"{name}{self._chance.randint(1, 99)}"
        self._taken.setdefault((*place, key), (parent.name, signature, kind))
        return self._shown(definition, signature, name, (*place, key), depth)

    def _again(self, parent: Composite, place: tuple[str, ...], depth: int) -> str:
        """A field that is asked at this place already: the two are merged."""
        asked = [key for key, (on, _, _) in self._taken.items() if key[:-1] == place and on == parent.name]
        if not asked:
            return ""
        key = self._chance.choice(asked)
        signature = self._taken[key][1]
        name = signature.partition("(")[0]
        definition = parent.fields.get(name, g.TypeNameMetaFieldDef)
        if not is_leaf_type(get_named_type(definition.type)) and self._composites >= MAX_COMPOSITES:
            return ""
        return self._shown(definition, signature, name, key, depth)

    def _shown(
        self, definition: g.GraphQLField, signature: str, name: str, place: tuple[str, ...], depth: int
    ) -> str:
        self._fields += 1
        named = get_named_type(definition.type)
        head = (signature if place[-1] == name else f"{place[-1]}: {signature}") + self._directives()
        if is_leaf_type(named):
            return head
        self._composites += 1
        return f"{head} {{ {self._selections(named, place, depth + (name not in _PLUMBING))} }}"

    def _fragment(self, parent: Composite, place: tuple[str, ...], depth: int) -> str:
        known = [one for one in self._fragments if one.on in self._conditions(parent) and self._fits(one)]
        if known and self._is(0.25):
            one = self._chance.choice(known)
            self._fields += one.fields
            self._composites += one.composites
            return f"...{one.name}{self._directives()}"
        on = self._chance.choice(self._conditions(parent))
        target = self._schema.type_map[on]
        directives = self._directives()
        if self._is(0.35):
            fields, composites = self._fields, self._composites
            text = self._selections(target, place, depth)
            name = f"{self._chance.choice(('F', 'Of', 'on_'))}{len(self._fragments)}"
            used = (self._fields - fields, self._composites - composites)
            self._fragments.append(_Fragment(name, on, text, *used))
            return f"...{name}{directives}"
        condition = "" if on == parent.name and self._is(0.6) else f" on {on}"
        return f"...{condition}{directives} {{ {self._selections(target, place, depth)} }}"

    def _fits(self, one: _Fragment) -> bool:
        return self._fields + one.fields <= self._room and self._composites + one.composites <= MAX_COMPOSITES

    def _conditions(self, parent: Composite) -> list[str]:
        """Types that a fragment in this one may have."""
        if isinstance(parent, g.GraphQLObjectType):
            return [parent.name, parent.name, *(one.name for one in parent.interfaces)]
        possible = [one.name for one in self._schema.get_possible_types(parent)]
        rich = ("Touchpoint", "Deal", "Order", "DealStageChange", "MatchCandidate", "Task", "Ticket", "Note")
        richest = [name for name in possible if name in rich]
        return [*possible, *richest, "Node", "JourneyStep", *["Customer"] * (5 if "Customer" in possible else 0)]

    def _directives(self) -> str:
        if not self._is(0.09):
            return ""
        wanted = self._chance.choice((("include",), ("skip",), ("include", "skip")))
        return "".join(f" @{name}(if: {self._values.condition(name == 'include')})" for name in wanted)
