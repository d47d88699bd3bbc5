"""What pages in browsers may ask of this service; clients that are no browsers are not looked at.

No cookie proves who somebody is, so a page of another site cannot use what a browser remembers. Without
authentication, though, to reach the service is all it takes, and a browser reaches loopback for any page. So:

- the name that the service is called by must be one of its own, else a page could have its own name lead here;
- what pages of other origins ask is refused, unless the settings name the origin. Browsers would keep the answers
  from them, but not how long these take, which tells something too;
- pages of the settings' origins, and no others, are let read answers (CORS).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.errors import BAD_REQUEST, FORBIDDEN
from service.api.requests import ANSWER_HEADERS
from service.observing.operation import request_id

ANY: Final = "*"

_PREFLIGHT_SECONDS: Final = 3600
"""For which a browser need not ask again."""
_READABLE: Final = ("X-Request-Id", "Retry-After", "WWW-Authenticate")
"""Headers of an answer that a page of another origin may read."""
_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/?#\s]+)(?::(\d{1,5}))?", re.IGNORECASE)
_LONGEST: Final = 300
"""Of a host's name (253) with its port, or an origin: what is longer is not even kept."""
_PORTS: Final = {"http": "80", "https": "443"}

_NOT_ITS_NAME: Final = (
    "The Host header has a name that is not known here. The service answers to localhost, to numeric addresses, "
    "and to the names in CUSTOMER_GRAPH_ALLOWED_HOSTS."
)
_NO_NAME: Final = "The Host header must be there once, with a name or an address."
_OTHER_ORIGIN: Final = (
    "What pages of other origins ask is refused, but for the origins in CUSTOMER_GRAPH_CORS_ORIGINS."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    code: str
    message: str


log = logging.getLogger(__name__)


def allowing(
    endpoint: ASGIApp, others: ASGIApp, *, path: str, hosts: Collection[str], origins: Collection[str]
) -> ASGIApp:
    """The application: an endpoint at a path, other things elsewhere, for those who may ask.

    `hosts` are names, `*.example.com` for all below one, or `*`; `origins` are those of pages, or `*`.
    """
    called, asked = known_hosts(hosts), known_origins(origins)
    answering = endpoint
    if origins:
        answering = CORSMiddleware(
            endpoint,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            # Headers that we do not know we do not read either, and clients have many.
            allow_headers=(ANY,),
            expose_headers=_READABLE,
            max_age=_PREFLIGHT_SECONDS,
        )

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await others(scope, receive, send)
            return
        host, origin, site = _headers(scope)
        at_endpoint = scope["path"] == path
        refusal = called(host) or (asked(host, origin, site) if at_endpoint and (origin or site) else None)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        elif at_endpoint:
            await answering(scope, receive, send)
        else:
            await others(scope, receive, send)

    return application


def _headers(scope: Scope) -> tuple[str, str, str]:
    """Host, Origin and Sec-Fetch-Site, in one pass: it is on the way of every request."""
    host = origin = site = b""
    for name, value in scope["headers"]:
        if name == b"host":
            host = value if not host else b"\n"  # Two of them are none.
        elif name == b"origin":
            origin = value
        elif name == b"sec-fetch-site":
            site = value
    return host.decode("latin-1"), origin.decode("latin-1"), site.decode("latin-1")


def known_hosts(hosts: Collection[str]) -> Callable[[str], Refusal | None]:
    """What says whether a Host header names this service.

    An address in numbers is always one: no page can have it as its own name. So is localhost.
    """
    names = {"localhost", *(one.lower() for one in hosts)}
    below = tuple(one[1:] for one in ("*.localhost", *names) if one.startswith("*."))

    def check(header: str) -> Refusal | None:
        return known(header) if len(header) <= _LONGEST else Refusal(400, BAD_REQUEST, _NO_NAME)

    @lru_cache(1024)
    def known(header: str) -> Refusal | None:
        found = _HOST.fullmatch(header)
        if found is None:
            return Refusal(400, BAD_REQUEST, _NO_NAME)
        name = found[1].lower().removesuffix(".")
        if ANY in names or name in names or name.endswith(below) or _is_address(name.strip("[]")):
            return None
        return Refusal(421, BAD_REQUEST, _NOT_ITS_NAME)

    return check


def known_origins(origins: Collection[str]) -> Callable[[str, str, str], Refusal | None]:
    """What says whether a request is of a page of this service, or of another origin that may ask.

    The browser's word on it (Sec-Fetch-Site) counts first: it is right behind a proxy that changes Host, too. Some
    give none for WebSockets, and none does to plain http but on loopback; then Origin must be what Host says.
    """
    refused = Refusal(403, FORBIDDEN, _OTHER_ORIGIN)

    def check(host: str, origin: str, site: str) -> Refusal | None:
        if ANY in origins:
            return None
        return known(host, origin, site) if max(len(origin), len(site)) <= _LONGEST else refused

    @lru_cache(1024)
    def known(host: str, origin: str, site: str) -> Refusal | None:
        if (origin and origin in origins) or site in ("same-origin", "none"):
            return None
        if site or not _is_of(origin, host):
            return refused
        return None

    return check


def _is_of(origin: str, host: str) -> bool:
    """Whether an origin is this service's own, as far as its Host header tells."""
    scheme, _, authority = origin.partition("://")
    port = _PORTS.get(scheme)
    own, other = host.lower(), authority.lower()
    return port is not None and own.removesuffix(f":{port}") == other.removesuffix(f":{port}")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request, or a WebSocket before it is opened."""
    error = {"message": refusal.message, "extensions": {"code": refusal.code}}
    response = JSONResponse({"errors": [error]}, refusal.status)
    name = request_id(scope["headers"])
    response.raw_headers += [*ANSWER_HEADERS, (b"x-request-id", name.encode())]
    log.info("a request was refused unread", extra={"request_id": name, "status": refusal.status})
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await response(scope, receive, send)
        return
    await receive()  # That it connects.
    await send({"type": "websocket.close"})
