"""Sends random operations to a service, and keeps what it should not have answered."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Self

import graphql as g
import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.aiming import Known
from tests.fuzz.operations import SHAPED_ALIKE, Operation, Operations
from tests.fuzz.reducing import reduced

FAULTS: Final = frozenset({"INTERNAL", "DEADLINE_EXCEEDED", "UNAVAILABLE", "OVERLOADED", "CONFLICT"})
_BATCH: Final = 64
"""Operations of one seed: so that a finding is come by again without all that went before."""
_TOLD_EVERY: Final = 8
_TRIES: Final = 5

_SEED_WORLD: Final = """mutation {
  a: recordTouchpoint(input: {messageId: "fuzz-a", type: "page_view", channel: "web", page: {url: "https://e.org/"},
    identifiers: [{kind: "cookie", value: "c1"}, {kind: "email", value: "ann@example.org"}]}) { customer { id } }
  b: recordTouchpoint(input: {messageId: "fuzz-b", type: "call", channel: "phone",
    identifiers: [{kind: "phone", value: "+49 30 1234567"}]}) { customer { id identifiers { kind value } } }
  c: recordOrder(input: {messageId: "fuzz-c", orderNumber: "1", channel: "web",
    total: {amount: "19.90", currency: "EUR"}, identifiers: [{kind: "cookie", value: "c1"}]}) { order { id } }
  d: createDeal(input: {by: {cookie: "c1"}, title: "Sedan"}) { deal { id pipeline { id stages { id } } } }
  e: createLead(input: {title: "F", source: "web", identifiers: [{kind: "cookie", value: "c2"}]}) { lead { id } }
  f: createTask(input: {title: "Call"}) { task { id } }
  g: openTicket(input: {by: {cookie: "c1"}, subject: "Broken", channel: "email"}) { ticket { id } }
  h: upsertAccount(input: {name: "Acme", domain: "acme.example"}) { account { id } }
  i: identifyCustomer(input: {messageId: "fuzz-i", source: "crm", attributes: {name: "Ann Smith"},
    identifiers: [{kind: "email", value: "ann@example.org"}]}) {
      customer { id identifiers { kind value } identityHistory { edges { cursor node { id } } } } }
}"""


@dataclass(frozen=True, slots=True)
class Finding:
    """An operation that was answered as none should be."""

    what: str
    seed: int
    operation: Operation
    answer: str

    def __str__(self) -> str:
        body = self.operation.body
        text = body.decode() if len(body) < 6_000 else f"{body[:3_000].decode()}… ({len(body)} bytes)"
        return f"{self.what} (seed {self.seed})\n{self.operation.query[:3_000]}\n{text}\n{self.answer[:1_000]}\n"


@dataclass(slots=True)
class Tally:
    """What was answered, by code; `data` is an answer without an error."""

    codes: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    """How often each root field was answered with data."""
    slowest: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)


class Hunt:
    """Operations sent to one service, one after another."""

    def __init__(self, address: str, schema: g.GraphQLSchema, tell: Callable[[str], None]) -> None:
        """`tell` is called with findings, and how far it is."""
        self._http = httpx.Client(base_url=address, timeout=120)
        self._tell = tell
        self._known = Known()
        self._operations = Operations(schema, self._known)
        self.tally = Tally()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    @property
    def fields(self) -> list[str]:
        """All queries and mutations."""
        return self._operations.fields

    def run(self, operations: int, first_seed: int) -> Tally:
        """Sends so many; a finding of one sort is kept once, as small as it gets."""
        self._learn_world()
        done, number = 0, first_seed
        while done < operations:
            count = min(operations - done, _BATCH)
            self._batch(count, number)
            done, number = done + count, number + 1
            if number % _TOLD_EVERY == 0:
                self._tell(f"{done} sent")
        return self.tally

    def _learn_world(self) -> None:
        for _ in range(_TRIES):  # The first statements of an engine take it long.
            answer = self._http.post("/graphql", json={"query": _SEED_WORLD}).json()
            if "errors" not in answer:
                break
        assert "errors" not in answer, answer
        self._known.learn(answer["data"])

    def _batch(self, count: int, number: int) -> None:
        @seed(number)
        @settings(
            max_examples=max(1, count // SHAPED_ALIKE),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self._operations.strategy(number))
        def sent(operations: list[Operation]) -> None:
            for operation in operations:
                self._try(operation, number)

        sent()

    def _try(self, operation: Operation, number: int) -> None:
        started = time.monotonic()
        codes, answer, text = self._sent(operation)
        took = time.monotonic() - started
        self.tally.slowest = max(self.tally.slowest, took)
        self.tally.codes.update(codes)
        if answer is not None and isinstance(answer.get("data"), dict):
            self.tally.done.update(name for name, one in answer["data"].items() if one is not None)
            self._known.learn(answer["data"])
        faults = sorted(codes & FAULTS)
        if not faults:
            return
        what = f"{' '.join(faults)} of {_root(operation)}"
        if what in self.tally.findings:
            return
        finding = Finding(what, number, operation, text)
        self.tally.findings[what] = finding
        smallest = reduced(operation, lambda one: bool(self._sent(one)[0] & {*faults}))
        self.tally.findings[what] = Finding(what, number, smallest, text)
        self._tell(f"--- {self.tally.findings[what]}")

    def _sent(self, operation: Operation) -> tuple[set[str], dict[str, Any] | None, str]:
        """The codes of an answer, the answer, and its text; what is not an answer of GraphQL is INTERNAL."""
        try:
            response = self._http.post(
                "/graphql", content=operation.body, headers={"Content-Type": "application/json"}
            )
        except httpx.HTTPError as error:
            return {"INTERNAL"}, None, f"no answer: {error!r}"
        try:
            answer = response.json()
            errors = answer.get("errors", [])
            codes = {str(one["extensions"]["code"]) for one in errors}
        except (json.JSONDecodeError, KeyError, AttributeError, UnicodeDecodeError):
            return {"INTERNAL"}, None, f"{response.status_code} {response.text}"
        if response.status_code >= 500:
            codes.add("INTERNAL" if not codes & FAULTS else f"HTTP {response.status_code}")
        return codes or {"data"}, answer, f"{response.status_code} {response.text}"


def _root(operation: Operation) -> str:
    (definition,) = operation.document.definitions
    assert isinstance(definition, g.OperationDefinitionNode)
    first = definition.selection_set.selections[0]
    return first.name.value if isinstance(first, g.FieldNode) else "a fragment"
