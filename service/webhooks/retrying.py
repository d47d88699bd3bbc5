"""What an endpoint's answer means, and when it is tried again. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from service.webhooks.models import Timing


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: a status, or why there is none."""

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None
    """The header of this name."""

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint wants no more messages."""
        return self.status == HTTPStatus.GONE

    @property
    def reason(self) -> str:
        """Why it was not taken, to be shown; nothing of what the endpoint wrote."""
        if self.status is None:
            return self.error or "no answer"
        if 300 <= self.status < 400:
            return f"HTTP {self.status}: redirects are not followed"
        return f"HTTP {self.status}"


def longest_pause(failures: int, timing: Timing) -> float:
    """The longest pause after so many failures, in seconds."""
    # From here on it is the longest anyway, and powers of two become too large to multiply.
    doublings = min(failures - 1, 32)
    return min(timing.first_retry * 2.0**doublings, timing.longest_retry)


def pause(answer: Answer, failures: int, timing: Timing, now: datetime) -> float:
    """How long to wait for the next try, in seconds: at random up to the longest, so that tries of many spread."""
    drawn = random.uniform(0, longest_pause(failures, timing))
    if answer.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return drawn
    return max(drawn, min(_asked(answer.retry_after, now), timing.longest_retry))


def _asked(retry_after: str | None, now: datetime) -> float:
    """The seconds that a Retry-After header asks for: seconds or a date; 0 where it says nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:10])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return 0.0
    return max((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds(), 0.0)
