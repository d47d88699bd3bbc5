"""What sorts of field a record of a person has, and which levels of agreement each of them knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MISSING: Final = 255
"""The level of a pair of which one side, or both, say nothing: it speaks neither for nor against."""


class Sort(StrEnum):
    """What sort of thing a column, or an attribute, says of a person."""

    FULL_NAME = "full name"
    GIVEN_NAME = "given name"
    MIDDLE_NAME = "middle name"
    FAMILY_NAME = "family name"
    BIRTH_DATE = "birth date"
    EMAIL = "e-mail"
    PHONE = "phone"
    STREET = "street"
    CITY = "city"
    POSTCODE = "postcode"
    SEX = "sex"
    COMPANY = "company"
    NATIONAL_ID = "national id"
    CATEGORY = "category"
    ID = "id"
    """Names the record, not the person."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of agreement of a sort of field, from difference to sameness."""

    names: tuple[str, ...]
    m: tuple[float, ...]
    """What share of the pairs of one person is to be expected at each level, before anything was learned."""
    rare: tuple[float, ...]
    """How much a level's weight follows the rarity of the value: 1 where the values are the same, less where they
    are alike, 0 where they differ."""

    def __len__(self) -> int:
        return len(self.names)
