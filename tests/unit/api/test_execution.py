from __future__ import annotations

import logging
from typing import Any, cast

import pytest

from service.access.models import OPERATOR
from service.api import documents as documents_
from service.api.admission import Admission
from service.api.context import Context
from service.api.documents import Documents
from service.api.execution import Executor
from service.api.refusing import RequestRefused
from service.bounds import Bounds
from service.reads.types import Types
from tests.unit.api import tiny
from tests.unit.api.tiny import SCHEMA, SECRET

CONTEXT = cast("Context", None)
TYPES = Types(SCHEMA, {})


async def ask(
    query: str, variables: dict[str, Any] | None = None, name: str | None = None, *, may_write: bool = True
) -> dict[str, Any]:
    executor = Executor(TYPES, lambda _caller: CONTEXT, None, Admission(5))
    answer = await executor.run(
        query=query, variables=variables, operation_name=name, caller=OPERATOR, may_write=may_write
    )
    assert answer.pop("extensions")["cost"]["limit"] == 100_000
    return answer


async def refusal(
    query: str, variables: dict[str, Any] | None = None, name: str | None = None, *, may_write: bool = True
) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        await ask(query, variables, name, may_write=may_write)
    return caught.value


async def error(query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """The only error of a request that was refused for it."""
    (only,) = (await refusal(query, variables)).errors
    return only


async def test_a_query_is_answered_without_errors_where_none_are() -> None:
    assert await ask("{ hello }") == {"data": {"hello": "Hello, world!"}}
    assert await ask("query($n: String!) { hello(name: $n) }", {"n": "Ann"}) == {"data": {"hello": "Hello, Ann!"}}


async def test_a_syntax_error_has_its_code_and_place() -> None:
    found = await error("{\n  hello(")
    assert found["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert found["message"].startswith("Syntax Error: ")
    assert found["locations"] == [{"line": 2, "column": 9}]


@pytest.mark.parametrize(
    "query", ["{" * 5000, "{ a" * 3000, "{ hello(name: " + "[" * 4000, "{" + "a " * 20_000 + "}"]
)
async def test_a_document_that_is_too_deep_or_too_long_is_not_parsed(query: str) -> None:
    assert (await error(query))["extensions"]["code"] == "REQUEST_TOO_LARGE"


async def test_what_the_schema_does_not_have_is_a_validation_error() -> None:
    found = await refusal("{ helo nope }")
    assert found.status == 400
    assert [one["extensions"]["code"] for one in found.errors] == ["GRAPHQL_VALIDATION_FAILED"] * 2
    assert [one["locations"] for one in found.errors] == [[{"line": 1, "column": 3}], [{"line": 1, "column": 8}]]


async def test_of_many_validation_errors_some_twenty_are_told() -> None:
    found = await refusal("{" + " ".join(f"nope{number}" for number in range(200)) + "}")
    assert 20 <= len(found.errors) <= 21


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ('{ sameTime(at: "noon") }', "a DateTime is ISO 8601 with an offset"),
        ('{ sameTime(at: "2026-03-01T12:00:00") }', "a DateTime is ISO 8601 with an offset"),
        ("{ sameAmount(amount: 19.9) }", "a Decimal is a number as a string"),
        ('{ sameAmount(amount: "x") }', "a Decimal is a number as a string"),
    ],
)
async def test_a_malformed_scalar_in_the_document_says_what_would_be_right(
    query: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = await error(query)
    assert found["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert reason in found["message"]
    # A client's mistake is no fault of the service.
    assert caplog.records == []


@pytest.mark.parametrize(
    ("query", "variables", "reason"),
    [
        ("query($t: DateTime!) { sameTime(at: $t) }", {"t": "noon"}, "a DateTime is ISO 8601 with an offset"),
        ("query($a: Decimal!) { sameAmount(amount: $a) }", {"a": 19.9}, "a Decimal is a number as a string"),
        ("query($n: String!) { hello(name: $n) }", {"n": 7}, "String cannot represent a non string value"),
        ("query($n: String!) { hello(name: $n) }", {}, "non-null"),
        ("query($n: String!) { hello(name: $n) }", None, "non-null"),
    ],
)
async def test_a_variable_that_cannot_be_read_is_bad_input_and_nothing_is_executed(
    query: str, variables: dict[str, Any] | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = await error(query, variables)
    assert found["extensions"] == {"code": "BAD_USER_INPUT"}
    assert reason in found["message"]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ sameJson(value: {a: [1, 2.5, null, true, "x"]}) }', None),
        ("query($v: JSON!) { sameJson(value: $v) }", {"v": {"a": [1, 2.5, None, True, "x"]}}),
        ("query($v: JSON) { sameJson(value: {a: $v}) }", {"v": [1, 2.5, None, True, "x"]}),
    ],
)
async def test_json_is_the_same_as_literal_variable_and_in_between(
    query: str, variables: dict[str, Any] | None
) -> None:
    assert await ask(query, variables) == {"data": {"sameJson": {"a": [1, 2.5, None, True, "x"]}}}


async def test_of_several_operations_one_must_be_named() -> None:
    document = 'query A { hello } query B { hello(name: "B") }'
    assert await ask(document, name="B") == {"data": {"hello": "Hello, B!"}}
    for name, message in ((None, "Name one operation with operationName."), ("C", "There is no operation 'C'.")):
        found = await refusal(document, name=name)
        assert found.status == 400
        assert found.errors == [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]


async def test_the_only_operation_is_not_found_by_another_name() -> None:
    found = await refusal("{ hello }", name="A")
    assert found.errors[0]["message"] == "There is no operation 'A'."


async def test_a_mutation_is_not_carried_out_where_it_may_not_write() -> None:
    tiny.written.clear()
    document = 'mutation Write { write(text: "a") } query Read { hello }'
    found = await refusal(document, name="Write", may_write=False)
    assert found.status == 405
    assert found.errors == [
        {"message": "A mutation needs the method POST.", "extensions": {"code": "BAD_REQUEST"}}
    ]
    assert tiny.written == []
    assert await ask(document, name="Read", may_write=False) == {"data": {"hello": "Hello, world!"}}
    assert await ask(document, name="Write") == {"data": {"write": "a"}}
    assert tiny.written == ["a"]


@pytest.mark.parametrize("field", ["broken", "timedOut"])
async def test_what_a_resolver_raised_stays_in_the_log(field: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = await ask(f"{{ {field} hello }}")
    assert answer == {
        "data": {field: None, "hello": "Hello, world!"},
        "errors": [
            {
                "message": "Something went wrong inside the service.",
                "locations": [{"line": 1, "column": 3}],
                "path": [field],
                "extensions": {"code": "INTERNAL"},
            }
        ],
    }
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.ERROR, f"a resolver failed: {field}")
    assert record.exc_info is not None
    assert SECRET in str(record.exc_info[1])


async def test_a_value_that_the_service_owes_is_its_own_fault() -> None:
    answer = await ask("{ missing }")
    assert answer["data"] is None
    (found,) = answer["errors"]
    assert found["extensions"] == {"code": "INTERNAL"}
    assert found["path"] == ["missing"]


async def test_an_error_of_the_service_has_its_own_code_and_message(caplog: pytest.LogCaptureFixture) -> None:
    answer = await ask("{ refused unavailable }")
    assert answer["data"] == {"refused": None, "unavailable": None}
    by_path = {found["path"][0]: found for found in answer["errors"]}
    assert by_path["refused"]["message"] == "first: from 1 to 100 at once"
    assert by_path["refused"]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert by_path["unavailable"]["extensions"] == {"code": "UNAVAILABLE"}
    assert SECRET not in str(answer)
    # The graph's client has logged the cause, without values; a log of each request would only repeat it.
    assert caplog.records == []


def test_a_document_is_parsed_and_validated_once() -> None:
    documents = Documents(TYPES)
    assert documents.get("{ hello }") is documents.get("{ hello }")
    assert documents.get("{ nope }") is documents.get("{ nope }")
    assert documents.get("{ hello }") is not documents.get("{hello}")


def test_a_very_long_document_is_not_kept() -> None:
    documents = Documents(TYPES, Bounds(characters=30_000))
    within = "{ hello }" + "#" * (20_000 - len("{ hello }"))
    assert documents.get(within) is documents.get(within)
    assert documents.get(within + "#") is not documents.get(within + "#")


def test_the_document_that_was_not_asked_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_, "_CACHED_DOCUMENTS", 2)
    documents = Documents(TYPES)
    first, second = documents.get("{ hello } #1"), documents.get("{ hello } #2")
    assert documents.get("{ hello } #1") is first
    documents.get("{ hello } #3")
    assert documents.get("{ hello } #1") is first
    assert documents.get("{ hello } #2") is not second
