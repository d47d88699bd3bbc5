"""Random arguments of fields: literals and variables, of what there is in the graph and of what is not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import graphql as g
from graphql import GraphQLNonNull, Undefined

MARKER: Final = "marker-"
"""Begins a value that is nowhere in the graph and in no document but once: see where it turns up."""

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

_OF_DEALS = {"pipelineId": "Pipeline", "stageId": "Stage"}
_DAYS = ("2026-12-24", "2026-12-25", "1999-01-01")

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


def is_one_of(kind: g.GraphQLInputObjectType) -> bool:
    # Strawberry does not tell GraphQL's own type.
    return kind.is_one_of or kind.name == "CustomerBy"


class Arguments:
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
            one_of = is_one_of(bare)
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
        if kind == "Date":
            return self._chance.choice(_DAYS)
        if kind == "ID" and name in _OF_DEALS and not self._erring(0.2):
            return self._chance.choice(self._world.nodes[_OF_DEALS[name]])
        if kind == "ID":
            return self._id(only_customers=of == "CustomerBy")
        return self._string(name, of)

    def _object(self, kind: g.GraphQLInputObjectType) -> dict[str, Any]:
        if is_one_of(kind):
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
            "owner": ["Olga", "Otto"],
            "source": ["web form", "call"],
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
