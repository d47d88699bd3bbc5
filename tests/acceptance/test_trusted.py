"""A service that answers the documents of a manifest alone, and counts what callers spend."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import orjson
import pytest

from service.graph.client import Graph
from tests.acceptance.conftest import Client, service, touch
from tests.acceptance.streams import connected
from tests.conftest import Engine

pytestmark = pytest.mark.front

HELLO = "query Pipelines { pipelines { name } }"
WRITE = """mutation Write($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  userErrors { code } customer { id } } }"""
WHO = "query Who($cookie: String!) { customer(by: {cookie: $cookie}) { id } }"
PER_MINUTE = 1_000


def hash_(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
async def guarded(engine: Engine, graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    del graph
    folder = tmp_path_factory.mktemp("trusted")
    operations = [{"id": hash_(text), "name": "", "type": "query", "body": text} for text in (HELLO, WRITE, WHO)]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
    settings = {
        "CUSTOMER_GRAPH_TRUSTED_DOCUMENTS": str(folder / "manifest.json"),
        "CUSTOMER_GRAPH_COST_PER_MINUTE": str(PER_MINUTE),
    }
    with service(engine, folder / "log", **settings) as process:
        client = Client(process.address)
        yield client
        await client.http.aclose()


async def test_documents_are_named_in_each_clients_way(guarded: Client) -> None:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": hash_(HELLO)}}
    for asked in ({"query": HELLO}, {"documentId": hash_(HELLO)}, {"extensions": persisted}):
        response = await guarded.http.post("/graphql", json=asked)
        assert response.json()["data"]["pipelines"][0]["name"] == "Sales"
    by_get = {"extensions": orjson.dumps(persisted).decode()}
    assert (await guarded.http.get("/graphql", params=by_get)).json()["data"]["pipelines"]
    async with connected(str(guarded.http.base_url).rstrip("/")) as socket:
        await socket.send(id="1", type="subscribe", payload={"documentId": hash_(HELLO)})
        assert (await socket.receive())["payload"]["data"]["pipelines"]


async def test_others_are_refused_and_change_nothing(guarded: Client, unique: str) -> None:
    form = touch(unique, "visit", "web", "2024-05-01T00:00:00Z", ("cookie", unique))
    other = WRITE.replace("userErrors { code } ", "")
    for asked in ({"query": other}, {"documentId": hash_(other)}, {"query": "{ __schema { types { name } } }"}):
        response = await guarded.http.post(
            "/graphql",
            json=asked | {"variables": {"input": form}},
            headers={"accept": "application/graphql-response+json"},
        )
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}
    assert await guarded.field(WHO, cookie=unique) is None


async def test_who_has_spent_a_minutes_worth_is_told_when_to_try_again(guarded: Client, unique: str) -> None:
    def asked(number: int) -> dict[str, object]:
        form = touch(f"{number}-{unique}", "visit", "web", "2024-05-01T00:00:00Z", ("cookie", unique))
        return {"query": WRITE, "variables": {"input": form}}

    left = PER_MINUTE
    for number in range(PER_MINUTE):
        response: httpx.Response = await guarded.http.post("/graphql", json=asked(number))
        if response.status_code != 200:
            break
        cost = response.json()["extensions"]["cost"]
        assert cost["remaining"] < left or number == 0
        left = cost["remaining"]
    assert response.status_code == 429
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 1 <= int(response.headers["retry-after"]) == error["extensions"]["retryAfter"] <= 60
    async with connected(str(guarded.http.base_url).rstrip("/")) as socket:
        await socket.send(id="1", type="subscribe", payload=asked(number))
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")
