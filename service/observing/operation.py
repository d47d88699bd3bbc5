"""What is seen of one operation while it is answered: enough for a log line, metrics and a span, and no values."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

OK: Final = "OK"
"""The code of an answer without errors."""
GONE: Final = "GONE"
"""The code of an operation whose caller went away before it was answered."""
OTHER: Final = "other"
"""What operations are called whose name is on no list: there may be as many names as requests."""
UNKNOWN: Final = "unknown"
"""The kind of an operation that was refused before it was known."""

SUBSCRIPTION: Final = "subscription"
"""The kind of an operation that is a stream."""

_ID: Final = re.compile(rb"[A-Za-z0-9._:=/-]{1,128}")


@dataclass(slots=True, eq=False)
class Observed:
    """One operation."""

    request_id: str
    transport: str
    """http, sse or websocket."""
    kind: str = UNKNOWN
    """query, mutation or subscription."""
    name: str = OTHER
    """As the client calls it; told to nobody unless it is on the list."""
    code: str = OK
    """Of the first error."""
    cost: int | None = None
    round_trips: int = 0
    """Statements that were sent to the graph for it. A write's are its batch's."""
    began: float = field(default_factory=time.perf_counter)
    span: Any = None


_current: ContextVar[Observed | None] = ContextVar("observed", default=None)


def current() -> Observed | None:
    """The operation that is being answered, where one is."""
    return _current.get()


def enter(observed: Observed) -> Any:
    """From here on it is the one that is being answered; gives what `leave` takes."""
    return _current.set(observed)


def leave(token: Any) -> None:
    """It is not any more."""
    _current.reset(token)


def begun(kind: str, name: str | None) -> None:
    """Notes what operation it is."""
    observed = _current.get()
    if observed is not None:
        observed.kind = kind
        observed.name = name or OTHER


def answered(answer: Mapping[str, Any]) -> None:
    """Notes the code of the first error of an answer, if it has one."""
    errors = answer.get("errors")
    if errors:
        failed(errors)


def failed(errors: Sequence[Mapping[str, Any]]) -> None:
    """Notes the code of the first of some errors as they go out."""
    observed = _current.get()
    if observed is not None and errors:
        observed.code = errors[0].get("extensions", {}).get("code", OTHER)


def spent(cost: int) -> None:
    """Notes what the operation costs."""
    observed = _current.get()
    if observed is not None:
        observed.cost = cost


def request_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The caller's X-Request-Id where it is one that may stand in a log, else a new one.

    It has 1 to 128 of the characters that request ids are made of; an e-mail address is none.
    """
    for name, value in headers:
        if name == b"x-request-id":
            return value.decode("ascii") if _ID.fullmatch(value) else new_id()
    return new_id()


def part_id(connection: str, operation_id: str, number: int) -> str:
    """The request id of a connection's operation: by the client's id of it, if that may stand in a log."""
    named = operation_id.isascii() and _ID.fullmatch(operation_id.encode())
    return f"{connection}/{operation_id if named else number}"


def new_id() -> str:
    """A request id. Nothing depends on its being hard to guess."""
    return f"{random.getrandbits(64):016x}"
