"""GraphQL over HTTP, by the specification of that name: POST with JSON, GET for queries; streams too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Any, Final

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from service.access.models import OPERATOR
from service.api.admission import CallerGone, RequestRefused
from service.api.errors import BAD_REQUEST
from service.api.event_streams import MEDIA_TYPE as STREAM_MEDIA_TYPE
from service.api.event_streams import EventStreams
from service.api.execution import Executor, json
from service.api.sockets import serve_socket
from service.errors import DeadlineExceeded, ServiceError

MEDIA_TYPE: Final = "application/graphql-response+json"
LEGACY_MEDIA_TYPE: Final = "application/json"

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body, headers."""

log = logging.getLogger(__name__)


class BadRequest(Exception):
    """The HTTP request is not a GraphQL request."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request asks for."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class GraphQLEndpoint:
    """Answers GraphQL requests."""

    def __init__(
        self,
        executor: Executor,
        *,
        max_body_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._executor = executor
        self._streams = EventStreams(executor)
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one answer; never an exception. An ASGI application: see `service.app` for why."""
        if scope["type"] == "websocket":
            await serve_socket(self._executor, scope, receive, send)
            return
        answer = await self._answered(scope["method"], Headers(scope=scope), scope, receive)
        if isinstance(answer, Parameters):
            may_write = scope["method"] == "POST"
            asked = (answer.query, answer.variables, answer.operation_name)
            await self._streams.serve(*asked, receive, send, may_write=may_write)
            return
        await self._send(answer, scope, send)

    def close(self) -> None:
        """Tells clients that are being told of events to connect again: this process ends."""
        self._streams.close()

    async def _send(self, answer: Answer, scope: Scope, send: Send) -> None:
        status, content, headers = answer
        body = json(content)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw += [(b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answered(
        self, method: str, headers: Headers, scope: Scope, receive: Receive
    ) -> Answer | Parameters:
        """The answer; or what is asked for as a stream."""
        media_type = LEGACY_MEDIA_TYPE
        try:
            media_type = _answer_type(headers.get("accept", ""))
            async with asyncio.timeout(self._timeout_seconds):  # For a slow body; the rest has its own.
                parameters = await self._parameters(method, headers, scope, receive)
            if media_type == STREAM_MEDIA_TYPE or (
                STREAM_MEDIA_TYPE in headers.get("accept", "") and self._executor.is_stream(parameters.query)
            ):
                return parameters
            answer = await self._executor.run(
                query=parameters.query,
                variables=parameters.variables,
                operation_name=parameters.operation_name,
                caller=OPERATOR,
                may_write=method == "POST",
                gone=lambda: _disconnected(receive),
            )
            return _answer(200, answer, media_type)
        except BadRequest as error:
            return _answer(error.status, _errors(error.message, BAD_REQUEST), media_type, error.headers)
        except RequestRefused as refused:
            # The legacy type says 200 for every answer that is GraphQL's own.
            status = refused.status if media_type == MEDIA_TYPE or refused.status != 400 else 200
            allowed = {"Allow": "POST"} if refused.status == 405 else {}
            return _answer(status, {"errors": refused.errors}, media_type, allowed)
        except CallerGone:
            log.info("a client went away; its query was cancelled")
            return _answer(499, _errors("Nobody waits for the answer.", BAD_REQUEST), media_type)
        except (TimeoutError, DeadlineExceeded):
            late = DeadlineExceeded()
            return _answer(504, _errors(late.message, late.code), media_type)
        except Exception:
            log.exception("a request failed")
            fault = ServiceError()
            return _answer(500, _errors(fault.message, fault.code), media_type)

    async def _parameters(self, method: str, headers: Headers, scope: Scope, receive: Receive) -> Parameters:
        if method == "GET":
            return _from_query(QueryParams(scope["query_string"]))
        if method == "POST":
            return _checked(_json_object(await self._body(headers, receive)))
        raise BadRequest(405, "Use POST, or GET for queries.", {"Allow": "GET, POST"})

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        _check_content_type(headers.get("content-type", ""))
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


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _check_content_type(given: str) -> None:
    if given == "application/json":
        return
    content_type = Message()
    content_type["Content-Type"] = given
    if content_type.get_content_type() != "application/json":
        raise BadRequest(415, "The body must be application/json.", {"Accept": "application/json"})
    if content_type.get_content_charset("utf-8") not in ("utf-8", "utf8"):
        raise BadRequest(415, "The body must be in UTF-8.", {"Accept": "application/json"})


@lru_cache(256)
def _answer_type(accept: str) -> str:
    """The media type that the client accepts: the first that it names of ours."""
    if not accept.strip():
        return LEGACY_MEDIA_TYPE
    for part in accept.split(","):
        name = part.partition(";")[0].strip().lower()
        if name in (MEDIA_TYPE, LEGACY_MEDIA_TYPE, STREAM_MEDIA_TYPE):
            return name
        if name in ("*/*", "application/*"):
            return LEGACY_MEDIA_TYPE
    raise BadRequest(406, f"Answers are {MEDIA_TYPE}, {LEGACY_MEDIA_TYPE} or {STREAM_MEDIA_TYPE}; accept one.")


def _from_query(given: QueryParams) -> Parameters:
    raw: dict[str, Any] = dict(given)
    for name in ("variables", "extensions"):
        if raw.get(name):
            raw[name] = _json_object(raw[name].encode(), name)
        else:
            raw.pop(name, None)
    return _checked(raw)


def _json_object(text: bytes, name: str = "body") -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"The {name} is not JSON in UTF-8: {error}.") from None
    if not isinstance(value, dict):
        raise BadRequest(400, f"The {name} must be a JSON object.")
    return value


def _checked(raw: dict[str, Any]) -> Parameters:
    query = raw.get("query")
    if not isinstance(query, str) or not query:
        raise BadRequest(400, "query: a GraphQL document as a string is needed.")
    variables, name, extensions = raw.get("variables"), raw.get("operationName"), raw.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "variables: must be a JSON object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "operationName: must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(400, "extensions: must be a JSON object.")
    return Parameters(query, variables, name or None)


def _errors(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _answer(
    status: int, answer: dict[str, Any], media_type: str, headers: Mapping[str, str] | None = None
) -> Answer:
    return status, answer, {"Content-Type": f"{media_type}; charset=utf-8", **(headers or {})}
