"""GraphQL over WebSocket, by the protocol graphql-transport-ws only; the protocol itself is the library's.

Ours is what the library leaves to others or does in its own way: events go out as the JSON that is made once for
all, an error in a document ends its operation and not the socket, and so many operations a socket at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, cast

import orjson
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.types.unset import UNSET

from service.access import credentials
from service.access.authenticator import Authenticator
from service.access.models import Caller
from service.api.errors import BAD_REQUEST, fault
from service.api.execution import Executor
from service.api.refusing import RequestRefused, refusal
from service.api.requests import persisted_hash
from service.connections import SOCKET
from service.errors import NotServing, Overloaded, Unauthenticated
from service.observing.operation import failed
from service.observing.watch import part

MAX_OPERATIONS: Final = 100
"""At a time, of one socket."""
_INIT_SECONDS: Final = 10
_CLOSE_SECONDS: Final = 1.0
_FORBIDDEN: Final = 4403
"""The close code of graphql-transport-ws for who may not connect; clients come again with what is valid."""
_TRY_AGAIN_LATER: Final = 1013
_MALFORMED: Final = 4400
_UNACCEPTABLE: Final = 4406
"""The close code of graphql-transport-ws for a client that does not speak it."""

Write = Callable[[bytes], bool]
"""Sends a message if that need not wait; else False."""


async def serve_socket(
    executor: Executor, authenticator: Authenticator, scope: Scope, receive: Receive, send: Send
) -> None:
    """One WebSocket, from its connecting to its end. Part of an ASGI application."""
    own = scope.get("extensions", {}).get(SOCKET, {})
    socket = _Socket(receive, send, own.get("write", _never), own.get("abort", _nothing), executor.check_size)
    await receive()  # That it connects.
    if GRAPHQL_TRANSPORT_WS_PROTOCOL not in scope["subprotocols"]:
        await send({"type": "websocket.accept"})
        await socket.close(_UNACCEPTABLE, f"Subprotocol not acceptable: use {GRAPHQL_TRANSPORT_WS_PROTOCOL}")
        return
    await send({"type": "websocket.accept", "subprotocol": GRAPHQL_TRANSPORT_WS_PROTOCOL})
    await _Handler(executor, socket, _Door(authenticator, socket, scope)).handle()


def _nothing() -> None:
    """Of a server that has no such extension."""


def _never(_text: bytes) -> bool:
    """Of a server that has no such extension."""
    return False


class _Socket:
    """What the protocol needs of a WebSocket."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        write: Write,
        abort: Callable[[], None],
        check_size: Callable[[str], None],
    ) -> None:
        self._receive = receive
        self._send = send
        self.write = write
        self._abort = abort
        self._check_size = check_size

    async def iter_json(self) -> AsyncGenerator[object, None]:
        """The messages that come in, until the other side is gone."""
        while (message := await self._receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text is None:
                raise NonTextMessageReceived
            try:
                self._check_size(text)
                value = orjson.loads(text)
            except RequestRefused as refused:
                await self.close(_MALFORMED, refused.errors[0]["message"])
                return
            except orjson.JSONDecodeError:
                raise NonJsonMessageReceived from None
            yield value

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Sends one message."""
        await self.send_text(orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS).decode())

    async def send_text(self, text: str) -> None:
        """Sends one message; waits while the other side does not read what was sent before."""
        try:
            await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError):
            # Gone; or closed by this side, which the server takes for an error in here.
            raise WebSocketDisconnected from None

    async def close(self, code: int, reason: str) -> None:
        """Closes it; a reason has room for 123 bytes. Who does not read it is not waited for."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._send({"type": "websocket.close", "code": code, "reason": reason[:120]})
        except TimeoutError:
            self._abort()
        except (OSError, RuntimeError):
            raise WebSocketDisconnected from None


class _Door:
    """Who is asked whether somebody may connect."""

    def __init__(self, authenticator: Authenticator, socket: _Socket, scope: Scope) -> None:
        self._authenticator = authenticator
        self._socket = socket
        self._headers = scope["headers"]
        self._forget: Callable[[], None] | None = None
        self.caller: Caller | None = None

    async def on_ws_connect(self, context: Mapping[str, Any]) -> object:
        """Finds out who it is, by what they say first or by the header that they came with."""
        shown = context["connection_params"]
        try:
            credential = credentials.in_payload(shown) or credentials.in_headers(self._headers)
            self.caller = await self._authenticator.caller(credential)
        except Unauthenticated:
            raise ConnectionRejectionError from None
        except (NotServing, Overloaded) as error:
            await self._socket.close(_TRY_AGAIN_LATER, error.message)
            raise WebSocketDisconnected from None
        return UNSET

    def watch(self, ended: Callable[[], None]) -> None:
        """Tells when the caller is none any more; a second time, as before."""
        assert self.caller is not None
        if self._forget is None:
            self._forget = self._authenticator.watch(self.caller, ended)

    def forget(self) -> None:
        """Nobody must be told any more."""
        if self._forget is not None:
            self._forget()


class _Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """The protocol's side of one socket."""

    def __init__(self, executor: Executor, socket: _Socket, door: _Door) -> None:
        super().__init__(
            view=cast("Any", door),
            websocket=cast("Any", socket),
            context={},
            root_value=None,
            schema=cast("Any", None),
            connection_init_wait_timeout=timedelta(seconds=_INIT_SECONDS),
        )
        self._executor = executor
        self._socket = socket
        self._door = door
        self._closing: asyncio.Task[None] | None = None

    async def handle_connection_init(self, message: Any) -> None:
        """Lets somebody in who may; the socket is closed with 4403 at once, or when they are nobody any more."""
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self._closing is None:
            self._door.watch(self._close_soon)

    async def shutdown(self) -> None:
        """The end of the socket."""
        self._door.forget()
        if self._closing is not None:
            self._closing.cancel()
        await super().shutdown()

    def _close_soon(self) -> None:
        self._closing = asyncio.create_task(self._close())

    async def _close(self) -> None:
        # What is under way ends first: nothing more is told, even if the other side never reads the closing.
        for operation_id in list(self.operations):
            await self.cleanup_operation(operation_id)
        with suppress(WebSocketDisconnected):
            await self._socket.close(_FORBIDDEN, "Forbidden: the API key or token is not valid any more")

    async def handle_message(self, message: Any) -> None:
        """One message; one that is not of the protocol closes the socket with 4400."""
        if self._closing is not None:
            # Who is nobody any more may have sent it before they were told, or read nothing and never be told.
            return
        reason = _malformed(message)
        if reason is not None:
            await self.handle_invalid_message(reason)
            return
        if message["type"] == "subscribe" and self.connection_acknowledged:
            try:
                self._check(message["id"], message["payload"])
            except RequestRefused as refused:
                end = {"id": message["id"], "type": "error", "payload": refused.errors}
                await self.send_message(cast("Any", end))
                return
        await super().handle_message(message)

    def _check(self, operation_id: str, payload: dict[str, Any]) -> None:
        """Puts the document's text where only its id is; raises RequestRefused."""
        if self._is_full(operation_id):
            text = f"At most {MAX_OPERATIONS} operations at a time on one socket. Complete some, or open another."
            raise refusal(text, BAD_REQUEST)
        if not payload.get("query"):
            document_id = payload.get("documentId")
            name = document_id or persisted_hash(payload.get("extensions"))
            payload["query"] = self._executor.text("", name, is_hash=not document_id)

    def _is_full(self, operation_id: str) -> bool:
        return operation_id not in self.operations and len(self.operations) >= MAX_OPERATIONS

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Sends what an operation is answered with, and how it ends."""
        with part(operation.id):
            await self._answer(operation)

    async def _answer(self, operation: Operation[Any, None]) -> None:
        assert self._door.caller is not None  # Else the library answers 4401.
        end: dict[str, Any] = {"id": operation.id, "type": "complete"}
        prefix = b'{"id":%b,"type":"next","payload":' % orjson.dumps(operation.id)

        def send(answer: bytes) -> Coroutine[Any, Any, None] | None:
            text = b"%b%b}" % (prefix, answer)
            return None if self._socket.write(text) else self._socket.send_text(text.decode())

        try:
            await self._executor.stream(
                query=operation.query,
                variables=operation.variables,
                operation_name=operation.operation_name,
                caller=self._door.caller,
                may_write=True,
                send=send,
            )
        except WebSocketDisconnected:
            return
        except Exception as error:
            errors = _errors(error)
            failed(errors)
            end = {"id": operation.id, "type": "error", "payload": errors}
        await operation.send_operation_message(cast("Any", end))


def _errors(error: Exception) -> list[dict[str, Any]]:
    return error.errors if isinstance(error, RequestRefused) else [fault(error)]


def _malformed(message: Any) -> str | None:
    """What is wrong with a message's form, if anything is."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be a JSON object with a type"
    if message["type"] not in ("subscribe", "complete"):
        return None
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "id: a text is needed"
    if message["type"] == "complete":
        return None
    payload = message.get("payload")
    if not isinstance(payload, dict) or not _names_document(payload):
        return "payload.query: a GraphQL document as a text is needed"
    for name, type_, called in (("variables", dict, "an object"), ("operationName", str, "a text")):
        if payload.get(name) is not None and not isinstance(payload[name], type_):
            return f"payload.{name}: must be {called}"
    return None


def _names_document(payload: dict[str, Any]) -> bool:
    if isinstance(payload.get("query"), str):
        return True
    extensions = payload.get("extensions")
    return isinstance(payload.get("documentId"), str) or (
        isinstance(extensions, dict) and persisted_hash(extensions) is not None
    )
