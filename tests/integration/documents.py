"""Random valid query documents, drawn from the schema: what a client may ask, and much that none would."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import graphql as g
from graphql import GraphQLNonNull, GraphQLSchema, Undefined, get_named_type, is_abstract_type, is_leaf_type

MARKER: Final = "marker-"
"""Begins a value that is nowhere in the graph and in no document but once: see where it turns up."""

MAX_FIELDS, MAX_COMPOSITES = 40, 12
_MAX_DEPTH: Final = 5
_PLUMBING: Final = frozenset({"edges", "nodes", "node", "pageInfo"})

_NOBODY: Final[list[dict[str, Any]]] = [
    {},
    {"email": "not-an-address"},
    {"phone": "1", "cookie": "two"},
    {"cookie": ""},
    {"device": None},
    {"id": "no-id"},
    {"identifier": {"kind": "shoe", "value": "44"}},
]
"""Malformed ways to name a customer."""

_RARE: Final = {"sessions": 0.1, "attribution": 0.1}  # No plan covers them.

Composite = g.GraphQLObjectType | g.GraphQLInterfaceType
Input = g.GraphQLInputType


@dataclass(frozen=True, slots=True)
class World:
    """Values that exist in the graph, for arguments. Lists are in an order that is the same in every run."""

    customers: list[str]
    """Ids, former ones too."""
    nodes: dict[str, list[str]]
    """Other global ids, by the name of their type."""
    identifiers: dict[str, list[str]]
    """Values by kind: cookie, email, …"""
    channels: list[str]
    types: list[str]
    campaigns: list[str]
    attributes: dict[str, list[str]]
    """Golden values as text, by name."""
    times: list[str]
    cursors: dict[str, list[str]] = field(default_factory=dict)
    """By the name of the connection's type."""


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


def _is_one_of(kind: g.GraphQLInputObjectType) -> bool:
    # Strawberry does not tell GraphQL's own type.
    return kind.is_one_of or kind.name == "CustomerBy"


class _Writer:
    """Writes one document."""

    def __init__(self, schema: GraphQLSchema, chance: random.Random, world: World) -> None:
        self._schema = schema
        self._chance = chance
        self._values = _Values(chance, world)
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
        weights["matchCandidates"] = 2
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
        rich = ("Touchpoint", "Deal", "Order", "DealStageChange", "MatchCandidate")
        richest = [name for name in possible if name in rich]
        return [*possible, *richest, "Node", "JourneyStep", *["Customer"] * (5 if "Customer" in possible else 0)]

    def _directives(self) -> str:
        if not self._is(0.09):
            return ""
        wanted = self._chance.choice((("include",), ("skip",), ("include", "skip")))
        return "".join(f" @{name}(if: {self._values.condition(name == 'include')})" for name in wanted)


class _Values:
    """Writes arguments: literals and variables."""

    def __init__(self, chance: random.Random, world: World) -> None:
        self._chance = chance
        self._world = world
        self._errs = chance.random() < 0.15
        self.declarations: list[str] = []
        self.variables: dict[str, Any] = {}

    def happens(self, probability: float) -> bool:
        """Whether something does that does so often."""
        return self._chance.random() < probability

    def _erring(self, probability: float) -> bool:
        """Whether to err here: once in some documents, for of two errors it is a race which one is told."""
        errs = self._errs and self.happens(probability)
        self._errs = self._errs and not errs
        return errs

    def condition(self, mostly: bool) -> str:
        """Of @include or @skip."""
        value = self.happens(0.75) is mostly
        if self.happens(0.4):
            return json.dumps(value)
        if self.happens(0.5):
            return self._declared("Boolean!", None, value)
        kind = self._chance.choice(("Boolean", "Boolean!"))
        return self._declared(kind, json.dumps(value if self.happens(0.5) else not value), value, omit=0.5)

    def arguments(self, definitions: dict[str, g.GraphQLArgument], of: str) -> str:
        """All arguments of a field, with the brackets."""
        parts = []
        for name, definition in definitions.items():
            make = partial(self._plain, definition.type, name, of)
            defaulted = definition.default_value is not Undefined
            needed = isinstance(definition.type, GraphQLNonNull) and not defaulted
            if needed or self.happens({"first": 0.85, "after": 0.25}.get(name, 0.4)):
                parts.append(f"{name}: {self._text(definition.type, make, defaulted=defaulted)}")
        self._chance.shuffle(parts)
        return f"({', '.join(parts)})" if parts else ""

    def _text(self, kind: Input, make: Callable[[], Any], *, defaulted: bool = False, one_of: bool = False) -> str:
        """A value as GraphQL, here and there with variables in it."""
        value = make()
        if self.happens(0.3) and (value is not None or not one_of):
            return self._variable(kind, value, make, defaulted, one_of)
        return self._literal(kind, value)

    def _variable(self, kind: Input, value: Any, make: Callable[[], Any], defaulted: bool, one_of: bool) -> str:
        bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        nullable = not isinstance(kind, GraphQLNonNull) and not one_of
        strict = str(bare) if value is None else f"{bare}!"
        if self.happens(0.35):
            errs, self._errs = self._errs, False  # Not in what may be overridden.
            default = self._literal(bare, make(), constant=True)
            self._errs = errs
            loose = value is None or default == "null" or (not one_of and self.happens(0.5))
            if nullable and loose and self.happens(0.25):
                value = None
            return self._declared(str(bare) if loose else strict, default, value, omit=0.5)
        if (nullable or (defaulted and not one_of)) and self.happens(0.6):
            given = None if nullable and self.happens(0.2) else value
            return self._declared(str(bare), None, given, omit=0.2)
        return self._declared(strict, None, value)

    def _declared(self, kind: str, default: str | None, value: Any, omit: float = 0.0) -> str:
        name = f"{self._chance.choice(('v', 'given', 'x_'))}{len(self.declarations)}"
        self.declarations.append(f"${name}: {kind}" + (f" = {default}" if default is not None else ""))
        if not self.happens(omit):
            self.variables[name] = value
        return f"${name}"

    def _literal(self, kind: Input, value: Any, *, constant: bool = False) -> str:
        """A value as GraphQL; a constant has no variables in it."""
        bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if value is None:
            return "null"

        def inner(kind: Input, one: Any, one_of: bool = False) -> str:
            if constant or one is None:
                return self._literal(kind, one, constant=constant)
            return self._text(kind, lambda: one, one_of=one_of)

        if isinstance(bare, g.GraphQLList):
            if not isinstance(value, list):
                return self._literal(bare.of_type, value, constant=constant)
            return f"[{', '.join(inner(bare.of_type, one) for one in value)}]"
        if isinstance(bare, g.GraphQLInputObjectType):
            one_of = _is_one_of(bare)
            parts = [f"{key}: {inner(bare.fields[key].type, one, one_of)}" for key, one in value.items()]
            return f"{{{', '.join(parts)}}}"
        if isinstance(bare, g.GraphQLEnumType):
            return str(value)
        if isinstance(value, str) and value.isalnum() and self.happens(0.05):
            return f'"""{value}"""'
        return json.dumps(value, ensure_ascii=self.happens(0.5))

    def _plain(self, kind: Input, name: str, of: str) -> Any:
        """A value as in JSON, as a variable has it. `of` is what the field answers, or the input around."""
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif self.happens(0.06):
            return None
        if isinstance(kind, g.GraphQLList):
            some = [self._plain(kind.of_type, name, of) for _ in range(self._chance.choice((0, 1, 1, 2, 3, 5)))]
            return some[0] if len(some) == 1 and self.happens(0.2) else some
        if isinstance(kind, g.GraphQLInputObjectType):
            return self._object(kind)
        if isinstance(kind, g.GraphQLEnumType):
            return self._chance.choice(list(kind.values))
        return self._scalar(kind.name, name, of)

    def _scalar(self, kind: str, name: str, of: str) -> Any:
        if kind == "Int":
            if name == "first":
                wrong = self._erring(0.25)
                return self._chance.choice((0, 101, -1) if wrong else (1, 1, 2, 2, 3, 3, 4, 5, 20, 100))
            return self._chance.randint(0, 3)
        if kind == "Float":
            wrong = self._erring(0.25)
            return self._chance.choice((0.2, 1.5) if wrong else (0.5, 0.5, 0.9, 0.999, 1))
        if kind == "Boolean":
            return self.happens(0.5)
        if kind == "DateTime":
            return self._chance.choice(self._world.times)
        if kind == "ID":
            return self._id(only_customers=of == "CustomerBy")
        return self._string(name, of)

    def _object(self, kind: g.GraphQLInputObjectType) -> dict[str, Any]:
        if _is_one_of(kind):
            if self._erring(0.4):
                return self._chance.choice(_NOBODY)
            name = self._chance.choice(list(kind.fields))
            return {name: self._plain(GraphQLNonNull(kind.fields[name].type), name, kind.name)}
        if kind.name in ("IdentifierInput", "AttributeFilter"):
            known = self._world.identifiers if kind.name == "IdentifierInput" else self._world.attributes
            one = self._chance.choice(list(known))
            pair = (one, self._marked(self._chance.choice(known[one])))
            return dict(zip(kind.fields, pair, strict=True))
        chosen = [name for name in kind.fields if self.happens(0.3)]
        return {name: self._plain(kind.fields[name].type, name, kind.name) for name in chosen}

    def _id(self, *, only_customers: bool) -> str:
        if self.happens(0.06):
            return self._chance.choice(("cus_00000000000070008000000000000000", "nothing", self._marker()))
        if self.happens(0.97 if only_customers else 0.6):
            return self._chance.choice(self._world.customers)
        return self._chance.choice(self._chance.choice([some for some in self._world.nodes.values() if some]))

    def _string(self, name: str, of: str) -> str:
        world = self._world
        if name == "after":
            if self._erring(0.9):
                return self._chance.choice(("nonsense", "", self._marker()))
            own = world.cursors.get(of, [])
            others = [cursor for cursors in world.cursors.values() for cursor in cursors]
            return self._chance.choice(own if own and self.happens(0.85) else others)
        if name == "hasIdentifierKind":
            return self._chance.choice(list(world.identifiers))
        known = {
            "names": list(world.attributes),
            "kinds": list(world.identifiers),
            "channels": world.channels,
            "campaign": world.campaigns,
            "userId": world.identifiers.get("user_id", []),
            "text": world.attributes.get("name", []) + world.identifiers.get("email", []),
        }
        values = known.get(name) or world.identifiers.get(name) or world.types
        return self._marked(self._chance.choice(values))

    def _marked(self, value: str) -> str:
        if not self.happens(0.25):
            return value
        rest = ("@example.org",) if "@" in value else ("", "", '\' OR "1" = `1` \\ é')
        return self._marker() + self._chance.choice(rest)

    def _marker(self) -> str:
        return f"{MARKER}{self._chance.getrandbits(48):012x}"
