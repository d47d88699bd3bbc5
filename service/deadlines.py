"""By when something must be done: what a request may take, and a report in it.

The moment is kept beside the task that serves a request, and its children inherit it: whoever asks the graph can
tell it how long an answer is of use. Moments are of the event loop's clock, which no change of the time of day
moves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from service.errors import ReportTooLong

_moment: ContextVar[float | None] = ContextVar("moment", default=None)


def current() -> float | None:
    """By when what this task does is of use; None where nobody said."""
    return _moment.get()


@contextmanager
def due_by(moment: float | None) -> Iterator[None]:
    """Says by when what is done in the block must be done, by the event loop's clock; None: by its own means."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def due_within(seconds: float) -> float:
    """The moment so far ahead, or that of what this task is part of, if it is sooner."""
    moment, part = asyncio.get_running_loop().time() + seconds, _moment.get()
    return moment if part is None else min(moment, part)


@asynccontextmanager
async def report_within(seconds: float) -> AsyncIterator[None]:
    """Ends what is done in it after so long, waiting included.

    Raises:
        ReportTooLong: then. A TimeoutError of something in it is passed on as it is.
    """
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            with due_by(due_within(seconds)):
                yield
    except TimeoutError:
        if deadline.expired():
            raise ReportTooLong from None
        raise
