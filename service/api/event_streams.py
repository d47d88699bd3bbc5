"""GraphQL over server-sent events, by the "distinct connections" mode of graphql-sse: one operation a response.

An answer is an event `next`; `complete` says that there are no more. Where a process ends, its streams end without
it: clients connect again, and go on after the last cursor they saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

from starlette.types import Receive, Send

from service.access.authenticator import Authenticator
from service.access.models import Caller
from service.api.errors import fault
from service.api.execution import Executor, json
from service.api.refusing import RequestRefused
from service.api.requests import ANSWER_HEADERS, STREAM_MEDIA_TYPE
from service.observing.operation import failed

_QUIET_SECONDS: Final = 12.0
"""After which a comment is sent, so that nothing between takes the connection for dead (as graphql-sse does)."""
_RETRY_MILLIS: Final = 1_000
CONTENT_TYPE: Final = (b"content-type", STREAM_MEDIA_TYPE.encode() + b"; charset=utf-8")
_HEADERS: Final = [
    CONTENT_TYPE,
    *ANSWER_HEADERS,
    # Else some proxies keep events back until there are many.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE: Final = b"event: complete\ndata:\n\n"


class EventStreams:
    """The streams of this process."""

    def __init__(self, executor: Executor, authenticator: Authenticator) -> None:
        self._executor = executor
        self._authenticator = authenticator
        self._open: set[asyncio.Task[None]] = set()
        self._closing = False

    def close(self) -> None:
        """Ends all streams, so that their clients connect again, to another process or to the next one."""
        self._closing = True
        for one in self._open:
            one.cancel()

    async def serve(
        self,
        query: str,
        variables: dict[str, object] | None,
        operation_name: str | None,
        caller: Caller,
        receive: Receive,
        send: Send,
        *,
        may_write: bool,
    ) -> None:
        """One stream, from its headers to its end; and it ends when its caller is none any more."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _send(send, b"retry: %d\n\n" % _RETRY_MILLIS)

        def send_next(answer: bytes) -> Coroutine[Any, Any, None]:
            return _send(send, b"event: next\ndata: %b\n\n" % answer)

        answer = partial(
            self._executor.stream,
            query=query,
            variables=variables,
            operation_name=operation_name,
            caller=caller,
            may_write=may_write,
            send=send_next,
        )
        sending = asyncio.create_task(_ended(answer, send))
        watching = asyncio.create_task(_watch(receive, send))
        self._open.add(sending)
        forget = self._authenticator.watch(caller, sending.cancel)
        if self._closing:
            sending.cancel()
        try:
            await asyncio.wait((sending, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            forget()
            self._open.discard(sending)
            for task in (sending, watching):
                task.cancel()
            await asyncio.wait((sending, watching))
        await _send(send, b"", more=False)


async def _ended(answer: Callable[[], Awaitable[None]], send: Send) -> None:
    """Has all answers sent, and how it ends."""
    try:
        await answer()
    except RequestRefused as refused:
        failed(refused.errors)
        await _send(send, b"event: next\ndata: %b\n\n" % json({"errors": refused.errors}))
    except OSError:  # The client is gone.
        return
    except Exception as error:
        errors = [fault(error)]
        failed(errors)
        await _send(send, b"event: next\ndata: %b\n\n" % json({"data": None, "errors": errors}))
    await _send(send, _COMPLETE)


async def _watch(receive: Receive, send: Send) -> None:
    """Sends a comment now and then; ends when the client is gone."""
    while True:
        try:
            async with asyncio.timeout(_QUIET_SECONDS):
                while (await receive())["type"] != "http.disconnect":
                    pass
            return
        except TimeoutError:
            await _send(send, b":\n\n")


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
