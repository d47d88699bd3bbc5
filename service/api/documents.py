"""Documents: parsed, measured and validated once for each text, and kept with what was found out about them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)

from service.api.costs import Price, Weights
from service.api.errors import BAD_REQUEST, DOCUMENT_NOT_TRUSTED, PARSE_FAILED, VALIDATION_FAILED, formatted
from service.api.limits import DocumentRefused, check_text, measured
from service.api.policy.needs import Needs
from service.api.refusing import RequestRefused
from service.bounds import Bounds
from service.errors import BadInput
from service.reads.compiled import Plans
from service.reads.types import Types

_CACHED_DOCUMENTS: Final = 1000
_CACHED_REFUSED: Final = 100
_SHORT: Final = 300
"""Characters; checking so few takes some milliseconds at most, and others wait for them."""
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


_UNTRUSTED: Final = Document(
    None,
    (
        {
            "message": "Only documents of a manifest are answered here. Ask for one of them, by text or by id.",
            "extensions": {"code": DOCUMENT_NOT_TRUSTED},
        },
    ),
)


class Documents:
    """The documents that were asked lately, so that each is parsed and validated once."""

    def __init__(
        self,
        types: Types,
        bounds: Bounds | None = None,
        *,
        trusted: Mapping[str, str] | None = None,
        introspection: bool = True,
        suggestions: bool = True,
    ) -> None:
        """With `trusted`, by their ids, no others are taken; raises BadInput where one of them is wrong."""
        self.bounds = bounds or Bounds()
        self.trusted = trusted
        self.suggestions = suggestions
        self._schema = types.schema
        self._weights = Weights(types)
        self._rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._cache: OrderedDict[str, Document] = OrderedDict()
        self._refused: OrderedDict[str, Document] = OrderedDict()
        self._one_by_one = ThreadPoolExecutor(1, "documents")
        self._kept: dict[str, Document] = {}
        for id_, text in (trusted or {}).items():
            document = self._kept[text] = self._checked(text)
            if document.errors:
                raise BadInput(id_, f"not a document that can be answered: {document.errors[0]['message']}")

    @property
    def trusted_names(self) -> frozenset[str]:
        """The names of the operations of the manifest, if there is one: they are as few as its documents."""
        nodes = [document.node for document in self._kept.values() if document.node is not None]
        return frozenset(
            one.name.value
            for node in nodes
            for one in node.definitions
            if isinstance(one, OperationDefinitionNode) and one.name
        )

    def known(self, query: str) -> bool:
        """Whether nothing has to be found out about a query text any more."""
        return self.trusted is not None or query in self._cache or query in self._refused

    async def check(self, query: str) -> None:
        """Finds out about a query text; a long one's turn does not stop what else goes on."""
        if len(query) <= _SHORT or self.known(query):
            self.get(query)
            return
        loop = asyncio.get_running_loop()
        self._keep(query, await loop.run_in_executor(self._one_by_one, self._checked, query))

    def get(self, query: str) -> Document:
        """The document of a query text."""
        if self.trusted is not None:
            return self._kept.get(query) or _UNTRUSTED
        document = self._cache.get(query)
        if document is not None:
            self._cache.move_to_end(query)
            return document
        return self._refused.get(query) or self._keep(query, self._checked(query))

    def _keep(self, query: str, document: Document) -> Document:
        # Those that are refused are kept apart, so that they drive no others out.
        kept, most = (self._refused, _CACHED_REFUSED) if document.errors else (self._cache, _CACHED_DOCUMENTS)
        if len(query) <= _MAX_CACHED_CHARACTERS:
            kept[query] = document
            if len(kept) > most:
                kept.popitem(last=False)
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

    def _checked(self, query: str) -> Document:
        try:
            check_text(query, self.bounds)
            node = parse(query, max_tokens=self.bounds.tokens)
            found = measured(node, self._weights, self.bounds)
        except DocumentRefused as refused:
            return Document(None, (refused.error,))
        except GraphQLError as error:
            return Document(None, (formatted(error, PARSE_FAILED),))
        errors = validate(self._schema, node, self._rules, max_errors=20, hide_suggestions=not self.suggestions)
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
