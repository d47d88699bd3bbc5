"""GraphQL over HTTP: what is wrong with a request gets a clear answer with a code, and nothing inside leaks."""

from __future__ import annotations

import re
from typing import Any

import httpx
import orjson
import pytest

from tests.acceptance.conftest import Client, touch

pytestmark = pytest.mark.front

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
NAME = "{ __typename }"
MUTATION = 'mutation { moveDeal(input: {dealId: "x", stageId: "y"}) { userErrors { code } } }'


def only_error(response: httpx.Response) -> dict[str, Any]:
    """The error of an answer that is nothing but one error, with a code."""
    answer = response.json()
    assert list(answer) == ["errors"]
    (error,) = answer["errors"]
    assert isinstance(error["extensions"]["code"], str)
    assert error["message"]
    found: dict[str, Any] = error
    return found


async def post(client: Client, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return await client.http.post("/graphql", content=content, headers={"content-type": LEGACY} | headers)


# Wrong requests


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/graphql", "multipart/form-data", "", "application/json; charset=latin-1"]
)
async def test_another_content_type_is_415(client: Client, kind: str) -> None:
    response = await post(client, {"query": NAME}, **{"content-type": kind})
    assert response.status_code == 415
    assert response.headers["accept"] == LEGACY
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


async def test_content_types_that_mean_the_same_are_taken(client: Client) -> None:
    for kind in ("application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"'):
        response = await post(client, {"query": NAME}, **{"content-type": kind})
        assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})


async def test_a_body_that_is_too_large_is_413(client: Client) -> None:
    body = orjson.dumps({"query": NAME + " " * (4 * 1024 * 1024)})

    async def chunks() -> Any:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    for content in (body, chunks()):
        response = await client.http.post("/graphql", content=content, headers={"content-type": LEGACY})
        assert response.status_code == 413
        error = only_error(response)
        assert error["extensions"] == {"code": "BAD_REQUEST"}
        assert error["message"] == "The body is larger than 4194304 bytes. Send less at once."
    assert (await post(client, {"query": NAME})).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_another_method_is_405(client: Client, method: str) -> None:
    response = await client.http.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


async def test_what_we_cannot_answer_in_is_406(client: Client) -> None:
    response = await post(client, {"query": NAME}, accept="text/html, application/xml;q=0.9")
    assert response.status_code == 406
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (MODERN, MODERN),
        (f"{MODERN}, {LEGACY}", MODERN),
        (f"text/html, {LEGACY};q=0.5", LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
    ],
)
async def test_the_answer_is_in_the_type_that_was_asked_for(client: Client, accept: str, kind: str) -> None:
    response = await post(client, {"query": NAME}, accept=accept)
    assert (response.status_code, response.headers["content-type"]) == (200, f"{kind}; charset=utf-8")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b'{"query": "\xff"}',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 5}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 5}',
        b'{"query": "{ __typename }", "extensions": []}',
    ],
)
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_body_that_is_no_request_is_400(client: Client, body: bytes, accept: str) -> None:
    response = await post(client, body, accept=accept)
    assert response.status_code == 400
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


# GET


async def test_a_query_by_get(client: Client) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    id_ = "pip_00000000000070008000000000000001"
    parameters = {"query": query, "variables": orjson.dumps({"id": id_}).decode()}
    response = await client.http.get("/graphql", params=parameters)
    assert (response.status_code, response.json()["data"]) == (200, {"node": {"id": id_}})
    two = {"query": "query A { __typename } query B { b: __typename }", "operationName": "B"}
    assert (await client.http.get("/graphql", params=two)).json()["data"] == {"b": "Query"}
    for wrong in ({}, {"query": NAME, "variables": "{"}, {"query": NAME, "variables": "[]"}):
        response = await client.http.get("/graphql", params=wrong)
        assert response.status_code == 400
        assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_mutation_by_get_is_405(client: Client, accept: str) -> None:
    response = await client.http.get("/graphql", params={"query": MUTATION}, headers={"accept": accept})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert only_error(response)["extensions"] == {"code": "BAD_REQUEST"}
    # A document with both: what counts is the operation that is asked for.
    both = {"query": f"query Q {NAME} {MUTATION.replace('mutation', 'mutation M')}"}
    response = await client.http.get("/graphql", params=both | {"operationName": "Q"})
    assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})
    assert (await client.http.get("/graphql", params=both | {"operationName": "M"})).status_code == 405


# Wrong documents and variables

BY = "query ($by: CustomerBy!) { customer(by: $by) { id } }"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_REQUEST"),
        ({"query": "query A { __typename }", "operationName": "B"}, "BAD_REQUEST"),
        ({"query": "fragment F on Query { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": BY}, "BAD_USER_INPUT"),
        ({"query": BY, "variables": {"by": {"shoe": "44"}}}, "BAD_USER_INPUT"),
        ({"query": BY, "variables": {"by": {"cookie": "a", "email": "b"}}}, "BAD_USER_INPUT"),
        ({"query": BY, "variables": {"by": {}}}, "BAD_USER_INPUT"),
        ({"query": BY, "variables": {"by": {"cookie": None}}}, "BAD_USER_INPUT"),
    ],
)
async def test_a_wrong_document_is_told_by_its_code(client: Client, request_: dict[str, Any], code: str) -> None:
    for accept, status in ((MODERN, 400), (LEGACY, 200)):
        response = await post(client, request_, accept=accept)
        assert response.status_code == status
        assert only_error(response)["extensions"] == {"code": code}


async def test_a_wrong_document_says_where(client: Client) -> None:
    response = await post(client, {"query": "{\n  nothing }"})
    error = only_error(response)
    assert error["locations"] == [{"line": 2, "column": 3}]
    assert error["message"] == "Cannot query field 'nothing' on type 'Query'."


CUSTOMERS = """query ($filter: CustomerFilter, $first: Int! = 1, $after: String) {
  customers(filter: $filter, first: $first, after: $after) { nodes { id } } }"""
TOUCHPOINTS = """query ($first: Int! = 1, $after: String, $by: CustomerBy!) { customer(by: $by) {
  touchpoints(first: $first, after: $after) { nodes { id } } } }"""


@pytest.mark.parametrize(
    ("query", "variables", "start"),
    [
        (CUSTOMERS, {"first": 101}, "first: "),
        (CUSTOMERS, {"first": 0}, "first: "),
        (CUSTOMERS, {"first": -1}, "first: "),
        (CUSTOMERS, {"after": "nonsense"}, "after: "),
        (CUSTOMERS, {"after": ""}, "after: "),
        (CUSTOMERS, {"filter": {"hasIdentifierKind": "shoe"}}, "filter.hasIdentifierKind: "),
        (TOUCHPOINTS, {"first": 101}, "first: "),
        (TOUCHPOINTS, {"after": "bm9uc2Vuc2U"}, "after: "),
        (TOUCHPOINTS, {"by": {"id": "tp_00000000000070008000000000000001"}}, "by.id: "),
        (TOUCHPOINTS, {"by": {"id": "nonsense"}}, "by.id: "),
        (TOUCHPOINTS, {"by": {"email": "no address"}}, "by.email: "),
        (TOUCHPOINTS, {"by": {"cookie": "null"}}, "by.cookie: "),
        (
            TOUCHPOINTS,
            {"by": {"identifier": {"kind": "shoe", "value": "44"}}},
            "by.identifier: There is no kind 'shoe'",
        ),
    ],
)
async def test_a_wrong_argument_is_named(
    client: Client, unique: str, query: str, variables: dict[str, Any], start: str
) -> None:
    cookie = ("cookie", unique)
    await client.data(RECORD, input=touch(unique, "page_view", "web", "2024-05-01T00:00:00Z", cookie))
    variables = ({"by": {"cookie": unique}} if query == TOUCHPOINTS else {}) | variables
    answer = await client.answer(query, **variables)
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"].startswith(start)
    assert error["path"][0] in ("customer", "customers")


RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  userErrors { code message field } touchpoint { id } } }"""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"occurredAt": "2024-05-01T00:00:00"}, " at .occurredAt: "),
        ({"occurredAt": "yesterday"}, " at .occurredAt: "),
        ({"occurredAt": 5}, " at .occurredAt: "),
        ({"direction": "UP"}, " at .direction: "),
        ({"identifiers": [{"kind": "cookie"}]}, " at .identifiers[0]: "),
        ({"extra": 1}, "'extra'"),
    ],
)
async def test_a_malformed_value_fails_the_request_and_is_named(
    client: Client, unique: str, changed: dict[str, Any], told: str
) -> None:
    form = touch(unique, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", unique)) | changed
    error = only_error(await post(client, {"query": RECORD, "variables": {"input": form}}, accept=MODERN))
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert told in error["message"]
    assert (await client.field(BY, by={"cookie": unique})) is None


async def test_an_unknown_kind_of_identifier_is_a_user_error(client: Client, unique: str) -> None:
    form = touch(unique, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", unique), ("shoe_size", "44"))
    payload = await client.field(RECORD, input=form)
    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["identifiers", "1", "kind"])
    assert error["message"].startswith("identifiers.1.kind: there is no kind 'shoe_size'; use one of user_id, ")
    assert payload["touchpoint"] is None


async def test_501_items_are_too_many(client: Client, unique: str) -> None:
    form = touch(unique, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", unique))
    query = """mutation ($input: RecordTouchpointsInput!) { recordTouchpoints(input: $input) {
      results { duplicate } userErrors { code field } } }"""
    payload = await client.field(query, input={"items": [form] * 501})
    assert payload == {"results": [], "userErrors": [{"code": "TOO_MANY", "field": ["items"]}]}


async def test_the_deepest_and_widest_document_is_bounded(client: Client) -> None:
    """Neither a document of many tokens nor fragments in fragments take more than a moment."""
    fragments = "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}\n" for n in range(25))
    for query in ("{" + " a" * 20_000 + "}", "{ ...f0 }\n" + fragments + "fragment f25 on Query { __typename }"):
        response = await client.http.post("/graphql", json={"query": query}, timeout=10)
        assert response.status_code in (200, 400)
        assert response.elapsed.total_seconds() < 5


# Pages beside the API


async def test_probes(client: Client) -> None:
    for path, status in (("/livez", "alive"), ("/readyz", "ready")):
        response = await client.http.get(path)
        assert (response.status_code, response.json()) == (200, {"status": status})
    assert (await client.http.get("/nothing")).status_code == 404


async def test_the_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = await client.http.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert {"graphiql/graphiql.js", "graphiql/graphiql.css"} < set(links)
    for link in links:
        assert not re.match(r"[a-z]+:|/", link), "an address outside, or one that a path prefix breaks"
        if link != "graphql":
            loaded = await client.http.get(f"/{link}")
            assert loaded.status_code == 200
            assert len(loaded.content) > 100
    assert "<script>" not in page.text
    style = (await client.http.get("/graphiql/graphiql.css")).text
    assert not re.search(r"(?:@import|url\()\s*['\"]?(?:https?:)?//", style)


async def test_internals_never_leak(client: Client, unique: str) -> None:
    """Whatever is sent, no answer speaks of the code, the driver or the engine."""
    form = touch(unique, "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", unique))
    odd: list[dict[str, Any]] = [
        {"query": RECORD, "variables": {"input": form | {"properties": {"a": "\x00", "b": 2**63, "c": -1.5e308}}}},
        {"query": RECORD, "variables": {"input": form | {"messageId": "\ufffe" * 201}}},
        {"query": RECORD, "variables": {"input": form | {"occurredAt": "0001-01-01T00:00:00+14:00"}}},
        {"query": RECORD, "variables": {"input": form | {"occurredAt": "9999-12-31T23:59:59-12:00"}}},
        {"query": BY, "variables": {"by": {"cookie": "'; MATCH (n) DETACH DELETE n //"}}},
        {"query": BY, "variables": {"by": {"id": "cus_" + "0" * 33}}},
        {"query": BY, "variables": {"by": {"phone": "+" + "9" * 400}}},
        {
            "query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            "variables": {"ids": ["cus_\x00", "_", "tp_é"]},
        },
        {"query": '{ node(id: 5) { id } a: node(id: "\\u{1F408}") { id } }'},
        {"query": CUSTOMERS, "variables": {"filter": {"attribute": {"name": "\x00", "equals": "\n"}}}},
        {
            "query": CUSTOMERS,
            "variables": {"filter": {"seenFrom": "0001-01-01T00:00:00Z", "ordersAtLeast": 2**31 - 1}},
        },
        {"query": CUSTOMERS, "variables": {"first": 2**31}},
    ]
    for request in odd:
        response = await client.http.post("/graphql", json=request)
        assert response.status_code in (200, 400), request
        answer = response.json()
        assert {error["extensions"]["code"] for error in answer.get("errors", ())} <= {"BAD_USER_INPUT"}, answer
        assert not re.search(
            r"Traceback|\.py|neo4j|arcade|bolt|Cypher|0x[0-9a-f]{6}", response.text, re.IGNORECASE
        )
        assert "server" not in response.headers
