"""A real browser: the page works under its policy; pages of other origins get nothing unless they are known."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.graph.client import Graph
from tests.acceptance.conftest import Client, ServiceProcess, service, touch
from tests.clients import node
from tests.conftest import Engine

pytestmark = pytest.mark.front

RECORD = "mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) { userErrors { code } } }"
BY_COOKIE = "query ($by: CustomerBy!) { customer(by: $by) { id } }"
EVIL = "http://evil.example"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def port() -> int:
    """Where pages of other origins are."""
    return free_port()


@pytest.fixture(scope="module")
def origin(port: int) -> str:
    """The one that is known."""
    return f"http://app.localhost:{port}"


@pytest.fixture(scope="module")
def process(
    engine: Engine, graph: Graph, origin: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    del graph
    more = {"CUSTOMER_GRAPH_CORS_ORIGINS": origin, "CUSTOMER_GRAPH_ALLOWED_HOSTS": "api.example.com"}
    with service(engine, tmp_path_factory.mktemp("browsers") / "log", **more) as process:
        yield process


@pytest.fixture
async def known(process: ServiceProcess) -> AsyncIterator[Client]:
    """A client of the service that knows an origin and a host."""
    client = Client(process.address)
    yield client
    await client.http.aclose()


async def recorded(client: Client, cookie: str) -> bool:
    return (await client.field(BY_COOKIE, by={"cookie": cookie})) is not None


def mutation(unique: str, cookie: str) -> dict[str, Any]:
    form = touch(f"{unique}-{cookie}", "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", cookie))
    return {"query": RECORD, "variables": {"input": form}}


@pytest.mark.timeout(240)
async def test_the_page_and_pages_of_other_origins_in_chromium(
    process: ServiceProcess, known: Client, port: int, unique: str, tmp_path: Path
) -> None:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("Chromium is not on PATH")
    folder = await asyncio.to_thread(node.workplace, tmp_path / "node")
    after = (await known.field("{ changes { newestCursor } }"))["newestCursor"]
    await known.http.post("/graphql", json=mutation(unique, unique))
    given = {
        "executable": executable,
        "service": process.address,
        "port": port,
        "mutation": orjson.dumps(mutation(unique, f"blind-{unique}")).decode(),
        "after": after,
    }
    command = [*node.command(folder / "browser.mjs"), orjson.dumps(given).decode()]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=200)
    assert done.returncode == 0, done.stderr.decode()
    results = orjson.loads(done.stdout)
    data = {"__typename": "Query"}
    nothing = {
        "read": "TypeError",
        "readByGet": "TypeError",
        "blind": "TypeError",
        "blindMutation": "TypeError",
        "image": "error",
        "socket": "error",
        "stream": "error",
    }
    assert results == {
        "graphiql": {"told": [], "violations": [], "sent": "typed"},
        "known": nothing | {"read": data, "readByGet": data, "socket": "open", "stream": "next"},
        "otherSite": nothing,
        "otherPort": nothing,
        "rebound": 421,
    }
    assert await recorded(known, unique)
    assert not await recorded(known, f"blind-{unique}")


async def test_what_is_refused_changes_nothing(known: Client, unique: str) -> None:
    body = mutation(unique, unique)
    refused = (
        ({"Origin": EVIL}, 403, "FORBIDDEN"),
        ({"Origin": "null"}, 403, "FORBIDDEN"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "FORBIDDEN"),
        ({"Host": "evil.example"}, 421, "BAD_REQUEST"),
        ({"Host": ""}, 400, "BAD_REQUEST"),
    )
    for headers, status, code in refused:
        response = await known.http.post("/graphql", json=body, headers=headers)
        assert response.status_code == status
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]
        assert not await recorded(known, unique)
    named = await known.http.post("/graphql", json=body, headers={"Host": "api.example.com"})
    assert named.json()["data"] == {"recordTouchpoint": {"userErrors": []}}
    assert await recorded(known, unique)


async def test_a_stream_is_readable_by_a_known_origin(known: Client, origin: str) -> None:
    parameters = {"query": "{ __typename }"}
    headers = {"Accept": "text/event-stream", "Origin": origin, "Sec-Fetch-Site": "cross-site"}
    response = await known.http.get("/graphql", params=parameters, headers=headers)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["vary"] == "Accept, Origin"
    assert 'data: {"data":{"__typename":"Query"}' in response.text


async def test_no_page_has_a_script_or_style_of_its_own(known: Client) -> None:
    page = await known.http.get("/")
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["style-src"] == "'self'"
    assert not any("unsafe" in sources for sources in policy.values())
    tags = re.findall(r"<(script|style)\b([^>]*)>([^<]*)", page.text)
    assert [(name, content.strip()) for name, _, content in tags] == [("script", "")]
    assert all(" src=" in attributes for _, attributes, _ in tags)
    assert not re.search(r"<[^>]*\s(?:on\w+|style)\s*=|javascript:", page.text, re.IGNORECASE)
    for path in ("/", "/graphiql/graphiql.js", "/livez", "/readyz", "/nothing"):
        headers = (await known.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    nothing = await known.http.get("/nothing")
    assert (nothing.status_code, nothing.json()["errors"][0]["extensions"]) == (404, {"code": "NOT_FOUND"})
