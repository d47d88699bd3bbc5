"""Comparing pairs of records: for each pair and field a level of agreement, and the values that agree. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.identity.matching import agreement
from service.identity.matching.agreement import (
    DIFFERENT,
    EMAIL_TYPO,
    NAME_SAME,
    NAME_SOUND,
    NAME_TYPO,
    Levels,
    once,
)
from service.identity.matching.blocks import Places
from service.identity.matching.records import Field, Records
from service.identity.matching.sorts import MISSING, Sort
from service.identity.matching.vocabularies import Numbers, Vocabulary

GIVEN: Final = Sort.GIVEN_NAME.value
FAMILY: Final = Sort.FAMILY_NAME.value
MIDDLE: Final = Sort.MIDDLE_NAME.value
ADDRESSED_NAME: Final = "name in e-mail"
_MIDDLE_INITIAL, _MIDDLE_SAME = 1, 2
_STANDS: Final = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """How pairs agree in one field."""

    key: str
    vocabulary: Vocabulary | None
    levels: Levels
    """Of each pair; MISSING where a side has no value."""
    a: Numbers
    b: Numbers
    """The values that were compared, -1 where there are none."""

    @staticmethod
    def nothing(key: str, vocabulary: Vocabulary | None, pairs: int) -> Compared:
        """So many pairs of which no side has a value."""
        a, b = np.full((2, pairs), -1, np.int32)
        return Compared(key, vocabulary, np.full(pairs, MISSING, np.uint8), a, b)


def compare(records: Records, first: Places, second: Places) -> list[Compared]:
    """How pairs of records, given by their places, agree in each field."""
    found: list[Compared] = []
    if records.has_names:
        found += _names(records, first, second)
    found += [_field(field, first, second) for field in records.fields]
    email = records.of(Sort.EMAIL)
    if records.has_names and email is not None:
        _forget_named(records, email, next(one for one in found if one.key == email.key), first, second)
        found.append(_addressed(records, email, first, second))
    return found


def _forget_named(records: Records, email: Field, compared: Compared, first: Places, second: Places) -> None:
    """Addresses that are alike because both are made of their owners' names say nothing that names do not."""
    alike = np.flatnonzero((compared.levels > DIFFERENT) & (compared.levels < EMAIL_TYPO))
    for of in (first, second):
        owners, place = np.unique(of[alike], return_inverse=True)
        named = np.array([records.is_addressed(email, owner) for owner in owners.tolist()], np.bool_)
        alike = alike[named[place]]
    compared.levels[alike] = MISSING


def _field(field: Field, first: Places, second: Places) -> Compared:
    """The best level of all alternatives of both sides."""
    alternatives = field.numbers.shape[1]
    best = Compared.nothing(field.key, field.vocabulary, len(first))
    for one in range(alternatives):
        for other in range(alternatives):
            a, b = field.numbers[first, one], field.numbers[second, other]
            places = np.flatnonzero((a >= 0) & (b >= 0))
            if not len(places):
                continue
            a, b = a[places], b[places]
            levels = once(agreement.FUNCTIONS[field.sort], field.vocabulary, a, b)
            better = (best.levels[places] == MISSING) | (levels > best.levels[places])
            best.levels[places[better]] = levels[better]
            best.a[places[better]], best.b[places[better]] = a[better], b[better]
    return best


def _token_levels(records: Records, a: Numbers, b: Numbers) -> Levels:
    levels = np.full(len(a), MISSING, np.uint8)
    places = np.flatnonzero((a >= 0) & (b >= 0))
    if len(places):
        levels[places] = once(agreement.names, records.names, a[places], b[places])
    return levels


def _names(records: Records, first: Places, second: Places) -> Iterator[Compared]:
    """Given, family and other names: in their places, else in each other's, else among the other's other names."""
    given = _Sides(records.given[first], records.given[second])
    family = _Sides(records.family[first], records.family[second])
    straight = _levels_of_sides(records, given, family)
    compared = [
        Compared(key, records.names, levels, sides.a, sides.b)
        for key, levels, sides in zip((GIVEN, FAMILY), straight, (given, family), strict=True)
    ]
    _exchange(records, *compared)
    for one, numbers in zip(compared, (records.given, records.family), strict=True):
        _look_among_others(records, one, numbers, first, second)
    yield from compared
    yield _others(records, first, second)


class _Sides(NamedTuple):
    """The names of both sides of pairs."""

    a: Numbers
    b: Numbers


def _levels_of_sides(records: Records, *sides: _Sides) -> list[Levels]:
    """The levels of several names of the same pairs, compared in one go."""
    levels = _token_levels(records, np.concatenate([of.a for of in sides]), np.concatenate([of.b for of in sides]))
    return np.split(levels, len(sides))


def _known(levels: Levels) -> NDArray[np.int16]:
    """Levels, the missing ones as the lowest."""
    return np.where(levels == MISSING, 0, levels).astype(np.int16)


def _exchange(records: Records, given: Compared, family: Compared) -> None:
    """Where given and family names agree crosswise and not as they stand, takes them crosswise."""
    weak = np.flatnonzero((_known(given.levels) < NAME_TYPO) & (_known(family.levels) < NAME_TYPO))
    if not len(weak):
        return
    other_given, other_family = given.b[weak], family.b[weak]
    as_given, as_family = _levels_of_sides(
        records, _Sides(given.a[weak], other_family), _Sides(family.a[weak], other_given)
    )
    crosswise, straight = (
        _known(one) + _known(other)
        for one, other in ((as_given, as_family), (given.levels[weak], family.levels[weak]))
    )
    better = (np.maximum(_known(as_given), _known(as_family)) >= NAME_TYPO) & (crosswise > straight)
    places = weak[better]
    given.levels[places], family.levels[places] = as_given[better], as_family[better]
    given.b[places], family.b[places] = other_family[better], other_given[better]


def _look_among_others(records: Records, compared: Compared, own: Numbers, first: Places, second: Places) -> None:
    """A name that differs may be among the other side's other names: Anna Maria is Maria, Smith was Jones."""
    sounds = records.names.sounds
    for mine, theirs in ((first, second), (second, first)):
        weak = np.flatnonzero((compared.levels < NAME_TYPO) & (own[mine] >= 0) & (records.others[theirs, 0] >= 0))
        for place in range(records.others.shape[1] if len(weak) else 0):
            a, b = own[mine[weak]], records.others[theirs[weak], place]
            hit = (b >= 0) & (sounds[a] == sounds[b])
            places = weak[hit]
            compared.levels[places] = np.where(a[hit] == b[hit], NAME_SAME, NAME_SOUND) - 1
            compared.a[places], compared.b[places] = a[hit], b[hit]


def _others(records: Records, first: Places, second: Places) -> Compared:
    """Whether any of the other names, or an initial, is the same."""
    one, other = records.others[first], records.others[second]
    compared = Compared.nothing(MIDDLE, records.names, len(first))
    both = np.flatnonzero((one[:, 0] >= 0) & (other[:, 0] >= 0))
    compared.levels[both], compared.a[both], compared.b[both] = 0, one[both, 0], other[both, 0]
    names = records.names
    for place in range(records.others.shape[1] if len(both) else 0):
        for opposite in range(records.others.shape[1]):
            a, b = one[both, place], other[both, opposite]
            there = (a >= 0) & (b >= 0)
            if not there.any():
                continue
            initial = (names.initials[a] == names.initials[b]) & (
                np.minimum(names.lengths[a], names.lengths[b]) == 1
            )
            levels = np.where(names.sounds[a] == names.sounds[b], _MIDDLE_SAME, initial * _MIDDLE_INITIAL)
            better = there & (levels > compared.levels[both])
            places = both[better]
            compared.levels[places] = levels[better]
            compared.a[places], compared.b[places] = a[better], b[better]
    return compared


def _addressed(records: Records, email: Field, first: Places, second: Places) -> Compared:
    """Whether a name that one side lacks stands in its address, where the other side has no address.

    Elsewhere it says nothing new: an address that holds its owner's name agrees with whoever has that name.
    """
    compared = Compared.nothing(ADDRESSED_NAME, None, len(first))
    numbers = email.numbers[:, 0]
    for mine, theirs in ((first, second), (second, first)):
        apart = (numbers[mine] >= 0) & (numbers[theirs] < 0)
        for names in (records.given, records.family):
            pairs = np.flatnonzero(apart & (names[mine] < 0) & (names[theirs] >= 0))
            sides = (pairs, names[theirs[pairs]], numbers[mine[pairs]])
            for pair, token, address in zip(*(side.tolist() for side in sides), strict=True):
                stands = records.stands_in(token, email, address)
                if stands is not None and compared.levels[pair] != _STANDS:
                    compared.levels[pair] = stands
    return compared
