"""Requests are watched from their coming in to their answer, which has their id as `X-Request-Id`."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.event_streams import CONTENT_TYPE
from service.observing.operation import request_id
from service.observing.watch import HTTP, SSE, Watch


class Observing:
    """An ASGI application around one that answers GraphQL requests."""

    def __init__(self, application: ASGIApp, watch: Watch) -> None:
        self._application = application
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one connection with many operations: see `service.observing.watch.part`."""
        headers = scope["headers"]
        name = request_id(headers)
        own = (b"x-request-id", name.encode())
        if scope["type"] == "websocket":

            async def accepted(message: Message) -> None:
                if message["type"] == "websocket.accept":
                    message["headers"] = [*message.get("headers", ()), own]
                await send(message)

            with self._watch.connection(name, headers):
                await self._application(scope, receive, accepted)
            return
        with self._watch.operation(HTTP, name, headers) as observed:

            async def identified(message: Message) -> None:
                if message["type"] == "http.response.start":
                    if CONTENT_TYPE in message["headers"]:
                        observed.transport = SSE
                    message["headers"] = [*message["headers"], own]
                await send(message)

            await self._application(scope, receive, identified)
