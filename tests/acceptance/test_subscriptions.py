"""Being told of changes, over real sockets and streams."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.acceptance.conftest import Client, ServiceProcess, service, touch
from tests.acceptance.streams import CHANGES, connected, streamed
from tests.conftest import Engine

RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  customer { id } userErrors { message } } }"""
RECORD_MANY = """mutation ($input: RecordTouchpointsInput!) { recordTouchpoints(input: $input) {
  results { customer { id } userErrors { message } } userErrors { message } } }"""
PAGE = """query ($after: String, $filter: ChangeFilter) { changes(after: $after, filter: $filter) {
  endCursor hasNextPage nodes { cursor kind customerId previousCustomerIds subject { id } } } }"""
DAY = "2026-03-02T09:00:00Z"


def visit(message: str, cookie: str) -> dict[str, Any]:
    return touch(message, "page_view", "web", DAY, ("cookie", cookie))


async def customer(client: Client, unique: str) -> str:
    """Somebody new."""
    made = await client.field(RECORD, input=visit(f"{unique}-first", unique))
    customer_id: str = made["customer"]["id"]
    return customer_id


async def visits(client: Client, unique: str, count: int, name: str = "more") -> None:
    """So many touchpoints of one customer, a hundred at once."""
    for start in range(0, count, 100):
        items = [visit(f"{unique}-{name}-{number}", unique) for number in range(start, min(start + 100, count))]
        await client.field(RECORD_MANY, input={"items": items})


async def logged(client: Client, after: str | None, **chosen: Any) -> list[dict[str, Any]]:
    """What the log holds behind a cursor."""
    found: list[dict[str, Any]] = []
    while True:
        page = await client.field(PAGE, after=after, filter=chosen)
        found += page["nodes"]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return found


@pytest.fixture
async def person(client: Client, unique: str) -> str:
    return await customer(client, unique)


async def test_what_was_missed_comes_first_and_then_what_happens(
    address: str, client: Client, unique: str, person: str
) -> None:
    """While somebody writes: at the seam between the two nothing is left out, and nothing comes twice."""
    await visits(client, unique, 250)
    writing = asyncio.create_task(visits(client, unique, 300, "meanwhile"))
    chosen = {"customerIds": [person]}
    async with connected(address) as socket, streamed(client.http, filter=chosen, after=None) as events:
        first = (await logged(client, None, **chosen))[0]
        await socket.subscribe("all", filter=chosen, after=first["cursor"])
        told = [first, *await socket.changes(551)]
        await writing
        assert told == await logged(client, None, **chosen)
        # Without a cursor only what comes from then on.
        await visits(client, unique, 1, "last")
        (last,) = await socket.changes(1)
        while (live := (await events.changes(1))[0]) != last:
            assert live in told
    assert first["kind"] == "CUSTOMER_CREATED"


async def test_a_stream_of_events_resumes(client: Client, unique: str, person: str) -> None:
    await visits(client, unique, 30)
    chosen = {"customerIds": [person], "kinds": ["TOUCHPOINT_RECORDED"]}
    everything = await logged(client, None, **chosen)
    after, told = None, []
    for _ in range(3):
        async with streamed(client.http, filter=chosen, after=after or everything[0]["cursor"]) as events:
            told += await events.changes(10)
            after = told[-1]["cursor"]
    assert told == everything[1:]


async def test_another_process_tells_of_it_too(
    engine: Engine, client: Client, unique: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with service(engine, tmp_path_factory.mktemp("other") / "log") as other:
        async with connected(other.address) as socket:
            await socket.subscribe("new", filter={"kinds": ["CUSTOMER_CREATED"]})
            await socket.begun()
            made = await customer(client, unique)
            while (await socket.changes(1))[0]["customerId"] != made:
                pass
        await _is_told_to_connect_again(other, unique)


async def _is_told_to_connect_again(process: ServiceProcess, unique: str) -> None:
    """SIGTERM: what was answered is in the log, sockets and streams end so that clients come back, in time."""
    client = Client(process.address)
    made = await customer(client, f"{unique}-end")
    async with connected(process.address) as socket, streamed(client.http) as events:
        await socket.subscribe("1", filter={"customerIds": [made]})
        await socket.begun()
        await visits(client, f"{unique}-end", 1)
        await socket.changes(1)
        await events.changes(1)
        process.process.send_signal(signal.SIGTERM)
        assert await socket.closed() == (1012, "")
        while (event := await events.next()) is not None:
            assert event[0] == "next"
    assert await asyncio.to_thread(process.process.wait, 10) == 0
    await client.http.aclose()


async def test_each_is_told_what_they_ask_for(address: str, client: Client, unique: str, person: str) -> None:
    """What is asked for alike is made once; what differs only in a variable is not alike."""
    query = """subscription ($filter: ChangeFilter, $who: Boolean!) { changes(filter: $filter) {
      kind customer @include(if: $who) { ...C } } } fragment C on Customer { id }"""
    async with connected(address) as socket:
        for name, who in (("a", True), ("b", False), ("c", True)):
            await socket.subscribe(name, query, filter={"customerIds": [person]}, who=who)
        await socket.begun()
        await visits(client, unique, 1)
        told = {}
        for _ in range(3):
            message = await socket.receive()
            told[message["id"]] = message["payload"]["data"]["changes"]
    whole = {"kind": "TOUCHPOINT_RECORDED", "customer": {"id": person}}
    assert told == {"a": whole, "b": {"kind": "TOUCHPOINT_RECORDED"}, "c": whole}


async def test_who_does_not_read_has_all_when_they_do(
    address: str, client: Client, unique: str, person: str
) -> None:
    chosen = {"customerIds": [person], "kinds": ["TOUCHPOINT_RECORDED"]}
    # Some 4 kB each: far more than what the system keeps for one that does not read.
    wide = CHANGES.replace("cursor", "cursor " + " ".join(f"again{number}: customerId" for number in range(80)))
    async with connected(address) as slow, connected(address) as quick:
        for socket in (slow, quick):
            await socket.subscribe("1", wide, filter=chosen)
            await socket.begun()
        slow.connection.transport.pause_reading()
        await visits(client, unique, 1_500)
        told = await quick.changes(1_500)
        slow.connection.transport.resume_reading()
        assert await slow.changes(1_500) == told
    assert [one["cursor"] for one in told] == [one["cursor"] for one in await logged(client, None, **chosen)][1:]


async def test_other_operations_go_over_the_same_socket(address: str, unique: str) -> None:
    async with connected(address) as socket:
        await socket.subscribe("write", RECORD, input=visit(unique, unique))
        answer = await socket.receive()
        assert answer["payload"]["data"]["recordTouchpoint"]["userErrors"] == []
        assert await socket.receive() == {"id": "write", "type": "complete"}
        await socket.subscribe("read", "query ($c: String!) { customer(by: {cookie: $c}) { id } }", c=unique)
        found = (await socket.receive())["payload"]["data"]["customer"]
        assert found == answer["payload"]["data"]["recordTouchpoint"]["customer"]
        assert await socket.receive() == {"id": "read", "type": "complete"}


async def test_other_operations_are_answered_as_a_stream(client: Client) -> None:
    async with streamed(client.http, "{ __typename }") as events:
        event = await events.next()
        assert event is not None
        assert (event[0], event[1]["data"]) == ("next", {"__typename": "Query"})
        assert await events.next() == ("complete", None)
        assert await events.next() is None


async def test_a_browser_subscribes_by_its_own_means(client: Client, unique: str) -> None:
    headers = {"Accept": "text/event-stream"}
    query = "subscription { changes { kind } }"
    async with client.http.stream("GET", "/graphql", params={"query": query}, headers=headers) as response:
        lines = response.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        await customer(client, unique)
        async with asyncio.timeout(30):
            while not (line := await anext(lines)).startswith("data:"):
                pass
    assert set(json.loads(line.removeprefix("data: "))["data"]["changes"]) == {"kind"}


async def test_a_subscription_needs_a_stream(client: Client) -> None:
    answer = await client.answer("subscription { changes { kind } }")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"].startswith("A subscription needs a stream: accept text/event-stream")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "of another system": ({"after": "1700000000-0"}, "after: not a cursor of this list"),
    "cut short": ({"after": "MDAwMDAwMDAwMDAwMDAw"}, "after: not a cursor of this list"),
    "of another graph": ({"after": "OTAwMDAwMDAwMDAwMDAwMA"}, "after: the log does not go so far"),
    "nobody": (
        {"filter": {"customerIds": ["cus_nobody"]}},
        "filter.customerIds: no customer has the id 'cus_nobody'",
    ),
    "no pipeline": ({"filter": {"pipelineId": "pip_x"}}, "filter.pipelineId: no pipeline has the id 'pip_x'"),
    "too many": ({"filter": {"customerIds": ["cus_1"] * 101}}, "filter.customerIds: at most 100 at once"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_followed_is_refused(address: str, client: Client, name: str) -> None:
    variables, message = BAD[name]
    async with connected(address) as socket:
        await socket.subscribe("1", **variables)
        answer = await socket.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        (error,) = answer["payload"]
        assert error["message"].startswith(message)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        await socket.begun()  # The socket goes on.
    async with streamed(client.http, **variables) as events:
        event = await events.next()
        assert event == ("next", {"errors": [error]})
        assert await events.next() == ("complete", None)
    assert (await client.answer(PAGE, **variables))["errors"][0]["message"] == error["message"]


async def test_so_many_subscriptions_of_one_socket_at_most(address: str) -> None:
    async with connected(address) as socket:
        for number in range(10_000):
            await socket.subscribe(str(number), 'subscription { changes(filter: {owner: "nobody"}) { kind } }')
        refused = [await socket.receive() for _ in range(9_900)]
        assert {one["id"] for one in refused} == {str(number) for number in range(100, 10_000)}
        assert {one["type"] for one in refused} == {"error"}
        assert refused[0]["payload"][0]["message"].startswith("At most 100 operations at a time on one socket.")
        await socket.send(id="7", type="complete")
        await socket.subscribe("begins", "{ __typename }")
        assert (await socket.receive())["id"] == "begins"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (['{"type": "connection_init"}', "not JSON"], 4400),
        (['{"type": "connection_init"}', "[1]"], 4400),
        (['{"type": "connection_init"}', '{"type": "dance"}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": 1, "payload": {}}'], 4400),
        (['{"type": "connection_init"}', '{"type": "subscribe", "id": "1", "payload": {"query": 1}}'], 4400),
        (['{"type": "connection_init"}', '{"type": "connection_init"}'], 4429),
        (['{"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}}'], 4401),
    ],
)
async def test_what_is_not_of_the_protocol_closes_the_socket(address: str, messages: list[str], code: int) -> None:
    async with connected(address, greeting=False) as socket:
        for message in messages:
            await socket.connection.send(message)
        assert (await socket.closed())[0] == code


@pytest.mark.parametrize("protocols", [None, ["graphql-ws"]])
async def test_the_legacy_protocol_is_not_spoken(address: str, protocols: Any) -> None:
    async with connect(address.replace("http", "ws", 1) + "/graphql", subprotocols=protocols) as connection:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(connection.recv(), 30)
        assert connection.close_code == 4406


async def test_a_document_that_is_wrong_ends_only_its_operation(address: str) -> None:
    async with connected(address) as socket:
        for name, query, code in (
            ("1", "subscription {", "GRAPHQL_PARSE_FAILED"),
            ("2", "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("3", CHANGES.replace("$after: String,", "$after: String!,"), "BAD_USER_INPUT"),
        ):
            await socket.subscribe(name, query)
            answer = await socket.receive()
            assert (answer["id"], answer["type"]) == (name, "error")
            assert answer["payload"][0]["extensions"]["code"] == code
        await socket.begun()


async def test_who_is_gone_is_followed_no_more(address: str, client: Client, unique: str) -> None:
    """Nothing is left behind by sockets that were cut: the service goes on answering."""
    for _ in range(5):
        async with connected(address) as socket:
            for number in range(20):
                await socket.subscribe(str(number))
            await socket.begun()
            socket.connection.transport.abort()
    async with connected(address) as socket:
        await socket.subscribe("1")
        await socket.begun()
        made = await customer(client, unique)
        assert (await socket.changes(1))[0]["customerId"] == made
