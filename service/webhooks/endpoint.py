"""One endpoint over HTTP: a connection that is kept, a bounded time, and little of the answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import httpcore

from service.trust import authorities
from service.webhooks.addresses import Target
from service.webhooks.connecting import AddressRefused, JudgedBackend, Resolve, resolved
from service.webhooks.retrying import Answer

_CONNECT_SECONDS: Final = 5.0
_IDLE_SECONDS: Final = 4.0
"""Then a connection is closed from here: a little before servers do, which would cost a delivery a second try."""
_MOST_BYTES: Final = 16 * 1024
"""Of an answer that are read, so that the connection can go on; more is not waited for."""
_CLOSED: Final = "the connection was closed without an answer"
_DROPPED: Final = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)


class Endpoint:
    """Where one webhook's messages go."""

    def __init__(
        self,
        target: Target,
        *,
        loopback: bool,
        answer_seconds: float,
        resolve: Resolve = resolved,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds = answer_seconds
        self._url = httpcore.URL(
            scheme=b"https" if target.secure else b"http",
            host=target.host.encode("ascii"),
            port=target.port,
            target=target.path.encode("ascii"),
        )
        self._headers = [
            (b"Host", target.authority.encode("ascii")),
            (b"Content-Type", b"application/json"),
            (b"User-Agent", b"customer-graph"),
        ]
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust or authorities(),
            max_connections=1,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=JudgedBackend(secure=target.secure, loopback=loopback, resolve=resolve),
        )
        self._is_kept = False

    async def close(self) -> None:
        """Ends the connection."""
        with suppress(Exception):
            await self._pool.aclose()
        self._is_kept = False

    async def post(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer:
        """One try; it never raises for what the endpoint or the way to it does."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._posted(headers, body)
        except (TimeoutError, httpcore.TimeoutException):
            error = f"no answer within {self._seconds:g} seconds"
        except AddressRefused as refused:
            error = f"the address is refused: {refused}"
        except httpcore.ConnectError as failed:
            error = _why(failed)
        except httpcore.RemoteProtocolError as failed:
            error = _CLOSED if "disconnected" in str(failed) else "the answer is not HTTP"
        except (httpcore.ReadError, httpcore.WriteError):
            error = _CLOSED
        except OSError:
            error = "the host's name has no address"
        else:
            return answer
        await self.close()
        return Answer(error=error)

    async def _posted(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer:
        if self._is_kept:
            # A connection that was kept may have been closed just now; that is no failure.
            with suppress(*_DROPPED):
                return await self._sent(headers, body)
            await self.close()
        answer = await self._sent(headers, body)
        self._is_kept = True
        return answer

    async def _sent(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> Answer:
        request = httpcore.Request(
            b"POST",
            self._url,
            headers=[*self._headers, *headers, (b"Content-Length", str(len(body)).encode())],
            content=body,
            extensions={"timeout": {"connect": _CONNECT_SECONDS}},
        )
        response = await self._pool.handle_async_request(request)
        try:
            size = 0
            async for part in response.aiter_stream():
                size += len(part)
                if size > _MOST_BYTES:
                    break
        finally:
            await response.aclose()
        found = [value for name, value in response.headers if name.lower() == b"retry-after"]
        return Answer(response.status, retry_after=found[0].decode("latin-1") if found else None)


def _why(failed: httpcore.ConnectError) -> str:
    cause = failed.__cause__ or failed.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "no TLS connection"
    return "no connection"
