"""Golden values: which of the sources' values a customer's profile shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from service.customers.models import SourceProfile, SurvivorshipRule

_WHOLE_NAMES: Final = ("name", "fullName", "full_name", "displayName", "display_name")
_NAME_PARTS: Final = (("firstName", "lastName"), ("first_name", "last_name"), ("givenName", "familyName"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source's present value of an attribute, observed with an identifier at a time (epoch ms)."""

    value: Any
    source: str
    observed_at: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Golden:
    """The chosen value of an attribute, and what it was chosen from, best first."""

    name: str
    rule: SurvivorshipRule
    candidates: tuple[Candidate, ...]

    @property
    def chosen(self) -> Candidate:
        """The winner."""
        return self.candidates[0]


def golden_values(profiles: Iterable[SourceProfile]) -> dict[str, Golden]:
    """The golden value of each attribute, by name, in alphabetical order.

    A source has one say for each attribute: its latest, on whichever of the customer's identifiers it was said;
    if that is a withdrawal, none. Between sources the most recent wins.
    """
    latest: dict[str, dict[str, Candidate]] = {}
    for profile in profiles:
        for name, (value, at) in profile.statements.items():
            by_source = latest.setdefault(name, {})
            candidate = Candidate(value, profile.source, at, profile.anchor)
            present = by_source.get(profile.source)
            if present is None or _recency(candidate) > _recency(present):
                by_source[profile.source] = candidate
    golden: dict[str, Golden] = {}
    for name, by_source in sorted(latest.items()):
        candidates = [candidate for candidate in by_source.values() if candidate.value is not None]
        if candidates:
            ranked = sorted(candidates, key=_recency, reverse=True)
            golden[name] = Golden(name, SurvivorshipRule.MOST_RECENT, tuple(ranked))
    return golden


def _recency(candidate: Candidate) -> tuple[int, str, str]:
    # Source and identifier only make ties come out the same whatever the order of arrival.
    return (candidate.observed_at, candidate.source, candidate.anchor)


def merged(
    statements: Mapping[str, tuple[Any, int]], attributes: Mapping[str, Any], at: int
) -> dict[str, tuple[Any, int]]:
    """A source's statements after it said more; what it said later already stays."""
    result = dict(statements)
    for name, value in attributes.items():
        if name not in result or result[name][1] <= at:
            result[name] = (value, at)
    return result


def display_name(golden: Mapping[str, Golden]) -> str | None:
    """The name to show, from the attributes that commonly hold one."""
    for name in _WHOLE_NAMES:
        if text := _text(golden.get(name)):
            return text
    for parts in _NAME_PARTS:
        if text := " ".join(filter(None, (_text(golden.get(part)) for part in parts))):
            return text
    return None


def _text(golden: Golden | None) -> str | None:
    value = golden.chosen.value if golden else None
    return value.strip() or None if isinstance(value, str) else None


def search_key(name: str, value: Any) -> str:
    """How a customer with this golden value is found: the name, a line feed, the value as text."""
    return f"{name}\n{value if isinstance(value, str) else orjson.dumps(value).decode()}"
