"""How far two values of a sort agree: a level for each pair of values. Pure.

Every function takes a vocabulary and two arrays of numbers of values (int, one length, none of them -1), and gives
an array of levels (uint8), whose names and meanings are those of `sorts`. Similarities are Jaro and Winkler's,
errors are counted by optimal string alignment: a letter added, left out, another one, two exchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from service.identity.matching.sorts import Sort
from service.identity.matching.vocabularies import (
    Dates,
    Emails,
    Names,
    Numbers,
    Phones,
    Postcodes,
    Texts,
    Vocabulary,
)

Levels = NDArray[np.uint8]
Pairwise = NDArray[Any]

_WORTH_A_LOOK: Final = 0.7
"""What is less alike in writing is neither an error nor similar."""
_SIMILAR: Final = 0.84
_SIMILAR_TEXT: Final = 0.85
_SIMILAR_LOCAL: Final = 0.88
_SIMILAR_CATEGORY: Final = 0.9
_WORTH_SORTING: Final = 1_000
"""Pairs; of fewer, comparing some twice is quicker than finding out which."""
_YEAR_APART, _WEEKS_APART = 400, 40
"""Days."""

DIFFERENT: Final = 0
EMAIL_TYPO: Final = 3
NAME_SIMILAR, NAME_INITIAL, NAME_NICKNAME, NAME_TYPO, NAME_SOUND, NAME_SAME = range(1, 7)


def _alike(one: Texts, other: Texts) -> Pairwise:
    return cpdist(one, other, scorer=JaroWinkler.normalized_similarity)


def _errors(one: Texts, other: Texts) -> Pairwise:
    return cpdist(one, other, scorer=OSA.distance)


def names(vocabulary: Names, a: Numbers, b: Numbers) -> Levels:
    """Levels of tokens of names: similar, initial, nickname, typing error, sounds the same, same."""
    levels = np.zeros(len(a), np.uint8)
    same = a == b
    lengths = np.minimum(vocabulary.lengths[a], vocabulary.lengths[b])
    alike = _alike(vocabulary.array[a], vocabulary.array[b])
    close = np.flatnonzero((alike >= _WORTH_A_LOOK) & ~same)
    levels[close] = _close_names(vocabulary, a[close], b[close], alike[close], lengths[close])
    initials = (lengths == 1) & (vocabulary.initials[a] == vocabulary.initials[b])
    levels[initials] = NAME_INITIAL
    _put_nicknames(vocabulary, a, b, levels)
    levels[(vocabulary.sounds[a] == vocabulary.sounds[b]) & (lengths > 1)] = NAME_SOUND
    levels[same] = NAME_SAME
    return levels


def _close_names(vocabulary: Names, a: Numbers, b: Numbers, alike: Pairwise, lengths: Numbers) -> Levels:
    levels = np.zeros(len(a), np.uint8)
    bones = (vocabulary.bones[a] == vocabulary.bones[b]) & (lengths > 2)
    levels[(alike >= _SIMILAR) | bones] = NAME_SIMILAR
    written = _errors(vocabulary.array[a], vocabulary.array[b])
    heard = _errors(vocabulary.heard[a], vocabulary.heard[b])
    # Short names that differ in a letter are often two names; in long ones two letters may be wrong.
    typo = ((written <= 1) & (lengths >= 3)) | ((heard <= 1) & (lengths >= 5)) | ((written <= 2) & (lengths >= 7))
    levels[typo] = NAME_TYPO
    return levels


def _put_nicknames(vocabulary: Names, a: Numbers, b: Numbers, levels: Levels) -> None:
    known = vocabulary.has_behind
    places = np.flatnonzero(known[a] & known[b] & (levels < NAME_TYPO) & (a != b))
    behind = vocabulary.behind
    for place, one, other in zip(places.tolist(), a[places].tolist(), b[places].tolist(), strict=True):
        if not behind[one].isdisjoint(behind[other]):
            levels[place] = NAME_NICKNAME


def dates(vocabulary: Dates, a: Numbers, b: Numbers) -> Levels:
    """Levels of dates: a year apart, some weeks apart, two parts the same, typing error, swapped, same."""
    levels = np.zeros(len(a), np.uint8)
    one, other = vocabulary.parts[a], vocabulary.parts[b]
    equal = one == other
    gap = np.abs(vocabulary.days[a] - vocabulary.days[b])
    levels[equal[:, 0] | (gap <= _YEAR_APART)] = 1
    levels[gap <= _WEEKS_APART] = 2
    levels[equal.sum(1) == 2] = 3
    levels[_errors(vocabulary.array[a], vocabulary.array[b]) == 1] = 4
    levels[equal[:, 0] & (one[:, 1] == other[:, 2]) & (one[:, 2] == other[:, 1])] = 5
    # Of a year alone nothing else is known.
    partial = (one[:, 1] == 0) | (other[:, 1] == 0)
    levels[partial] = equal[partial, 0]
    levels[a == b] = 6
    return levels


def emails(vocabulary: Emails, a: Numbers, b: Numbers) -> Levels:
    """Levels of e-mail addresses: similar, same before the @, typing error, same."""
    levels = np.zeros(len(a), np.uint8)
    levels[_alike(vocabulary.locals[a], vocabulary.locals[b]) >= _SIMILAR_LOCAL] = 1
    local = vocabulary.local_numbers[a] == vocabulary.local_numbers[b]
    levels[local & (vocabulary.local_lengths[a] >= 3)] = 2
    allowed = np.where(np.minimum(vocabulary.lengths[a], vocabulary.lengths[b]) >= 16, 3, 2)
    levels[_errors(vocabulary.array[a], vocabulary.array[b]) <= allowed] = EMAIL_TYPO
    levels[a == b] = 4
    return levels


def phones(vocabulary: Phones, a: Numbers, b: Numbers) -> Levels:
    """Levels of numbers: typing error, same end, same."""
    levels = np.zeros(len(a), np.uint8)
    levels[_errors(vocabulary.array[a], vocabulary.array[b]) <= 1] = 1
    levels[vocabulary.ends[a] == vocabulary.ends[b]] = 2
    levels[a == b] = 3
    return levels


def postcodes(vocabulary: Postcodes, a: Numbers, b: Numbers) -> Levels:
    """Levels of postcodes: same area, typing error, same."""
    levels = np.zeros(len(a), np.uint8)
    levels[vocabulary.areas[a] == vocabulary.areas[b]] = 1
    levels[_errors(vocabulary.array[a], vocabulary.array[b]) <= 1] = 2
    levels[a == b] = 3
    return levels


def texts(vocabulary: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    """Levels of streets, cities and companies: similar, typing error, same."""
    levels = np.zeros(len(a), np.uint8)
    one, other = vocabulary.array[a], vocabulary.array[b]
    levels[_alike(one, other) >= _SIMILAR_TEXT] = 1
    longest = np.maximum(vocabulary.lengths[a], vocabulary.lengths[b])
    shortest = np.minimum(vocabulary.lengths[a], vocabulary.lengths[b])
    kept = 1 - _errors(one, other) / longest
    levels[kept >= np.where(shortest >= 8, 0.8, 0.75)] = 2
    levels[a == b] = 3
    return levels


def categories(vocabulary: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    """Levels of anything else: similar, same."""
    levels = np.zeros(len(a), np.uint8)
    levels[_alike(vocabulary.array[a], vocabulary.array[b]) >= _SIMILAR_CATEGORY] = 1
    levels[a == b] = 2
    return levels


def sexes(_: Vocabulary, a: Numbers, b: Numbers) -> Levels:
    """Levels of sexes: same or not."""
    same: Levels = (a == b).astype(np.uint8)
    return same


FUNCTIONS: Final[dict[Sort, Callable[[Any, Numbers, Numbers], Levels]]] = {
    Sort.BIRTH_DATE: dates,
    Sort.EMAIL: emails,
    Sort.PHONE: phones,
    Sort.STREET: texts,
    Sort.CITY: texts,
    Sort.POSTCODE: postcodes,
    Sort.SEX: sexes,
    Sort.COMPANY: texts,
    Sort.NATIONAL_ID: phones,
    Sort.CATEGORY: categories,
}


def once(
    function: Callable[[Any, Numbers, Numbers], Levels], vocabulary: Vocabulary, a: Numbers, b: Numbers
) -> Levels:
    """The levels of pairs, each distinct pair of values compared once, whichever comes first."""
    if len(a) < _WORTH_SORTING:
        return function(vocabulary, a, b)
    code = np.minimum(a, b).astype(np.int64) * len(vocabulary) + np.maximum(a, b)
    distinct, place = np.unique(code, return_inverse=True)
    levels = function(
        vocabulary, (distinct // len(vocabulary)).astype(np.int32), (distinct % len(vocabulary)).astype(np.int32)
    )
    found: Levels = levels[place]
    return found
