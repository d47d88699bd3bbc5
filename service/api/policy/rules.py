"""What a rule for a field says, and how tables of rules are written."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

from service.access import masking
from service.access.models import Scope
from service.reads.fields import Mask


@dataclass(frozen=True, slots=True)
class Rule:
    """What a field needs, and how it is masked; without a mask everybody who may read it sees it as it is."""

    scopes: frozenset[Scope] = frozenset()
    mask: Mask | None = None


Group = Mapping[str, Rule]
"""Rules by the names of fields."""


@dataclass(frozen=True, slots=True)
class TypeRules:
    """The rules of all fields of a type."""

    type: str
    scope: Scope | None
    """What each of its fields needs besides; None: what leads to it is enough."""
    fields: Mapping[str, Rule]


def rules(type_name: str, scope: Scope | None, *groups: Group) -> TypeRules:
    """The rules of a type: each field in one of the groups."""
    fields: dict[str, Rule] = {}
    for group in groups:
        for name, rule in group.items():
            if name in fields:
                raise ValueError(f"{type_name}.{name} has two rules")
            needed = rule.scopes | ({scope} if scope else set())
            fields[name] = Rule(needed, rule.mask)
    return TypeRules(type_name, scope, fields)


def shown(names: str) -> Group:
    """Fields that say nothing personal: numbers, times, ids, words of a vocabulary of ours, and what leads on."""
    return dict.fromkeys(names.split(), Rule())


def masked(mask: Mask, names: str) -> Group:
    """Fields that are masked for those who may not see personal data."""
    return dict.fromkeys(names.split(), Rule(mask=mask))


def under(scopes: Scope | Set[Scope], names: str) -> Group:
    """Fields that need further scopes: what leads into another domain, or is computed of it."""
    needed = frozenset({scopes} if isinstance(scopes, Scope) else scopes)
    return dict.fromkeys(names.split(), Rule(needed))


def connection(node: str) -> tuple[TypeRules, TypeRules]:
    """The rules of a connection and its edges: who may follow the field that leads to it may page."""
    return (
        rules(f"{node}Connection", None, shown("edges nodes pageInfo")),
        rules(f"{node}Edge", None, shown("cursor node")),
    )


SCRUBBED: Final = Mask(masking.scrubbed)
"""For words that sources choose, such as channels and campaigns: addresses and numbers in them are masked."""
SCRUBBED_LIST: Final = Mask(lambda values: [masking.scrubbed(one) for one in values])
GONE: Final = Mask(lambda _value: None)
"""For what people write, and addresses of pages: null."""
HIDDEN: Final = Mask(lambda _value: masking.HIDDEN)
"""The same where it must not be null."""
EMPTY: Final = Mask(lambda _value: {})
"""The same of a JSON object."""
NAME: Final = Mask(masking.name)
MESSAGE: Final = Mask(masking.message)
