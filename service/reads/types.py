"""The types of a schema with their declarations, as the executors look them up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

from service.reads.fields import Column, Computed, Declaration, Embedded, Mask, Related, Same, Sought
from service.reads.relations import Bound, Relation

Bind = Callable[[Any, Mapping[str, Any]], Bound]
"""From the settings and a field's coerced arguments to what is bound; raises BadInput."""

TYPE: Final = "__typename"
"""Where a row or a mapping says its type, if the field's type leaves it open."""


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field; `bind` where it has arguments."""

    declaration: Declaration
    bind: Bind | None = None


class Types:
    """The declared fields of a schema. A field that is not declared is an item of a mapping.

    `masks` say how leaves are shown to those who may not see personal data.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fields: Mapping[str, Mapping[str, Field]],
        masks: Mapping[str, Mapping[str, Mask]] | None = None,
    ) -> None:
        self.schema = schema
        self._fields = fields
        self._masks = masks or {}

    def field(self, type_name: str, field_name: str) -> Field | None:
        """The declaration of a field, if it has one."""
        return self._fields.get(type_name, {}).get(field_name)

    def mask(self, type_name: str, field_name: str) -> Mask | None:
        """The mask of a field, if it has one."""
        return self._masks.get(type_name, {}).get(field_name)

    def object(self, type_name: str) -> GraphQLObjectType:
        """An object type by name."""
        named = self.schema.type_map[type_name]
        assert isinstance(named, GraphQLObjectType), type_name
        return named

    def columns(self, relation: Relation, selected: Collection[str]) -> tuple[str, ...]:
        """The properties of a relation's rows that these fields may ask for, at whatever depth they are."""
        names: dict[str, None] = {}
        if relation.end:
            for type_name in relation.possible_types:
                names |= dict.fromkeys(self._columns_of(type_name, selected))
            if "cursor" in selected or "pageInfo" in selected:
                names[relation.place] = None
        return tuple(names)

    def embedded(self, type_name: str, field_name: str, prefix: str) -> dict[str, str]:
        """The properties of an embedded object by the names of its fields."""
        inner = get_named_type(self.object(type_name).fields[field_name].type)
        return {name: prefix + name[0].upper() + name[1:] for name in self.object(inner.name).fields}

    def _columns_of(self, type_name: str, selected: Collection[str]) -> list[str]:
        columns: list[str] = []
        for name, field in self._fields.get(type_name, {}).items():
            # Relations start from an id, whatever is selected.
            if name not in selected and name != "id":
                continue
            if (mask := self.mask(type_name, name)) and mask.beside:
                columns.append(mask.beside)
            match field.declaration:
                case Column(column):
                    columns.append(column)
                case Embedded(prefix):
                    columns += self.embedded(type_name, name, prefix).values()
                case Same():
                    columns += self._columns_of(
                        get_named_type(self.object(type_name).fields[name].type).name, selected
                    )
                case Computed(inputs=inputs):
                    columns += [one for one in inputs if isinstance(one, str)]
                case Sought(needs=needs):
                    columns += needs
                case Related(relation, key):
                    columns += [key] if key else []
                    columns += [relation.start.key] if relation and relation.start else []
        return columns
