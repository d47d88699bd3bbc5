"""What HTTP requests and answers look like: parameters in a body or an address, media types, headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

MEDIA_TYPE: Final = "application/graphql-response+json"
LEGACY_MEDIA_TYPE: Final = "application/json"
STREAM_MEDIA_TYPE: Final = "text/event-stream"
ANSWER_HEADERS: Final = [
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept"),
    # An answer is data: never a page, nor part of one of another site.
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""Of each answer, whatever it is."""

_MOST_ACCEPTED: Final = 1_000
_MOST_CONTENT_TYPE: Final = 200
_MOST_PARAMETERS: Final = 100
_BROKEN_ENCODING: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


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
    """The document; empty where it is named."""
    variables: dict[str, Any] | None
    operation_name: str | None
    document_id: str | None = None
    """What names the document."""
    is_hash: bool = False
    """It was named in Apollo's way."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a client takes as an answer."""

    media_type: str
    """The one that it likes most."""
    streams: bool
    """Whether it takes a stream of events, which is what a subscription is answered with."""


def accepted(accept: str) -> Accepted:
    """What an `Accept` header asks for; raises BadRequest where it takes nothing of ours, or is too long."""
    if len(accept) > _MOST_ACCEPTED:
        raise BadRequest(406, f"The Accept header is longer than {_MOST_ACCEPTED} characters.")
    return _accepted(accept)


@lru_cache(256)
def _accepted(accept: str) -> Accepted:
    """What an `Accept` header asks for; raises BadRequest where it takes nothing of ours.

    By RFC 9110: the most specific range that names a type says its quality, and 0 means not at all. Of types with
    equal quality it is the one that is named first. A stream is sent to those only who name its type.
    """
    ranges: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(accept.split(",") if accept.strip() else ["*/*"]):
        name, *given = (one.strip().lower() for one in part.split(";"))
        ranges.setdefault(name, (_quality(given), -place))
    wanted: dict[str, tuple[float, int]] = {}
    for media_type in (LEGACY_MEDIA_TYPE, MEDIA_TYPE, STREAM_MEDIA_TYPE):
        general = ("application/*", "*/*") if media_type != STREAM_MEDIA_TYPE else ()
        for name in (media_type, *general):
            if name in ranges:
                wanted[media_type] = ranges[name]
                break
    taken = {media_type: rank for media_type, rank in wanted.items() if rank[0] > 0}
    if not taken:
        types = f"{MEDIA_TYPE}, {LEGACY_MEDIA_TYPE} or {STREAM_MEDIA_TYPE}"
        raise BadRequest(406, f"Answers are {types}; accept one.")
    return Accepted(max(taken, key=lambda one: taken[one]), STREAM_MEDIA_TYPE in taken)


def _quality(parameters: list[str]) -> float:
    """Of a media range; one that cannot be read counts as not given."""
    for one in parameters:
        name, _, value = one.partition("=")
        if name.strip() == "q" and re.fullmatch(r"[01](\.\d{0,3})?", value.strip()):
            return min(float(value), 1.0)
    return 1.0


def check_content(content_type: str, encoding: str) -> None:
    """Whether a body is in a form that is read; raises BadRequest.

    What a page of another site could send without the browser's asking first (text, forms) is none of them.
    """
    if encoding.strip().lower() not in ("", "identity"):
        raise BadRequest(415, "The body must not be compressed.", {"Accept-Encoding": "identity"})
    if content_type == LEGACY_MEDIA_TYPE:
        return
    if len(content_type) > _MOST_CONTENT_TYPE:
        # Reading its parameters would take time with the square of its length.
        raise BadRequest(415, f"The Content-Type header is longer than {_MOST_CONTENT_TYPE} characters.")
    parsed = Message()
    parsed["Content-Type"] = content_type
    if parsed.get_content_type() != LEGACY_MEDIA_TYPE:
        raise BadRequest(415, "The body must be application/json.", {"Accept": LEGACY_MEDIA_TYPE})
    if parsed.get_content_charset("utf-8") not in ("utf-8", "utf8"):
        raise BadRequest(415, "The body must be in UTF-8.", {"Accept": LEGACY_MEDIA_TYPE})


def from_body(body: bytes) -> Parameters:
    """The parameters of a POST; raises BadRequest."""
    return _checked(_json_object(body, "body"))


def from_query_string(query_string: bytes) -> Parameters:
    """The parameters of a GET; raises BadRequest."""
    if _BROKEN_ENCODING.search(query_string):
        raise BadRequest(400, "The query string has a % without two hexadecimal digits; write %25 for a % itself.")
    try:
        given = parse_qsl(
            query_string.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise BadRequest(400, "The query string is not in UTF-8.") from None
    except ValueError:
        raise BadRequest(400, f"The query string has more than {_MOST_PARAMETERS} parameters.") from None
    raw: dict[str, Any] = {}
    for name, value in given:
        if name in raw and name in ("query", "variables", "operationName", "extensions"):
            raise BadRequest(400, f"{name}: is there twice.")
        raw[name] = value
    for name in ("variables", "extensions"):
        raw[name] = _json_object(raw[name].encode(), name) if raw.get(name) else None
    return _checked(raw)


def _json_object(text: bytes, name: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"The {name} is not JSON in UTF-8: {error}.") from None
    if not isinstance(value, dict):
        raise BadRequest(400, f"The {name} must be a JSON object.")
    return value


def _checked(raw: dict[str, Any]) -> Parameters:
    query, document_id = raw.get("query"), raw.get("documentId")
    if document_id is not None and not isinstance(document_id, str):
        raise BadRequest(400, "documentId: must be a string.")
    if query is not None and not isinstance(query, str):
        raise BadRequest(400, "query: a GraphQL document as a string is needed.")
    variables, name, extensions = raw.get("variables"), raw.get("operationName"), raw.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "variables: must be a JSON object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "operationName: must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(400, "extensions: must be a JSON object.")
    hash_ = persisted_hash(extensions)
    if not query and not document_id and not hash_:
        raise BadRequest(400, "query: a GraphQL document as a string is needed.")
    return Parameters(
        query or "", variables, name or None, document_id or hash_, is_hash=not document_id and hash_ is not None
    )


def persisted_hash(extensions: dict[str, Any] | None) -> str | None:
    """How Apollo's clients name a document: by its hash in the extensions of a request."""
    persisted = (extensions or {}).get("persistedQuery")
    hash_ = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return hash_ if isinstance(hash_, str) else None
