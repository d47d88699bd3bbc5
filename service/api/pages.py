"""What is beside GraphQL over HTTP: the page with GraphiQL, and the probes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Trouble = Callable[[], Awaitable[str | None]]
"""Tells what keeps the graph from being used, if anything does."""

_GRAPHIQL: Final = Path(__file__).parent / "static" / "graphiql"
_POLICY: Final = (
    "default-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
"""Of the page, and of everything else here, so that nothing is forgotten. HSTS is for what speaks TLS to say."""


def pages(trouble: Trouble, metrics: Sequence[Route] = ()) -> ASGIApp:
    """The application of all paths but GraphQL's; `metrics` is what there is of them."""
    app = Starlette(
        routes=[
            Route("/", _page),
            Mount("/graphiql", GZipMiddleware(StaticFiles(directory=_GRAPHIQL))),
            Route("/livez", _live),
            Route("/readyz", _ready),
            *metrics,
        ],
        exception_handlers={HTTPException: _not_here},
    )
    app.state.trouble = trouble

    async def with_headers(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        await app(scope, receive, sent)

    return with_headers


async def _page(_request: Request) -> Response:
    return FileResponse(_GRAPHIQL / "index.html", headers={"Cache-Control": "no-cache"})


async def _live(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: Request) -> Response:
    """200 while the graph can be read and written."""
    reason = await request.app.state.trouble()
    if reason is not None:
        return JSONResponse({"status": "not ready", "reason": reason}, status_code=503)
    return JSONResponse({"status": "ready"})


async def _not_here(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        code, message = "NOT_FOUND", "Nothing is here. GraphQL is at /graphql, and a page to try it at /."
    else:
        code, message = "BAD_REQUEST", f"{error.detail}."
    answer = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(answer, status_code=error.status_code, headers=error.headers)
