"""One spelling for what is written in many ways."""

from __future__ import annotations

import pytest

from service.identity.matching.sorts import Sort
from service.identity.matching.values import Name, name_of, spelling, spellings


@pytest.mark.parametrize(
    ("given", "middle", "family", "full", "expected"),
    [
        ("Mary", "", "Bailey", "", Name("mary", "bailey", ())),
        ("", "", "", "Mary Bailey", Name("mary", "bailey", ())),
        ("", "", "", "Bailey, Mary Ann", Name("mary", "bailey", ("ann",))),
        ("", "", "", "Щербакова Юлия Петровна", Name("yuliya", "shcherbakova", ("petrovna",))),
        ("", "", "", "Юлия Щербакова", Name("yuliya", "shcherbakova", ())),
        ("", "", "", "李小明", Name("xiaoming", "li", ())),
        ("Anna Maria", "", "de la Cruz", "", Name("anna", "delacruz", ("maria", "de", "la", "cruz"))),
        ("John", "", "Smith", "Dr. John Quincy Smith", Name("john", "smith", ("quincy",))),
        ("", "", "", "Cher", Name("cher", "", ())),
        ("Dr", "", "", "", Name("dr", "", ())),
        ("", "", "", "", Name("", "", ())),
    ],
)
def test_names_are_divided(given: str, middle: str, family: str, full: str, expected: Name) -> None:
    assert name_of(given, middle, family, full) == expected


@pytest.mark.parametrize(
    ("sort", "text", "expected"),
    [
        (Sort.BIRTH_DATE, "1990-03-12", "19900312"),
        (Sort.BIRTH_DATE, "12.03.1990", "19900312"),
        (Sort.BIRTH_DATE, "19900312", "19900312"),
        (Sort.BIRTH_DATE, "12 Mar 1990", "19900312"),
        (Sort.BIRTH_DATE, "March 12, 1990", "19900312"),
        (Sort.BIRTH_DATE, "1990年3月12日", "19900312"),
        (Sort.BIRTH_DATE, "1990-03-12T00:00:00Z", "19900312"),
        (Sort.BIRTH_DATE, "12/3/90", "19900312"),
        (Sort.BIRTH_DATE, "3.4.05", "20050403"),
        (Sort.BIRTH_DATE, "1990", "19900000"),
        (Sort.BIRTH_DATE, "1852-13-01", "18521301"),
        (Sort.BIRTH_DATE, "soon", ""),
        (Sort.EMAIL, " J.Doe+news@GoogleMail.com ", "jdoe@gmail.com"),
        (Sort.EMAIL, "j.doe@ya.ru", "j.doe@yandex.ru"),
        (Sort.EMAIL, "+@x.com", "+@x.com"),
        (Sort.EMAIL, "@x.com", ""),
        (Sort.EMAIL, "nobody", ""),
        (Sort.PHONE, "+44 20 7946 0018", "079460018"[-9:]),
        (Sort.PHONE, "(503) 266-3122 ext. 12", "032663122"),
        (Sort.PHONE, "+1 503 266 3122", "032663122"),
        (Sort.PHONE, "12345", ""),
        (Sort.STREET, "12, High Street", "12 high"),
        (Sort.STREET, "ул. Ленина, д. 5", "5 lenina"),
        (Sort.STREET, "Street", "street"),
        (Sort.CITY, "Киев", "kyiv"),
        (Sort.CITY, "Kyiv", "kyiv"),
        (Sort.CITY, "Санкт-Петербург", "saintpetersburg"),
        (Sort.CITY, "München", "munich"),
        (Sort.POSTCODE, "SW1A 1AA", "sw1a1aa"),
        (Sort.SEX, "Female", "f"),
        (Sort.SEX, "муж.", "m"),
        (Sort.SEX, "t2227949951", ""),
        (Sort.COMPANY, "Acme GmbH", "acme"),
        (Sort.NATIONAL_ID, "123-45-6789", "123456789"),
    ],
)
def test_a_value_has_one_spelling(sort: Sort, text: str, expected: str) -> None:
    assert spelling(sort, text) == expected


def test_a_column_says_whether_the_month_is_first() -> None:
    assert spellings(Sort.BIRTH_DATE, ["03/04/1990", "03/25/1990", ""]) == ["19900304", "19900325", ""]
    assert spellings(Sort.BIRTH_DATE, ["03/04/1990", "25/03/1990"]) == ["19900403", "19900325"]
