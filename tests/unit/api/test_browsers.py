from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service.api.browsers import allowing, known_hosts, known_origins

APP = "https://app.example.com"


@pytest.mark.parametrize(
    "header",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "a.localhost:1",
        "127.0.0.1:8000",
        "127.8.9.1",
        "[::1]:8000",
        "[::1]",
        "192.168.1.5:8000",
        "203.0.113.9",
        "api.example.com",
        "API.example.com:443",
        "a.inside.example",
        "a.b.inside.example",
    ],
)
def test_a_name_that_is_the_services_own_is_known(header: str) -> None:
    assert known_hosts(["api.example.com", "*.inside.example"])(header) is None


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("notlocalhost", 421),
        ("x.api.example.com", 421),
        ("inside.example", 421),
        ("notinside.example", 421),
        ("0x7f.1", 421),
        ("", 400),
        ("\n", 400),
        ("evil.example@localhost", 400),
        ("localhost/evil.example", 400),
        ("localhost, evil.example", 400),
        ("[::1", 400),
        ("localhost:port", 400),
        (f"{'a' * 300}.localhost", 400),
    ],
)
def test_a_name_that_a_page_may_have_made_up_is_not(header: str, status: int) -> None:
    refusal = known_hosts(["api.example.com", "*.inside.example"])(header)
    assert refusal is not None
    assert (refusal.status, refusal.code) == (status, "BAD_REQUEST")


def test_any_name_is_known_where_the_settings_say_so() -> None:
    assert known_hosts(["*"])("evil.example:1") is None


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:8000", "http://localhost:8000", ""),
        ("localhost:8000", "http://localhost:8000", "same-origin"),
        ("localhost", "http://localhost:80", ""),
        ("api.example.com", "https://api.example.com", ""),
        ("api.example.com:443", "https://API.example.com", ""),
        ("[::1]:8000", "http://[::1]:8000", ""),
        # Behind a proxy that calls the service by another name.
        ("service:8000", "https://api.example.com", "same-origin"),
        ("service:8000", "", "same-origin"),
        ("service:8000", "", "none"),
        ("service:8000", APP, ""),
        ("service:8000", APP, "same-site"),
        ("service:8000", APP, "cross-site"),
    ],
)
def test_pages_of_its_own_and_of_the_settings_origins_may_ask(host: str, origin: str, site: str) -> None:
    assert known_origins([APP])(host, origin, site) is None


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:8000", "http://localhost:3000", ""),
        ("localhost:8000", "http://evil.example", ""),
        ("localhost:8000", "http://localhost:8000.evil.example", ""),
        ("localhost:8000", "null", ""),
        ("localhost:8000", "file://", ""),
        ("localhost:8000", "ftp://localhost:8000", ""),
        ("localhost:8000", "http://localhost:8000", "cross-site"),
        ("localhost:8000", "", "cross-site"),
        ("localhost:8000", "", "same-site"),
        ("app.example.com:8080", "http://app.example.com", ""),
        ("service", "http://app.example.com", "cross-site"),
        ("service", "https://app.example.com:8443", "cross-site"),
        ("service", "https://x.app.example.com", ""),
        ("service", f"https://{'a' * 300}", ""),
        ("service", "", "same-origin" + " " * 300),
    ],
)
def test_pages_of_other_origins_may_not(host: str, origin: str, site: str) -> None:
    refusal = known_origins([APP])(host, origin, site)
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "FORBIDDEN")
    assert known_origins(["*"])(host, origin, site) is None


# Over HTTP

asked: list[str] = []


async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    asked.append(scope["type"])
    await PlainTextResponse("data", headers={"Vary": "Accept"})(scope, receive, send)


async def others(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("page")(scope, receive, send)


@asynccontextmanager
async def client_of(
    *, hosts: Collection[str] = (), origins: Collection[str] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    asked.clear()
    app = allowing(endpoint, others, path="/graphql", hosts=hosts, origins=origins)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        yield client


def code(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    return str(error["extensions"]["code"])


async def test_what_is_refused_is_not_asked() -> None:
    async with client_of() as client:
        for path in ("/graphql", "/", "/readyz"):
            rebound = await client.get(path, headers={"Host": "evil.example", "X-Request-Id": "mine"})
            assert (rebound.status_code, code(rebound)) == (421, "BAD_REQUEST")
            assert rebound.headers["x-request-id"] == "mine"
            twice = await client.get(path, headers=[("Host", "localhost"), ("Host", "evil.example")])
            assert (twice.status_code, code(twice)) == (400, "BAD_REQUEST")
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            for method in ("GET", "POST", "OPTIONS"):
                foreign = await client.request(method, "/graphql", headers=headers)
                assert (foreign.status_code, code(foreign)) == (403, "FORBIDDEN")
            # A link to the page is followed from anywhere.
            assert (await client.get("/", headers=headers)).text == "page"
        assert asked == []
        assert (await client.get("/graphql")).text == "data"
        assert asked == ["http"]


async def test_a_preflight_of_a_known_origin_is_answered_for_the_endpoint() -> None:
    preflight = {
        "Origin": APP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-api-key,x-request-id",
    }
    async with client_of(origins=[APP]) as client:
        response = await client.options("/graphql", headers=preflight)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == APP
        assert response.headers["access-control-allow-methods"] == "GET, POST"
        allowed = response.headers["access-control-allow-headers"].replace(" ", "").split(",")
        assert set(allowed) == {"authorization", "content-type", "x-api-key", "x-request-id"}
        assert response.headers["access-control-max-age"] == "3600"
        assert "origin" in response.headers["vary"].lower()
        assert "access-control-allow-credentials" not in response.headers
        other = await client.options("/graphql", headers=preflight | {"Access-Control-Request-Method": "DELETE"})
        assert other.status_code == 400
    assert asked == []


async def test_an_answer_is_readable_by_known_origins_only() -> None:
    async with client_of(origins=[APP]) as client:
        response = await client.post("/graphql", headers={"Origin": APP, "Sec-Fetch-Site": "cross-site"})
        assert response.text == "data"
        assert response.headers["access-control-allow-origin"] == APP
        assert response.headers["access-control-expose-headers"] == "X-Request-Id, Retry-After, WWW-Authenticate"
        assert response.headers["vary"] == "Accept, Origin"
        own = await client.post("/graphql", headers={"Origin": "http://localhost"})
        assert (own.status_code, own.headers["vary"]) == (200, "Accept, Origin")
        assert "access-control-allow-origin" not in own.headers
        # Only GraphQL's answers are.
        assert "access-control-allow-origin" not in (await client.get("/", headers={"Origin": APP})).headers
    async with client_of(origins=["*"]) as client:
        response = await client.post("/graphql", headers={"Origin": "null"})
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
async def test_a_websocket_of_another_origin_is_refused_before_it_opens(extensions: dict[str, Any]) -> None:
    asked.clear()
    app = allowing(endpoint, others, path="/graphql", hosts=(), origins=())
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost:8000"), (b"origin", b"http://evil.example")]
    scope = {"type": "websocket", "path": "/graphql", "headers": headers, "extensions": extensions}
    await app(scope, receive, send)
    assert asked == []
    if extensions:
        assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 403)
    else:
        assert sent == [{"type": "websocket.close"}]
