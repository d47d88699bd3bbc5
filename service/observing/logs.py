"""Logs: one line an event, JSON or for people, on standard error, without personal data.

Who logs in here says what happened in words of its own, and never a value of the data. What cannot be known of
others' texts is left out: exceptions appear by their types and the places that they came through, without their
messages, and other libraries' events from a warning on and by their form, without what is put into it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import orjson
import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

from service.errors import ServiceError
from service.observing import operation
from service.settings import LogFormat

Event = MutableMapping[str, Any]

FIELDS: Final = (
    "kind",
    "operation",
    "transport",
    "code",
    "milliseconds",
    "cost",
    "round_trips",
    "statement",
    "rows",
    "round_trip",
    "size",
)
"""What an event may say beside its words; see `extra` of the standard library's logging."""

_OURS: Final = "service"
_SERVER: Final = "uvicorn.error"
_FRAMES: Final = 30
_CAUSES: Final = 8
_PLACES: Final = Path(__file__).parent.parent.parent


_lines: logging.StreamHandler[IO[str]] | None = None
"""Where lines of JSON go, once they do."""


def start(level: str, form: LogFormat, stream: IO[str] | None = None) -> None:
    """Logs go out from here on; `level` is of our own events."""
    global _lines
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    json = _is_json(form, target)
    handler.setFormatter(_Formatter(json=json))
    _lines = handler if json else None
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level)
    # Its debugging shows all that comes in.
    logging.getLogger("uvicorn").setLevel(max(logging.INFO, logging.getLevelName(level)))


def told(log: logging.Logger, words: str, fields: Mapping[str, Any]) -> None:
    """Logs what happens with each request: as a JSON line like any other, in less than half of their time.

    Under the handler's lock, so that lines do not mix.
    """
    if not log.isEnabledFor(logging.INFO):
        return
    if _lines is None:
        log.info(words, extra=dict(fields))
        return
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    event = {"event": words, "time": now, "level": "info", "logger": log.name, **fields}
    line = _encoded(_with_request(log, "info", event)) + "\n"
    with _lines.lock:  # type: ignore[union-attr] # It has one: see logging.Handler.createLock.
        _lines.stream.write(line)
        _lines.stream.flush()


def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's exception handler: its own puts reprs of what failed into the text."""
    error = context.get("exception")
    logging.getLogger("service.loop").error("a task failed that nobody waited for", exc_info=error)


def _is_json(form: LogFormat, stream: IO[str]) -> bool:
    return form is LogFormat.JSON or (form is LogFormat.AUTO and not stream.isatty())


class _Formatter(ProcessorFormatter):
    """One line for each event."""

    def __init__(self, *, json: bool) -> None:
        renderer: Any = structlog.dev.ConsoleRenderer(colors=False)
        if json:
            renderer = structlog.processors.JSONRenderer(serializer=_encoded)
        super().__init__(
            foreign_pre_chain=[
                structlog.processors.TimeStamper("iso", utc=True, key="time"),
                add_log_level,
                add_logger_name,
                ExtraAdder(FIELDS),
                _with_request,
                _with_exception if json else _with_exception_as_text,
            ],
            processors=[ProcessorFormatter.remove_processors_meta, renderer],
        )

    def format(self, record: logging.LogRecord) -> str:
        """The line of an event."""
        return super().format(_without_values(record))


def _encoded(event: Event, **_: object) -> str:
    return orjson.dumps(event, default=_type_name).decode()


def _type_name(value: object) -> str:
    return type(value).__name__


def _without_values(record: logging.LogRecord) -> logging.LogRecord:
    """A record without what is not ours to show."""
    known = record.name.partition(".")[0] == _OURS
    if known or (record.name == _SERVER and "WebSocket" not in str(record.msg)):
        return record
    changed = logging.makeLogRecord(record.__dict__)
    # The first line only: what asyncio and others add to it are reprs.
    changed.msg, changed.args = str(record.msg).partition("\n")[0], ()
    return changed


def _with_request(_logger: Any, _method: str, event: Any) -> Any:
    observed = operation.current()
    if observed is not None:
        event["request_id"] = observed.request_id
        if observed.span is not None:
            event["trace_id"] = f"{observed.span.get_span_context().trace_id:032x}"
    return event


def _with_exception(_logger: Any, _method: str, event: Any) -> Any:
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exceptions"] = described(error)
    return event


def _with_exception_as_text(_logger: Any, _method: str, event: Any) -> Any:
    event = _with_exception(_logger, _method, event)
    chain = event.pop("exceptions", None)
    if chain:
        event["exception"] = as_text(chain)
    return event


def as_text(chain: list[dict[str, Any]]) -> str:
    """Exceptions for people, a line each and one for each place."""
    lines = []
    for one in chain:
        lines.append(": ".join(one[key] for key in ("type", "message") if key in one))
        lines += [f"  at {place}" for place in one["at"]]
    return "\n".join(lines)


def described(error: BaseException) -> list[dict[str, Any]]:
    """An exception and those that led to it: types, and places from the outermost to the innermost.

    Messages are others' texts, which may have values in them, but for one sort: the fixed sentences of our own.
    """
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen and len(chain) < _CAUSES:
        seen.add(id(one))
        said = _own_sentence(one)
        chain.append(
            {"type": _named(one), **({"message": said} if said else {}), "at": _places(one.__traceback__)}
        )
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return chain


def _named(error: BaseException) -> str:
    kind = type(error)
    code = getattr(error, "code", None)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name} ({code})" if isinstance(code, str) and code.replace(".", "").isidentifier() else name


def _own_sentence(error: BaseException) -> str | None:
    sentence = (type(error).__doc__ or "").strip()
    return sentence if isinstance(error, ServiceError) and error.message == sentence else None


def _places(trace: TracebackType | None) -> list[str]:
    # Without looking the lines up: that would read files.
    frames = list(traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False))
    if len(frames) > _FRAMES:
        frames = frames[: _FRAMES // 2] + frames[-_FRAMES // 2 :]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(name: str) -> str:
    path = Path(name)
    if path.is_relative_to(_PLACES):
        path = path.relative_to(_PLACES)
    parts = path.parts
    if "site-packages" in parts:
        parts = parts[parts.index("site-packages") + 1 :]
    return "/".join(parts)
