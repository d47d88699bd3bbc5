"""What speaks so strongly against two customers being one person that no rule merges them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.customers.matched import texts
from service.customers.models import SourceProfile
from service.customers.survivorship import golden_values
from service.identity import kinds
from service.identity.events import BY_HAND
from service.identity.matching.attributes import sort_of
from service.identity.matching.sorts import Sort
from service.identity.matching.values import Date, dates_of

USER_ID: Final = "user_id"
ENOUGH_SOURCES: Final = 2
"""Sources that say the same corroborate it; so does what was set by hand."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer."""

    identifiers: Sequence[tuple[str, str]]
    """As (kind, value)."""
    profiles: Sequence[SourceProfile]


def conflict(one: Known, other: Known) -> str | None:
    """Why two customers cannot be merged by rule; None if nothing speaks against it."""
    mine, theirs = _accounts(one), _accounts(other)
    for kind in sorted(mine.keys() & theirs.keys()):
        if not mine[kind] & theirs[kind]:
            return f"each has a {kind} of their own"
    born, bearing = corroborated(one.profiles), corroborated(other.profiles)
    if born and bearing and not born & bearing:
        return "each has a birth date of their own that is corroborated"
    return None


def _accounts(known: Known) -> dict[str, set[str]]:
    """The log-ins and the ids in other systems, by kind: a person has one of each system, as a rule."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind, value in known.identifiers:
        if kind == USER_ID or kind.startswith(kinds.EXTERNAL):
            found[kind].add(value)
    return found


def corroborated(profiles: Sequence[SourceProfile]) -> set[Date]:
    """The birth dates that two sources say, or that were set by hand; however they are spelled."""
    said_by: dict[Date, set[str]] = defaultdict(set)
    for golden in golden_values(profiles).values():
        if sort_of(golden.name) is Sort.BIRTH_DATE:
            for candidate in golden.candidates:
                for date in dates_of(list(texts(candidate.value))):
                    if date is not None:
                        said_by[date].add(candidate.source)
    return {date for date, sources in said_by.items() if BY_HAND in sources or len(sources) >= ENOUGH_SOURCES}
