"""Golden values: which of the sources' values a customer's profile shows. Pure.

A source has one say for each attribute: its latest, on whichever of the customer's identifiers it was said; if
that is a withdrawal, none. Of what it said at one moment a value goes before a withdrawal, then the first key of
an identifier. What people set by hand is such a source too, before all others.

Between sources the attribute's rule decides, and gives the whole order, best first:

- MOST_RECENT: the later, the more trusted source, the source's name.
- MOST_TRUSTED_SOURCE: the more trusted source, the later, the source's name.
- MOST_FREQUENT: the value that more sources say; of values that equally many say, the one whose first sayer comes
  first by MOST_RECENT; those who say the same as by MOST_RECENT. A source counts once, however often it says it,
  of however many identifiers. Values are the same if they are the same JSON: 44 is not "44", Bonn is not bonn.
- OLDEST: the earlier, the more trusted source, the source's name; each source with the first that it said since it
  last withdrew its value, so that one that tells the same every day does not grow younger by it.

Names and keys are in the order of their characters. No two sources are equal by all of it, so the order in which
profiles come is of no account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from service.customers.models import SourceProfile
from service.customers.rules import DEFAULTS, Survivorship, SurvivorshipRule
from service.identity.events import BY_HAND

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


@dataclass(frozen=True, slots=True)
class Conflict:
    """An attribute of which customers have different golden values, and the one they have together."""

    name: str
    values: tuple[Any, ...]
    chosen: Any


def golden_values(profiles: Iterable[SourceProfile], survivorship: Survivorship = DEFAULTS) -> dict[str, Golden]:
    """The golden value of each attribute, by name, in alphabetical order."""
    known = list(profiles)
    says: dict[str, dict[str, Candidate]] = {}
    for profile in known:
        for name, (value, at) in profile.statements.items():
            by_source = says.setdefault(name, {})
            candidate = Candidate(value, profile.source, at, profile.anchor)
            present = by_source.get(profile.source)
            if present is None or _lateness(candidate) < _lateness(present):
                by_source[profile.source] = candidate
    golden: dict[str, Golden] = {}
    for name, by_source in sorted(says.items()):
        present_values = {source: one for source, one in by_source.items() if one.value is not None}
        if present_values:
            golden[name] = _chosen(name, present_values, known, survivorship)
    return golden


def _lateness(candidate: Candidate) -> tuple[int, bool, str]:
    return (-candidate.observed_at, candidate.value is None, candidate.anchor)


def _chosen(
    name: str, says: dict[str, Candidate], profiles: Sequence[SourceProfile], survivorship: Survivorship
) -> Golden:
    rule = survivorship.rule_of(name)
    by_hand = says.pop(BY_HAND, None)
    candidates: Iterable[Candidate] = says.values()
    if rule is SurvivorshipRule.OLDEST:
        candidates = [_first(name, one.source, profiles) for one in candidates]
    ranked = _ranked(candidates, rule, survivorship)
    if by_hand is not None:
        return Golden(name, SurvivorshipRule.SET_BY_HAND, (by_hand, *ranked))
    return Golden(name, rule, ranked)


def _first(name: str, source: str, profiles: Sequence[SourceProfile]) -> Candidate:
    """The first that a source said of an attribute, on any identifier, and has not withdrawn."""
    firsts = []
    for profile in profiles:
        said = profile.statements.get(name) if profile.source == source else None
        if said is not None and said[0] is not None:
            value, at = profile.firsts.get(name, said)
            firsts.append(Candidate(value, source, at, profile.anchor))
    return min(firsts, key=lambda one: (one.observed_at, one.anchor))


def _ranked(
    candidates: Iterable[Candidate], rule: SurvivorshipRule, survivorship: Survivorship
) -> tuple[Candidate, ...]:
    """Candidates of different sources by a rule, best first."""

    def recency(one: Candidate) -> tuple[int, int, str]:
        return (-one.observed_at, -survivorship.trust_of(one.source), one.source)

    ranked = sorted(candidates, key=recency)
    match rule:
        case SurvivorshipRule.MOST_TRUSTED_SOURCE:
            # Sorting keeps what is equal as it is: the later before the earlier, then by name.
            ranked.sort(key=lambda one: -survivorship.trust_of(one.source))
        case SurvivorshipRule.OLDEST:
            ranked.sort(key=lambda one: one.observed_at)
        case SurvivorshipRule.MOST_FREQUENT:
            values = [spelling(one.value) for one in ranked]
            sayers = Counter(values)
            ranked.sort(key=lambda one: (-sayers[spelling(one.value)], values.index(spelling(one.value))))
    return tuple(ranked)


def spelling(value: Any) -> bytes:
    """A value's JSON: two values are the same if it is. Python takes 1 for true."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def conflicts(before: Sequence[Mapping[str, Golden]], after: Mapping[str, Golden]) -> list[Conflict]:
    """The attributes of which customers' golden values differ, by name.

    Each with the different values in the order of the customers, and the one that is golden when they are one
    (None where all of it was withdrawn). A customer without a value is in no conflict.
    """
    found = []
    for name in sorted({name for golden in before for name in golden}):
        values = [golden[name].chosen.value for golden in before if name in golden]
        distinct = {spelling(value): value for value in values}
        if len(distinct) > 1:
            chosen = after[name].chosen.value if name in after else None
            found.append(Conflict(name, tuple(distinct.values()), chosen))
    return found


def merged(
    statements: Mapping[str, tuple[Any, int]], attributes: Mapping[str, Any], at: int
) -> dict[str, tuple[Any, int]]:
    """A source's statements after it said more; what it said later already stays."""
    result = dict(statements)
    for name, value in attributes.items():
        if name not in result or result[name][1] <= at:
            result[name] = (value, at)
    return result


def told(profile: SourceProfile, attributes: Mapping[str, Any], at: int) -> SourceProfile:
    """A source's profile after it said more. The order of arrival is of no account, but for late withdrawals."""
    statements = merged(profile.statements, attributes, at)
    firsts = dict(profile.firsts)
    for name, value in attributes.items():
        first = _first_after(profile, name, (value, at), statements[name])
        if first == statements[name]:
            firsts.pop(name, None)
        else:
            firsts[name] = first
    return replace(profile, statements=statements, firsts=firsts)


def _first_after(
    profile: SourceProfile, name: str, said: tuple[Any, int], latest: tuple[Any, int]
) -> tuple[Any, int]:
    """The first statement of an attribute since the last withdrawal; that itself if nothing came after it."""
    before = profile.firsts.get(name) or profile.statements.get(name)
    if latest[0] is None or before is None or before[0] is None:
        return latest
    if said[0] is None:
        # A withdrawal that comes late: what was first is gone, and what came next after it is not known any more.
        return latest if before[1] <= said[1] else before
    return said if said[1] <= before[1] else before


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
