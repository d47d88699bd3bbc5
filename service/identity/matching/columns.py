"""What is counted of a column before it is taken for anything. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from service.identity.matching import looks
from service.identity.matching.attributes import folded, words
from service.identity.matching.tables import MAX_CHARACTERS

_SAMPLE: Final = 2_000
"""Values of a column that are looked at, evenly from all of it."""
_LONG_TEXT: Final = 60
"""Characters in the mean; an address is shorter, a remark is longer."""
_MOST: Final = 0.6

_IDS: Final = "id ids uuid guid key pk index number no nr code код номер 编号 序号"
_ID_WORDS: Final = frozenset(_IDS.split())
"""What names of ids end in."""
_RECORD_IDS: Final = "id recid recordid uniqueid rowid uuid guid pk 编号 序号"
_ID_NAMES: Final = frozenset(_RECORD_IDS.split())
"""Whole names of the ids of records."""


class Examined:
    """A column, and what is counted of it."""

    def __init__(self, name: str, values: Sequence[str]) -> None:
        self.name = name
        self.rows = len(values)
        self.filled = sum(map(bool, values))
        self.distinct = len(set(values)) - (self.filled < len(values))
        self.longest = max(map(len, values), default=0)
        step = max(1, self.filled // _SAMPLE)
        self.sample = [value for value in values if value][::step][:_SAMPLE]

    def share(self, look: Callable[[str], object]) -> float:
        """The share of the values with a look."""
        return sum(map(bool, map(look, self.sample))) / len(self.sample)

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows > 1 and self.distinct == self.rows

    @property
    def may_be_id(self) -> bool:
        """Whether it is unique, and no value is a text, or so long that it may have been cut."""
        return self.is_unique and not self.is_long_text and self.longest < MAX_CHARACTERS

    @property
    def is_called_the_id(self) -> bool:
        """Whether its name is one for the id of a record."""
        return folded(self.name) in _ID_NAMES

    @property
    def is_called_an_id(self) -> bool:
        """Whether its name is one for some id."""
        parts = words(self.name)
        return self.is_called_the_id or bool(parts and parts[-1] in _ID_WORDS)

    @property
    def is_long_text(self) -> bool:
        """Whether it is of remarks: no id either, though each may be another."""
        return sum(map(len, self.sample)) / len(self.sample) > _LONG_TEXT

    @cached_property
    def years(self) -> list[int]:
        """The years of all that are dates, in order."""
        return sorted(year for value in self.sample if (year := looks.year_of(value)) is not None)

    @property
    def dates(self) -> float:
        """The share of dates."""
        return len(self.years) / len(self.sample)

    @property
    def has_many_words(self) -> bool:
        """Whether most values have several words."""
        return self.share(lambda value: looks.word_count(value) > 1) >= _MOST
