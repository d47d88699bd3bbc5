"""Requests that want to cost much are refused with their reason, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from tests.acceptance.conftest import Client
from tests.acceptance.streams import connected
from tests.hostile import ATTACKS, TEN_MEGABYTES, Attack

pytestmark = pytest.mark.front

MODERN = "application/graphql-response+json"
HEADERS = {"content-type": "application/json", "accept": MODERN}
PATIENCE_SECONDS = 2.0
"""In which a quick request must be answered, whatever goes on beside it: the machine has other work too."""


async def send(client: Client, body: bytes) -> httpx.Response:
    return await client.http.post("/graphql", content=body, headers=HEADERS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_it_is_refused_with_its_reason(client: Client, attack: Attack) -> None:
    for number in range(2):
        response = await send(client, attack.body(number))
        assert response.status_code == attack.status
        answer = response.json()
        assert "data" not in answer
        extensions = answer["errors"][0]["extensions"]
        assert extensions["code"] == attack.code
        assert extensions.get("bound") == attack.bound
    assert (await send(client, b'{"query":"{ __typename }"}')).json()["data"] == {"__typename": "Query"}


async def quickly(client: Client, seconds: float) -> list[float]:
    """How long each of the requests took that somebody else makes meanwhile."""
    took = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        assert (await client.data('{ customer(by: {cookie: "nobody"}) { id } }')) == {"customer": None}
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    return took


async def test_nobody_waits_for_those_who_send_them(client: Client) -> None:
    done = asyncio.Event()

    async def attacking(start: int) -> int:
        number = start
        while not done.is_set():
            attack = ATTACKS[number % len(ATTACKS)]
            assert (await send(client, attack.body(number))).status_code == attack.status
            number += 1
        return number - start

    attackers = [asyncio.create_task(attacking(1_000 * number + 5 * number)) for number in range(4)]
    took = await quickly(client, 4)
    done.set()
    assert sum(await asyncio.gather(*attackers)) >= 10
    assert len(took) >= 4
    assert max(took) < PATIENCE_SECONDS


async def test_ten_megabytes_in_parts_are_not_read_to_their_end(client: Client) -> None:
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < TEN_MEGABYTES:
            sent += 65_536
            yield b" " * 65_536

    response = await client.http.post("/graphql", content=parts(), headers=HEADERS)
    assert response.status_code == 413


async def test_two_hundred_bodies_that_come_slowly_hold_up_nobody(client: Client, address: str) -> None:
    at = urlsplit(address)
    head = f"POST /graphql HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Type: application/json\r\n"
    head += "Content-Length: 1000\r\n\r\n"
    slow = []
    try:
        for number in range(200):
            one = socket.create_connection((at.hostname, at.port))
            slow.append(one)
            # Half of them do not even end their headers.
            one.sendall((head if number % 2 else head[:-2]).encode() + b"{")
        took = await quickly(client, 2)
        for one in slow:
            one.sendall(b" ")
        took += await quickly(client, 1)
    finally:
        for one in slow:
            one.close()
    assert max(took) < PATIENCE_SECONDS


async def test_headers_without_an_end_are_cut_off(client: Client, address: str) -> None:
    at = urlsplit(address)
    with closing(socket.create_connection((at.hostname, at.port), timeout=10)) as one:
        one.sendall(f"GET /graphql HTTP/1.1\r\nHost: {at.netloc}\r\n".encode())
        answer = b""
        try:
            for number in range(3_000):
                one.sendall(f"x-{number}: {'y' * 90}\r\n".encode())
                if number % 100 == 0:
                    await asyncio.sleep(0)
            while part := one.recv(65_536):
                answer += part
        except OSError:
            pass
        assert not answer or answer.startswith(b"HTTP/1.1 431 ")
    assert (await client.http.get("/livez")).status_code == 200


async def test_a_socket_is_bounded_alike(address: str) -> None:
    async with connected(address) as one:
        for number, attack in enumerate(ATTACKS[:5]):
            await one.send(id=str(number), type="subscribe", payload=orjson.loads(attack.body(1)))
            message = await one.receive()
            assert (message["id"], message["type"]) == (str(number), "error")
            assert message["payload"][0]["extensions"]["code"] == attack.code
        await one.subscribe("last", "{ __typename }")
        assert (await one.receive())["payload"]["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("message", "code"),
    [('{"type":"ping","payload":{"a":[' + "[]," * 500_000 + "[]]}}", 4400), (" " * 5_000_000, 1009)],
    ids=["many values", "too long"],
)
async def test_a_message_that_is_not_worth_reading_closes_its_socket(
    address: str, message: str, code: int
) -> None:
    async with connected(address) as one:
        try:
            await one.connection.send(message)
            await one.receive()
        except ConnectionClosed:
            pass
        await one.connection.wait_closed()
        assert one.connection.close_code == code
