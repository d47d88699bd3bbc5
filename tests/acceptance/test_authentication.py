"""A service that asks who asks: API keys over HTTP, streams and sockets, and their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from gql import Client as GqlClient
from gql import gql
from gql.transport.websockets import WebsocketsTransport

from service.graph.client import Graph
from tests.acceptance.conftest import ServiceProcess, service, touch
from tests.acceptance.credentials import AUDIENCE, ISSUER, SIGNER, bearer, command, token
from tests.acceptance.streams import CHANGES, connected
from tests.conftest import Engine

pytestmark = pytest.mark.front

ASK = "{ customers(first: 1) { nodes { id } } }"
RECORD = """mutation ($input: RecordTouchpointInput!) {
  recordTouchpoint(input: $input) { duplicate userErrors { code } } }"""
CHALLENGE = 'Bearer realm="customer-graph"'
WRONG = CHALLENGE + ', error="invalid_token"'
CREATE = """mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  key apiKey { id name scopes createdAt expiresAt revokedAt } userErrors { code field message } } }"""
REVOKE = """mutation ($id: ID!) { revokeApiKey(input: {keyId: $id}) {
  apiKey { id revokedAt } userErrors { code field } } }"""
WITHIN_SECONDS = 5.0
"""After a key is revoked or a token has ended, nothing of it is open any more."""


@pytest.fixture(scope="module")
def key(engine: Engine, graph: Graph) -> str:
    """A key for everything, made on the command line: it is all that is on standard output."""
    del graph  # Migrated.
    made = command(engine, "create", "crm", "--scope", "all")
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture(scope="module")
def closed(engine: Engine, key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that lets in only who has a key."""
    del key
    folder = tmp_path_factory.mktemp("closed")
    keys = folder / "jwks.json"
    keys.write_bytes(orjson.dumps({"keys": [SIGNER.as_dict(private=False)]}))
    settings = {
        "CUSTOMER_GRAPH_AUTH": "required",
        "CUSTOMER_GRAPH_JWT_ISSUER": ISSUER,
        "CUSTOMER_GRAPH_JWT_AUDIENCE": AUDIENCE,
        "CUSTOMER_GRAPH_JWT_KEYS": str(keys),
    }
    with service(engine, folder / "log", **settings) as process:
        yield process
    # Neither a secret nor a token is in what it logged.
    logged = (folder / "log").read_text()
    assert "cgk_" not in logged
    assert "eyJ" not in logged


@pytest.fixture(scope="module")
async def http(closed: ServiceProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=closed.address, timeout=30) as client:
        yield client


async def made(http: httpx.AsyncClient, key: str, name: str, *scopes: str, **more: Any) -> dict[str, Any]:
    """A new key, made over the API: its id and text."""
    variables = {"input": {"name": name, "scopes": scopes, **more}}
    answer = await http.post("/graphql", json={"query": CREATE, "variables": variables}, headers=bearer(key))
    payload: dict[str, Any] = answer.json()["data"]["createApiKey"]
    return payload


async def test_a_key_opens(http: httpx.AsyncClient, key: str) -> None:
    for headers in (bearer(key), {"X-Api-Key": key}, {"Authorization": f"bearer   {key}"}):
        answer = await http.post("/graphql", json={"query": ASK}, headers=headers)
        assert answer.status_code == 200
        assert "errors" not in answer.json()


def wrong(key: str) -> dict[str, dict[str, Any]]:
    head, _, secret = key.rpartition("_")
    other = "A" if secret[0] != "A" else "B"
    return {
        "none": {},
        "another secret": bearer(f"{head}_{other}{secret[1:]}"),
        "another id": bearer(f"cgk_{'0' * 32}_{secret}"),
        "a part": bearer(key[:-1]),
        "not a key": bearer("hello"),
        "no scheme": {"Authorization": key},
        "another scheme": {"Authorization": "Basic b3BlcmF0b3I6"},
        "empty": {"Authorization": "Bearer"},
        "not ASCII": {"Authorization": "Bearer ключ".encode()},
        "too long": bearer("x" * 9000),
        "an unsigned token": bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."),
        "two at once": {**bearer(key), "X-Api-Key": key},
    }


async def test_without_a_key_nothing_is_answered_and_nothing_is_written(
    http: httpx.AsyncClient, key: str, graph: Graph, unique: str
) -> None:
    seen = touch(unique, "view", "web", "2026-03-01T10:00:00Z", ("cookie", unique))
    body = {"query": RECORD, "variables": {"input": seen}}
    before = await counted(graph)
    for name, headers in wrong(key).items():
        answer = await http.post("/graphql", json=body, headers=headers)
        assert answer.status_code == 401, name
        assert answer.headers["www-authenticate"] == (WRONG if headers else CHALLENGE), name
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "UNAUTHENTICATED"}
        assert "data" not in answer.json()
        assert key[-43:] not in answer.text
    assert await counted(graph) == before
    answer = await http.post("/graphql", json=body, headers=bearer(key))
    assert answer.json()["data"]["recordTouchpoint"] == {"duplicate": False, "userErrors": []}


async def counted(graph: Graph) -> Any:
    """How many nodes there are, and the number of the last change."""
    nodes = await graph.run("MATCH (n) WHERE NOT n:Webhook RETURN count(n)")
    return nodes, await graph.run("MATCH (k:Counter {name: 'changes'}) RETURN k.seq")


async def test_metrics_are_for_who_has_their_scope(http: httpx.AsyncClient, engine: Engine, key: str) -> None:
    narrow, other = (
        command(engine, "create", "one", "--scope", scope).stdout.strip() for scope in ("metrics:read", "admin")
    )
    told = await http.get("/metrics", headers=bearer(narrow))
    assert told.status_code == 200
    assert "customer_graph_requests_total" in told.text
    assert (await http.get("/metrics", headers=bearer(key))).status_code == 200
    for headers, status, code in ((bearer(other), 403, "FORBIDDEN"), ({}, 401, "UNAUTHENTICATED")):
        refused = await http.get("/metrics", headers=headers)
        assert refused.status_code == status
        assert refused.json()["errors"][0]["extensions"] == {"code": code}
        assert "customer_graph" not in refused.text
    assert refused.headers["www-authenticate"] == CHALLENGE
    answer = await http.post("/graphql", json={"query": ASK}, headers=bearer(narrow))
    assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_a_key_sees_what_its_scopes_let_see(
    http: httpx.AsyncClient, engine: Engine, key: str, unique: str
) -> None:
    address = f"jane.{unique}@example.com"
    seen = touch(unique, "view", "web", "2026-03-01T10:00:00Z", ("email", address))
    recorded = await http.post(
        "/graphql", json={"query": RECORD, "variables": {"input": seen}}, headers=bearer(key)
    )
    assert recorded.json()["data"]["recordTouchpoint"]["userErrors"] == []
    made = command(engine, "create", f"reader {unique}", "--scope", "profiles:read")
    reader = bearer(made.stdout.strip()) | {"Accept": "application/graphql-response+json"}
    by = {"by": {"email": address}}
    allowed = "query ($by: CustomerBy!) { customer(by: $by) { identifiers { value rawValue } } }"
    shown = await http.post("/graphql", json={"query": allowed, "variables": by}, headers=reader)
    assert shown.status_code == 200
    assert shown.json()["data"]["customer"]["identifiers"] == [{"value": "j…@e….com", "rawValue": "j…@e….com"}]
    whole = await http.post("/graphql", json={"query": allowed, "variables": by}, headers=bearer(key))
    assert whole.json()["data"]["customer"]["identifiers"] == [{"value": address, "rawValue": address}]
    denied = "query ($by: CustomerBy!) { customer(by: $by) { id deals { nodes { title } } } }"
    refused = await http.post("/graphql", json={"query": denied, "variables": by}, headers=reader)
    assert refused.status_code == 403
    assert refused.json() == {
        "errors": [{"message": "Customer.deals needs the scope sales:read.", "extensions": {"code": "FORBIDDEN"}}]
    }


async def test_keys_are_made_listed_and_revoked_over_the_api(
    engine: Engine, http: httpx.AsyncClient, key: str
) -> None:
    new = await made(http, key, "reports", "PROFILES_READ", "ADMIN", expiresAt="2099-01-01T00:00:00Z")
    one = new["apiKey"]
    assert new["userErrors"] == []
    assert (one["name"], one["scopes"], one["revokedAt"]) == ("reports", ["ADMIN", "PROFILES_READ"], None)
    assert one["expiresAt"] == "2099-01-01T00:00:00.000Z"
    assert one["id"].removeprefix("key_") in new["key"]
    # It opens at once, and gives to others no more than it has.
    refused = await made(http, new["key"], "more", "PROFILES_READ", "RECORD")
    assert (refused["key"], refused["apiKey"]) == (None, None)
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["scopes"])
    assert "do not have record" in error["message"]
    listed = await http.post("/graphql", json={"query": "{ apiKeys { id name } }"}, headers=bearer(new["key"]))
    assert {"id": one["id"], "name": "reports"} in listed.json()["data"]["apiKeys"]
    assert "more" not in [each["name"] for each in listed.json()["data"]["apiKeys"]]
    shown = command(engine, "list")
    assert one["id"] in shown.stdout
    assert new["key"][-43:] not in shown.stdout
    node = {"query": f'{{ node(id: "{one["id"]}") {{ id }} }}'}
    assert (await http.post("/graphql", json=node, headers=bearer(key))).json()["data"]["node"]["id"] == one["id"]
    # Revoked by this process, it opens nothing from then on; again changes nothing.
    revoke = {"query": REVOKE, "variables": {"id": one["id"]}}
    first = (await http.post("/graphql", json=revoke, headers=bearer(key))).json()["data"]["revokeApiKey"]
    assert first["apiKey"]["revokedAt"] is not None
    await until_refused(http, new["key"], 1.0)
    assert (await http.post("/graphql", json=revoke, headers=bearer(key))).json()["data"]["revokeApiKey"] == first


async def until_refused(http: httpx.AsyncClient, key: str, seconds: float) -> None:
    """Waits until a key opens nothing any more."""
    give_up = time.monotonic() + seconds
    while (await http.post("/graphql", json={"query": ASK}, headers=bearer(key))).status_code != 401:
        assert time.monotonic() < give_up
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " ", "scopes": ["RECORD"]}, "name"),
        ({"name": "x" * 201, "scopes": ["RECORD"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["RECORD"], "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
    ],
)
async def test_a_key_that_cannot_be_made(http: httpx.AsyncClient, key: str, given: Any, field: str) -> None:
    variables = {"input": given}
    answer = await http.post("/graphql", json={"query": CREATE, "variables": variables}, headers=bearer(key))
    payload = answer.json()["data"]["createApiKey"]
    assert (payload["key"], [error["field"] for error in payload["userErrors"]]) == (None, [[field]])


def test_commands_that_cannot_be_carried_out(engine: Engine, key: str) -> None:
    del key  # The graph is migrated.
    for arguments, message in (
        (
            ("create", "x", "--scope", "everything"),
            "--scope: there is no everything; the scopes are",
        ),
        (("revoke", f"key_{'0' * 32}"), "ID: there is no such key"),
    ):
        done = command(engine, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(message)


async def test_a_key_ends_by_the_clock(http: httpx.AsyncClient, key: str) -> None:
    ends = time.time() + 3
    soon = datetime.fromtimestamp(ends, UTC).isoformat()
    short = (await made(http, key, "short", "PROFILES_READ", expiresAt=soon))["key"]
    assert (await http.post("/graphql", json={"query": ASK}, headers=bearer(short))).status_code == 200
    await until_refused(http, short, 4)
    assert time.time() >= ends - 0.001


async def test_by_is_the_caller_whatever_is_said(http: httpx.AsyncClient, key: str, unique: str) -> None:
    async def done(field: str, given: str, wanted: str) -> Any:
        query = f"mutation {{ {field}(input: {{{given}}}) {{ {wanted} userErrors {{ message }} }} }}"
        answer = (await http.post("/graphql", json={"query": query}, headers=bearer(key))).json()
        assert "errors" not in answer, answer
        value = answer["data"][field]
        assert not value["userErrors"], value
        return value

    people = []
    for name in (f"{unique}a", f"{unique}b"):
        given = (
            f'messageId: "{name}", type: "view", channel: "web", identifiers: {{kind: "cookie", value: "{name}"}}'
        )
        people.append((await done("recordTouchpoint", given, "customer { id }"))["customer"]["id"])
    given = f'by: {{id: "{people[0]}"}}, title: "Sedan"'
    deal = (await done("createDeal", given, "deal { id pipeline { stages { id } } }"))["deal"]
    given = f'dealId: "{deal["id"]}", stageId: "{deal["pipeline"]["stages"][1]["id"]}", by: "Igor"'
    moved = await done("moveDeal", given, "deal { stageHistory { by } }")
    assert moved["deal"]["stageHistory"][0]["by"] == "crm"
    for by in ("", ', by: "Igor"'):
        given = f'subjectId: "{people[0]}", text: "called"{by}'
        assert (await done("addNote", given, "note { by }"))["note"]["by"] == "crm"
    given = f'customerIds: ["{people[0]}", "{people[1]}"], reason: "one person"'
    assert (await done("mergeCustomers", given, "event { by }"))["event"]["by"] == "crm"


async def test_a_token_is_let_in_with_its_scopes(http: httpx.AsyncClient) -> None:
    answer = await http.post("/graphql", json={"query": ASK}, headers=bearer(token("openid profiles:read")))
    assert (answer.status_code, list(answer.json()["data"])) == (200, ["customers"])
    answer = await http.post("/graphql", json={"query": ASK}, headers=bearer(token("record")))
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for wrong_one in (token("admin", -60), token("admin", aud="another"), token("admin", iss="https://evil/")):
        answer = await http.post("/graphql", json={"query": ASK}, headers=bearer(wrong_one))
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, WRONG)


async def test_who_may_not_connect_a_socket(closed: ServiceProcess, key: str) -> None:
    for payload in ({}, {"apiKey": key[:-1]}, {"Authorization": key}, {"apiKey": 7}):
        async with connected(closed.address, greeting=False) as socket:
            await socket.send(type="connection_init", payload=payload)
            assert await socket.closed() == (4403, "Forbidden")
    async with connected(closed.address, greeting=False) as socket:
        await socket.subscribe("early", ASK)
        assert await socket.closed() == (4401, "Unauthorized")


async def test_who_may_connect_a_socket(closed: ServiceProcess, key: str) -> None:
    headed = connected(closed.address, greeting=False, headers=bearer(key))
    async with headed as socket:  # What is said first wins over what the header says.
        await socket.send(type="connection_init", payload={"apiKey": "wrong"})
        assert (await socket.closed())[0] == 4403
    for payload, headers in (
        ({"apiKey": key}, {}),
        (bearer(key), {}),
        ({}, bearer(key)),
        ({}, {"X-Api-Key": key}),
    ):
        async with connected(closed.address, greeting=False, headers=headers) as socket:
            await socket.send(type="connection_init", payload=payload)
            assert (await socket.receive())["type"] == "connection_ack"
            await socket.subscribe("one", ASK)
            assert "errors" not in (await socket.receive())["payload"]


async def test_a_real_client_connects_with_a_key_or_a_token(closed: ServiceProcess, key: str) -> None:
    url = closed.address.replace("http", "ws", 1) + "/graphql"
    for payload in ({"apiKey": key}, bearer(token("profiles:read"))):
        transport = WebsocketsTransport(url=url, init_payload=payload)
        async with GqlClient(transport=transport) as session:
            assert "customers" in await session.execute(gql(ASK))


async def test_a_stream_needs_a_key(http: httpx.AsyncClient) -> None:
    headers = {"Accept": "text/event-stream"}
    answer = await http.post("/graphql", json={"query": CHANGES}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json; charset=utf-8")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def told(http: httpx.AsyncClient, text: str) -> list[str]:
    """The lines of a stream of changes until it ends."""
    headers = {"Accept": "text/event-stream", **bearer(text)}
    async with http.stream("POST", "/graphql", json={"query": CHANGES}, headers=headers) as answer:
        assert answer.status_code == 200
        return [line async for line in answer.aiter_lines()]


async def test_what_another_process_revokes_is_closed(
    engine: Engine, closed: ServiceProcess, http: httpx.AsyncClient, key: str
) -> None:
    """Sockets with 4403, streams without a last event; and nobody is let in any more. Others stay."""
    doomed = await made(http, key, "doomed", "CHANGES_READ", "PROFILES_READ")
    async with (
        connected(closed.address, greeting=False) as socket,
        connected(closed.address, greeting=False) as other,
    ):
        for one, text in ((socket, doomed["key"]), (other, key)):
            await one.send(type="connection_init", payload={"apiKey": text})
            assert (await one.receive())["type"] == "connection_ack"
            await one.subscribe("changes")
        stream = asyncio.create_task(told(http, doomed["key"]))
        await asyncio.sleep(0.5)
        done = await asyncio.to_thread(command, engine, "revoke", doomed["apiKey"]["id"])
        revoked = time.monotonic()
        assert done.returncode == 0, done.stderr
        code, reason = await socket.closed()
        assert (code, reason) == (4403, "Forbidden: the API key or token is not valid any more")
        lines = await stream
        assert time.monotonic() - revoked <= WITHIN_SECONDS
        assert not [line for line in lines if line.startswith("event: complete")]
        await until_refused(http, doomed["key"], 0.0)
        await other.subscribe("still", "{ __typename }")
        while (await other.receive())["id"] != "still":
            pass


async def test_what_a_token_has_open_is_closed_when_it_ends(
    closed: ServiceProcess, http: httpx.AsyncClient
) -> None:
    ends = time.time() + 2
    text = token("changes:read", 2)
    async with connected(closed.address, greeting=False) as socket:
        await socket.send(type="connection_init", payload=bearer(text))
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.subscribe("changes")
        stream = asyncio.create_task(told(http, text))
        assert (await socket.closed())[0] == 4403
        await stream
        assert ends <= time.time() <= ends + WITHIN_SECONDS
        await until_refused(http, text, 0.0)
