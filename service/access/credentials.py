"""What callers show of themselves: found in headers, or in what opens a WebSocket. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.errors import Unauthenticated

MOST_CHARACTERS: Final = 8_192
"""Of a key or a token; longer ones are not looked at."""
_BEARER: Final = "bearer "
_AUTHORIZATION: Final = "authorization"
_API_KEYS: Final = ("x-api-key", "apikey")


def in_headers(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key or token in the headers of a request, if there is one; raises Unauthenticated."""
    found = None
    for name, value in headers:
        if name in (b"authorization", b"x-api-key"):
            if found is not None:
                raise Unauthenticated("Send one API key or token, in one header.")
            found = _read(name.decode("ascii"), value.decode("latin-1"))
    return found


def in_payload(payload: Mapping[str, Any]) -> str | None:
    """The key or token in the payload of connection_init, if there is one; raises Unauthenticated.

    It may be named as in headers, or `apiKey`.
    """
    found = None
    for name, value in payload.items():
        if name.lower() not in (_AUTHORIZATION, *_API_KEYS):
            continue
        if found is not None or not isinstance(value, str):
            raise Unauthenticated("Send one API key or token, as a text.")
        found = _read(name.lower(), value)
    return found


def _read(name: str, value: str) -> str:
    text = value.strip()
    if name == _AUTHORIZATION:
        if not text.lower().startswith(_BEARER):
            raise Unauthenticated("The Authorization must be: Bearer, then an API key or a token.")
        text = text[len(_BEARER) :].strip()
    if not text or len(text) > MOST_CHARACTERS or not text.isascii():
        raise Unauthenticated
    return text
