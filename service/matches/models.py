"""Candidates: two customers who may be one person, as the graph has them. Pure.

A candidate hangs on the own identifiers of its two customers, so it follows merges and splits: its customers are
whoever these identify now.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

import orjson

from service.identity.matching.judging import Agreement, Judgement

MIN_PROBABILITY: Final = 0.5
"""From here on a candidate is proposed."""
_MOST_BITS: Final = 100.0
"""More, in favour or against, is not told apart."""
_DIGITS: Final = 9
_MICRO: Final = 1_000_000

_CERTAIN_BITS: Final = 52
"""From about here on a probability is written as 1."""
_MARGIN: Final = 0.001

HIDDEN: Final = "HIDDEN"
"""Begins the place of an open candidate that is not shown: its customers are one, or must not be."""


class MatchStatus(Enum):
    """What became of a candidate."""

    OPEN = "OPEN"
    """Not decided."""
    SAME = "SAME"
    """One person: they were merged."""
    DIFFERENT = "DIFFERENT"
    """Two people: they must not be merged."""


def rank(bits: float) -> str:
    """A candidate's place among others as text: the more bits, the earlier."""
    bounded = max(-_MOST_BITS, min(_MOST_BITS, bits))
    return f"{round((_MOST_BITS - bounded) * _MICRO):0{_DIGITS}d}"


def behind(status: str, probability: float) -> str:
    """A place behind those of a status that are so probable or more: a little behind, for bits are rounded."""
    odds = probability / max(1 - probability, 2.0**-_CERTAIN_BITS)
    return f"{status}:{rank(math.log2(odds) - _MARGIN)}:"


def place(status: str, ranked: str, match_id: str) -> str:
    """The place in the list of candidates of a status, most probable first."""
    return f"{status}:{ranked}:{match_id}"


_PLACE = re.compile(r"(?:OPEN|SAME|DIFFERENT):\d{9}:match_[0-9a-f]{32}")


def is_place(text: str) -> bool:
    """Whether a text, say from a cursor, is a place."""
    return _PLACE.fullmatch(text) is not None


def bits_of_place(text: str) -> float:
    """The inverse of `rank`, of a place."""
    return _MOST_BITS - int(text.split(":")[1]) / _MICRO


def pair_of(one: str, other: str) -> str:
    """The unique key of a candidate between two own identifiers."""
    return "\n".join(sorted((one, other)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate as the graph has it. `a` and `b` are the keys of own identifiers."""

    id: str
    a: str
    b: str
    of_a: str
    """The customer whom `a` identifies now."""
    of_b: str
    status: MatchStatus
    probability: float
    place: str
    event_id: str | None = None
    """The event of its decision."""

    def other_than(self, customer_id: str) -> str:
        """The customer on the other side; the same where both sides are one."""
        return self.of_b if self.of_a == customer_id else self.of_a

    def turned_for(self, customer_id: str) -> bool:
        """Whether a customer is on the side of `b`, and not of `a`."""
        return self.of_a != customer_id


def found_properties(judgement: Judgement, *, turned: bool) -> dict[str, Any]:
    """What is kept of a judgement, its evidence as JSON. `turned`: its a is the candidate's b."""
    return {
        "probability": judgement.probability,
        "bits": judgement.bits,
        "rank": rank(judgement.bits),
        "evidence": evidence_text(judgement.evidence, turned=turned),
    }


def evidence_text(evidence: Iterable[Agreement], *, turned: bool) -> str:
    """Evidence as JSON: a list of [field, a, b, agreement, weight]."""
    ordered = (replace(one, a=one.b, b=one.a) if turned else one for one in evidence)
    return orjson.dumps([[one.field, one.a, one.b, one.agreement, one.weight] for one in ordered]).decode()


def evidence_of(text: str) -> list[dict[str, Any]]:
    """Evidence as the API shows it."""
    names = ("field", "a", "b", "agreement", "weight")
    return [dict(zip(names, one, strict=True)) for one in orjson.loads(text)]
