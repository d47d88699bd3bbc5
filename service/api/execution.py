"""From a document to an answer: checked once (see `documents`), then executed, by a plan where there is one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from typing import Any, Final, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    execute,
)

from service.access.models import ALL_RIGHTS, Caller, is_masked
from service.api.admission import Admission, Gone
from service.api.audiences import Audiences, Send, sent
from service.api.context import Context
from service.api.documents import Chosen, Documents
from service.api.errors import BAD_REQUEST, formatted
from service.api.limits import DocumentRefused, check_size, check_variables
from service.api.policy.messages import Messages
from service.api.rates import NEW_DOCUMENT
from service.api.refusing import RequestRefused
from service.api.streaming import Shared, asked_alike, variables_below
from service.api.trusted import named
from service.observing.operation import answered, spent
from service.reads.compiled import Compiled, Declined, Failed, Request
from service.reads.completing import executor_for
from service.reads.explaining import explained
from service.reads.fields import Event, Stream
from service.reads.types import Types

log = logging.getLogger(__name__)

_TOLD_ERRORS: Final = 20
"""Of variables that cannot be read; each takes time to be told."""
NO_STREAM: Final = (
    "A subscription needs a stream: accept text/event-stream, or connect a WebSocket with graphql-transport-ws."
)


def json(answer: Mapping[str, Any]) -> bytes:
    """An answer as it goes out."""
    return orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS)


class Executor:
    """Answers requests: by a plan where one covers the document, else by GraphQL's own execution."""

    def __init__(
        self,
        types: Types,
        context: Callable[[Caller], Context],
        compiled: Compiled | None,
        admission: Admission,
        documents: Documents | None = None,
    ) -> None:
        self._schema = types.schema
        self._executor_class = executor_for(types)
        self._documents = documents or Documents(types)
        self._context = context
        self._compiled = compiled
        self._admission = admission
        self._shared = Shared()
        self._audiences = Audiences()
        # One: many at once would leave nothing to those who ask for data.
        self._of_schema = ThreadPoolExecutor(1, "schema")
        self._messages = Messages(types.schema)

    def check_size(self, message: bytes | str) -> None:
        """Raises RequestRefused for a JSON text with so much in it that it is not worth reading."""
        try:
            check_size(message, self._documents.bounds)
        except DocumentRefused as refused:
            raise RequestRefused([refused.error]) from None

    def text(self, query: str, document_id: str | None, *, is_hash: bool) -> str:
        """The document of a request, which may name it by its id; raises RequestRefused."""
        return query or named(self._documents.trusted, document_id or "", is_hash=is_hash)

    async def is_stream(self, query: str, caller: Caller) -> bool:
        """Whether a document has a subscription, which only a stream can answer. Raises RequestRefused."""
        await self._check(query, caller)
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
        await self._check(query, caller)
        chosen = self._documents.chosen(query, operation_name)
        if chosen.operation.operation is OperationType.SUBSCRIPTION:
            raise RequestRefused([{"message": NO_STREAM, "extensions": {"code": BAD_REQUEST}}])
        cost = self._cost(chosen, variables)
        async with self._admission.admitted(
            chosen.operation, caller, chosen.needs, variables, cost, may_write=may_write, gone=gone
        ) as rights:
            request = Request(chosen.document, chosen.operation, variables, chosen.plans, rights)
            answer = await self._answer(request, operation_name, caller)
            answered(answer)
        answer["extensions"] = {"cost": await self._admission.told(caller, cost)}
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
        await self._check(query, caller)
        chosen = self._documents.chosen(query, operation_name)
        if chosen.operation.operation is not OperationType.SUBSCRIPTION:
            answer = await self.run(
                query=query,
                variables=variables,
                operation_name=operation_name,
                caller=caller,
                may_write=may_write,
            )
            await sent(send, json(answer))
            return
        document, needs = chosen.document, chosen.needs
        cost = self._cost(chosen, variables)
        async with self._admission.admitted(
            chosen.operation, caller, needs, variables, cost, may_write=may_write
        ) as rights:
            stream = await self._events(document, variables, operation_name, caller)
        names = variables_below(document, chosen.operation)
        alike = asked_alike(query, operation_name, variables or {}, names, rights)
        # Others are told the same by it, for longer than the caller who was first.
        anyone = replace(caller, ends_at=None)

        async def made(event: Event) -> bytes:
            # An event is paid for with its subscription, and made once for many.
            async with self._admission.admitted(
                chosen.operation, anyone, needs, variables, 0, may_write=may_write
            ):
                context = self._context(anyone)
                row = event.row()
                answer = await self._ordinary(document, variables, operation_name, anyone, context, row)
                return json(answer)

        def answer_to(event: Event) -> Awaitable[bytes]:
            return self._shared.get((alike, event.key), partial(made, event))

        await self._audiences.attend(alike, stream, answer_to, send)

    async def _check(self, query: str, caller: Caller) -> None:
        if not self._documents.known(query):
            await self._admission.spend(caller, NEW_DOCUMENT)
            await self._documents.check(query)

    def _cost(self, chosen: Chosen, variables: dict[str, Any] | None) -> int:
        try:
            check_variables(variables, self._documents.bounds)
        except DocumentRefused as refused:
            raise RequestRefused([refused.error]) from None
        cost = chosen.price.of(variables)
        spent(cost)
        return cost

    async def _events(
        self, node: DocumentNode, variables: dict[str, Any] | None, operation_name: str | None, caller: Caller
    ) -> Stream:
        executor = self._executor_class.build(
            self._schema,
            node,
            raw_variable_values=variables,
            operation_name=operation_name,
            context_value=self._context(caller),
            max_coercion_errors=_TOLD_ERRORS,
            hide_suggestions=not self._documents.suggestions,
        )
        if isinstance(executor, list):  # The variables could not be read.
            raise RequestRefused(self._told(executor, caller))
        found = create_source_event_stream(executor)
        events: Any = await found if isawaitable(found) else found
        if isinstance(events, ExecutionResult):
            raise RequestRefused(self._told(events.errors or (), caller))
        return cast("Stream", events)

    def _told(self, errors: Sequence[GraphQLError], caller: Caller) -> list[dict[str, Any]]:
        """Errors as a caller may see them."""
        told = [formatted(error) for error in errors]
        return self._messages.masked(told) if told and is_masked(caller.rights) else told

    async def _answer(self, request: Request, operation_name: str | None, caller: Caller) -> dict[str, Any]:
        context = self._context(caller)
        if self._compiled is not None:
            done: dict[str, Any] = {}
            try:
                if request.operation.operation is OperationType.MUTATION:
                    return {"data": await self._compiled.mutation(request, context.services, caller, done)}
                return {"data": await self._compiled.query(request)}
            except Failed as failed:
                return {"data": None, "errors": self._told([failed.error], caller)}
            except Declined as declined:
                # Not the reason: one of a wrong argument has its value.
                log.debug("answered without a plan")
                context.done = done
                if declined.fault is not None:
                    context.fail(declined.fault)
        variables = dict(request.given) if request.given is not None else None
        aside = _asks_of_schema_alone(request.operation)
        return await self._ordinary(request.document, variables, operation_name, caller, context, aside=aside)

    async def _ordinary(
        self,
        node: DocumentNode,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        caller: Caller,
        context: Context,
        event: Mapping[str, Any] | None = None,
        *,
        aside: bool = False,
    ) -> dict[str, Any]:
        execution = partial(
            execute,
            self._schema,
            node,
            event,
            variable_values=variables,
            operation_name=operation_name,
            context_value=context,
            executor_class=self._executor_class,
            max_coercion_errors=_TOLD_ERRORS,
            hide_suggestions=not self._documents.suggestions,
        )
        if aside:
            result = await asyncio.get_running_loop().run_in_executor(self._of_schema, execution)
        else:
            result = execution()
        answer = result if isinstance(result, ExecutionResult) else await result
        errors = self._told(answer.errors or (), caller)
        # Errors without a path, and no data: the variables could not be read, and nothing was executed.
        if answer.data is None and errors and not any("path" in error for error in errors):
            raise RequestRefused(errors)
        return {"data": answer.data} | ({"errors": errors} if errors else {})


def _asks_of_schema_alone(operation: OperationDefinitionNode) -> bool:
    """All of the schema takes a tenth of a second, in which nothing is waited for; others need not wait."""
    names = {one.name.value if isinstance(one, FieldNode) else "" for one in operation.selection_set.selections}
    return names <= {"__schema", "__type", "__typename"} and names != {"__typename"}


def explanation(types: Types, compiled: Compiled, query: str, variables: dict[str, Any] | None) -> str:
    """How a document would be answered. Raises RequestRefused where it would not."""
    chosen = Documents(types).chosen(query, None)
    request = Request(chosen.document, chosen.operation, variables, chosen.plans, ALL_RIGHTS)
    return "\n\n".join(explained(compiled, request))
