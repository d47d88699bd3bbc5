"""Records made ready for comparing: for each field the numbers of its values, in arrays. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from service.identity.matching.sorts import LEVELS, Sort
from service.identity.matching.tables import MAX_CHARACTERS, Table
from service.identity.matching.values import MAX_OTHERS, Name, dates_of, name_of, spellings
from service.identity.matching.vocabularies import Dates, Emails, Names, Numbers, Phones, Postcodes, Vocabulary

MAX_ALTERNATIVES: Final = 4
"""Values of a sort that a record may have: of more columns, the others are not looked at."""

_VOCABULARIES: Final[dict[Sort, type[Vocabulary]]] = {
    Sort.EMAIL: Emails,
    Sort.PHONE: Phones,
    Sort.POSTCODE: Postcodes,
    Sort.NATIONAL_ID: Phones,
}
_ALTERNATIVES: Final = (
    Sort.BIRTH_DATE,
    Sort.EMAIL,
    Sort.PHONE,
    Sort.STREET,
    Sort.CITY,
    Sort.POSTCODE,
    Sort.SEX,
    Sort.COMPANY,
    Sort.NATIONAL_ID,
)
"""Sorts of which several columns are one field."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is compared, but for names: which values each record has of it."""

    key: str
    sort: Sort
    vocabulary: Any
    numbers: Numbers
    """Records × alternatives; -1 where there is none."""


@dataclass(frozen=True, slots=True)
class Records:
    """So many records, and their values."""

    count: int
    names: Names
    given: Numbers
    family: Numbers
    others: Numbers
    """Records × MAX_OTHERS."""
    has_names: bool
    fields: tuple[Field, ...]

    def of(self, sort: Sort) -> Field | None:
        """The field of a sort of which there is one."""
        return next((field for field in self.fields if field.sort is sort), None)


def records_of(table: Table) -> Records:
    """A table's records. Columns of one sort are alternatives, but for categories: each is a field of its own."""
    by_sort: dict[Sort, list[int]] = {}
    for place, column in enumerate(table.columns):
        by_sort.setdefault(column.sort, []).append(place)
    vocabulary = Names()
    parts = [(vocabulary.number(one.given), vocabulary.number(one.family)) for one in _named(table, by_sort)]
    others = np.full((len(table), MAX_OTHERS), -1, np.int32)
    for record, one in enumerate(_named(table, by_sort)):
        for place, token in enumerate(one.others):
            others[record, place] = vocabulary.number(token)
    given_family = np.array(parts, np.int32).reshape(len(table), 2)
    return Records(
        len(table),
        vocabulary,
        np.ascontiguousarray(given_family[:, 0]),
        np.ascontiguousarray(given_family[:, 1]),
        others,
        bool(len(vocabulary)),
        tuple(_fields(table, by_sort)),
    )


def _named(table: Table, by_sort: dict[Sort, list[int]]) -> Iterator[Name]:
    """The name of each record; of several full names the longest, which says most."""
    columns = [
        _joined(table, by_sort.get(sort, ())) for sort in (Sort.GIVEN_NAME, Sort.MIDDLE_NAME, Sort.FAMILY_NAME)
    ]
    full = [table.values[place] for place in by_sort.get(Sort.FULL_NAME, ())]
    for record in range(len(table)):
        given, middle, family = (column[record] if column else "" for column in columns)
        whole = max((column[record][:MAX_CHARACTERS] for column in full), key=len, default="")
        yield name_of(given, middle, family, whole)


def _joined(table: Table, places: Sequence[int]) -> list[str]:
    """Columns of one sort as one: of two given names each is one."""
    if not places:
        return []
    return [
        " ".join(filter(None, values))[:MAX_CHARACTERS]
        for values in zip(*(table.values[place] for place in places), strict=True)
    ]


def _fields(table: Table, by_sort: dict[Sort, list[int]]) -> Iterator[Field]:
    for sort in _ALTERNATIVES:
        if (places := by_sort.get(sort, [])[:MAX_ALTERNATIVES]) and (
            field := _field(sort.value, sort, [table.values[place] for place in places])
        ):
            yield field
    for place in by_sort.get(Sort.CATEGORY, ()):
        key = f"{Sort.CATEGORY.value}: {table.columns[place].name}"
        if field := _field(key, Sort.CATEGORY, [table.values[place]]):
            yield field


def _field(key: str, sort: Sort, columns: Sequence[Sequence[str]]) -> Field | None:
    """A field, if anybody has a value of it."""
    cut = [[text[:MAX_CHARACTERS] for text in column] for column in columns]
    if sort is Sort.BIRTH_DATE:
        vocabulary: Vocabulary = Dates()
        numbers = [vocabulary.of(dates_of(column)) for column in cut]  # type: ignore[attr-defined]
    else:
        vocabulary = _VOCABULARIES.get(sort, Vocabulary)()
        numbers = [vocabulary.numbers(spellings(sort, column)) for column in cut]
    if not len(vocabulary):
        return None
    return Field(key, sort, vocabulary, np.stack(numbers, axis=1))


def levels_of(key: str) -> Any:
    """The levels of a field by its key."""
    return LEVELS[Sort(key.partition(":")[0])]
