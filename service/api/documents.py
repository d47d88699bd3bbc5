"""Documents: parsed, measured and validated once for each text, and kept with what was found out about them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, parse, validate

from service.api.admission import RequestRefused
from service.api.costs import Price, Weights
from service.api.errors import BAD_REQUEST, PARSE_FAILED, VALIDATION_FAILED, formatted
from service.api.limits import Bounds, DocumentRefused, check_text, measured
from service.api.policy.needs import Needs
from service.reads.compiled import Plans
from service.reads.types import Types

_CACHED_DOCUMENTS: Final = 1000
_MAX_CACHED_CHARACTERS: Final = 20_000
"""Of a document; longer ones, where they are allowed, are checked each time."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed and validated document, or why it is not one."""

    node: DocumentNode | None
    errors: tuple[dict[str, Any], ...] = ()
    prices: Mapping[int, Price] = field(default_factory=dict)
    """What its operations cost, by their ids."""
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
    price: Price


class Documents:
    """The documents that were asked lately, so that each is parsed and validated once."""

    def __init__(self, types: Types, bounds: Bounds | None = None) -> None:
        self._schema = types.schema
        self._weights = Weights(types)
        self.bounds = bounds or Bounds()
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
        return Chosen(document.node, one, document.plans, needs, document.prices[id(one)])

    def is_stream(self, query: str) -> bool:
        """Whether a document has a subscription, which only a stream can answer."""
        node = self.get(query).node
        return node is not None and any(
            isinstance(one, OperationDefinitionNode) and one.operation is OperationType.SUBSCRIPTION
            for one in node.definitions
        )

    def _checked(self, query: str) -> Document:
        try:
            check_text(query, self.bounds)
            node = parse(query, max_tokens=self.bounds.tokens)
            found = measured(node, self._weights, self.bounds)
        except DocumentRefused as refused:
            return Document(None, (refused.error,))
        except GraphQLError as error:
            return Document(None, (formatted(error, PARSE_FAILED),))
        errors = validate(self._schema, node, max_errors=20)
        return Document(node, tuple(formatted(error, VALIDATION_FAILED) for error in errors), found.prices)


def operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation to execute; raises RequestRefused."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) == 1:
        return operations[0]
    reason = f"There is no operation {name!r}." if name is not None else "Name one operation with operationName."
    raise RequestRefused([{"message": reason, "extensions": {"code": BAD_REQUEST}}])
