"""The keys that tokens are signed with: from a JWKS file or address, kept, and read anew when there are others.

Requests wait for a reading only where they need it: for the first keys, or for one that is not known. What a
reading could not replace stays: an address that does not answer ends nobody's work.
"""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpcore
import orjson
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, RSAKey, import_key

from service.errors import Unauthenticated, Unavailable
from service.trust import authorities

_FRESH_SECONDS: Final = 300.0
"""Then they are read anew, beside the requests."""
_LEAST_SECONDS: Final = 10.0
"""Between two readings, for whatever reason: who invents ids of keys must not cost the address a request each."""
_FIRST_SECONDS: Final = 1.0
"""The same while there are no keys yet."""
_ANSWER_SECONDS: Final = 5.0
_MOST_BYTES: Final = 256 * 1024
_MOST_KEYS: Final = 100
_LEAST_RSA_BITS: Final = 2048

_HEADERS: Final = [("Accept", "application/json"), ("User-Agent", "customer-graph")]

Read = Callable[[], Awaitable[bytes]]
"""Reads a JWKS; raises OSError, TimeoutError or httpcore's errors."""
_FAILURES: Final = (
    OSError,
    TimeoutError,
    ValueError,
    JoseError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)

log = logging.getLogger(__name__)


class KeySet:
    """The keys of an issuer."""

    def __init__(self, read: Read, changed: Callable[[], None], now: Callable[[], float] = time.monotonic) -> None:
        """`changed` is called when keys are others than they were."""
        self._read = read
        self._changed = changed
        self._now = now
        self._raw = b""
        self._keys: list[Key] | None = None
        self._began = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def key(self, key_id: str | None, algorithm: str) -> Key:
        """The key with an id; without one, the only key that is for the algorithm.

        Raises:
            Unauthenticated: there is no such key.
            Unavailable: no keys could be read yet.
        """
        age = self._now() - self._began
        found = chosen(self._keys or (), key_id, algorithm)
        if (found is None and age >= (_LEAST_SECONDS if self._keys else _FIRST_SECONDS)) or age >= _FRESH_SECONDS:
            self._start()
        if found is None and self._reading is not None and not self._reading.done():
            # Shared by all who wait: none of them may end it.
            await asyncio.shield(self._reading)
            found = chosen(self._keys or (), key_id, algorithm)
        if found is not None:
            return found
        if self._keys is None:
            raise Unavailable("Tokens cannot be verified right now: their issuer's keys cannot be read.")
        raise Unauthenticated

    def _start(self) -> None:
        if self._reading is None or self._reading.done():
            self._began = self._now()
            self._reading = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                raw = await self._read()
            keys = parsed(raw)
        except _FAILURES as error:
            # Only sentences of this module: what else is in an error may be of the answer.
            reason = error if type(error) is ValueError else type(error).__name__
            log.warning("the keys of tokens cannot be read: %s", reason)
            return
        if raw != self._raw:
            self._raw, self._keys = raw, keys
            self._changed()


def chosen(keys: list[Key] | tuple[()], key_id: str | None, algorithm: str) -> Key | None:
    """The key with an id; without one, the only key that is for the algorithm."""
    fitting = [key for key in keys if _is_for(key, algorithm)]
    if key_id is not None:
        return next((key for key in fitting if key.kid == key_id), None)
    return fitting[0] if len(fitting) == 1 else None


def _is_for(key: Key, algorithm: str) -> bool:
    kinds = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm.startswith("Ed") else "EC", "H": "oct"}
    return key.key_type == kinds[algorithm[0]] and key.alg in (None, algorithm)


def parsed(raw: bytes) -> list[Key]:
    """The keys of a JWKS that can verify signatures; raises ValueError where it is none."""
    value = orjson.loads(raw)
    if not isinstance(value, dict) or not isinstance(value.get("keys"), list):
        raise ValueError('not a JWKS: {"keys": […]} is needed')
    if len(value["keys"]) > _MOST_KEYS:
        raise ValueError(f"more than {_MOST_KEYS} keys")
    return [key for one in value["keys"] if (key := _imported(one)) is not None]


def _imported(one: Any) -> Key | None:
    """A key; None where it is of a kind that is not known here, too weak, or not for signatures."""
    if not isinstance(one, dict) or one.get("use", "sig") != "sig":
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # Weak ones are left out here.
            key = import_key(one)
            key.check_key_op("verify")
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < _LEAST_RSA_BITS:
        return None
    return key


def from_file(path: Path) -> Read:
    """Reads a file."""

    def content() -> bytes:
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES + 1)
            _check_size(found)
            return found

    return lambda: asyncio.to_thread(content)


def from_address(url: str) -> Read:
    """Reads an address, over a connection of its own each time; redirects are not followed."""

    async def read() -> bytes:
        async with (
            httpcore.AsyncConnectionPool(ssl_context=authorities()) as pool,
            pool.stream("GET", url, headers=_HEADERS) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"the address answered {answer.status}")
            content = bytearray()
            async for part in answer.aiter_stream():
                content += part
                _check_size(content)
            return bytes(content)

    return read


def _check_size(content: bytes | bytearray) -> None:
    if len(content) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES} bytes")
