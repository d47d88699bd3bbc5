"""The compiled executor: plans of documents, kept, bound to a request, read in one statement, and built.

A plan is for an operation of a document and the caller's rights, and is kept beside the parsed document. Variables
may change what is read (in `@include`, in an argument that chooses a direction or a type), so a plan has a variant
for each way in which they came. Nothing of a request is kept in either.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
    get_nullable_type,
    get_variable_values,
    located_error,
)
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_fields
from graphql.execution.values import VariableValues

from service.access.models import Caller, Rights, is_masked
from service.errors import DeadlineExceeded, NotServing, Overloaded, Rejected, ServiceError
from service.reads.builders import Unanswerable
from service.reads.fields import Written
from service.reads.gathering import Gatherer
from service.reads.planning import Planner
from service.reads.relations import Bound
from service.reads.selections import Operation, Unplannable
from service.reads.statements import parameter, statement
from service.reads.types import Types
from service.reads.variables import conditions
from service.reads.variants import Variant

MAX_VARIANTS: Final = 16
"""Of one document; one with more ways is answered in the ordinary way."""

log = logging.getLogger(__name__)


class Declined(Exception):
    """This request is for the ordinary execution. The message says why."""

    def __init__(self, reason: str, fault: ServiceError | None = None) -> None:
        """`fault`: the graph's, which other reads of this request would meet too."""
        super().__init__(reason)
        self.fault = fault


class Failed(Exception):
    """A write failed: nothing was written by it, and nothing is after it."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error)
        self.error = error


@dataclass(slots=True, eq=False)
class Plan:
    """All variants of one operation, or of one of its writes."""

    operation: Operation
    conditions: tuple[str, ...]
    masked: bool
    """Whether the caller may not see personal data."""
    write: tuple[GraphQLObjectType, FieldDetailsList] | None = None
    variants: list[tuple[tuple[Any, ...], Variant]] = field(default_factory=list)
    declined: str = ""

    def variant(self, types: Types, variables: VariableValues, settings: Any) -> tuple[Variant, list[Bound]]:
        """The variant for these variables, and what it is bound to; raises Declined."""
        if self.declined:
            raise Declined(self.declined)
        key = tuple(variables.coerced.get(name) for name in self.conditions)
        try:
            for present, variant in self.variants:
                if present == key and (bound := variant.bind(variables)) is not None:
                    return variant, _plain(bound)
            if len(self.variants) >= MAX_VARIANTS:
                raise Declined(f"more than {MAX_VARIANTS} ways in which variables came")
            variant = self._planned(types, variables, settings)
            bound = variant.bind(variables)
            assert bound is not None
        except Unplannable as reason:
            self.declined = str(reason)
            raise Declined(self.declined) from None
        except (ServiceError, GraphQLError) as error:
            raise Declined(f"an argument errs: {error}") from None
        self.variants.append((key, variant))
        return variant, _plain(bound)

    def _planned(self, types: Types, variables: VariableValues, settings: Any) -> Variant:
        planner = Planner(types, self.operation, variables, settings, masked=self.masked)
        name = planner.payload(*self.write) if self.write else planner.query()
        shared = frozenset(planner.shared)
        constants = {
            parameter(key, number): value
            for number, binding in enumerate(planner.bindings)
            if binding.bound is not None
            for key, value in binding.bound.parameters.items()
        }
        text = statement(planner.root, shared) if planner.root.columns else ""
        return Variant(
            tuple(planner.bindings),
            text,
            planner.builder.build(name),
            planner.builder.source,
            planner.root,
            shared,
            constants,
            f"plan of {'+'.join(planner.root.queries())}",
        )


def _plain(bound: list[Bound]) -> list[Bound]:
    """What one statement reads."""
    if any(one.seek for one in bound):
        raise Declined("a page is found by several reads")
    return bound


@dataclass(slots=True, eq=False)
class Plans:
    """The plans of one document: by operation, rights, and for a write by its response key."""

    kept: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    _prepared: dict[int, tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)

    def prepared(self, request: Request) -> tuple[Operation, tuple[str, ...]]:
        """The operation with its fragments, and the variables that decide what is selected; looked up once."""
        known = self._prepared.get(id(request.operation))
        if known is None:
            fragments = {
                one.name.value: FragmentDetails(one)
                for one in request.document.definitions
                if isinstance(one, FragmentDefinitionNode)
            }
            known = Operation(request.operation, fragments), conditions(request.document)
            self._prepared[id(request.operation)] = known
        return known


@dataclass(frozen=True, slots=True)
class Request:
    """An operation of a document, with the variables as they came and the rights of who asks."""

    document: DocumentNode
    operation: OperationDefinitionNode
    given: Mapping[str, Any] | None
    plans: Plans
    rights: Rights

    @property
    def masked(self) -> bool:
        """Whether the caller may not see personal data."""
        return is_masked(self.rights)


class Compiled:
    """Answers operations by plans; without a gatherer it only says what they are."""

    def __init__(self, types: Types, gatherer: Gatherer | None, settings: Any) -> None:
        self._types = types
        self._gatherer = gatherer
        self._settings = settings

    async def query(self, request: Request) -> dict[str, Any]:
        """The data of a query; raises Declined."""
        variant, bound = self._plan(request).variant(self._types, self._variables(request), self._settings)
        return await self._read(variant, bound, None)

    async def mutation(
        self, request: Request, services: Any, caller: Caller, done: dict[str, Any]
    ) -> dict[str, Any]:
        """The data of a mutation: one write after the other, each payload read with one statement.

        `done` is filled with what each write made, by response key: for the ordinary execution, should it have to
        go on. Raises Declined, and Failed if a write does.
        """
        variables = self._variables(request)
        writes = self._writes(request, variables)
        # All are planned before the first is made.
        planned = {
            key: plan.variant(self._types, variables, self._settings) for key, (_, _, plan) in writes.items()
        }
        data = {}
        for key, (details, written, _) in writes.items():
            definition = self._mutation_type().fields[details[0].node.name.value]
            try:
                arguments = get_argument_values(definition, details[0].node, variables)
                done[key] = made = await written(services, arguments["input"], caller)
            except Exception as error:
                raise Failed(located_error(error, [one.node for one in details], [key])) from error
            data[key] = await self._read(*planned[key], made)
        return data

    def variants(self, request: Request) -> list[tuple[str, Variant, tuple[dict[str, Any], dict[str, Any]]]]:
        """What a request comes to, of each of its writes or of the query: name, variant and parameters."""
        variables = self._variables(request)
        if request.operation.operation is OperationType.MUTATION:
            plans = {key: plan for key, (_, _, plan) in self._writes(request, variables).items()}
        else:
            plans = {"": self._plan(request)}
        found = []
        for name, plan in plans.items():
            variant, bound = plan.variant(self._types, variables, self._settings)
            found.append((name, variant, variant.parameters(bound, None)))
        return found

    def _plan(self, request: Request) -> Plan:
        key = (id(request.operation), request.rights, self._version())
        plan = request.plans.kept.get(key)
        if plan is None:
            plan = request.plans.kept[key] = Plan(*request.plans.prepared(request), request.masked)
        return plan

    def _writes(
        self, request: Request, variables: VariableValues
    ) -> dict[str, tuple[FieldDetailsList, Written, Plan]]:
        operation, names = request.plans.prepared(request)
        mutation = self._mutation_type()
        collected = collect_fields(
            self._types.schema, operation.fragments, variables, mutation, operation.node
        ).grouped_field_set
        if len(request.plans.kept) > MAX_VARIANTS * MAX_VARIANTS:
            request.plans.kept.clear()
        writes = {}
        for key, details in collected.items():
            field_name = details[0].node.name.value
            declared = self._types.field(mutation.name, field_name)
            if declared is None or not isinstance(declared.declaration, Written):
                raise Declined(f"Mutation.{field_name}: it is not declared what it writes")
            kept = (
                id(operation.node),
                request.rights,
                self._version(),
                key,
                *(variables.coerced.get(name) for name in names),
            )
            plan = request.plans.kept.get(kept)
            if plan is None:
                payload = get_nullable_type(mutation.fields[field_name].type)
                assert isinstance(payload, GraphQLObjectType)
                plan = request.plans.kept[kept] = Plan(operation, names, request.masked, (payload, details))
            writes[key] = (details, declared.declaration, plan)
        return writes

    def _version(self) -> Any:
        """Of what plans are made by, if it has one: constants of a plan may depend on it."""
        return getattr(self._settings, "version", None)

    def _mutation_type(self) -> GraphQLObjectType:
        mutation = self._types.schema.mutation_type
        assert mutation is not None
        return mutation

    def _variables(self, request: Request) -> VariableValues:
        definitions = request.operation.variable_definitions or ()
        values = get_variable_values(self._types.schema, definitions, dict(request.given or {}), max_errors=1)
        if isinstance(values, list):
            raise Declined("the variables cannot be read")
        return values

    async def _read(self, variant: Variant, bound: list[Bound], made: Any) -> dict[str, Any]:
        row: list[Any] = []
        if variant.text:
            shared, own = variant.parameters(bound, made)
            assert self._gatherer is not None
            try:
                row = await self._gatherer.read(variant, bound, shared, own)
            except ServiceError as error:
                # This request alone: what an engine refuses may be one request's value.
                if isinstance(error, Rejected):
                    log.warning("the graph refused the statement of a plan; the request is answered without one")
                # What was written is worth another read; a query that the graph is too busy for is not.
                gives_up = made is None and isinstance(error, (NotServing, Overloaded, DeadlineExceeded))
                fault = error if gives_up else None
                raise Declined(f"the read failed: {error.message}", fault) from None
        try:
            return variant.build(row, bound, made)
        except Unanswerable:
            raise Declined("something is null that must not be") from None
