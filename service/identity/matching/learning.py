"""Learning, without examples, how records of one person agree: expectation and maximisation over candidates. Pure.

Dempster, Laird and Rubin 1977; for record linkage Winkler 1988. Three things keep it from drifting to a class that
is not that of one person, which is what it is known for:

- the shares of strangers are counted on random pairs, each as far as it is not of one person;
- a field's shares for one person are estimated on pairs that are likely overall and near-certain without that
  field: otherwise a field that agrees proves itself;
- people, not records, are counted: a record of somebody with ten of them weighs a tenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.identity.matching.blocks import Places
from service.identity.matching.comparing import FAMILY, GIVEN, MIDDLE, Compared, compare
from service.identity.matching.model import (
    ALIKE_IN_FAMILY,
    NO_SHARE,
    RELATIONS,
    Bits,
    Model,
    Shares,
    against,
    classes,
    expected_of_related,
    frequencies,
    in_family,
    levels_of,
    log2_sum,
    prior,
    probability,
    rarity,
    score,
)
from service.identity.matching.records import Records
from service.identity.matching.sorts import MISSING, Sort

_RANDOM_PAIRS: Final = 200_000
_HELD: Final = 30.0
"""Pairs that the expected shares count for."""
_CERTAIN: Final = 3.0
"""Bits above even odds that a pair must have without a field to count for it."""
_HOPELESS: Final = -15.0
"""Bits under which a pair says nothing about those of one person, nor related ones about themselves."""
_MOST_PAIRS: Final = 250_000
"""Learned from at once; of more, so many, evenly spread, stand for all."""
_ITERATIONS: Final = 25
CHUNK: Final = 500_000
"""Pairs that are compared at once, to bound memory."""
_FEWEST, _FEWEST_RELATED = 0.5, 1e-3
"""Pairs that there are of a class, at least: so that one that is empty at first may grow."""
_MOST_SAME: Final = 0.3
"""Part of all pairs."""
_RELATED: Final = (1.0, 0.3, 0.3)
"""Pairs of related people of each class to one of one person, to begin with."""
_OWN: Final = frozenset({GIVEN, Sort.BIRTH_DATE.value, Sort.NATIONAL_ID.value})
"""Fields by which the members of a household are told apart."""
_TELLING: Final = frozenset({Sort.EMAIL.value, Sort.PHONE.value, Sort.NATIONAL_ID.value})
"""Fields that strangers do not have in common by chance."""
_FEW: Final = 10
"""Records: of fewer, nobody is expected to be most of them."""
_TINY: Final = 1e-12
_STILL: Final = 1e-3
_STILL_RATE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records and how they agree."""

    first: Places
    second: Places
    compared: list[Compared]

    def __len__(self) -> int:
        return len(self.first)

    def at(self, places: Places) -> Pairs:
        """Some of them."""
        return Pairs(self.first[places], self.second[places], [_of(one, places) for one in self.compared])


def _of(compared: Compared, places: Places) -> Compared:
    return Compared(
        compared.key, compared.vocabulary, compared.levels[places], compared.a[places], compared.b[places]
    )


def random_pairs(records: Records, seed: int = 1) -> Pairs:
    """Pairs at random, compared: nearly all of them are of strangers."""
    random = np.random.default_rng(seed)
    first, second = random.integers(0, max(records.count, 1), (2, _RANDOM_PAIRS if records.count else 0))
    apart = first != second
    return Pairs(first[apart], second[apart], compare(records, first[apart], second[apart]))


def hopeful_pairs(records: Records, candidates: tuple[Places, Places], model: Model) -> Pairs:
    """The candidates that are not of strangers beyond doubt, compared."""
    found = []
    for start in range(0, max(len(candidates[0]), 1), CHUNK):
        first, second = (of[start : start + CHUNK] for of in candidates)
        pairs = Pairs(first, second, compare(records, first, second))
        state = classes(model, pairs.compared, len(pairs))
        related = state[1:].max(axis=0) - state[0]
        found.append(pairs.at(np.flatnonzero((-log2_sum(state) > _HOPELESS) | (related > 0))))
    first, second = (np.concatenate([getattr(one, name) for one in found]) for name in ("first", "second"))
    return Pairs(first, second, [_joined(fields) for fields in zip(*(one.compared for one in found), strict=True)])


def _joined(parts: Sequence[Compared]) -> Compared:
    levels, a, b = (np.concatenate([getattr(one, name) for one in parts]) for name in ("levels", "a", "b"))
    return Compared(parts[0].key, parts[0].vocabulary, levels, a, b)


class Strangers:
    """How strangers agree, counted on random pairs, each as far as it is not of one person.

    Args:
        records: what was read.
        random: pairs at random.
        labels: the person of each record, as far as is known.
    """

    def __init__(self, records: Records, random: Pairs, labels: Places) -> None:
        weight = 1 / np.bincount(labels)[labels]
        weights = weight[random.first] * weight[random.second] * (labels[random.first] != labels[random.second])
        # So many pairs would say as much if all weighed the same (Kish 1965); no more than there are of different
        # people, which a few records' are drawn from again and again.
        alike = weights.sum() ** 2 / max((weights**2).sum(), _TINY)
        people = weight.sum()
        self._weights = weights * min(alike, people * (people - 1) / 2) / max(weights.sum(), _TINY)
        self._random = random
        self._counts = [self._counted(one, self._weights) for one in random.compared]
        self._doubtful = np.zeros(0, np.int64)
        self._frequencies = {one.key: _frequencies(records, one, weight) for one in random.compared}

    @staticmethod
    def _counted(compared: Compared, weights: Bits) -> Bits:
        there = compared.levels != MISSING
        counts = np.bincount(compared.levels[there], weights[there], minlength=len(levels_of(compared.key)))
        return counts.astype(np.float64)

    def begun(self, model: Model) -> Model:
        """A model with frequencies, and at first with what strangers have in common if random pairs are theirs."""
        fields = {}
        for one, counts in zip(self._random.compared, self._counts, strict=True):
            kept = model.fields.get(one.key)
            m, u = (kept.m, kept.u) if kept else (levels_of(one.key).m, _shares_of(one.key, counts))
            related = kept.related if kept else expected_of_related(one.key, m, u)
            fields[one.key] = Shares(m, u, related, *self._frequencies[one.key])
        found = replace(model, fields=fields)
        if len(self._random):
            bits = score(found, self._random.compared, len(self._random))
            self._doubtful = np.flatnonzero((bits > _HOPELESS) & (self._weights > 0))
        return found

    def recounted(self, model: Model) -> Model:
        """The model with what strangers have in common, pairs left out as far as they are of one person by it."""
        if not len(self._doubtful):
            return model
        doubtful = self._random.at(self._doubtful)
        same = self._weights[self._doubtful] * probability(score(model, doubtful.compared, len(doubtful)))
        fields = dict(model.fields)
        for one, counts in zip(doubtful.compared, self._counts, strict=True):
            fields[one.key] = replace(
                fields[one.key], u=_shares_of(one.key, np.maximum(counts - self._counted(one, same), 0))
            )
        return replace(model, fields=fields)


def _shares_of(key: str, counts: Bits) -> tuple[float, ...]:
    """Shares of levels. Strangers do not have a mailbox, a telephone or a passport in common by chance.

    Without that, nothing would say in a table of addresses alone whether equal ones are of one person.
    """
    shares = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    if key in _TELLING:
        same = min(shares[-1], levels_of(key).u[-1])
        shares[0] += shares[-1] - same
        shares[-1] = same
    return tuple(shares.tolist())


def _frequencies(records: Records, compared: Compared, weight: Bits) -> tuple[dict[str, float], float, float]:
    if compared.vocabulary is None:
        return {}, 0.0, 0.0
    numbers = {
        GIVEN: records.given[:, None],
        FAMILY: records.family[:, None],
        MIDDLE: records.others,
        **{field.key: field.numbers for field in records.fields},
    }[compared.key]
    counts = np.zeros(len(compared.vocabulary))
    for column in numbers.T:
        there = column >= 0
        counts += np.bincount(column[there], weight[there], minlength=len(counts))
    texts = compared.vocabulary.texts
    present = np.flatnonzero(counts)
    return frequencies([texts[place] for place in present.tolist()], counts[present])


def expected_model(records: Records, random: Pairs) -> Model:
    """Where learning begins: what is expected, and what strangers have in common."""
    rate = 1 / max(records.count, _FEW)
    # Who shares an address may be related only if something else could tell them apart.
    told_apart = any(one.key in _OWN for one in random.compared)
    related = tuple(part * rate if told_apart else NO_SHARE for part in _RELATED)
    return Strangers(records, random, np.arange(records.count)).begun(Model({}, rate, related))


def learn(records: Records, random: Pairs, hopeful: Pairs, labels: Places, before: Model) -> Model:
    """A model of these records.

    Args:
        records: what was read.
        random: pairs at random.
        hopeful: candidate pairs.
        labels: the person of each record, as far as is known.
        before: where to begin.
    """
    strangers = Strangers(records, random, labels)
    model = strangers.begun(before)
    everyone = max(records.count * (records.count - 1) / 2, 1.0)
    each = 1.0
    if len(hopeful) > _MOST_PAIRS:
        # Evenly spread, always the same ones.
        each = len(hopeful) / _MOST_PAIRS
        hopeful = hopeful.at(np.linspace(0, len(hopeful) - 1, _MOST_PAIRS).astype(np.int64))
    if not len(hopeful) or not hopeful.compared:
        return model
    rare = [rarity(one, model.fields[one.key]) for one in hopeful.compared]
    for _ in range(_ITERATIONS):
        after = strangers.recounted(_step(hopeful.compared, rare, model, each / everyone))
        if _still(model, after):
            return after
        model = after
    return model


def _step(compared: Sequence[Compared], rare: Sequence[Bits], model: Model, each: float) -> Model:
    """One step of expectation and maximisation; `each`: the part of all pairs that a pair stands for."""
    weights = [against(one, model.fields[one.key], rarer) for one, rarer in zip(compared, rare, strict=True)]
    state = prior(model) - np.sum(weights, axis=0)
    two = log2_sum(state)
    same = probability(-two)
    related = np.exp2(state[1:] - two) * (1 - same)
    fields = {}
    for one, against_each in zip(compared, weights, strict=True):
        without = -log2_sum(state + against_each)
        certain = same * probability(without - _CERTAIN)
        fields[one.key] = _learned(one, model.fields[one.key], certain, related)
    return Model(
        fields,
        float(np.clip(same.sum() * each, _FEWEST * each, _MOST_SAME)),
        tuple(
            float(np.clip(one.sum() * each, _FEWEST_RELATED * each, _MOST_SAME)) if before > NO_SHARE else NO_SHARE
            for before, one in zip(model.related, related, strict=True)
        ),
    )


def _learned(compared: Compared, shares: Shares, same: Bits, related: NDArray[np.float64]) -> Shares:
    """A field's shares, from how much each pair is of one person or of related ones."""
    levels = levels_of(compared.key)
    there = compared.levels != MISSING
    found = compared.levels[there]
    m = _shares(found, same[there], levels.m)
    if compared.key in ALIKE_IN_FAMILY:
        return replace(shares, m=m, related=(in_family(compared.key, m, shares.u), *shares.related[1:]))
    if levels.related is None:
        return replace(shares, m=m)
    common = tuple(
        None if shares.related[place] is None else _shares(found, related[place][there], levels.related)
        for place in range(RELATIONS)
    )
    return replace(shares, m=m, related=common)


def _shares(levels: NDArray[np.uint8], weight: Bits, held: Sequence[float]) -> tuple[float, ...]:
    counts = np.bincount(levels, weight, minlength=len(held))
    return tuple(((counts + _HELD * np.array(held)) / (counts.sum() + _HELD)).tolist())


def _still(before: Model, after: Model) -> bool:
    moved = max(
        abs(one - other)
        for key in after.fields
        for one, other in zip(before.fields[key].m, after.fields[key].m, strict=True)
    )
    return moved < _STILL and abs(float(np.log(after.same / before.same))) < _STILL_RATE
