"""How long a report may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import ReportTooLong


@asynccontextmanager
async def report_within(seconds: float) -> AsyncIterator[None]:
    """Ends what is done in it after so long, waiting included.

    Raises:
        ReportTooLong: then. A TimeoutError of something in it is passed on as it is.
    """
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            yield
    except TimeoutError:
        if deadline.expired():
            raise ReportTooLong from None
        raise
