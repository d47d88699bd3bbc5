"""Connections to endpoints, each to an address that was judged: there is no second look-up that could say another.

A name may lead elsewhere at every look-up (DNS rebinding), so what was resolved when a webhook was registered says
nothing: at each connection the name is resolved once, every address is judged, and one of these is connected to.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import httpcore

from service.webhooks.addresses import Address, literal, refusal

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host's name and a port to addresses; raises OSError where there are none."""

_LEAST_SECONDS: Final = 1.0
"""For one of several addresses to answer."""


class AddressRefused(Exception):
    """Nothing is delivered to this address; says why."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's own means."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | OSError) -> None:
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def look_up() -> None:
        found: list[str] | OSError
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [str(row[4][0]) for row in rows]
        except OSError as error:
            found = error
        except UnicodeError:
            found = OSError("no name that can be looked up")
        with suppress(RuntimeError):  # The loop has ended meanwhile.
            loop.call_soon_threadsafe(settle, found)

    # A thread of its own, which ends with the process: a slow name server takes none that others wait for.
    threading.Thread(target=look_up, name="webhook-name", daemon=True).start()
    return await answer


async def judged(
    host: str, port: int, *, secure: bool, loopback: bool, resolve: Resolve = resolved
) -> list[Address]:
    """The addresses of a host, all of which may be delivered to.

    Raises:
        AddressRefused: one of them may not.
        OSError: there are none.
    """
    given = literal(host)
    found = [given] if given is not None else _addresses(await resolve(host, port))
    for address in found:
        why = refusal(address, secure=secure, loopback=loopback)
        if why is not None:
            raise AddressRefused(why if given is not None else f"the name {host} leads to {_article(why)}")
    if not found:
        raise OSError("no address")
    return found


def _article(why: str) -> str:
    return f"an address that is {why}" if why.startswith("not") else why


def _addresses(texts: Iterable[str]) -> list[Address]:
    found = (literal(text) for text in texts)
    return list(dict.fromkeys(one for one in found if one is not None))


class JudgedBackend(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses only."""

    def __init__(self, *, secure: bool, loopback: bool, resolve: Resolve) -> None:
        self._secure = secure
        self._loopback = loopback
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first of a host's addresses that answers."""
        addresses = await judged(host, port, secure=self._secure, loopback=self._loopback, resolve=self._resolve)
        *others, last = addresses
        for address in others:
            share = None if timeout is None else max(timeout / len(addresses), _LEAST_SECONDS)
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._inner.connect_tcp(str(address), port, share, local_address, socket_options)
        return await self._inner.connect_tcp(str(last), port, timeout, local_address, socket_options)
