"""Requests that want to cost much: what each is, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

PROFILE = """{ customer(by: {cookie: "c"}) { id state displayName identifiers { kind value }
  attributes { name value } touchpoints(first: 10) { nodes { occurredAt type channel page { title } } }
  orders { nodes { orderNumber status } } } }"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
BATCH = """mutation ($input: RecordTouchpointsInput!) { recordTouchpoints(input: $input) {
  results { duplicate } } }"""
TEN_MEGABYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attack:
    """A sort of request, each with another text, so that nothing is known from the one before."""

    name: str
    body: Callable[[int], bytes]
    code: str
    bound: str | None = None
    status: int = 400


def _query(text: str, variables: bytes = b"{}") -> Callable[[int], bytes]:
    return lambda number: b'{"query":%b,"variables":%b}' % (orjson.dumps(f"{text} #{number}"), variables)


def _too_large(name: str, bound: str, text: str, variables: bytes = b"{}") -> Attack:
    return Attack(name, _query(text, variables), "REQUEST_TOO_LARGE", bound)


def _chain(count: int, spread: str, last: str) -> str:
    """Fragments, each with this in it, `{}` for the next one's number."""
    links = "".join(f"fragment f{n} on Query {{ {spread.format(n + 1)} }}" for n in range(count))
    return f"{{ ...f0 }} {links} fragment f{count} on Query {{ {last} }}"


CUSTOMER = 'customer(by: {cookie: "c"})'
ATTACKS = (
    _too_large("fragments that double 90 times", "fields", _chain(90, "...f{0} ...f{0}", "__typename")),
    Attack(
        "circular fragments",
        _query("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a ...a }"),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    _too_large("one field 300 times", "repeats", "{" + " __typename" * 300 + "}"),
    _too_large("one customer 150 times", "repeats", "{" + f" {CUSTOMER} {{ id }}" * 150 + "}"),
    _too_large("600 aliases", "aliases", "{" + "".join(f" a{n}: __typename" for n in range(600)) + "}"),
    _too_large("fields 600 deep", "nesting", "{a" * 600 + "}" * 600),
    _too_large("lists 900 deep", "nesting", "{ a(b: " + "[" * 900 + "]" * 900 + ") }"),
    _too_large("objects 400 deep", "nesting", "{ a(b: " + "{c:" * 400 + "1" + "}" * 400 + ") }"),
    _too_large("15,000 fields", "tokens", "{" + "a " * 9_900 + "}"),
    _too_large("a string without an end", "characters", '{ a(b: "' + '\\"' * 100_000),
    _too_large("19,000 quotes", "tokens", '"' * 19_000),
    _too_large("250 directives", "directives", "{ a" + " @skip(if: true)" * 250 + "}"),
    _too_large("200 operations", "operations", "".join(f"query q{n} {{ a }} " for n in range(200))),
    Attack(
        "pages on pages on pages",
        _query(
            "{ customers(first: 100) { nodes { touchpoints(first: 100) { nodes { id identifiers { customer {"
            " deals(first: 100) { nodes { id } } } } } } } } }"
        ),
        "COST_LIMIT_EXCEEDED",
    ),
    Attack(
        "the whole schema six times",
        _query("{" + "".join(f" a{n}: __schema {{ types {{ name }} }}" for n in range(6)) + "}"),
        "COST_LIMIT_EXCEEDED",
    ),
    _too_large("4 MB of numbers", "values", NODES, b'{"ids":[' + b"1," * 2_000_000 + b"1]}"),
    _too_large("4 MB of lists", "values", NODES, b'{"ids":[' + b"[]," * 1_300_000 + b"[]]}"),
    _too_large("5,000 ids that are none", "items", NODES, b'{"ids":[' + b"1.5," * 5_000 + b"1.5]}"),
    _too_large("5,000 touchpoints", "items", BATCH, b'{"input":{"items":[' + b"{}," * 5_000 + b"{}]}}"),
    _too_large("variables 900 deep", "value_depth", NODES, b'{"ids":' + b"[" * 900 + b"]" * 900 + b"}"),
    Attack("variables 100,000 deep", _query(NODES, b'{"ids":' + b"[" * 100_000), "BAD_REQUEST"),
    Attack("10 MB", lambda _number: b'{"query":"' + b" " * TEN_MEGABYTES, "BAD_REQUEST", status=413),
    Attack("ten requests in one", lambda _number: orjson.dumps([{"query": PROFILE}] * 10), "BAD_REQUEST"),
)
