"""From a selection to what is read and how the answer is built of it: one walk over the document.

The walk goes along the fields as GraphQL collects them, so fragments, aliases, merged fields, `@include` and
`@skip` are those of the specification. What it cannot plan raises Unplannable, which says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from service.errors import ServiceError
from service.reads.builders import MAPPING, ROW, Builder
from service.reads.connections import PAGE_INFO, cursor, page_info
from service.reads.fields import Column, Computed, Each, Embedded, Input, Paged, Related, Same
from service.reads.levels import Level, Subquery
from service.reads.relations import KEY, Bound, Relation, renamed
from service.reads.selections import Operation, Place, Rows, Selected, Unplannable
from service.reads.statements import ROOT, parameter, reference
from service.reads.types import TYPE, Types
from service.reads.variables import uses_variables

MAX_SUBQUERIES: Final = 60
"""More in one statement, and an engine takes longer to plan it than to read."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What one part of a statement is bound to: always the same, or by the variables of a request."""

    bound: Bound | None
    bind: Callable[[VariableValues], Bound]
    relation: Relation | None
    """The plan is for bindings to this one."""


class Planner:
    """Plans one operation, or the payload of one of its writes, for one way in which variables may come."""

    def __init__(
        self, types: Types, operation: Operation, variables: VariableValues, settings: Any, *, masked: bool
    ) -> None:
        self.builder = Builder()
        self.root = Level(ROOT)
        self.bindings: list[Binding] = []
        self.shared: set[str] = set()
        """The parameters that are the statement's: those that are always the same, and limits."""
        self._types = types
        self._operation = operation
        self._variables = variables
        self._settings = settings
        self._masked = masked
        self._inputs: list[tuple[Level, Input, Rows]] = []

    # --- roots ------------------------------------------------------------------------------------------------

    def query(self) -> str:
        """Plans a query; the name of the builder's function."""
        query = self._types.schema.query_type
        assert query is not None
        operation = self._operation
        collected = collect_fields(self._types.schema, operation.fragments, self._variables, query, operation.node)
        return self._function("r, b, m", query, collected.grouped_field_set, Place(self.root))

    def payload(self, type_: GraphQLObjectType, details: FieldDetailsList) -> str:
        """Plans what is read after a write; the builder's `m` is the mapping that the write made."""
        place = Place(self.root, "rows[0]", is_row=False)
        return self.builder.function("r, b, m", (), f"{self._object(type_, details, place)}(m, (r,), b)")

    # --- selections -------------------------------------------------------------------------------------------

    def _subfields(self, type_: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        schema, operation = self._types.schema, self._operation
        collected = collect_subfields(schema, operation.fragments, self._variables, operation.node, type_, details)
        return collected.grouped_field_set

    def _object(self, type_: GraphQLObjectType, details: FieldDetailsList, place: Place) -> str:
        """The name of the function that makes an object of a row or of a mapping."""
        return self._function(ROW if place.is_row else MAPPING, type_, self._subfields(type_, details), place)

    def _function(self, parameters: str, type_: GraphQLObjectType, grouped: GroupedFieldSet, place: Place) -> str:
        required: list[str] = []
        texts = []
        for key, details in grouped.items():
            name = details[0].node.name.value
            if name == TYPE:
                texts.append((key, f'"{type_.name}"'))
                continue
            if name not in type_.fields:
                raise Unplannable(f"{name}: introspection")
            declared = self._types.field(type_.name, name)
            field = Selected(type_, name, type_.fields[name], details, declared)
            text = self._field(field, place, required)
            texts.append((key, self._shown(type_.name, name, text, place)))
        return self.builder.function(parameters, required, self.builder.display(texts))

    def _shown(self, type_name: str, name: str, text: str, place: Place) -> str:
        """The text of a leaf as the caller may see it."""
        mask = self._types.mask(type_name, name) if self._masked else None
        if mask is None:
            return text
        if mask.beside:
            beside = f"r[{place.level.property(mask.beside)}]" if place.is_row else f"m[{mask.beside!r}]"
            text = f"{text}, {beside}"
        return f"{self.builder.name(mask, 'mask')}({text})"

    def _field(self, field: Selected, place: Place, required: list[str]) -> str:
        """The text of a field's value; what must not be null in it is added to `required`."""
        declared = field.declared.declaration if field.declared else None
        match declared:
            case Related():
                return self._related(field, declared, place)
            case Each() if not place.is_row:
                return self._each(field, place)
            case None if not place.is_row:
                return self._item(field.definition.type, field.details, f"m[{field.name!r}]", place, required)
            case Column(name) if place.is_row:
                text = f"r[{place.level.property(name)}]"
                if is_non_null_type(field.definition.type):
                    required.append(text)
                return self.builder.leaf(field.definition.type, text)
            case Embedded(prefix) if place.is_row:
                return self._embedded(field, prefix, place)
            case Same() if place.is_row:
                return f"{self._object(field.object, field.details, place)}(r, b)"
            case Computed() if place.is_row:
                return self._computed(field, declared, place)
            case Paged() if place.is_row:
                return self._connection(field, place)
        raise Unplannable(f"{field}: it is not declared how it is read")

    def _element(self, type_: GraphQLOutputType, details: FieldDetailsList, subquery: Subquery) -> str:
        """The name of the function that makes an object of a subquery's row."""
        named, relation, place = get_named_type(type_), subquery.relation, Place(subquery.level)
        assert relation is not None
        if isinstance(named, GraphQLObjectType):
            return self._object(named, details, place)
        if not relation.tag:
            return self._object(self._types.object(relation.type), details, place)
        tag = subquery.level.expression(renamed(relation.tag, subquery.number))
        functions = [(name, self._object(self._types.object(name), details, place)) for name in relation.types]
        return self.builder.function(ROW, (), f"{self.builder.display(functions)}[r[{tag}]](r, b)")

    # --- kinds of field ---------------------------------------------------------------------------------------

    def _item(
        self, type_: GraphQLOutputType, details: FieldDetailsList, text: str, place: Place, required: list[str]
    ) -> str:
        """What a mapping has, or a function made: a leaf, an object, or a list of them."""
        if is_non_null_type(type_):
            required.append(text)
        if is_leaf_type(get_named_type(type_)):
            return self.builder.leaf(type_, text)
        inner = get_nullable_type(type_)
        named = get_named_type(type_)
        if not isinstance(named, GraphQLObjectType):
            raise Unplannable(f"{details[0].node.name.value}: a mapping of an abstract type")
        rows = "rows" if place.text.startswith("rows") else "()"
        function = self._object(named, details, place)
        result = f"{function}({text}, {rows}, b)"
        if is_list_type(inner):
            result = f"[{function}(x, {rows}, b) for x in {text}]"
        return result if is_non_null_type(type_) else f"(None if {text} is None else {result})"

    def _embedded(self, field: Selected, prefix: str, place: Place) -> str:
        columns = self._types.embedded(field.parent.name, field.name, prefix)
        texts = []
        for key, details in self._subfields(field.object, field.details).items():
            name = details[0].node.name.value
            if name == TYPE:
                texts.append((key, f'"{field.object.name}"'))
            else:
                text = f"r[{place.level.property(columns[name])}]"
                text = self.builder.leaf(field.object.fields[name].type, text)
                texts.append((key, self._shown(field.object.name, name, text, place)))
        present = " or ".join(f"r[{place.level.property(name)}] is not None" for name in columns.values())
        return f"({self.builder.display(texts)} if {present} else None)"

    def _related(self, field: Selected, declared: Related, place: Place) -> str:
        bound = (
            self._bind(field) if declared.arguments else self._fix(Bound(declared.relation, declared.parameters))
        )
        relation = declared.relation or self.bindings[bound].relation
        type_ = field.definition.type
        is_list = is_list_type(get_nullable_type(type_))
        if relation is None:
            return "[]" if is_list else "None"
        rows = self._rows(relation, bound, self._start(relation, declared.key, place, bound), place)
        # A list in a mapping may be led to by a list of keys.
        rows.subquery.each = is_list and not place.is_row and relation.start is None and bool(declared.key)
        function = self._element(type_, field.details, rows.subquery)
        if is_list:
            return f"[{function}(x, b) for x in {rows.text}]"
        otherwise = "missing()" if is_non_null_type(type_) else "None"
        return f"({function}({rows.text}[0], b) if {rows.text} else {otherwise})"

    def _each(self, field: Selected, place: Place) -> str:
        number = self._fix(Bound())
        level = Level(renamed("q", number))
        subquery = Subquery(number, None, f"{ROOT}.{field.name}", level)
        level.given[""] = []
        inner = Place(level, "rows[0]", is_row=False)
        function = self._object(field.object, field.details, inner)
        if not any(isinstance(column, Subquery) for column in level.columns):
            return f"[{function}(x, (), b) for x in m[{field.name!r}]]"
        column = place.level.subquery(subquery)
        return f"[{function}(x, (y,), b) for x, y in zip(m[{field.name!r}], {place.text}[{column}])]"

    def _computed(self, field: Selected, declared: Computed, place: Place) -> str:
        arguments, inner, rows = [], Place(place.level, is_row=False, text=""), "()"
        for one in declared.inputs:
            if isinstance(one, str):
                arguments.append(f"r[{place.level.property(one)}]")
                continue
            read = self._input(one, place)
            # A row that leads on has further columns, which the function is not to see.
            arguments.append(f"[x[:{len(one.columns)}] for x in {read.text}]" if declared.carried else read.text)
            if declared.carried and rows == "()":
                rows = read.text
                inner = Place(read.subquery.level, "rows[m['origin']]", is_row=False, keys=declared.carried)
        if declared.arguments is not None:
            arguments.append(f"b[{self._bind(field)}].value")
        call = f"{self.builder.name(declared.function, 'compute')}({', '.join(arguments)})"
        required: list[str] = []
        text = self._item(field.definition.type, field.details, "m", inner, required)
        if text == "m" and not required:
            return call
        # What is computed is looked at more than once: so in a function of its own.
        return f"{self.builder.function(MAPPING, required, text)}({call}, {rows}, b)"

    def _input(self, one: Input, place: Place) -> Rows:
        """The rows of a relation for a function; those of the same input are read once."""
        same = (rows for level, other, rows in self._inputs if level is place.level and other == one)
        known = next(same, None)
        if known is None:
            bound = self._fix(Bound(one.relation, one.parameters))
            known = self._rows(one.relation, bound, self._start(one.relation, "", place, bound), place)
            for name in one.columns:
                known.subquery.level.property(name)
            for letter in one.relation.values:
                known.subquery.level.expression(renamed(letter, bound))
            self._inputs.append((place.level, one, known))
        return known

    def _connection(self, field: Selected, place: Place) -> str:
        bound = self._bind(field)
        relation = self.bindings[bound].relation
        assert relation is not None
        rows = self._rows(relation, bound, self._start(relation, "", place, bound), place)
        # Looked up where it is asked for: most pages are read without their cursors.
        place_column, b = partial(rows.subquery.level.property, relation.place), f"b[{bound}]"
        types = field.object.fields
        texts = []
        for key, details in self._subfields(field.object, field.details).items():
            name = details[0].node.name.value
            shown = f"{rows.text}[:{b}.size]"
            match name:
                case "nodes":
                    function = self._element(types[name].type, details, rows.subquery)
                    text = f"[{function}(x, b) for x in {shown}]"
                case "edges":
                    text = f"[{self._edge(details, types[name].type, place_column, rows)}(x, b) for x in {shown}]"
                case "pageInfo":
                    page = self.builder.name(page_info, "page")
                    call = f"{page}({rows.text}, {place_column()}, {b}.size, {b}.behind)"
                    text = f"{self._page_info(details, types[name].type)}({call})"
                case _:
                    text = f'"{field.object.name}"'
            texts.append((key, text))
        return self.builder.display(texts)

    def _edge(
        self, details: FieldDetailsList, type_: GraphQLOutputType, place: Callable[[], int], rows: Rows
    ) -> str:
        edge = get_named_type(type_)
        assert isinstance(edge, GraphQLObjectType)
        texts = []
        for key, inner in self._subfields(edge, details).items():
            match inner[0].node.name.value:
                case "node":
                    text = f"{self._element(edge.fields['node'].type, inner, rows.subquery)}(r, b)"
                case "cursor":
                    text = f"{self.builder.name(cursor, 'cursor')}(r[{place()}])"
                case _:
                    text = f'"{edge.name}"'
            texts.append((key, text))
        return self.builder.function(ROW, (), self.builder.display(texts))

    def _page_info(self, details: FieldDetailsList, type_: GraphQLOutputType) -> str:
        named = get_named_type(type_)
        assert isinstance(named, GraphQLObjectType)
        texts = []
        for key, inner in self._subfields(named, details).items():
            name = inner[0].node.name.value
            texts.append((key, f"q[{PAGE_INFO.index(name)}]" if name in PAGE_INFO else f'"{named.name}"'))
        return self.builder.function("q", (), self.builder.display(texts))

    # --- subqueries -------------------------------------------------------------------------------------------

    def _rows(self, relation: Relation, number: int, start: str, place: Place) -> Rows:
        if len(self.bindings) > MAX_SUBQUERIES:
            raise Unplannable(f"more than {MAX_SUBQUERIES} relations in one document")
        subquery = Subquery(number, relation, start, Level(renamed(relation.end, number)))
        return Rows(f"{place.text}[{place.level.subquery(subquery)}]", subquery)

    def _start(self, relation: Relation, key: str, place: Place, number: int) -> str:
        """What a relation starts from: the node of the row, one of its properties, or a key that is bound."""
        variable = place.level.variable
        if place.is_row and place.level is self.root:
            return reference(KEY, number, self.shared)
        if relation.start or not key:
            return variable
        if place.is_row:
            return f"{variable}.{key}"
        if place.keys is not None:
            return f"{variable}.{place.keys[key]}"
        place.level.given.setdefault("", []).append(key)
        return f"{variable}.{key}"

    def _bind(self, field: Selected) -> int:
        """Binds a field's arguments; the number of the binding."""
        assert field.declared is not None
        assert field.declared.bind is not None
        bind_, definition, settings = field.declared.bind, field.definition, self._settings
        node = field.details[0].node

        def bind(variables: VariableValues) -> Bound:
            return bind_(settings, get_argument_values(definition, node, variables))

        if uses_variables(node):
            bound = bind(self._variables)
            self.bindings.append(Binding(None, bind, bound.relation))
            names = set(bound.relation.limits if bound.relation else ())
        else:
            try:
                bound = bind(self._variables)
            except ServiceError as error:
                raise Unplannable(f"{field}: {error.message}") from None
            if bound.seek is not None:
                raise Unplannable(f"{field}: a page is found by several reads")
            self.bindings.append(Binding(bound, bind, bound.relation))
            names = set(bound.parameters)
        self.shared.update(parameter(name, len(self.bindings) - 1) for name in names)
        return len(self.bindings) - 1

    def _fix(self, bound: Bound) -> int:
        """A binding that is the same for every request."""
        self.bindings.append(Binding(bound, lambda _variables: bound, bound.relation))
        number = len(self.bindings) - 1
        self.shared.update(parameter(name, number) for name in bound.parameters)
        return number
