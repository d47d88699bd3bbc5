"""What a service process logs: everything it can say, and nothing of anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.acceptance.conftest import Client, ServiceProcess, service, touch
from tests.acceptance.streams import PROTOCOL, Socket
from tests.conftest import Engine

pytestmark = pytest.mark.front

NAME, MAIL, PHONE, COOKIE = "Zsófia-Quintana", "zsofia.q@example.com", "+4915755512345", "cookie-of-zsofia"
MARKS = ("zsófia", "zsofia", "quintana", "15755512345", "755512345", r"zs\u00f3fia")
RECORD = """mutation Recorded($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  customer { id } userErrors { message } } }"""
SET = """mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {
  customer { id displayName } userErrors { message } } }"""
SEARCH = "query ($text: String!) { searchCustomers(text: $text, first: 5) { nodes { customer { displayName } } } }"
BY = """query ($value: String!) { customer(by: { identifier: { kind: "email", value: $value } }) {
  id displayName identifiers { kind value } } }"""


@pytest.fixture(scope="module")
async def process(
    engine: Engine, graph: object, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceProcess]:
    """A service that says all it can."""
    del graph
    loud = {
        "CUSTOMER_GRAPH_LOG_LEVEL": "DEBUG",
        "CUSTOMER_GRAPH_LOG_REQUESTS": "true",
        "CUSTOMER_GRAPH_SLOW_QUERY_MILLIS": "0",
        "CUSTOMER_GRAPH_OPERATION_NAMES": '["Recorded"]',
    }
    with service(engine, tmp_path_factory.mktemp("loud") / "log", **loud) as one:
        yield one


@pytest.fixture(scope="module")
async def loud(process: ServiceProcess) -> AsyncIterator[Client]:
    one = Client(process.address)
    yield one
    await one.http.aclose()


def logged(log: Path) -> list[dict[str, Any]]:
    """The events so far; the last one may be being written."""
    whole, _, _ = log.read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines() if not line.startswith("Listening")]


async def everything(client: Client, address: str, unique: str) -> str:
    """Does with somebody's data what can be done with it, in right and in wrong ways; the customer's id."""
    who = ("email", f"{unique}.{MAIL}"), ("phone", PHONE), ("cookie", COOKIE)
    form = touch(f"{unique}-{NAME}", "form_submit", "web", "2026-03-02T09:00:00Z", *who)
    form |= {"properties": {"note": NAME}, "page": {"url": f"https://example.com/?q={NAME}"}}
    made = await client.answer(RECORD, input=form)
    customer_id: str = made["data"]["recordTouchpoint"]["customer"]["id"]
    await client.answer(SET, input={"customerId": customer_id, "set": [{"name": "firstName", "value": NAME}]})
    for text in (NAME, MAIL, PHONE):
        await client.answer(SEARCH, text=text)
    await client.answer(BY, value=f"{unique}.{MAIL}")
    # Wrong in many ways, each with a value in it.
    await client.answer(RECORD, input={**form, "occurredAt": NAME})
    await client.answer(RECORD, input={**form, "identifiers": [{"kind": MAIL, "value": "0"}]})
    await client.answer(BY, value=[{"of": MAIL}])
    await client.answer(f'{{ customer(by: {{ id: "{MAIL}" }}) {{ id }} node(id: "{MAIL}") {{ id }} }}')
    await client.answer(f'{{ customers(first: 500, after: "{MAIL}") {{ nodes {{ id }} }} }}')
    await client.answer(f'{{ {unique}_zsofia: nope(text: "{NAME}") }}')
    await client.answer(f"query Zsofia_{unique} {{ zsofia: customers(first: 1) {{ nodes {{ id }} }} }}")
    await client.http.get("/graphql", params={"query": "{ __typename }", "variables": f'{{"a": "{NAME}"'})
    await client.http.get(f"/{MAIL}", params={"q": MAIL})
    await client.http.post("/graphql", content=NAME.encode(), headers={"X-Request-Id": MAIL, "User-Agent": MAIL})
    where = f"{address.replace('http', 'ws')}/graphql?who={MAIL}"
    async with connect(where, subprotocols=[PROTOCOL]) as connection:  # type: ignore[list-item]
        socket = Socket(connection)
        await socket.send(type="connection_init", payload={"who": MAIL})
        await socket.receive()
        await socket.subscribe(MAIL, "subscription ($c: String) { changes(after: $c) { cursor } }", c=MAIL)
        await socket.receive()
        await socket.subscribe("two", BY, value=f"{unique}.{MAIL}")
        await socket.receive()
        await socket.receive()
    return customer_id


async def test_nothing_of_anybody_is_logged_whatever_is_done(
    loud: Client, process: ServiceProcess, unique: str
) -> None:
    await everything(loud, process.address, unique)
    text = process.log.read_text()
    assert not [mark for mark in MARKS if mark in text.lower()]
    events = logged(process.log)
    assert {"answered", "a statement was slow"} <= {one["event"] for one in events}
    assert all(one.keys() >= {"event", "time", "level", "logger"} for one in events)
    assert {"Recorded", "other"} == {one["operation"] for one in events if one["event"] == "answered"}


def of_request(process: ServiceProcess, response: httpx.Response) -> list[dict[str, Any]]:
    """The events of a request that was answered."""
    return [one for one in logged(process.log) if one.get("request_id") == response.headers["x-request-id"]]


async def test_a_request_is_found_in_the_log_by_the_id_that_its_answer_has(
    loud: Client, process: ServiceProcess, unique: str
) -> None:
    one = await loud.http.post("/graphql", json={"query": BY, "variables": {"value": MAIL}})
    other = await loud.http.post("/graphql", json={"query": "{"}, headers={"X-Request-Id": f"mine-{unique}"})
    assert other.headers["x-request-id"] == f"mine-{unique}"
    for response, code, round_trips in ((one, "OK", 1), (other, "GRAPHQL_PARSE_FAILED", 0)):
        # It is written once the answer is sent.
        async with asyncio.timeout(5):
            while not (ours := of_request(process, response)) or ours[-1]["event"] != "answered":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        answered = ours[-1]
        assert answered["event"] == "answered"
        assert (answered["code"], answered["round_trips"]) == (code, round_trips)
        slow = [each for each in ours if each["event"] == "a statement was slow"]
        assert len(slow) == round_trips
