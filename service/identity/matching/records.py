"""Records made ready for comparing: for each field the numbers of its values, in arrays. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from service.identity.matching.orienting import WRITTEN_IN_FULL, WRITTEN_IN_PARTS, NameShares, orient
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import MAX_CHARACTERS, Person, Table
from service.identity.matching.values import Name, name_of, spelling, spellings
from service.identity.matching.vocabularies import Dates, Emails, Names, Numbers, Phones, Postcodes, Vocabulary

MAX_ALTERNATIVES: Final = 4
"""Values of a sort that a record may have: of more columns, the others are not looked at."""

_SHORTEST_ADDRESSED: Final = 3
"""Letters of a name that stands in an address not by chance."""
_VOCABULARIES: Final[dict[Sort, type[Vocabulary]]] = {
    Sort.BIRTH_DATE: Dates,
    Sort.EMAIL: Emails,
    Sort.PHONE: Phones,
    Sort.POSTCODE: Postcodes,
    Sort.NATIONAL_ID: Phones,
}
ALTERNATIVES: Final = (
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
    """Records × as many as somebody has, one at least."""
    fields: tuple[Field, ...]

    @property
    def has_names(self) -> bool:
        """Whether anybody has a name."""
        return len(self.names) > 0

    def stands_in(self, token: int, email: Field, address: int) -> bool | None:
        """Whether a name stands in an address, both by their numbers; None where it is too short to tell."""
        text: str = self.names.texts[token]
        return text in email.vocabulary.letters[address] if len(text) >= _SHORTEST_ADDRESSED else None

    def is_addressed(self, email: Field, record: int) -> bool:
        """Whether a record's name stands in its address, or in one of them."""
        tokens = (int(self.given[record]), int(self.family[record]))
        addresses = [address for address in email.numbers[record].tolist() if address >= 0]
        return any(self.stands_in(token, email, one) for token in tokens if token >= 0 for one in addresses)

    def of(self, sort: Sort) -> Field | None:
        """The field of a sort of which there is one."""
        return next((field for field in self.fields if field.sort is sort), None)


def records_of(table: Table) -> Records:
    """A table's records. Columns of one sort are alternatives, but for categories: each is a field of its own."""
    by_sort: dict[Sort, list[int]] = {}
    for place, column in enumerate(table.columns):
        by_sort.setdefault(column.sort, []).append(place)
    names, numbers = _numbered(list(_named(table, by_sort)))
    written = WRITTEN_IN_PARTS if Sort.FAMILY_NAME in by_sort else WRITTEN_IN_FULL
    turned = orient(names, numbers[:, 0], numbers[:, 1], written)
    return _records(names, numbers, turned, _fields(table, by_sort))


def records_of_people(
    people: Sequence[Person], known: NameShares, sorts: Collection[Sort] = ALTERNATIVES
) -> Records:
    """A few people's records, with fields of these sorts.

    `known`: how often tokens are given and family names, as learned from many.
    """
    names, numbers = _numbered([_name_of_person(person) for person in people])
    written = [WRITTEN_IN_PARTS if Sort.FAMILY_NAME in person else WRITTEN_IN_FULL for person in people]
    turned = known.orient(names, numbers[:, 0], numbers[:, 1], np.array(written))
    there = (sort for sort in sorts if any(sort in person for person in people))
    return _records(names, numbers, turned, filter(None, (_field_of_people(sort, people) for sort in there)))


def _records(names: Names, numbers: Numbers, turned: NDArray[np.bool_], fields: Iterable[Field]) -> Records:
    """Records by the numbers of their names; of some, the given and the family name are exchanged."""
    given, family = np.where(turned, numbers[:, 1], numbers[:, 0]), np.where(turned, numbers[:, 0], numbers[:, 1])
    return Records(len(numbers), names, given, family, numbers[:, 2:], tuple(fields))


def _numbered(every: Sequence[Name]) -> tuple[Names, Numbers]:
    """Names in a vocabulary: of each record the numbers of the given, the family, and the other names."""
    names = Names()
    most = max((len(one.others) for one in every), default=0)
    numbers = np.full((len(every), 2 + max(most, 1)), -1, np.int32)
    for record, one in enumerate(every):
        tokens = (one.given, one.family, *one.others)
        numbers[record, : len(tokens)] = [names.number(token) for token in tokens]
    return names, numbers


def _name_of_person(person: Person) -> Name:
    parts = (Sort.GIVEN_NAME, Sort.MIDDLE_NAME, Sort.FAMILY_NAME)
    given, middle, family = (" ".join(person.get(sort, ()))[:MAX_CHARACTERS] for sort in parts)
    whole = max(person.get(Sort.FULL_NAME, ()), key=len, default="")[:MAX_CHARACTERS]
    return name_of(given, middle, family, whole)


def _field_of_people(sort: Sort, people: Sequence[Person]) -> Field | None:
    vocabulary = _VOCABULARIES.get(sort, Vocabulary)()
    numbers = np.full((len(people), MAX_ALTERNATIVES), -1, np.int32)
    most = 1
    for record, person in enumerate(people):
        texts = person.get(sort, ())[:MAX_ALTERNATIVES]
        most = max(most, len(texts))
        for place, text in enumerate(texts):
            numbers[record, place] = vocabulary.number(spelling(sort, text[:MAX_CHARACTERS]))
    return Field(sort.value, sort, vocabulary, numbers[:, :most]) if len(vocabulary) else None


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
    for sort in ALTERNATIVES:
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
    vocabulary = _VOCABULARIES.get(sort, Vocabulary)()
    numbers = [
        vocabulary.numbers(spellings(sort, [text[:MAX_CHARACTERS] for text in column])) for column in columns
    ]
    return Field(key, sort, vocabulary, np.stack(numbers, axis=1)) if len(vocabulary) else None
