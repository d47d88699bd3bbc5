"""From a document to an answer: parsed and validated once, then executed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)

from service.api.context import Context
from service.api.errors import BAD_REQUEST, PARSE_FAILED, VALIDATION_FAILED, formatted

_CACHED_DOCUMENTS: Final = 1000
_MAX_CACHED_CHARACTERS: Final = 20_000
_MAX_TOKENS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed and validated document, or why it is not one."""

    node: DocumentNode | None
    errors: tuple[dict[str, Any], ...] = ()


class RequestRefused(Exception):
    """The request cannot be executed; nothing was."""

    def __init__(self, errors: list[dict[str, Any]], status: int = 400) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status


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

    def _checked(self, query: str) -> Document:
        try:
            node = parse(query, max_tokens=_MAX_TOKENS)
        except GraphQLError as error:
            return Document(None, (formatted(error, PARSE_FAILED),))
        errors = validate(self._schema, node, max_errors=20)
        return Document(node, tuple(formatted(error, VALIDATION_FAILED) for error in errors))


def operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation to execute; raises RequestRefused."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) == 1:
        return operations[0]
    reason = f"There is no operation {name!r}." if name is not None else "Name one operation with operationName."
    raise RequestRefused([{"message": reason, "extensions": {"code": BAD_REQUEST}}])


async def run(
    schema: GraphQLSchema,
    documents: Documents,
    context: Context,
    *,
    query: str,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    may_write: bool,
) -> dict[str, Any]:
    """Executes a request; the answer has `data`, and `errors` where fields failed.

    Raises:
        RequestRefused: the document or its variables are wrong, or it writes where it must not.
    """
    document = documents.get(query)
    if document.errors or document.node is None:
        raise RequestRefused(list(document.errors))
    chosen = operation(document.node, operation_name)
    if chosen.operation is OperationType.MUTATION and not may_write:
        reason = "A mutation needs the method POST."
        raise RequestRefused([{"message": reason, "extensions": {"code": BAD_REQUEST}}], status=405)
    result = execute(
        schema,
        document.node,
        variable_values=variables,
        operation_name=operation_name,
        context_value=context,
    )
    answer = result if isinstance(result, ExecutionResult) else await result
    errors = [formatted(error) for error in answer.errors or ()]
    # Errors without a path, and no data: the variables could not be read, and nothing was executed.
    if answer.data is None and errors and not any("path" in error for error in errors):
        raise RequestRefused(errors)
    return {"data": answer.data} | ({"errors": errors} if errors else {})
