"""Judging whether two people are one, with evidence that a person can read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.identity.matching.comparing import FAMILY, GIVEN, MIDDLE, Compared, compare
from service.identity.matching.model import Bits, Model, levels_of, probability, score, weights
from service.identity.matching.orienting import NameShares
from service.identity.matching.records import ALTERNATIVES, MAX_ALTERNATIVES, records_of_people
from service.identity.matching.sorts import MISSING, NAMES, Sort
from service.identity.matching.tables import MAX_CHARACTERS, Person, table_of
from service.identity.matching.values import spelling

MAX_COMPARED: Final = 100
"""People that one is compared with when something new is known of them."""
PRIOR: Final = "prior"
"""The name of the weight of what was known before anything was compared."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one field of two people agrees."""

    field: str
    a: str | None
    b: str | None
    agreement: str
    weight: float
    """In bits: positive speaks for one person, negative against."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely two people are one."""

    probability: float
    bits: float
    """The log2 odds: the sum of all weights."""
    evidence: tuple[Agreement, ...]


def judge(model: Model, person: Person, others: Sequence[Person], least: float = 0.0) -> list[Judgement]:
    """How likely a person is each of the others; evidence names the person's values first.

    Of those who are less likely than `least`, the evidence is left out.
    """
    return judge_pairs(model, [person, *others], [(0, other) for other in range(1, len(others) + 1)], least)


def judge_pairs(
    model: Model, people: Sequence[Person], pairs: Sequence[tuple[int, int]], least: float = 0.0
) -> list[Judgement]:
    """How likely pairs of people, given by their places, are one person each: many at once cost far less each.

    Of those who are less likely than `least`, the evidence is left out.
    """
    if not pairs:
        return []
    # What no first one of a pair has is not compared, but for the e-mail address, in which a name may be.
    known = {sort for place in {first for first, _ in pairs} for sort in people[place]} | {Sort.EMAIL}
    records = records_of_people(people, shares_of_names(model), [sort for sort in ALTERNATIVES if sort in known])
    places = np.array(pairs, np.int64)
    compared = compare(records, places[:, 0], places[:, 1])
    bits = score(model, compared, len(pairs))
    chance = probability(bits)
    parts = list(weights(model, compared, len(pairs))) if (chance >= least).any() else []
    return [
        Judgement(
            float(chance[place]),
            float(bits[place]),
            _evidence(parts, place, people[first], people[second]) if chance[place] >= least else (),
        )
        for place, (first, second) in enumerate(pairs)
    ]


def _evidence(
    parts: Sequence[tuple[Compared | None, Bits]], place: int, person: Person, other: Person
) -> tuple[Agreement, ...]:
    """What speaks for and against one of the pairs: the prior and every field of which both have a value."""
    return tuple(
        _agreement(one, place, float(weight[place]), person, other)
        for one, weight in parts
        if one is None or one.levels[place] != MISSING
    )


def shares_of_names(model: Model) -> NameShares:
    """How often tokens are given and family names."""
    given, family = model.of(GIVEN), model.of(FAMILY)
    return NameShares(given.frequencies, family.frequencies, given.least, family.least)


def learned(people: Sequence[Person]) -> Model:
    """What is to be learned from these people of how records of one agree. Takes seconds for some 10,000."""
    # Here: it needs what every start of the service would wait for, and few starts learn.
    from service.identity.matching.finding import match_table

    return match_table(table_of(people)).model


def _agreement(compared: Compared | None, place: int, weight: float, person: Person, other: Person) -> Agreement:
    if compared is None:
        return Agreement(PRIOR, None, None, "", weight)
    agreement = levels_of(compared.key).names[compared.levels[place]]
    a, b = (_shown(compared, one, of[place]) for one, of in ((person, compared.a), (other, compared.b)))
    return Agreement(compared.key, a, b, agreement, weight)


def _shown(compared: Compared, person: Person, number: int) -> str | None:
    """What of a person was compared, as it was written."""
    if compared.vocabulary is None:
        return _first(person, Sort.EMAIL) or _whole_name(person)
    if compared.key in (GIVEN, FAMILY, MIDDLE):
        return _first(person, Sort(compared.key)) or _whole_name(person)
    return _as_written(person, Sort(compared.key.partition(":")[0]), compared.vocabulary.texts[number])


def _first(person: Person, sort: Sort) -> str | None:
    return next((text for text in person.get(sort, ()) if text), None)


def _whole_name(person: Person) -> str | None:
    """A name as it was written, whatever parts it was written in."""
    if full := _first(person, Sort.FULL_NAME):
        return full
    parts = [text for sort in Sort if sort in NAMES for text in person.get(sort, ())]
    return " ".join(parts) or None


def _as_written(person: Person, sort: Sort, spelt: str) -> str:
    """The value of a person that has a spelling, as it was written."""
    texts = person.get(sort, ())[:MAX_ALTERNATIVES]
    return next((text for text in texts if spelling(sort, text[:MAX_CHARACTERS]) == spelt), spelt)
