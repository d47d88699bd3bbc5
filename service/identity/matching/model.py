"""What was learned of how records of one person agree, and the weight of an agreement. Pure.

The model of Fellegi and Sunter (A theory for record linkage, 1969) with two extensions:

- The rarity of a value counts (Newcombe 1959; Winkler 1988): that two people share the name Smith says less.
- Two people are not simply strangers. They may be *related*: of one household, with family name, address and
  number in common, or of one company or house, with address and number but not the name. So the likelihood of a
  pair of two people is a mixture of three classes, each with its own shares for the fields that such people have
  in common. Where a shared address is explained by being related, a shared number adds nothing.

A weight is in bits: log2 of how much more likely the agreement is in a pair of one person than in one of two
people, given the fields before it. So the weights of all fields, with the prior, add up to the score: the log2
odds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from service.identity.matching.comparing import ADDRESSED_NAME, FAMILY, GIVEN, Compared
from service.identity.matching.sorts import ADDRESSED, LEVELS, Levels, Sort
from service.identity.matching.vocabularies import Numbers, Vocabulary

Bits = NDArray[np.float64]

RELATIONS: Final = 3
"""Classes of related people: of one household, with the family name in common; of one company or house, with a
number in common but not the name; likewise without the number."""
_PERSONAL: Final = frozenset({FAMILY, Sort.PHONE.value, Sort.EMAIL.value})
ALIKE_IN_FAMILY: Final = {GIVEN: 0.015, Sort.BIRTH_DATE.value: 0.02}
"""Of the pairs of a household, the part that agrees as one person does: father and son of one name, and twins."""
NO_SHARE: Final = 1e-300
"""Of a class that there cannot be; its logarithm is finite."""
_MAX_FREQUENCIES: Final = 20_000
"""Values of a field that are kept with how often they are."""
_MOST_RARITY: Final = 13.0
"""Bits that a value's rarity counts, at most."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How often a field's levels are found."""

    m: tuple[float, ...]
    """In pairs of one person."""
    u: tuple[float, ...]
    """In pairs of two strangers."""
    related: tuple[tuple[float, ...] | None, ...]
    """In pairs of related people, for each class; None where they are like strangers."""
    frequencies: Mapping[str, float] = field(default_factory=dict)
    """Of the people who have a value, the share that has this one; the rarest are left out."""
    usual: float = 0.0
    """The frequency of a value that two strangers are likely to share: what is rarer counts more."""
    least: float = 0.0
    """The frequency of values that are not listed."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: of each field by its key, and how many pairs are of one person or of related people."""

    fields: Mapping[str, Shares]
    same: float
    """Of all pairs, the share that is of one person."""
    related: tuple[float, ...]
    """Of all pairs, the share that is of related people, for each class."""

    def of(self, key: str) -> Shares:
        """What is known of a field; of one that was not there when it was learned, what is expected."""
        return self.fields.get(key) or expected(key)

    def to_json(self) -> str:
        """The model as JSON."""
        return orjson.dumps(dataclasses.asdict(self)).decode()

    @staticmethod
    def from_json(text: str) -> Model:
        """The inverse of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
        stored = orjson.loads(text)
        fields = {
            key: Shares(
                tuple(one["m"]),
                tuple(one["u"]),
                tuple(None if shares is None else tuple(shares) for shares in one["related"]),
                one["frequencies"],
                one["usual"],
                one["least"],
            )
            for key, one in stored["fields"].items()
        }
        return Model(fields, stored["same"], tuple(stored["related"]))


def levels_of(key: str) -> Levels:
    """The levels of a field by its key."""
    return ADDRESSED if key == ADDRESSED_NAME else LEVELS[Sort(key.partition(":")[0])]


def expected(key: str) -> Shares:
    """What is to be expected of a field before anything was learned."""
    levels = levels_of(key)
    return Shares(levels.m, levels.u, expected_of_related(key, levels.m, levels.u))


def expected_of_related(key: str, m: Sequence[float], u: Sequence[float]) -> tuple[tuple[float, ...] | None, ...]:
    """What is to be expected of related people: of a household, and of a company or house."""
    if key in ALIKE_IN_FAMILY:
        return in_family(key, m, u), None, None
    common = levels_of(key).related
    return common, None if key == FAMILY else common, None if key in _PERSONAL else common


def in_family(key: str, m: Sequence[float], u: Sequence[float]) -> tuple[float, ...]:
    """The shares of a household, where its members are like strangers but for few."""
    part = ALIKE_IN_FAMILY[key]
    return tuple(part * one + (1 - part) * other for one, other in zip(m, u, strict=True))


DEFAULT: Final = Model({}, 1e-5, (1e-5, 3e-6, 3e-6))
"""Before anything was learned."""


def log2_sum(bits: Bits) -> Bits:
    """log2 of the sum over the first axis of what is given in log2."""
    most = bits.max(axis=0)
    total: Bits = most + np.log2(np.exp2(bits - most).sum(axis=0))
    return total


def probability(bits: Bits) -> Bits:
    """The probability of log2 odds."""
    chance: Bits = 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))
    return chance


def rarity(compared: Compared, shares: Shares) -> Bits:
    """How much rarer than usual the values are on which pairs agree, in bits, as far as their level counts it."""
    bits = np.zeros(len(compared.levels))
    if compared.vocabulary is None or not shares.usual:
        return bits
    counts = _counting(levels_of(compared.key))[compared.levels]
    places = np.flatnonzero(counts)
    if not len(places):
        return bits
    often = np.maximum(
        *(_frequencies_of(compared.vocabulary, shares, of[places]) for of in (compared.a, compared.b))
    )
    bits[places] = counts[places] * np.log2(shares.usual / often)
    return bits


@lru_cache(maxsize=64)
def _counting(levels: Levels) -> Bits:
    """How much of a value's rarity counts, by level."""
    counts = np.zeros(256)
    counts[: len(levels)] = levels.rare
    return counts


def _frequencies_of(vocabulary: Vocabulary, shares: Shares, numbers: Numbers) -> Bits:
    """How often values are found, by their numbers."""
    listed, least, texts = shares.frequencies, shares.least, vocabulary.texts
    if len(numbers) < len(texts):
        return np.maximum([listed.get(texts[number], least) for number in numbers.tolist()], least)
    return np.maximum([listed.get(text, least) for text in texts], least)[numbers]


def against(compared: Compared, shares: Shares, rare: Bits) -> Bits:
    """The weight of one field against each class of two people: classes × pairs, strangers first."""
    strangers = _of_levels(shares.m, shares.u)[compared.levels] + rare
    rows = [strangers]
    for related in shares.related:
        if related is None:
            rows.append(strangers)
            continue
        weight = _of_levels(shares.m, related)[compared.levels]
        # A rare family name in common is no proof against a family; a rare given name is, as against strangers.
        rows.append(np.minimum(weight, strangers) if compared.key in ALIKE_IN_FAMILY else weight)
    return np.stack(rows)


@lru_cache(maxsize=1_024)
def _of_levels(m: tuple[float, ...], other: tuple[float, ...]) -> Bits:
    weights = np.zeros(256)
    weights[: len(m)] = np.log2(np.array(m) / np.array(other))
    return weights


def prior(model: Model) -> Bits:
    """log2 of how many pairs there are of each class of two people for each pair of one person: one column."""
    strangers = 1 - model.same - sum(model.related)
    return np.log2(np.array([strangers, *model.related]) / model.same)[:, None]


def classes(model: Model, compared: Sequence[Compared], pairs: int) -> Bits:
    """How likely each class of two people is for each of so many pairs, strangers first, in log2 of one person
    being 1.
    """
    state = np.repeat(prior(model), pairs, axis=1)
    for one in compared:
        shares = model.of(one.key)
        state -= against(one, shares, rarity(one, shares))
    return state


def score(model: Model, compared: Sequence[Compared], pairs: int) -> Bits:
    """The log2 odds that each of so many pairs is of one person."""
    return -log2_sum(classes(model, compared, pairs))


def weights(model: Model, compared: Sequence[Compared], pairs: int) -> Iterator[tuple[Compared | None, Bits]]:
    """The weights of the prior (None) and of each field, given the ones before: they add up to the score."""
    state = np.repeat(prior(model), pairs, axis=1)
    before = -log2_sum(state)
    yield None, before
    for one in compared:
        shares = model.of(one.key)
        state = state - against(one, shares, rarity(one, shares))
        after = -log2_sum(state)
        yield one, after - before
        before = after


def frequencies(texts: Sequence[str], counts: NDArray[Any]) -> tuple[dict[str, float], float, float]:
    """Of a field's values and how many people have each: the shares to keep, the usual, and the least."""
    total = counts.sum()
    if total <= 0:
        return {}, 0.0, 0.0
    shares = counts / total
    usual = float((shares**2).sum())
    least = float(max(min(shares.min(), 1 / total), usual / 2**_MOST_RARITY))
    order = np.argsort(-shares, kind="stable")[:_MAX_FREQUENCIES]
    return {texts[place]: float(shares[place]) for place in order.tolist() if shares[place] > least}, usual, least
