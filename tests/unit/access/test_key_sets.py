"""The keys of tokens: read when they are needed, kept when they cannot be, and not read for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
import pytest
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from service.access.key_sets import KeySet, chosen, from_address, from_file, parsed
from service.errors import Unauthenticated, Unavailable

ONE, OTHER = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("one", "other"))


def jwks(*keys: Key) -> bytes:
    return orjson.dumps({"keys": [key.as_dict(private=False) for key in keys]})


class Source:
    """A JWKS address, and a clock."""

    def __init__(self, content: bytes | Exception) -> None:
        self.content = content
        self.readings = 0
        self.changes = 0
        self.time = 1000.0
        self.keys = KeySet(self.read, self.changed, lambda: self.time)

    async def read(self) -> bytes:
        self.readings += 1
        await asyncio.sleep(0)
        if isinstance(self.content, Exception):
            raise self.content
        return self.content

    def changed(self) -> None:
        self.changes += 1


async def test_all_who_wait_share_one_reading() -> None:
    source = Source(jwks(ONE, OTHER))
    found = await asyncio.gather(*(source.keys.key("one", "ES256") for _ in range(50)))
    assert {key.kid for key in found} == {"one"}
    assert (source.readings, source.changes) == (1, 1)


async def test_a_new_key_is_found_at_once_and_invented_ones_cost_one_reading_in_ten_seconds() -> None:
    source = Source(jwks(ONE))
    await source.keys.key("one", "ES256")
    source.content = jwks(ONE, OTHER)
    with pytest.raises(Unauthenticated):
        await source.keys.key("other", "ES256")
    source.time += 10
    assert (await source.keys.key("other", "ES256")).kid == "other"
    assert (source.readings, source.changes) == (2, 2)
    source.time += 9
    for number in range(100):
        with pytest.raises(Unauthenticated):
            await source.keys.key(f"invented {number}", "ES256")
    assert source.readings == 2
    source.time += 1
    for number in range(100):
        with pytest.raises(Unauthenticated):
            await source.keys.key(f"invented {number}", "ES256")
    assert (source.readings, source.changes) == (3, 2)


async def test_keys_stay_while_the_address_does_not_answer() -> None:
    source = Source(jwks(ONE))
    await source.keys.key("one", "ES256")
    for failure in (OSError("no route"), b"not JSON", b"[]", jwks(*[ONE] * 101)):
        source.content = failure
        source.time += 1000
        assert (await source.keys.key("one", "ES256")).kid == "one"
        await asyncio.sleep(0.01)
    assert source.readings == 5
    # A key that was withdrawn is one no more, once that is known.
    source.content = jwks(OTHER)
    source.time += 1000
    await source.keys.key("one", "ES256")
    await asyncio.sleep(0.01)
    with pytest.raises(Unauthenticated):
        await source.keys.key("one", "ES256")


async def test_without_any_keys_nothing_is_known() -> None:
    source = Source(OSError("no route"))
    for _ in range(3):
        with pytest.raises(Unavailable):
            await source.keys.key("one", "ES256")
    assert source.readings == 1
    source.content = jwks(ONE)
    source.time += 1
    assert (await source.keys.key("one", "ES256")).kid == "one"


def test_a_key_is_for_algorithms_of_its_type_only() -> None:
    secret = OctKey.generate_key(256, {"kid": "secret"})
    fixed = ECKey.generate_key("P-256", {"kid": "fixed", "alg": "ES384"})
    keys: list[Key] = [ONE, secret, fixed]
    assert chosen(keys, "one", "ES256") is ONE
    for kid, algorithm in (("one", "RS256"), ("one", "HS256"), ("secret", "ES256"), ("fixed", "ES256")):
        assert chosen(keys, kid, algorithm) is None
    assert chosen(keys, None, "HS256") is secret
    assert chosen([ONE, OTHER], None, "ES256") is None
    assert chosen([], None, "ES256") is None


@pytest.mark.filterwarnings("ignore:Key size:joserfc.errors.SecurityWarning")
def test_what_is_not_for_signatures_or_too_weak_is_left_out() -> None:
    small = RSAKey.generate_key(1024, {"kid": "small"})
    good = ONE.as_dict(private=False)
    others = [
        small.as_dict(private=False),
        good | {"kid": "enc", "use": "enc"},
        good | {"kid": "ops", "key_ops": ["encrypt"]},
        good | {"kid": "curve", "crv": "P-9"},
        {"kty": "future", "kid": "future"},
        "nothing",
        None,
    ]
    assert [key.kid for key in parsed(orjson.dumps({"keys": [*others, good]}))] == ["one"]


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"keys": {}}', b'{"keys": null}', b"\xff"])
def test_what_is_no_key_set(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"JWKS|unexpected|invalid|str is not|[Ii]nput"):
        parsed(raw)


async def test_a_file_has_a_bound(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks(ONE))
    assert await from_file(file)() == jwks(ONE)
    file.write_bytes(b" " * (256 * 1024 + 1))
    with pytest.raises(ValueError, match="more than 262144 bytes"):
        await from_file(file)()
    file.unlink()
    with pytest.raises(OSError, match="No such file"):
        await from_file(file)()


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An address on loopback that answers each request so, and what it was asked."""
    asked: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks?a=b", asked


def response(status: int, body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 %d -" % status, b"Content-Length: %d" % len(body), *headers, b"", body])


async def test_an_address_is_read() -> None:
    async with serving(response(200, jwks(ONE))) as (address, asked):
        assert await from_address(address)() == jwks(ONE)
    (request,) = asked
    assert request.startswith(b"GET /jwks?a=b HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        response(500, b"broken"),
        response(302, b"", b"Location: http://127.0.0.1:1/jwks"),
        response(200, b" " * (256 * 1024 + 1)),
        response(200, b"not JSON"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"not HTTP",
        b"",
    ],
    ids=["error", "redirect", "large", "no JSON", "broken off", "no HTTP", "closed"],
)
async def test_an_address_that_answers_wrongly_gives_no_keys(answer: bytes) -> None:
    async with serving(answer) as (address, asked):
        keys = KeySet(from_address(address), lambda: None)
        with pytest.raises(Unavailable):
            await keys.key("one", "ES256")
    assert len(asked) == 1


async def test_an_address_where_nobody_is_gives_no_keys() -> None:
    async with serving(b"") as (address, _):
        pass
    with pytest.raises(Unavailable):
        await KeySet(from_address(address), lambda: None).key("one", "ES256")
