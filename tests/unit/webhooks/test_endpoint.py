"""Deliveries over real connections: where they go, what is read of answers, and what is said of failures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from service.webhooks.addresses import target
from service.webhooks.connecting import Resolve
from service.webhooks.endpoint import Endpoint
from service.webhooks.retrying import Answer
from tests.receiver import Got, Receiver, answer, receiving


def leading_to(*addresses: str) -> Resolve:
    """A resolver by which every name leads to the next of these, and in the end to the last."""
    waiting = list(addresses)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return [waiting.pop(0) if len(waiting) > 1 else waiting[0]]

    return resolve


def endpoint(url: str, resolve: Resolve | None = None, *, loopback: bool = True, seconds: float = 5.0) -> Endpoint:
    return Endpoint(
        target(url, loopback=True),
        loopback=loopback,
        answer_seconds=seconds,
        resolve=resolve or leading_to("127.0.0.1"),
    )


async def posted(one: Endpoint) -> Answer:
    return await one.post([(b"Webhook-Id", b"msg_1")], b"{}")


async def test_what_is_sent_names_the_host_of_the_url() -> None:
    async with receiving() as receiver:
        one = endpoint(f"http://crm.example:{receiver.port}/in/ä?key=a b".replace(" ", "%20"))
        assert await posted(one) == Answer(204)
        await one.close()
    (got,) = receiver.got
    assert got == Got(
        "POST /in/%C3%A4?key=a%20b HTTP/1.1",
        {
            "host": f"crm.example:{receiver.port}",
            "content-type": "application/json",
            "user-agent": "customer-graph",
            "webhook-id": "msg_1",
            "content-length": "2",
        },
        b"{}",
    )


async def test_a_connection_is_kept_and_made_anew_when_it_was_closed_meanwhile() -> None:
    async with receiving() as receiver:
        one = endpoint(receiver.url)
        assert [await posted(one) for _ in range(20)] == [Answer(204)] * 20
        assert receiver.connections == 1
        receiver.cut()
        assert await posted(one) == Answer(204)
        assert receiver.connections == 2

        async def once_closed(_got: Got) -> bytes:
            receiver.respond = None
            return b""

        # Closed while the request is on its way: tried once more at once.
        receiver.respond = once_closed
        assert await posted(one) == Answer(204)
        assert receiver.connections == 3
        await one.close()


async def test_the_address_is_judged_at_every_connection() -> None:
    async with receiving() as receiver:
        one = endpoint(
            f"http://crm.example:{receiver.port}/",
            leading_to("127.0.0.1", "10.0.0.1", "127.0.0.1", "169.254.169.254"),
        )
        refused = "the address is refused: the name crm.example leads to a private address"
        assert await posted(one) == Answer(204)
        receiver.cut()
        assert await posted(one) == Answer(error=refused)
        assert await posted(one) == Answer(204)
        receiver.cut()
        assert (await posted(one)).error == refused.replace("private", "link-local")
        assert len(receiver.got) == 2
        await one.close()


async def test_without_the_setting_nothing_goes_to_loopback() -> None:
    async with receiving() as receiver:
        one = endpoint(receiver.url, loopback=False)
        assert await posted(one) == Answer(error="the address is refused: a loopback address")
    assert receiver.connections == 0


async def test_redirects_are_not_followed() -> None:
    async with receiving() as elsewhere:

        async def redirect(_got: Got) -> bytes:
            return answer(307, Location=elsewhere.url)

        async with receiving(redirect) as receiver:
            one = endpoint(receiver.url)
            said = await posted(one)
            assert (said.status, said.is_taken) == (307, False)
            await one.close()
    assert elsewhere.got == []


async def test_of_a_long_answer_little_is_read() -> None:
    async def endless(_got: Got) -> bytes:
        return (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"4000\r\n"
            + b"x" * 0x4000
            + b"\r\n"
            + (b"1\r\nx\r\n")
        )

    async with receiving(endless) as receiver:
        one = endpoint(receiver.url)
        assert await posted(one) == Answer(200)
        # The connection cannot go on.
        assert await posted(one) == Answer(200)
        assert receiver.connections == 2
        await one.close()


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    async def never(_got: Got) -> bytes:
        await asyncio.sleep(60)
        return b""

    async with receiving(never) as receiver:
        one = endpoint(receiver.url, seconds=0.1)
        start = time.monotonic()
        assert await posted(one) == Answer(error="no answer within 0.1 seconds")
        assert time.monotonic() - start < 1
        receiver.respond = None
        assert await posted(one) == Answer(204)
        await one.close()


async def test_an_answer_byte_by_byte_is_not_waited_for_either() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    one = endpoint(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", seconds=0.2)
    assert await posted(one) == Answer(error="no answer within 0.2 seconds")
    server.close()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", "the connection was closed without an answer"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer is not HTTP"),
    ],
)
async def test_what_is_no_answer_is_a_failure(said: bytes, error: str) -> None:
    async def respond(_got: Got) -> bytes:
        return said

    async with receiving(respond) as receiver:
        assert await posted(endpoint(receiver.url)) == Answer(error=error)


async def test_nobody_there_and_a_name_without_an_address_are_told_apart() -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such host")

    receiver = Receiver()
    async with receiving() as gone:
        receiver.port = gone.port
    assert await posted(endpoint(receiver.url)) == Answer(error="no connection")
    missing = endpoint(f"http://crm.example:{receiver.port}/", nowhere)
    assert await posted(missing) == Answer(error="the host's name has no address")


async def test_of_several_addresses_the_next_one_is_tried() -> None:
    async with receiving() as receiver:

        async def both(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.2", "127.0.0.1"]

        one = endpoint(f"http://crm.example:{receiver.port}/", both)
        assert await posted(one) == Answer(204)
        await one.close()


async def test_tls_is_spoken_with_the_name_of_the_url() -> None:
    hello = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.extend(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    one = endpoint(f"https://crm.example:{server.sockets[0].getsockname()[1]}/")
    said = await posted(one)
    server.close()
    assert said.status is None
    assert said.error in ("no TLS connection", "no connection")
    assert b"crm.example" in hello
