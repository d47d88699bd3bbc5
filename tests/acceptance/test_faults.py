"""A graph that is slow, silent, or gone: every request is answered in its time with a code that says what to do.

Nothing that was acknowledged is lost, nothing is written twice, and all goes on by itself once the graph does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from tests.acceptance.conftest import Client, service, touch
from tests.acceptance.streams import connected, streamed
from tests.clients.engine import MortalEngine
from tests.clients.proxy import Proxy

DEADLINE = 3.0
LATE = 1.5
"""At most, on a machine that does other things."""
POOL = 4
READY_SECONDS = 60
IN_TIME = {"DEADLINE_EXCEEDED", "UNAVAILABLE"}

WHO = "query ($by: CustomerBy!) { customer(by: $by) { id } }"
RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  duplicate userErrors { code } touchpoint { id customer { id } } } }"""
MESSAGES = """query ($by: CustomerBy!) { customer(by: $by) {
  touchpoints(first: 100) { nodes { id messageId } } } }"""
CREATE_TASK = """mutation ($input: CreateTaskInput!) { createTask(input: $input) {
  task { id } userErrors { code message } } }"""
CHANGES = "subscription { changes { cursor kind } }"


@dataclass
class Stack:
    """A service, its engine, and the way between the two."""

    client: Client
    proxy: Proxy
    engine: MortalEngine

    async def timed(self, document: str, **variables: Any) -> tuple[dict[str, Any], str | None]:
        """An answer that must come in time, and the code of its error, if it has one."""
        began = time.monotonic()
        answer = await self.client.answer(document, **variables)
        assert time.monotonic() - began < DEADLINE + LATE
        errors = answer.get("errors", [])
        return answer, errors[0]["extensions"]["code"] if errors else None

    async def answered(self, document: str, **variables: Any) -> Any:
        """The only root field; asked again where a slow machine does not answer in time what is asked first."""
        async with asyncio.timeout(READY_SECONDS):
            while True:
                answer, code = await self.timed(document, **variables)
                if code is None:
                    (value,) = answer["data"].values()
                    return value
                await asyncio.sleep(0.1)

    async def becomes(self, status: int) -> str | None:
        """Waits until the service says that it is ready, or that it is not, and why."""
        async with asyncio.timeout(READY_SECONDS):
            while (ready := await self.client.http.get("/readyz")).status_code != status:  # noqa: ASYNC110 -- asked
                await asyncio.sleep(0.05)
        reason: str | None = ready.json().get("reason")
        return reason


@pytest.fixture(scope="module")
async def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """All of it is this file's own."""
    async with Proxy() as proxy:
        engine = MortalEngine(request.config, tmp_path_factory.mktemp("engine"), proxy)
        try:
            reached = await asyncio.to_thread(engine.start)
            async with reached.migrated():
                pass
            more = {
                "CUSTOMER_GRAPH_REQUEST_TIMEOUT_SECONDS": f"{DEADLINE}",
                "CUSTOMER_GRAPH_POOL_SIZE": f"{POOL}",
                "CUSTOMER_GRAPH_SHUTDOWN_TIMEOUT_SECONDS": "2",
            }
            process = service(reached, tmp_path_factory.mktemp("service") / "log", **more)
            with process as running:
                client = Client(running.address)
                one = Stack(client, proxy, engine)
                await one.becomes(200)
                yield one
                proxy.speak()
                await client.http.aclose()
        finally:
            await asyncio.to_thread(engine.stop)


@pytest.fixture
async def whole(stack: Stack, unique: str) -> AsyncIterator[Stack]:
    """It is ready, and what a test does with the proxy ends with the test."""
    await stack.becomes(200)
    await _record(stack, unique, 0)
    # Each form was asked once: an engine that has just started takes long for that.
    await stack.answered(WHO, by={"cookie": unique})
    await _stored(stack, unique)
    yield stack
    stack.proxy.delay_seconds = 0
    stack.proxy.speak()


def _form(unique: str, number: int) -> dict[str, Any]:
    return touch(f"{unique}-{number}", "page_view", "web", "2024-05-01T00:00:00Z", ("cookie", unique))


async def _record(stack: Stack, unique: str, number: int) -> str:
    """Records until it is acknowledged; the touchpoint."""
    payload = await stack.answered(RECORD, input=_form(unique, number))
    assert payload["userErrors"] == []
    return str(payload["touchpoint"]["id"])


async def _stored(stack: Stack, unique: str) -> dict[str, str]:
    customer = await stack.answered(MESSAGES, by={"cookie": unique})
    return {one["messageId"]: one["id"] for one in customer["touchpoints"]["nodes"]}


async def test_a_body_that_does_not_come_is_waited_for_no_longer_than_a_request_may_take(whole: Stack) -> None:
    at = whole.client.http.base_url
    reader, writer = await asyncio.open_connection(at.host, at.port)
    head = f"POST /graphql HTTP/1.1\r\nHost: {at.netloc.decode()}\r\nContent-Type: application/json\r\n"
    began = time.monotonic()
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    async with asyncio.timeout(4 * DEADLINE):
        answered = await reader.read()  # To its end: the connection is closed.
    writer.close()
    assert DEADLINE <= time.monotonic() - began < 3 * DEADLINE
    head, _, body = answered.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 408 ")
    (error,) = orjson.loads(body)["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert error["message"] == f"The body did not come within {DEADLINE:g} seconds. Send it again, or less."


def _slow(proxy: Proxy) -> None:
    proxy.delay_seconds = 2.0


@pytest.mark.parametrize("impair", [_slow, Proxy.fall_silent], ids=["slow", "silent"])
async def test_requests_end_in_their_time_and_all_goes_on_after(
    whole: Stack, unique: str, impair: Callable[[Proxy], None]
) -> None:
    impair(whole.proxy)
    asked = [whole.timed(WHO, by={"cookie": unique}) for _ in range(3)]
    asked += [whole.timed(RECORD, input=_form(unique, number)) for number in range(1, 4)]
    codes = [code for _, code in await asyncio.gather(*asked)]
    assert set(codes) <= IN_TIME, codes
    began = time.monotonic()
    assert await whole.becomes(503)
    assert time.monotonic() - began < DEADLINE + LATE
    assert (await whole.client.http.get("/livez")).status_code == 200
    whole.proxy.delay_seconds = 0
    whole.proxy.speak()
    await whole.becomes(200)
    # What was not acknowledged may be there or not; repeated, each is there once.
    made = {f"{unique}-{number}": await _record(whole, unique, number) for number in range(4)}
    assert await _stored(whole, unique) == made


async def test_who_follows_and_what_is_due_outlast_a_silence(whole: Stack, unique: str) -> None:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    async with connected(str(whole.client.http.base_url).rstrip("/")) as socket:
        await socket.subscribe("all", CHANGES)
        await socket.begun()
        form = {"title": "call", "dueAt": due.isoformat()}
        assert (await whole.answered(CREATE_TASK, input=form))["userErrors"] == []
        whole.proxy.fall_silent()
        await asyncio.sleep(DEADLINE + 0.5)
        whole.proxy.speak()
        await _record(whole, unique, 1)
        missing = {"TASK_CREATED", "TASK_DUE", "TOUCHPOINT_RECORDED"}
        async with asyncio.timeout(READY_SECONDS):
            while missing:
                missing -= {change["kind"] for change in await socket.changes(1)}


async def test_connections_that_are_all_in_use_are_told_of(whole: Stack, unique: str) -> None:
    fields = ("id", "state", "displayName", "previousIds", "createdAt", "version", "identifiers { value }")
    # Each of its own form: equal ones would go as one.
    forms = [WHO.replace("id }", field + " }") for field in fields]

    async def asked(forms: list[str]) -> list[str | None]:
        answers = await asyncio.gather(*(whole.timed(form, by={"cookie": unique}) for form in forms))
        return [code for _, code in answers]

    for form in forms:
        await whole.answered(form, by={"cookie": unique})
    # All connections of the pool are open.
    whole.proxy.delay_seconds = 0.05
    assert await asked(forms[:POOL]) == [None] * POOL
    whole.proxy.delay_seconds = 0
    whole.proxy.fall_silent()
    codes = await asked(forms)
    assert set(codes) <= IN_TIME | {"OVERLOADED"}
    assert "OVERLOADED" in codes
    whole.proxy.speak()
    await whole.becomes(200)
    assert await asked(forms) == [None] * len(forms)


async def _by_http(stack: Stack, variables: dict[str, Any]) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await stack.client.http.post("/graphql", json={"query": WHO, "variables": variables}, timeout=0.3)


async def _by_event_stream(stack: Stack, variables: dict[str, Any]) -> None:
    async with streamed(stack.client.http, WHO, **variables):
        await asyncio.sleep(0.3)


async def _by_socket(stack: Stack, variables: dict[str, Any]) -> None:
    async with connected(str(stack.client.http.base_url).rstrip("/")) as socket:
        await socket.subscribe("1", WHO, **variables)
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("leave", [_by_http, _by_event_stream, _by_socket])
async def test_who_goes_away_lets_go_of_the_graph(
    whole: Stack, unique: str, leave: Callable[[Stack, dict[str, Any]], Awaitable[None]]
) -> None:
    """The connection that its read was on is closed, long before its time is over: the engine hears of it."""
    await whole.answered(WHO, by={"cookie": unique})
    await asyncio.sleep(0.1)
    before = whole.proxy.connections
    whole.proxy.fall_silent()
    began = time.monotonic()
    await leave(whole, {"by": {"cookie": unique}})
    while whole.proxy.connections == before:
        assert time.monotonic() - began < DEADLINE - 0.5, "it was not given up before its time"
        await asyncio.sleep(0.02)


async def test_of_those_who_ask_the_same_one_may_go(whole: Stack, unique: str) -> None:
    whole.proxy.fall_silent()
    asked = [asyncio.create_task(whole.timed(WHO, by={"cookie": unique})) for _ in range(8)]
    await asyncio.sleep(0.3)
    for one in asked[::3]:
        one.cancel()
    await asyncio.sleep(0.7)
    whole.proxy.speak()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    stayed = [answer for number, answer in enumerate(answers) if number % 3]
    assert len(stayed) == 5
    assert [answer[1] for answer in stayed if not isinstance(answer, BaseException)] == [None] * 5


async def test_a_write_whose_caller_is_gone_is_made_whole_or_not_at_all(whole: Stack, unique: str) -> None:
    whole.proxy.fall_silent()
    body = {"query": RECORD, "variables": {"input": _form(unique, 1)}}
    with pytest.raises(httpx.ReadTimeout):
        await whole.client.http.post("/graphql", json=body, timeout=0.3)
    whole.proxy.speak()
    async with asyncio.timeout(READY_SECONDS):
        while f"{unique}-1" not in (stored := await _stored(whole, unique)):  # noqa: ASYNC110 -- asked
            await asyncio.sleep(0.05)
    assert await _record(whole, unique, 1) == stored[f"{unique}-1"]


@pytest.mark.timeout(400)
async def test_a_graph_that_dies_under_load_comes_back_with_all_that_was_acknowledged(
    whole: Stack, unique: str
) -> None:
    acknowledged: dict[str, str] = {}
    codes: set[str | None] = set()
    over = asyncio.Event()

    async def write(writer: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            form = _form(unique, number) | {"messageId": f"{unique}-{writer}-{number}"}
            answer, code = await whole.timed(RECORD, input=form)
            codes.add(code)
            if code is None:
                touchpoint = answer["data"]["recordTouchpoint"]["touchpoint"]
                acknowledged[form["messageId"]] = touchpoint["id"]
            else:
                await asyncio.sleep(0.1)

    async def more(count: int) -> None:
        """Waits until so many more are acknowledged, by writers who all go on."""
        enough = len(acknowledged) + count
        async with asyncio.timeout(READY_SECONDS):
            while len(acknowledged) < enough:
                for one in writing:
                    if one.done():
                        one.result()
                await asyncio.sleep(0.02)

    writing = [asyncio.create_task(write(writer)) for writer in range(4)]
    await more(30)
    await asyncio.to_thread(whole.engine.kill)
    assert await whole.becomes(503)
    assert (await whole.timed(WHO, by={"cookie": unique}))[1] in IN_TIME
    await asyncio.to_thread(whole.engine.start)
    await whole.becomes(200)
    await more(10)
    over.set()
    await asyncio.gather(*writing)
    assert codes <= IN_TIME | {None}
    ids = list(acknowledged.values())
    assert len(set(ids)) == len(ids), "each message is there once"
    found: dict[str, str] = {}
    for start in range(0, len(ids), 100):
        nodes = await whole.answered(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Touchpoint { id messageId } } }",
            ids=ids[start : start + 100],
        )
        found |= {node["messageId"]: node["id"] for node in nodes if node}
    assert found == acknowledged
