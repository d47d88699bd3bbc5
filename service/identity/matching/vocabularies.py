"""The distinct values of a field, each once, with what comparing needs to know of them. Pure.

A value's place in its vocabulary is its number; -1 is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from service.identity.matching.nicknames import names_behind
from service.identity.names import skeleton, sound

Numbers = NDArray[np.int32]
Texts = NDArray[np.object_]

PHONE_END: Final = 7
"""The last digits, by which a number is the same however it is dialled."""
_INWARD: Final = 3
"""The last signs of a British or Canadian postcode name a few houses; what is before them is an area."""
_AREA: Final = 3
"""The first digits of any other postcode."""
_DAYS_OF_YEAR, _DAYS_OF_MONTH = 365.25, 30.44


class Vocabulary:
    """Texts, each with a number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text, a new one for a new text; -1 for an empty one."""
        if not text:
            return -1
        if (number := self._numbers.get(text)) is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def numbers(self, texts: Iterable[str]) -> Numbers:
        """The numbers of texts."""
        return np.fromiter((self.number(text) for text in texts), np.int32)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def array(self) -> Texts:
        """All texts; asked for when all are there."""
        return objects(self.texts)

    @cached_property
    def lengths(self) -> Numbers:
        """Their characters."""
        return np.fromiter(map(len, self.texts), np.int32, len(self))


def objects(values: Sequence[Any]) -> Texts:
    """An array of values as they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def classes(values: Iterable[Any]) -> Numbers:
    """A number for each value, the same for the same."""
    known: dict[Any, int] = {}
    return np.fromiter((known.setdefault(value, len(known)) for value in values), np.int32)


class Names(Vocabulary):
    """Tokens of names, given and family names in one vocabulary: people write them in each other's place."""

    @cached_property
    def heard(self) -> Texts:
        """How they sound."""
        return objects([sound(text) for text in self.texts])

    @cached_property
    def sounds(self) -> Numbers:
        """The same number for the same sound."""
        return classes(self.heard)

    @cached_property
    def bones(self) -> Numbers:
        """The same number for the same skeleton."""
        return classes(skeleton(one) for one in self.heard)

    @cached_property
    def initials(self) -> Numbers:
        """Of their sounds."""
        return np.fromiter((ord(one[0]) if one else 0 for one in self.heard), np.int32, len(self))

    @cached_property
    def behind(self) -> list[frozenset[str]]:
        """The names that they may stand for."""
        return [names_behind(one) for one in self.heard]

    @cached_property
    def has_behind(self) -> NDArray[np.bool_]:
        """Whether a table of nicknames knows them."""
        return np.fromiter(map(bool, self.behind), np.bool_, len(self))


class Emails(Vocabulary):
    """Addresses of mailboxes."""

    @cached_property
    def locals(self) -> Texts:
        """What is before the @."""
        return objects([text.rpartition("@")[0] for text in self.texts])

    @cached_property
    def local_numbers(self) -> Numbers:
        """The same number for the same local part."""
        return classes(self.locals)

    @cached_property
    def local_lengths(self) -> Numbers:
        """Characters of the local parts."""
        return np.fromiter(map(len, self.locals), np.int32, len(self))

    @cached_property
    def letters(self) -> list[str]:
        """The letters of the local parts."""
        return [letters_of(text) for text in self.texts]


class Phones(Vocabulary):
    """Phone numbers, or other numbers that somebody is known by."""

    @cached_property
    def ends(self) -> Numbers:
        """The same number for the same last digits."""
        return classes(text[-PHONE_END:] for text in self.texts)


class Postcodes(Vocabulary):
    """Postcodes."""

    @cached_property
    def areas(self) -> Numbers:
        """The same number for the same area."""
        return classes(map(area_of, self.texts))


class Dates(Vocabulary):
    """Dates, as texts of eight digits."""

    @cached_property
    def parts(self) -> NDArray[np.int64]:
        """Year, month and day: three columns."""
        split = [(int(text[:4]), int(text[4:6]), int(text[6:])) for text in self.texts]
        return np.array(split, np.int64).reshape(len(split), 3)

    @cached_property
    def days(self) -> NDArray[np.float64]:
        """Days since year 0, about."""
        days: NDArray[np.float64] = self.parts @ np.array([_DAYS_OF_YEAR, _DAYS_OF_MONTH, 1.0])
        return days


@lru_cache(maxsize=65_536)
def letters_of(address: str) -> str:
    """The letters of an address's local part."""
    return "".join(filter(str.isalpha, address.rpartition("@")[0]))


def area_of(postcode: str) -> str:
    """The area that a postcode lies in."""
    return postcode[:-_INWARD] if postcode[:1].isalpha() and len(postcode) > _INWARD + 1 else postcode[:_AREA]
