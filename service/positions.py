"""A place in time: epoch milliseconds plus an id as tie-break, as one string that sorts.

Facts are ordered by (occurredAt, id). Kept as one string, the order, a page's cursor and a time range
are all a single comparison, which one index answers on every engine.
"""

from __future__ import annotations

from datetime import UTC, datetime

# Milliseconds from year 1 to 1970: added, so that every year that Python knows sorts as text.
YEAR_ONE_MILLIS = 62_135_596_800_000
FIRST_MILLIS = -YEAR_ONE_MILLIS
"""The earliest time that has a position: the beginning of year 1 in UTC."""
LAST_MILLIS = 253_402_300_799_999
"""The latest: the end of year 9999."""
POSITION_DIGITS = 15
"""Of the time in a position: milliseconds from year 1 on."""
END = "~"
"""After every position."""


def millis(at: datetime) -> int:
    """Epoch milliseconds of an aware datetime, rounded down."""
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


def instant(epoch_millis: int) -> datetime:
    """The UTC datetime of epoch milliseconds."""
    seconds, rest = divmod(epoch_millis, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def position(epoch_millis: int, fact_id: str = "") -> str:
    """The sortable place of a fact; without an id, the lower bound of all facts at that time.

    Of the id only what follows the type's prefix counts: facts of one moment come in the order of recording.
    """
    return f"{epoch_millis + YEAR_ONE_MILLIS:0{POSITION_DIGITS}d}:{fact_id.partition('_')[2]}"


def millis_of(text: str) -> int | None:
    """The time of a position in epoch milliseconds; None for the bounds that have none."""
    return int(text[:POSITION_DIGITS]) - YEAR_ONE_MILLIS if is_position(text) else None


def is_position(text: str) -> bool:
    """Whether a text, say from a cursor, has the form of a position."""
    return (
        len(text) > POSITION_DIGITS
        and text[POSITION_DIGITS] == ":"
        and text[:POSITION_DIGITS].isdecimal()
        and text.isascii()
    )
