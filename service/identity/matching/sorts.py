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


NAMES: Final = frozenset({Sort.FULL_NAME, Sort.GIVEN_NAME, Sort.MIDDLE_NAME, Sort.FAMILY_NAME})


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of agreement of a sort of field, from difference to sameness.

    The shares are what is to be expected before anything was learned; learning starts from `m` and `related`, and
    holds on to them as if they had been seen in some pairs, so that a field of few pairs is not over-learned.
    """

    names: tuple[str, ...]
    m: tuple[float, ...]
    """Of the pairs of one person, the share at each level."""
    u: tuple[float, ...]
    """Of the pairs of two people, the share at each level."""
    rare: tuple[float, ...]
    """How much of a value's rarity counts at each level: all where the values are the same, a part where they are
    alike, nothing where they differ."""
    related: tuple[float, ...] | None = None
    """Of the pairs of two people of one household or company, the share at each level; None for a field that they
    have in common no more than anybody."""

    def __len__(self) -> int:
        return len(self.names)


_NAME_LEVELS: Final = ("different", "similar", "initial", "nickname", "typing error", "sounds the same", "same")

GIVEN_NAME: Final = Levels(
    _NAME_LEVELS,
    m=(0.03, 0.03, 0.02, 0.05, 0.10, 0.05, 0.72),
    u=(0.981, 0.004, 0.0002, 0.002, 0.004, 0.0008, 0.008),
    rare=(0, 0.3, 0.3, 0.5, 0.6, 0.8, 1),
)
FAMILY_NAME: Final = Levels(
    _NAME_LEVELS,
    m=(0.03, 0.03, 0.02, 0.05, 0.10, 0.05, 0.72),
    u=(0.9909, 0.002, 0.0001, 0.0002, 0.002, 0.0008, 0.004),
    rare=(0, 0.3, 0.3, 0.5, 0.6, 0.8, 1),
    related=(0.12, 0.02, 0.01, 0.01, 0.04, 0.02, 0.78),
)
MIDDLE_NAME: Final = Levels(
    ("different", "initial", "same"), m=(0.2, 0.1, 0.7), u=(0.92, 0.02, 0.06), rare=(0, 0.5, 1)
)
BIRTH_DATE: Final = Levels(
    (
        "different",
        "a year apart",
        "some weeks apart",
        "two parts the same",
        "typing error",
        "day and month swapped",
        "same",
    ),
    m=(0.04, 0.05, 0.03, 0.05, 0.08, 0.02, 0.73),
    u=(0.9661, 0.03, 0.0015, 0.001, 0.0011, 0.0001, 0.0002),
    rare=(0, 0, 0, 0, 0, 0.5, 1),
)
EMAIL: Final = Levels(
    ("different", "similar", "same before the @", "typing error", "same"),
    m=(0.2, 0.05, 0.05, 0.1, 0.6),
    u=(0.998335, 0.0015, 0.0001, 0.00005, 0.000015),
    rare=(0, 0, 0.5, 0.5, 1),
    related=(0.75, 0.05, 0.02, 0.03, 0.15),
)
PHONE: Final = Levels(
    ("different", "typing error", "same end", "same"),
    m=(0.25, 0.05, 0.05, 0.65),
    u=(0.99978, 0.0001, 0.0001, 0.00002),
    rare=(0, 0, 0.5, 1),
    related=(0.45, 0.03, 0.02, 0.5),
)
NATIONAL_ID: Final = Levels(
    ("different", "typing error", "same end", "same"),
    m=(0.05, 0.06, 0.01, 0.88),
    u=(0.999795, 0.0001, 0.0001, 0.000005),
    rare=(0, 0, 0.5, 1),
)
_TEXT_LEVELS: Final = ("different", "similar", "typing error", "same")
STREET: Final = Levels(
    _TEXT_LEVELS,
    m=(0.15, 0.03, 0.07, 0.75),
    u=(0.9975, 0.001, 0.0005, 0.001),
    rare=(0, 0.3, 0.6, 1),
    related=(0.15, 0.02, 0.05, 0.78),
)
CITY: Final = Levels(
    _TEXT_LEVELS,
    m=(0.15, 0.03, 0.07, 0.75),
    u=(0.962, 0.003, 0.005, 0.03),
    rare=(0, 0.3, 0.6, 1),
    related=(0.15, 0.02, 0.05, 0.78),
)
COMPANY: Final = Levels(
    _TEXT_LEVELS,
    m=(0.2, 0.05, 0.05, 0.7),
    u=(0.9945, 0.003, 0.0005, 0.002),
    rare=(0, 0.3, 0.6, 1),
    related=(0.15, 0.02, 0.05, 0.78),
)
POSTCODE: Final = Levels(
    ("different", "same area", "typing error", "same"),
    m=(0.2, 0.05, 0.1, 0.65),
    u=(0.989, 0.008, 0.001, 0.002),
    rare=(0, 0, 0.3, 1),
    related=(0.15, 0.05, 0.05, 0.75),
)
_CATEGORY_LEVELS: Final = ("different", "similar", "same")
SEX: Final = Levels(("different", "same"), m=(0.03, 0.97), u=(0.5, 0.5), rare=(0, 1))
CATEGORY: Final = Levels(_CATEGORY_LEVELS, m=(0.2, 0.05, 0.75), u=(0.88, 0.02, 0.1), rare=(0, 0.5, 1))
ADDRESSED: Final = Levels(
    ("another name", "the name"), m=(0.5, 0.5), u=(0.985, 0.015), rare=(0, 0), related=(0.7, 0.3)
)
"""Whether the name that one side lacks stands in its e-mail address."""

LEVELS: Final[dict[Sort, Levels]] = {
    Sort.GIVEN_NAME: GIVEN_NAME,
    Sort.FAMILY_NAME: FAMILY_NAME,
    Sort.MIDDLE_NAME: MIDDLE_NAME,
    Sort.BIRTH_DATE: BIRTH_DATE,
    Sort.EMAIL: EMAIL,
    Sort.PHONE: PHONE,
    Sort.STREET: STREET,
    Sort.CITY: CITY,
    Sort.POSTCODE: POSTCODE,
    Sort.SEX: SEX,
    Sort.COMPANY: COMPANY,
    Sort.NATIONAL_ID: NATIONAL_ID,
    Sort.CATEGORY: CATEGORY,
}
