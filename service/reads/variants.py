"""A plan for variables that came in one way: its statement, its builder, and how a request is bound to them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql.execution.values import VariableValues

from service.reads.builders import Build
from service.reads.levels import Level, Subquery
from service.reads.planning import Binding
from service.reads.relations import Bound
from service.reads.statements import ROOT, parameter


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """What a document comes to for variables that came in one way."""

    bindings: tuple[Binding, ...]
    text: str
    """The statement; empty if nothing is read."""
    build: Build
    source: str
    root: Level
    shared: frozenset[str]
    constants: Mapping[str, Any]
    name: str = "plan"
    """What its statement is called: the fragments that it is made of."""

    def group(self, shared: Mapping[str, Any]) -> Hashable:
        """What reads must have in common to go together: the plan, and the statement's parameters."""
        if len(shared) == len(self.constants):
            return self
        return self, repr([value for name, value in shared.items() if name not in self.constants])

    def bind(self, variables: VariableValues) -> list[Bound] | None:
        """What everything is bound to; None if this variant is not for these variables."""
        bound = []
        for binding in self.bindings:
            one = binding.bound or binding.bind(variables)
            if one.relation is not binding.relation:
                return None
            bound.append(one)
        return bound

    def parameters(self, bound: list[Bound], made: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The parameters of the statement, and those of the request's row."""
        shared, own = dict(self.constants), dict[str, Any]()
        for number, (binding, one) in enumerate(zip(self.bindings, bound, strict=True)):
            if binding.bound is None:
                for name, value in one.parameters.items():
                    called = parameter(name, number)
                    (shared if called in self.shared else own)[called] = value
        if made is not None:
            own |= _given(self.root, made)
        return shared, own


def _given(root: Level, made: Mapping[str, Any]) -> dict[str, Any]:
    """What a write made that is looked up. An empty key finds nothing, where null would have to be looked for."""
    own: dict[str, Any] = {key: made[key] or "" for key in root.given.get("", ())}
    for column in root.columns:
        if isinstance(column, Subquery) and column.each:
            key = column.start.removeprefix(f"{ROOT}.")
            own[key] = made[key] if isinstance(made[key], list) else [made[key] or ""]
        if isinstance(column, Subquery) and column.relation is None:
            name = column.start.removeprefix(f"{ROOT}.")
            keys = column.level.given[""]
            own[name] = [{key: item[key] or "" for key in keys} for item in made[name]]
    return own
