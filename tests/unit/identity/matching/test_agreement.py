"""How far two values agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.identity.latin import tokens
from service.identity.matching import agreement
from service.identity.matching.sorts import LEVELS, Sort
from service.identity.matching.values import spelling
from service.identity.matching.vocabularies import Dates, Emails, Names, Phones, Postcodes, Vocabulary

VOCABULARIES: dict[Sort, type[Vocabulary]] = {
    Sort.GIVEN_NAME: Names,
    Sort.BIRTH_DATE: Dates,
    Sort.EMAIL: Emails,
    Sort.PHONE: Phones,
    Sort.POSTCODE: Postcodes,
    Sort.NATIONAL_ID: Phones,
}
FUNCTIONS: dict[Sort, Callable[[Any, Any, Any], Any]] = {Sort.GIVEN_NAME: agreement.names, **agreement.FUNCTIONS}


def level(sort: Sort, one: str, other: str) -> str:
    vocabulary = VOCABULARIES.get(sort, Vocabulary)()
    spelt = [tokens(text)[0] if sort is Sort.GIVEN_NAME else spelling(sort, text) for text in (one, other)]
    a, b = (np.array([vocabulary.number(text)], np.int32) for text in spelt)
    (found,) = FUNCTIONS[sort](vocabulary, a, b).tolist()
    return LEVELS[sort].names[int(found)]


@pytest.mark.parametrize(
    ("sort", "one", "other", "expected"),
    [
        (Sort.GIVEN_NAME, "Robert", "ROBERT", "same"),
        (Sort.GIVEN_NAME, "Юлия", "Julia", "sounds the same"),
        (Sort.GIVEN_NAME, "Щербаков", "Shcherbakov", "same"),
        (Sort.GIVEN_NAME, "Щербаков", "Scherbakow", "sounds the same"),
        (Sort.GIVEN_NAME, "Robert", "Robret", "typing error"),
        (Sort.GIVEN_NAME, "Bob", "Robert", "nickname"),
        (Sort.GIVEN_NAME, "Саша", "Александр", "nickname"),
        (Sort.GIVEN_NAME, "Саша", "Alexander", "nickname"),
        (Sort.GIVEN_NAME, "R", "Robert", "initial"),
        (Sort.GIVEN_NAME, "Rob", "Ron", "typing error"),
        (Sort.GIVEN_NAME, "Al", "Ed", "different"),
        (Sort.GIVEN_NAME, "Magdalena", "Madgalema", "typing error"),
        (Sort.GIVEN_NAME, "Thomas", "William", "different"),
        (Sort.BIRTH_DATE, "1990-03-12", "12.03.1990", "same"),
        (Sort.BIRTH_DATE, "1990-03-12", "1990-12-03", "day and month swapped"),
        (Sort.BIRTH_DATE, "1990-03-12", "1990-03-13", "typing error"),
        (Sort.BIRTH_DATE, "1990-03-12", "1890-03-12", "typing error"),
        (Sort.BIRTH_DATE, "1990-03-12", "1990-03-29", "two parts the same"),
        (Sort.BIRTH_DATE, "1990-03-12", "1990-04-09", "some weeks apart"),
        (Sort.BIRTH_DATE, "1990-03-12", "1991-02-25", "a year apart"),
        (Sort.BIRTH_DATE, "1990-03-12", "1990", "a year apart"),
        (Sort.BIRTH_DATE, "1990-03-12", "1961", "different"),
        (Sort.BIRTH_DATE, "1990-03-12", "1971-11-30", "different"),
        (Sort.EMAIL, "ann.lee@x.com", "Ann.Lee@x.com", "same"),
        (Sort.EMAIL, "ann.lee@x.com", "ann.lee@example.org", "same before the @"),
        (Sort.EMAIL, "ann.lee@x.com", "an.lee@x.com", "typing error"),
        (Sort.EMAIL, "catherine.lee@x.com", "catherina.leigh@example.org", "similar"),
        (Sort.EMAIL, "ann.lee@x.com", "bob@y.org", "different"),
        (Sort.PHONE, "+1 503 266 3122", "(503) 266-3122", "same"),
        (Sort.PHONE, "+1 503 266 3122", "(503) 266-3128", "typing error"),
        (Sort.PHONE, "+45 12 34 56 78", "12345678", "same end"),
        (Sort.PHONE, "+1 503 266 3122", "+1 212 555 0000", "different"),
        (Sort.POSTCODE, "SW1A 1AA", "sw1a1aa", "same"),
        (Sort.POSTCODE, "SW1A 1AA", "SW1A 1AB", "typing error"),
        (Sort.POSTCODE, "SW1A 1AA", "SW1A 2XY", "same area"),
        (Sort.POSTCODE, "12345", "99999", "different"),
        (Sort.CITY, "Киев", "Kyiv", "same"),
        (Sort.CITY, "Portsmouth", "Pootsmruth", "typing error"),
        (Sort.CITY, "Newcastle", "Newcastle-upon-Tyne", "similar"),
        (Sort.CITY, "Leeds", "London", "different"),
        (Sort.COMPANY, "Acme GmbH", "ACME", "same"),
        (Sort.SEX, "m", "male", "same"),
        (Sort.SEX, "m", "f", "different"),
        (Sort.CATEGORY, "painter", "Painter", "same"),
        (Sort.CATEGORY, "painter", "painters", "similar"),
        (Sort.CATEGORY, "painter", "clergyman", "different"),
    ],
)
def test_levels(sort: Sort, one: str, other: str, expected: str) -> None:
    assert level(sort, one, other) == expected
    assert level(sort, other, one) == expected


@given(
    st.sampled_from(sorted(FUNCTIONS)),
    st.lists(st.text(st.sampled_from("abcdeio0123456789@."), min_size=1, max_size=12), min_size=2, max_size=12),
)
def test_levels_are_symmetric_and_only_the_same_is_the_same(sort: Sort, texts: list[str]) -> None:
    vocabulary = VOCABULARIES.get(sort, Vocabulary)()
    spelt = [spelling(sort, text) if sort is not Sort.GIVEN_NAME else text for text in texts]
    numbers = vocabulary.numbers(text for text in spelt if text)
    a, b = (side.ravel() for side in np.meshgrid(numbers, numbers))
    if not len(a):
        return
    found = FUNCTIONS[sort](vocabulary, a.astype(np.int32), b.astype(np.int32))
    assert (found == FUNCTIONS[sort](vocabulary, b.astype(np.int32), a.astype(np.int32))).all()
    assert ((found == len(LEVELS[sort]) - 1) == (a == b)).all()
    many = np.tile(a, 1_000 // len(a) + 1).astype(np.int32), np.tile(b, 1_000 // len(a) + 1).astype(np.int32)
    assert (agreement.once(FUNCTIONS[sort], vocabulary, *many)[: len(a)] == found).all()
