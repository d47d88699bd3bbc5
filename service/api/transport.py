"""GraphQL over HTTP, by the specification of that name: POST with JSON, GET for queries; streams too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from service.access import credentials
from service.access.authenticator import Authenticator
from service.access.models import Caller
from service.api.admission import CallerGone
from service.api.errors import BAD_REQUEST
from service.api.event_streams import EventStreams
from service.api.execution import Executor, json
from service.api.refusing import RequestRefused
from service.api.requests import (
    ANSWER_HEADERS,
    LEGACY_MEDIA_TYPE,
    MEDIA_TYPE,
    STREAM_MEDIA_TYPE,
    Accepted,
    BadRequest,
    Parameters,
    accepted,
    check_content,
    from_body,
    from_query_string,
)
from service.api.sockets import serve_socket
from service.errors import (
    CredentialMissing,
    DeadlineExceeded,
    NotServing,
    Overloaded,
    ServiceError,
    Unauthenticated,
)
from service.observing import operation

_METHODS: Final = "GET, HEAD, POST, OPTIONS"

_CHALLENGE: Final = 'Bearer realm="customer-graph"'
"""How to ask; of what was shown no more than that it does not do: RFC 6750, 3.1."""

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body, headers."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Streamed:
    """What is asked for as a stream, and who asks."""

    parameters: Parameters
    caller: Caller


class GraphQLEndpoint:
    """Answers GraphQL requests."""

    def __init__(
        self,
        executor: Executor,
        authenticator: Authenticator,
        *,
        max_body_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._executor = executor
        self._authenticator = authenticator
        self._streams = EventStreams(executor, authenticator)
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one answer; never an exception. An ASGI application: see `service.app` for why."""
        if scope["type"] == "websocket":
            await serve_socket(self._executor, self._authenticator, scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", _METHODS.encode())]})
            await send({"type": "http.response.body"})
            return
        answer = await self._answered(scope["method"], Headers(scope=scope), scope, receive)
        if isinstance(answer, Streamed):
            may_write = scope["method"] == "POST"
            one = answer.parameters
            asked = (one.query, one.variables, one.operation_name)
            await self._streams.serve(*asked, answer.caller, receive, send, may_write=may_write)
            return
        await self._send(answer, scope, send)

    def close(self) -> None:
        """Tells clients that are being told of events to connect again: this process ends."""
        self._streams.close()

    async def _send(self, answer: Answer, scope: Scope, send: Send) -> None:
        status, content, headers = answer
        operation.answered(content)
        body = json(content)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw += [(b"content-length", b"%d" % len(body)), *ANSWER_HEADERS]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answered(self, method: str, headers: Headers, scope: Scope, receive: Receive) -> Answer | Streamed:
        """The answer; or what is asked for as a stream."""
        media_type = LEGACY_MEDIA_TYPE
        try:
            taken = accepted(headers.get("accept", ""))
            media_type = LEGACY_MEDIA_TYPE if taken.media_type == STREAM_MEDIA_TYPE else taken.media_type
            # Who asks comes before what: the body of somebody unknown is not even read.
            caller = await self._authenticator.caller(credentials.in_headers(scope["headers"]))
            parameters = await self._parameters(method, headers, scope, receive)
            query = self._executor.text(parameters.query, parameters.document_id, is_hash=parameters.is_hash)
            parameters = replace(parameters, query=query)
            if method != "HEAD" and await self._streamed(taken, parameters, caller):
                return Streamed(parameters, caller)
            answer = await self._executor.run(
                query=parameters.query,
                variables=parameters.variables,
                operation_name=parameters.operation_name,
                caller=caller,
                may_write=method == "POST",
                gone=lambda: _disconnected(receive),
            )
            return _answer(200, answer, media_type)
        except Unauthenticated as error:
            return _answer(401, _errors(error.message, error.code), media_type, challenge(error))
        except (NotServing, Overloaded) as error:
            return _answer(503, _errors(error.message, error.code), media_type)
        except BadRequest as error:
            return _answer(error.status, _errors(error.message, BAD_REQUEST), media_type, error.headers)
        except RequestRefused as refused:
            # The legacy type says 200 for every answer that is GraphQL's own.
            status = refused.status if media_type == MEDIA_TYPE or refused.status != 400 else 200
            return _answer(status, {"errors": refused.errors}, media_type, refused.headers)
        except CallerGone:
            log.info("a client went away; its query was cancelled")
            return _answer(499, _errors("Nobody waits for the answer.", operation.GONE), media_type)
        except DeadlineExceeded:
            late = DeadlineExceeded()
            return _answer(504, _errors(late.message, late.code), media_type)
        except Exception:
            log.exception("a request failed")
            fault = ServiceError()
            return _answer(500, _errors(fault.message, fault.code), media_type)

    async def _streamed(self, taken: Accepted, parameters: Parameters, caller: Caller) -> bool:
        if taken.media_type == STREAM_MEDIA_TYPE:
            return True
        return taken.streams and await self._executor.is_stream(parameters.query, caller)

    async def _parameters(self, method: str, headers: Headers, scope: Scope, receive: Receive) -> Parameters:
        if method in ("GET", "HEAD"):
            return from_query_string(scope["query_string"])
        if method == "POST":
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    body = await self._body(headers, receive)
            except TimeoutError:
                late = f"The body did not come within {self._timeout_seconds:g} seconds. Send it again, or less."
                raise BadRequest(408, late, {"Connection": "close"}) from None
            self._executor.check_size(body)
            return from_body(body)
        raise BadRequest(405, "Use POST, or GET for queries.", {"Allow": _METHODS})

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        check_content(headers.get("content-type", ""), headers.get("content-encoding", ""))
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_body_bytes:
            raise self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest(400, "The request broke off.")
            body += message.get("body", b"")
            if len(body) > self._max_body_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> BadRequest:
        return BadRequest(413, f"The body is larger than {self._max_body_bytes} bytes. Send less at once.")


def challenge(error: Unauthenticated) -> dict[str, str]:
    """The header that says how to ask."""
    wrong = "" if isinstance(error, CredentialMissing) else ', error="invalid_token"'
    return {"WWW-Authenticate": _CHALLENGE + wrong}


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _errors(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _answer(
    status: int, answer: dict[str, Any], media_type: str, headers: Mapping[str, str] | None = None
) -> Answer:
    return status, answer, {"Content-Type": f"{media_type}; charset=utf-8", **(headers or {})}
