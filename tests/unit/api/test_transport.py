from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import orjson
import pytest

from service.access.authenticator import Anybody
from service.api.admission import Admission
from service.api.context import Context
from service.api.execution import Executor
from service.api.transport import GraphQLEndpoint
from service.reads.types import Types
from tests.unit.api import tiny
from tests.unit.api.tiny import SCHEMA, SECRET

JSON = "application/json"
NEW = "application/graphql-response+json"
STREAM = "text/event-stream"
LIMIT = 2000


def client_of(timeout_seconds: float = 5.0) -> httpx.AsyncClient:
    executor = Executor(Types(SCHEMA, {}), lambda _caller: cast("Context", None), None, Admission(timeout_seconds))
    endpoint = GraphQLEndpoint(executor, Anybody(), max_body_bytes=LIMIT, timeout_seconds=timeout_seconds)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=endpoint), base_url="http://service")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of() as client:
        yield client


def refused(response: httpx.Response, status: int) -> str:
    """The message of a refused request."""
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert "data" not in response.json()
    return str(error["message"])


async def post(
    client: httpx.AsyncClient, body: Any, content_type: str | None = JSON, **headers: str
) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    headers |= {"Content-Type": content_type} if content_type is not None else {}
    return await client.post("/graphql", content=content, headers=headers)


async def test_a_query_is_answered_by_post_and_by_get(client: httpx.AsyncClient) -> None:
    query = "query A($n: String!) { hello(name: $n) }"
    by_post = await post(client, {"query": query, "variables": {"n": "Ann"}, "operationName": "A"})
    by_get = await client.get(
        "/graphql", params={"query": query, "variables": '{"n":"Ann"}', "operationName": "A"}
    )
    for response in (by_post, by_get):
        assert response.status_code == 200
        assert response.json()["data"] == {"hello": "Hello, Ann!"}
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (NEW, NEW),
        (f"{NEW}; charset=utf-8, {JSON};q=0.9", NEW),
        (f"{JSON}, {NEW}", JSON),
        (f"text/html, {NEW.upper()}", NEW),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
    ],
)
async def test_the_answer_has_the_media_type_that_the_client_accepts(
    client: httpx.AsyncClient, accept: str, media_type: str
) -> None:
    response = await post(client, {"query": "{ hello }"}, Accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "application/xml, image/*"])
async def test_a_client_that_accepts_neither_media_type_gets_406(client: httpx.AsyncClient, accept: str) -> None:
    message = refused(await post(client, {"query": "{ hello }"}, Accept=accept), 406)
    assert message == f"Answers are {NEW}, {JSON} or text/event-stream; accept one."


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/graphql", "multipart/form-data", "application/jsonp"]
)
async def test_a_body_of_another_media_type_gets_415(client: httpx.AsyncClient, content_type: str | None) -> None:
    response = await post(client, {"query": "{ hello }"}, content_type)
    assert refused(response, 415) == "The body must be application/json."
    assert response.headers["accept"] == JSON


async def test_a_body_in_another_character_set_gets_415(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": "{ hello }"}, "application/json; charset=latin1")
    assert refused(response, 415) == "The body must be in UTF-8."


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; charset=utf8",
        "application/json;",
        "application/json; profile=x",
        "application/json; profile=x; charset=utf-8",
    ],
)
async def test_json_in_utf_8_is_taken_with_any_parameters(client: httpx.AsyncClient, content_type: str) -> None:
    assert (await post(client, {"query": "{ hello }"}, content_type)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
async def test_another_method_gets_405_and_those_that_are_allowed(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql", content=b"{}", headers={"Content-Type": JSON})
    assert refused(response, 405) == "Use POST, or GET for queries."
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_options_tells_the_methods(client: httpx.AsyncClient) -> None:
    response = await client.options("/graphql")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    tiny.written.clear()
    for query, status in (("{ hello }", 200), ('mutation { write(text: "a") }', 405), ("", 400)):
        by_get = await client.get("/graphql", params={"query": query})
        by_head = await client.head("/graphql", params={"query": query}, headers={"Accept": f"{JSON}, {STREAM}"})
        assert (by_head.status_code, by_head.content) == (by_get.status_code, b"")
        assert by_head.status_code == status
        assert by_head.headers == by_get.headers
    assert tiny.written == []


@pytest.mark.parametrize(
    ("body", "accept", "status"),
    [
        ({"query": "{ hello }"}, NEW, 200),
        ({"query": "{ hello }"}, STREAM, 200),
        ({"query": "{ nope }"}, NEW, 400),
        ({}, JSON, 400),
        ({}, STREAM, 400),
        ({}, "text/html", 406),
    ],
)
async def test_no_answer_is_taken_for_a_page_or_kept(
    client: httpx.AsyncClient, body: dict[str, str], accept: str, status: int
) -> None:
    response = await post(client, body, Accept=accept)
    assert response.status_code == status
    told = accept if accept == NEW or status == 200 else JSON
    assert response.headers["content-type"] == f"{told}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["vary"] == "Accept"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_mutation_by_get_gets_405_and_is_not_carried_out(client: httpx.AsyncClient) -> None:
    tiny.written.clear()
    response = await client.get("/graphql", params={"query": 'mutation { write(text: "a") }'})
    assert refused(response, 405) == "A mutation needs the method POST."
    assert response.headers["allow"] == "POST"
    assert tiny.written == []
    assert (await post(client, {"query": 'mutation { write(text: "a") }'})).json()["data"] == {"write": "a"}
    assert tiny.written == ["a"]


@pytest.mark.parametrize("body", [b"", b"{", b"query", b"\xff", b'{"query": "\\ud800"}', b"{'query': 1}"])
async def test_a_body_that_is_not_json_in_utf_8_gets_400(client: httpx.AsyncClient, body: bytes) -> None:
    assert refused(await post(client, body), 400).startswith("The body is not JSON in UTF-8: ")


@pytest.mark.parametrize("body", [b"null", b"7", b'"{ hello }"', b"true", b"[]", b'[{"query": "{ hello }"}]'])
async def test_a_json_body_that_is_no_object_gets_400(client: httpx.AsyncClient, body: bytes) -> None:
    assert refused(await post(client, body), 400) == "The body must be a JSON object."


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"query": None}, "query: a GraphQL document as a string is needed."),
        ({"query": ""}, "query: a GraphQL document as a string is needed."),
        ({"query": 7}, "query: a GraphQL document as a string is needed."),
        ({"query": {"a": 1}}, "query: a GraphQL document as a string is needed."),
        ({"variables": []}, "variables: must be a JSON object."),
        ({"variables": "{}"}, "variables: must be a JSON object."),
        ({"operationName": 7}, "operationName: must be a string."),
        ({"extensions": 0}, "extensions: must be a JSON object."),
    ],
)
async def test_a_parameter_of_a_wrong_type_gets_400(
    client: httpx.AsyncClient, changed: dict[str, Any], message: str
) -> None:
    assert refused(await post(client, {"query": "{ hello }"} | changed), 400) == message


async def test_absent_and_null_parameters_are_the_same(client: httpx.AsyncClient) -> None:
    body = {"query": "{ hello }", "variables": None, "operationName": None, "extensions": None, "more": 1}
    assert (await post(client, body)).json()["data"] == {"hello": "Hello, world!"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "query: a GraphQL document as a string is needed."),
        ({"query": "{ hello }", "variables": "{"}, "The variables is not JSON in UTF-8: "),
        ({"query": "{ hello }", "variables": "[]"}, "The variables must be a JSON object."),
        ({"query": "{ hello }", "extensions": "7"}, "The extensions must be a JSON object."),
    ],
)
async def test_a_wrong_query_string_gets_400(
    client: httpx.AsyncClient, parameters: dict[str, str], message: str
) -> None:
    assert refused(await client.get("/graphql", params=parameters), 400).startswith(message)


async def test_empty_parameters_of_a_query_string_are_absent(client: httpx.AsyncClient) -> None:
    parameters = {"query": "{ hello }", "variables": "", "operationName": "", "extensions": ""}
    assert (await client.get("/graphql", params=parameters)).json()["data"] == {"hello": "Hello, world!"}


def sized(size: int) -> bytes:
    """A request of this many bytes."""
    body = orjson.dumps({"query": "{ hello }", "more": ""})
    return body.replace(b'"more":""', b'"more":"' + b"x" * (size - len(body)) + b'"')


async def test_a_body_up_to_the_limit_is_read(client: httpx.AsyncClient) -> None:
    assert len(sized(LIMIT)) == LIMIT
    assert (await post(client, sized(LIMIT))).status_code == 200


async def test_a_larger_body_gets_413_before_it_is_read(client: httpx.AsyncClient) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{"

    headers = {"Content-Type": JSON, "Content-Length": str(LIMIT + 1)}
    response = await client.post("/graphql", content=chunks(), headers=headers)
    assert refused(response, 413) == f"The body is larger than {LIMIT} bytes. Send less at once."
    assert read == 0


async def test_a_larger_body_of_unknown_length_gets_413_once_it_is_too_large(client: httpx.AsyncClient) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b"x" * 100

    response = await client.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
    assert response.status_code == 413
    assert read == LIMIT // 100 + 1


async def test_a_body_in_many_chunks_is_put_together(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for byte in '{"query": "{ hello(name: \\"Zoë\\") }"}'.encode():
            yield bytes([byte])

    response = await client.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
    assert response.json()["data"] == {"hello": "Hello, Zoë!"}


@pytest.mark.parametrize(("accept", "status"), [(NEW, 400), (JSON, 200)])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: String!) { hello(name: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query A { hello } query B { hello }"}, "BAD_REQUEST"),
        ({"query": "{ hello }", "operationName": "A"}, "BAD_REQUEST"),
    ],
)
async def test_a_document_that_is_not_executed_has_the_status_of_its_media_type_and_no_data(
    client: httpx.AsyncClient, accept: str, status: int, body: dict[str, Any], code: str
) -> None:
    response = await post(client, body, Accept=accept)
    assert response.status_code == status
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]
    assert "data" not in response.json()


@pytest.mark.parametrize("accept", [NEW, JSON])
async def test_a_field_that_fails_leaves_the_status_at_200(client: httpx.AsyncClient, accept: str) -> None:
    response = await post(client, {"query": "{ broken hello }"}, Accept=accept)
    assert response.status_code == 200
    assert response.json()["data"] == {"broken": None, "hello": "Hello, world!"}
    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert SECRET not in response.text


async def test_what_takes_too_long_gets_504_with_its_code() -> None:
    async with client_of(timeout_seconds=0.05) as client:
        response = await post(client, {"query": "{ slow }"}, Accept=NEW)
    assert response.status_code == 504
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "DEADLINE_EXCEEDED"}
    assert "messageId" in error["message"]


async def test_a_query_string_may_have_characters_of_any_script(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": '{ hello(name: "世界") }'})
    assert response.json()["data"] == {"hello": "Hello, 世界!"}
