"""Manifests of trusted documents, what is asked by them, and what is told of the schema by setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from service.access.models import OPERATOR
from service.api.admission import Admission
from service.api.context import Context
from service.api.documents import Documents
from service.api.execution import Executor
from service.api.refusing import RequestRefused
from service.api.trusted import ManifestWrong, manifest
from service.errors import BadInput
from service.reads.types import Types
from tests.unit.api.tiny import SCHEMA

TYPES = Types(SCHEMA, {})
HELLO = "query Hello { hello }"


def written(folder: Path, content: object) -> Path:
    path = folder / "manifest.json"
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


def apollo(*operations: Any, **changed: Any) -> dict[str, Any]:
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations} | changed


def test_both_forms_of_manifests_are_read(tmp_path: Path) -> None:
    one = {"id": "abc", "name": "Hello", "type": "query", "body": HELLO}
    assert manifest(written(tmp_path, apollo(one))) == {"abc": HELLO}
    assert manifest(written(tmp_path, {"abc": HELLO, "d": "{ a }"})) == {"abc": HELLO, "d": "{ a }"}
    # One that happens to have an operation of that name.
    assert manifest(written(tmp_path, {"format": HELLO})) == {"format": HELLO}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "is not JSON: "),
        (b"[]", "needs "),
        ({}, "has no documents, so nothing could be asked."),
        ({"a": 5}, "needs "),
        ({"": HELLO}, "needs "),
        (apollo(), "has no documents, so nothing could be asked."),
        (apollo(version=2), "needs "),
        (apollo(format="other"), "needs "),
        (apollo({"id": "a"}), "needs "),
        (apollo("a"), "needs "),
        (apollo({"id": "a", "body": "{ a }"}, {"id": "a", "body": "{ b }"}), "has two documents with the id 'a'."),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong(tmp_path: Path, content: object, reason: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ManifestWrong) as caught:
        manifest(path)
    assert caught.value.message.startswith(f"TRUSTED_DOCUMENTS: {path}: {reason}")


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestWrong, match=r"nothing\.json: cannot be read: No such file or directory\.$"):
        manifest(tmp_path / "nothing.json")


@pytest.mark.parametrize("text", ["{ nope }", "{", "{ hello" + " hello" * 30 + " }"])
def test_a_trusted_document_that_cannot_be_answered_is_told_at_the_start(text: str) -> None:
    with pytest.raises(BadInput, match=r"^bad: not a document that can be answered: "):
        Documents(TYPES, trusted={"good": HELLO, "bad": text})


def test_the_operations_of_a_manifest_may_be_named_by_logs_and_metrics() -> None:
    two = "query One { hello } query Two { hello }"
    assert Documents(TYPES, trusted={"a": HELLO, "b": two, "c": "{ hello }"}).trusted_names == {
        "Hello",
        "One",
        "Two",
    }
    assert Documents(TYPES).trusted_names == frozenset()


def executor(**settings: Any) -> Executor:
    documents = Documents(TYPES, **settings)
    return Executor(TYPES, lambda _caller: cast("Context", None), None, Admission(5), documents)


async def run(executor: Executor, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    return await executor.run(
        query=query, variables=variables, operation_name=None, caller=OPERATOR, may_write=True
    )


async def error(executor: Executor, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    with pytest.raises(RequestRefused) as caught:
        await run(executor, query, variables)
    return caught.value.errors[0]


async def test_no_others_are_answered() -> None:
    only = executor(trusted={"abc": HELLO})
    assert only.text("", "abc", is_hash=False) == only.text("", "abc", is_hash=True) == HELLO
    assert only.text(HELLO, "xyz", is_hash=True) == HELLO
    assert (await run(only, HELLO))["data"] == {"hello": "Hello, world!"}
    for other in (HELLO + " ", "{ hello }", "{ __schema { types { name } } }", "{"):
        assert (await error(only, other))["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}
    with pytest.raises(RequestRefused, match="There is no trusted document with the id 'xyz'") as caught:
        only.text("", "xyz", is_hash=True)
    assert caught.value.errors[0]["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}


def test_without_a_manifest_a_named_document_is_refused_so_that_clients_send_its_text() -> None:
    every = executor()
    for is_hash, message, code in (
        (True, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED"),
        (False, "documentId: there is no manifest of documents here; send the text as query.", "BAD_REQUEST"),
    ):
        with pytest.raises(RequestRefused) as caught:
            every.text("", "abc", is_hash=is_hash)
        assert caught.value.errors == [{"message": message, "extensions": {"code": code}}]


async def test_what_is_asked_of_the_schema_is_refused_by_setting() -> None:
    shut = executor(introspection=False)
    for query, field in (
        ("{ __schema { queryType { name } } }", "__schema"),
        ('{ hello a: __type(name: "Query") { name } }', "__type"),
        ("{ ...F } fragment F on Query { __schema { types { name } } }", "__schema"),
    ):
        found = await error(shut, query)
        assert found["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
        assert found["message"] == (
            f"GraphQL introspection has been disabled, but the requested query contained the field '{field}'."
        )
    assert (await run(shut, "{ __typename hello }"))["data"] == {"__typename": "Query", "hello": "Hello, world!"}
    answer = await run(executor(), "{ __schema { queryType { name } } }")
    assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert answer["extensions"]["cost"]["requested"] == 20_000


async def test_what_may_have_been_meant_is_told_by_setting() -> None:
    for query, variables in (
        ("{ helo }", None),
        ('{ hello(nam: "a") }', None),
        ("{ hello { __typenam } }", None),
    ):
        told, silent = (
            await error(executor(), query, variables),
            await error(executor(suggestions=False), query, variables),
        )
        assert "Did you mean" not in silent["message"]
        assert told["message"].startswith(silent["message"].rstrip("."))
    assert "Did you mean 'hello'?" in (await error(executor(), "{ helo }"))["message"]
