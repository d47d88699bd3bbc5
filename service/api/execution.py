"""From a document to an answer: parsed and validated once, then executed, by a plan where there is one."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import isawaitable
from typing import Any, Final, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    execute,
    parse,
    validate,
)

from service.access.models import ALL_RIGHTS, Caller
from service.api.admission import Admission, Gone, RequestRefused
from service.api.audiences import Audiences, Send
from service.api.context import Context
from service.api.errors import BAD_REQUEST, PARSE_FAILED, VALIDATION_FAILED, formatted
from service.api.policy.needs import Needs
from service.api.streaming import Shared, asked_alike, variables_below
from service.observing.operation import answered
from service.reads.compiled import Compiled, Declined, Failed, Plans, Request
from service.reads.completing import executor_for
from service.reads.explaining import explained
from service.reads.fields import Event, Stream
from service.reads.types import Types

log = logging.getLogger(__name__)

_CACHED_DOCUMENTS: Final = 1000
_MAX_CACHED_CHARACTERS: Final = 20_000
_MAX_TOKENS: Final = 5_000
NO_STREAM: Final = (
    "A subscription needs a stream: accept text/event-stream, or connect a WebSocket with graphql-transport-ws."
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed and validated document, or why it is not one."""

    node: DocumentNode | None
    errors: tuple[dict[str, Any], ...] = ()
    plans: Plans = field(default_factory=Plans)
    needs: dict[int, Needs] = field(default_factory=dict)
    """What its operations need, by their ids."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An operation of a document, with what is kept of it."""

    document: DocumentNode
    operation: OperationDefinitionNode
    plans: Plans
    needs: Needs


class Documents:
    """The documents that were asked lately, so that each is parsed and validated once."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._cache: OrderedDict[str, Document] = OrderedDict()

    def get(self, query: str) -> Document:
        """The document of a query text."""
        document = self._cache.get(query)
        if document is not None:
            self._cache.move_to_end(query)
            return document
        document = self._checked(query)
        if len(query) <= _MAX_CACHED_CHARACTERS:
            self._cache[query] = document
            if len(self._cache) > _CACHED_DOCUMENTS:
                self._cache.popitem(last=False)
        return document

    def chosen(self, query: str, name: str | None) -> Chosen:
        """The operation to execute of a query text; raises RequestRefused."""
        document = self.get(query)
        if document.errors or document.node is None:
            raise RequestRefused(list(document.errors))
        one = operation(document.node, name)
        needs = document.needs.get(id(one))
        if needs is None:
            needs = document.needs[id(one)] = Needs(self._schema, document.node, one)
        return Chosen(document.node, one, document.plans, needs)

    def _checked(self, query: str) -> Document:
        try:
            node = parse(query, max_tokens=_MAX_TOKENS)
        except GraphQLError as error:
            return Document(None, (formatted(error, PARSE_FAILED),))
        errors = validate(self._schema, node, max_errors=20)
        return Document(node, tuple(formatted(error, VALIDATION_FAILED) for error in errors))


def json(answer: Mapping[str, Any]) -> bytes:
    """An answer as it goes out."""
    return orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS)


def operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation to execute; raises RequestRefused."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) == 1:
        return operations[0]
    reason = f"There is no operation {name!r}." if name is not None else "Name one operation with operationName."
    raise RequestRefused([{"message": reason, "extensions": {"code": BAD_REQUEST}}])


class Executor:
    """Answers requests: by a plan where one covers the document, else by GraphQL's own execution."""

    def __init__(
        self, types: Types, context: Callable[[Caller], Context], compiled: Compiled | None, admission: Admission
    ) -> None:
        self._schema = types.schema
        self._executor_class = executor_for(types)
        self._documents = Documents(types.schema)
        self._context = context
        self._compiled = compiled
        self._admission = admission
        self._shared = Shared()
        self._audiences = Audiences()

    def is_stream(self, query: str) -> bool:
        """Whether a document has a subscription, which only a stream can answer."""
        node = self._documents.get(query).node
        return node is not None and any(
            isinstance(one, OperationDefinitionNode) and one.operation is OperationType.SUBSCRIPTION
            for one in node.definitions
        )

    async def run(
        self,
        *,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        caller: Caller,
        may_write: bool,
        gone: Gone | None = None,
    ) -> dict[str, Any]:
        """Executes a request; the answer has `data`, and `errors` where fields failed.

        Raises:
            RequestRefused: the document or its variables are wrong, or it must not run.
            DeadlineExceeded: it took too long.
            CallerGone: nobody waits for the answer any more.
        """
        chosen = self._documents.chosen(query, operation_name)
        if chosen.operation.operation is OperationType.SUBSCRIPTION:
            raise RequestRefused([{"message": NO_STREAM, "extensions": {"code": BAD_REQUEST}}])
        async with self._admission.admitted(
            chosen.operation, caller, chosen.needs, variables, may_write=may_write, gone=gone
        ) as rights:
            request = Request(chosen.document, chosen.operation, variables, chosen.plans, rights)
            answer = await self._answer(request, operation_name, caller)
            answered(answer)
            return answer

    async def stream(
        self,
        *,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        caller: Caller,
        may_write: bool,
        send: Send,
    ) -> None:
        """Sends the answers to a subscription, one for each event, as JSON; of another operation, the one.

        What `send` raises ends it, too.

        Raises:
            RequestRefused: the document, its variables or its arguments are wrong, or it must not run.
            ServiceError: it cannot go on.
        """
        chosen = self._documents.chosen(query, operation_name)
        if chosen.operation.operation is not OperationType.SUBSCRIPTION:
            answer = await self.run(
                query=query,
                variables=variables,
                operation_name=operation_name,
                caller=caller,
                may_write=may_write,
            )
            await send(json(answer))
            return
        document, needs = chosen.document, chosen.needs
        async with self._admission.admitted(
            chosen.operation, caller, needs, variables, may_write=may_write
        ) as rights:
            stream = await self._events(document, variables, operation_name, caller)
        names = variables_below(document, chosen.operation)
        alike = asked_alike(query, operation_name, variables or {}, names, rights)
        # Others are told the same by it, for longer than the caller who was first.
        anyone = replace(caller, ends_at=None)

        async def made(event: Event) -> bytes:
            async with self._admission.admitted(chosen.operation, anyone, needs, variables, may_write=may_write):
                context = self._context(anyone)
                return json(await self._ordinary(document, variables, operation_name, context, event.row()))

        def answer_to(event: Event) -> Awaitable[bytes]:
            return self._shared.get((alike, event.key), partial(made, event))

        await self._audiences.attend(alike, stream, answer_to, send)

    async def _events(
        self, node: DocumentNode, variables: dict[str, Any] | None, operation_name: str | None, caller: Caller
    ) -> Stream:
        executor = self._executor_class.build(
            self._schema,
            node,
            raw_variable_values=variables,
            operation_name=operation_name,
            context_value=self._context(caller),
        )
        if isinstance(executor, list):  # The variables could not be read.
            raise RequestRefused([formatted(error) for error in executor])
        found = create_source_event_stream(executor)
        events: Any = await found if isawaitable(found) else found
        if isinstance(events, ExecutionResult):
            raise RequestRefused([formatted(error) for error in events.errors or ()])
        return cast("Stream", events)

    async def _answer(self, request: Request, operation_name: str | None, caller: Caller) -> dict[str, Any]:
        context = self._context(caller)
        if self._compiled is not None:
            done: dict[str, Any] = {}
            try:
                if request.operation.operation is OperationType.MUTATION:
                    return {"data": await self._compiled.mutation(request, context.services, done)}
                return {"data": await self._compiled.query(request)}
            except Failed as failed:
                return {"data": None, "errors": [formatted(failed.error)]}
            except Declined:
                # Not the reason: one of a wrong argument has its value.
                log.debug("answered without a plan")
                context.done = done
        variables = dict(request.given) if request.given is not None else None
        return await self._ordinary(request.document, variables, operation_name, context)

    async def _ordinary(
        self,
        node: DocumentNode,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        context: Context,
        event: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        result = execute(
            self._schema,
            node,
            event,
            variable_values=variables,
            operation_name=operation_name,
            context_value=context,
            executor_class=self._executor_class,
        )
        answer = result if isinstance(result, ExecutionResult) else await result
        errors = [formatted(error) for error in answer.errors or ()]
        # Errors without a path, and no data: the variables could not be read, and nothing was executed.
        if answer.data is None and errors and not any("path" in error for error in errors):
            raise RequestRefused(errors)
        return {"data": answer.data} | ({"errors": errors} if errors else {})


def explanation(schema: GraphQLSchema, compiled: Compiled, query: str, variables: dict[str, Any] | None) -> str:
    """How a document would be answered. Raises RequestRefused where it would not."""
    chosen = Documents(schema).chosen(query, None)
    request = Request(chosen.document, chosen.operation, variables, chosen.plans, ALL_RIGHTS)
    return "\n\n".join(explained(compiled, request))
