"""What is read of candidates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.identity.repository import CUSTOMER
from service.matches.models import bits_of_place, rank
from service.reads.relations import Node, Parameters, Relation

_HIGH_BITS: Final = 40.0
"""Hardly any candidate has more."""
_FIRST_SLICE_BITS: Final = 1.0
_SLICE_GROWTH: Final = 3


def _slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of places, the most probable first, up to the whole."""
    after, before, status = parameters["after"], parameters["before"], parameters["status"]
    step = _FIRST_SLICE_BITS
    bits = bits_of_place(after) if after != f"{status}:" else _HIGH_BITS + step
    while (bits := bits - step) > -_HIGH_BITS:
        upper = min(f"{status}:{rank(bits)}:", before)
        yield {"after": after, "before": upper}
        if upper == before:
            return
        after, step = upper, step * _SLICE_GROWTH
    yield {"after": after, "before": before}


MATCH: Final = Node("m", "MatchCandidate")
"""The node that reads of a candidate start from."""

PAGE: Final = Relation("matches/page", end="m", type="MatchCandidate", place="place", slices=_slices)
OF_CUSTOMER: Final = Relation("matches/of_customer", CUSTOMER, "m", "MatchCandidate")
BY_ID: Final = Relation("matches/by_id", end="m", type="MatchCandidate")
STANDING: Final = Relation("matches/standing", MATCH, values=("x",))
