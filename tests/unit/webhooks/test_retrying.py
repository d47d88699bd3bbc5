"""When a delivery is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from service.webhooks.models import Timing
from service.webhooks.retrying import Answer, longest_pause, pause

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TIMING = Timing()


def test_pauses_double_from_a_second_up_to_an_hour() -> None:
    assert [longest_pause(number, TIMING) for number in (1, 2, 3, 12, 13, 14, 10_000)] == [
        *(1, 2, 4, 2048),
        *(3600, 3600, 3600),
    ]


def test_pauses_are_drawn_from_nothing_to_the_longest() -> None:
    drawn = sorted(pause(Answer(500), 5, TIMING, NOW) for _ in range(2_000))
    assert 0 <= drawn[0] < 1
    assert 15 < drawn[-1] <= 16
    assert 7 < drawn[1_000] < 9


def test_a_day_of_tries_is_some_dozens() -> None:
    # The middle pause is half of the longest.
    waited, tries = 0.0, 0
    while waited < TIMING.give_up:
        tries += 1
        waited += longest_pause(tries, TIMING) / 2
    assert 40 < tries < 80


@pytest.mark.parametrize(
    ("status", "header", "least"),
    [
        (429, "30", 30),
        (503, " 30 ", 30),
        (503, format_datetime(NOW + timedelta(seconds=45), usegmt=True), 45),
        (503, format_datetime(NOW - timedelta(seconds=45), usegmt=True), 0),
        (503, "86400", 3600),
        (503, "9" * 400, 3600),
        (503, "soon", 0),
        (503, "-5", 0),
        (503, "", 0),
        (503, None, 0),
        (500, "30", 0),
    ],
)
def test_retry_after_is_honoured_within_bounds(status: int, header: str | None, least: float) -> None:
    waited = pause(Answer(status, retry_after=header), 1, TIMING, NOW)
    assert least <= waited <= max(least, 1)


@pytest.mark.parametrize(
    ("answer", "taken", "reason"),
    [
        (Answer(200), True, "HTTP 200"),
        (Answer(204), True, "HTTP 204"),
        (Answer(302), False, "HTTP 302: redirects are not followed"),
        (Answer(404), False, "HTTP 404"),
        (Answer(410), False, "HTTP 410"),
        (Answer(500), False, "HTTP 500"),
        (Answer(error="no connection"), False, "no connection"),
    ],
)
def test_only_a_2xx_is_a_delivery(answer: Answer, taken: bool, reason: str) -> None:
    assert (answer.is_taken, answer.reason) == (taken, reason)
    assert answer.is_gone is (answer.status == 410)
