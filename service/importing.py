"""Importing files of events, NDJSON or CSV. Streams: memory does not grow with the file."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import IO, Any, Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from service.errors import BadInput, NotMigrated, Overloaded, ServiceError, Unavailable, UserError
from service.event_files import Row
from service.identity import kinds
from service.identity.recording import Recorded
from service.inputs import Invalid
from service.touchpoints.service import MAX_ITEMS

_ROWS_IN_ONE_GO: Final = 4
"""Then the committer may go on: the engine must not wait for a chunk to be parsed."""
_CHUNKS_IN_FLIGHT: Final = 4
"""Enough that the committer never waits for parsing."""

_TOUCHPOINT_FIELDS: Final = (
    *("type", "channel", "direction"),
    *(f"campaign.{name}" for name in ("name", "source", "medium", "term", "content", "clickId")),
    *(f"page.{name}" for name in ("url", "title", "referrer")),
)
_ORDER_FIELDS: Final = ("orderNumber", "status", "total.amount", "total.currency", "paymentMethod")
_EVENT_FIELDS: Final = ("messageId", "source", "occurredAt")
_OPEN_FIELDS: Final = ("properties.", "attributes.")
"""Any name may follow these."""


class Target(Protocol):
    """What rows are for: `Recorder`, or `Exports` of a kind."""

    def command(self, raw: Mapping[str, Any]) -> Any:
        """What a row comes to; raises Invalid."""

    async def commit(self, commands: Sequence[Any]) -> list[Recorded | ServiceError]:
        """Commits what rows came to, in their order; a fault is returned in its place."""


@dataclass(slots=True)
class Tally:
    """What became of the rows."""

    recorded: int = 0
    duplicates: int = 0
    refused: int = 0
    left_out: int = 0
    """Identifiers that were refused, of events that were kept."""

    @property
    def rows(self) -> int:
        """All rows that are done."""
        return self.recorded + self.duplicates + self.refused


def pairs(option: str, texts: list[str] | None) -> list[tuple[str, str]]:
    """What an option says again and again, each time as name=value; raises BadInput."""
    pairs = []
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise BadInput(option, f"{text!r} must be field=column, such as occurredAt=timestamp")
        pairs.append((name, value))
    return pairs


def check_fields(names: Iterable[str]) -> None:
    """Refuses fields that no input has.

    Raises:
        BadInput: names the field and those that there are.
    """
    plain = {*_TOUCHPOINT_FIELDS, *_ORDER_FIELDS, *_EVENT_FIELDS}
    for name in names:
        if name not in plain and not name.startswith(_OPEN_FIELDS) and kinds.by_name(name) is None:
            known = ", ".join((*_EVENT_FIELDS, *_TOUCHPOINT_FIELDS, *_ORDER_FIELDS))
            raise BadInput(
                "--map",
                f"there is no field {name!r}. Fields: {known}, properties.<name>, attributes.<name>; "
                f"identifiers: {', '.join(kinds.known_names())}",
            )


async def import_rows(
    rows: Iterable[Row],
    target: Target,
    reject: Callable[[Row, str], None],
    progress: Callable[[Tally], None],
) -> Tally:
    """Records rows in their order, some chunks at a time; calls `reject` for bad ones and `progress` as it goes.

    Raises:
        ServiceError: the graph cannot be written any more. What was recorded stays: started again, it goes on.
    """
    tally = Tally()
    flying: deque[tuple[list[Row], asyncio.Task[list[Recorded | ServiceError]]]] = deque()
    try:
        async for chunk in _chunks(rows, target, tally, reject):
            if len(flying) == _CHUNKS_IN_FLIGHT:
                await _land(*flying.popleft(), tally, reject)
                progress(tally)
            sources, commands = [row for row, _ in chunk], [command for _, command in chunk]
            flying.append((sources, asyncio.create_task(target.commit(commands))))
            # The task submits at once: chunks queue in the order of the file.
            await asyncio.sleep(0)
        while flying:
            await _land(*flying.popleft(), tally, reject)
            progress(tally)
    finally:
        for _, task in flying:
            task.cancel()
        # What they failed of is what ended this, or comes to nothing.
        await asyncio.gather(*(task for _, task in flying), return_exceptions=True)
    return tally


async def _chunks(
    rows: Iterable[Row], target: Target, tally: Tally, reject: Callable[[Row, str], None]
) -> AsyncIterator[list[tuple[Row, Any]]]:
    chunk: list[tuple[Row, Any]] = []
    for row in rows:
        if row.number % _ROWS_IN_ONE_GO == 0:
            await asyncio.sleep(0)
        try:
            chunk.append((row, _command(row, target)))
        except Invalid as invalid:
            tally.refused += 1
            reject(row, _reasons(invalid.errors))
            continue
        if len(chunk) == MAX_ITEMS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _command(row: Row, target: Target) -> Any:
    if row.raw is None:
        raise Invalid(())
    return target.command(row.raw)


async def _land(
    rows: list[Row],
    task: asyncio.Task[list[Recorded | ServiceError]],
    tally: Tally,
    reject: Callable[[Row, str], None],
) -> None:
    """Counts what became of a chunk."""
    for row, outcome in zip(rows, await task, strict=True):
        if isinstance(outcome, (Unavailable, Overloaded, NotMigrated)):
            raise outcome
        if isinstance(outcome, ServiceError):
            tally.refused += 1
            reject(row, outcome.message)
        elif outcome.errors:
            tally.refused += 1
            reject(row, _reasons(outcome.errors))
        elif outcome.duplicate:
            tally.duplicates += 1
        else:
            tally.recorded += 1
            tally.left_out += len(outcome.refused)


def _reasons(errors: Iterable[UserError]) -> str:
    return "; ".join(error.message for error in errors)


def rejection(row: Row, reason: str) -> bytes:
    """The line that tells of a bad row."""
    return orjson.dumps(
        {"row": row.number, "reason": row.reason or reason, "record": row.record},
        option=orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE,
        default=str,
    )


class Rejects:
    """The file of bad rows; made when there is one, and an earlier run's removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Rejects:
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._file:
            self._file.close()

    def write(self, row: Row, reason: str) -> None:
        """Adds a bad row with its reason."""
        if self._file is None:
            self._file = self._path.open("wb")
        self._file.write(rejection(row, reason))


def zone_named(name: str | None) -> tzinfo:
    """The zone of times without an offset.

    Raises:
        BadInput: there is no zone of this name.
    """
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("--timezone", f"there is no zone {name!r}; use a name such as Europe/Berlin") from None
