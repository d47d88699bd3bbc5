"""What the planner walks over: an operation, its selected fields, and where their values are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import GraphQLField, GraphQLObjectType, OperationDefinitionNode, get_named_type
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails

from service.reads.levels import Level, Subquery
from service.reads.types import Field


class Unplannable(Exception):
    """The document has a part that no plan covers. Its message says which and why."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with the fragments that it may spread."""

    node: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a selection stands: the level that its columns are read at, and the text of the row there.

    Of a mapping, `keys` says what of the level each of its keys is; None: it was given to the statement.
    """

    level: Level
    text: str = "r"
    is_row: bool = True
    keys: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """A field that is selected of a type."""

    parent: GraphQLObjectType
    name: str
    definition: GraphQLField
    details: FieldDetailsList
    declared: Field | None

    @property
    def object(self) -> GraphQLObjectType:
        """Its named type, which is an object's."""
        named = get_named_type(self.definition.type)
        if not isinstance(named, GraphQLObjectType):
            raise Unplannable(f"{self}: of an abstract type")
        return named

    def __str__(self) -> str:
        return f"{self.parent.name}.{self.name}"


@dataclass(frozen=True, slots=True)
class Rows:
    """A subquery as the builder sees it: the text of its rows."""

    text: str
    subquery: Subquery
