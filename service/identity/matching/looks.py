"""What values look like: an e-mail address, a date, a phone number, a name. Pure.

Each look is a question of one value; how many of a column's values must answer yes is the matter of `recognising`.
"""

from __future__ import annotations

import re
from typing import Final

from service.identity.latin import tokens
from service.identity.matching.attributes import folded

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
_TIME = rf"(?:[T ]+{_CLOCK}\s*(?:[AP]M|Z|[+-]\d{{2}}:?\d{{2}})?)?"
_YEAR = r"(?P<year>[12]\d{3})"
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_DATES: Final = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}([-/.]){_MONTH}\2{_DAY}",
        rf"{_DAY}([-/.]){_DAY}\1{_YEAR}",
        rf"{_DAY}([-/.]){_DAY}\1(?P<short>\d{{2}})",
        rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
        rf"{_DAY}\.?[ -][^\W\d_]{{3,12}}\.?,?[ -]{_YEAR}",
        rf"[^\W\d_]{{3,12}}\.? {_DAY},? {_YEAR}",
        rf"{_YEAR}年{_MONTH}月{_DAY}日?",
    )
)
_CENTURY_TURNS: Final = 30
"""A year of two digits below this is of the 21st century: it serves to see how far years are spread, no more."""

_PHONE = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]{7,24}(?:\s*(?:ext|x|доб)\.?\s*\d{1,5})?", re.IGNORECASE)
_BARE_PHONE = re.compile(r"1[3-9]\d{9}|[78][3489]\d{9}|0\d{8,11}")
"""Digits alone that are a phone number: China's mobiles, Russia's numbers, and those with a trunk zero."""
_PHONE_DIGITS: Final = (7, 15)

_POSTCODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|\d{5}-\d{4}",
    re.IGNORECASE,
)
"""Of Britain, Canada, the Netherlands, Poland, the United States: digits alone may be anything."""

_NATIONAL_ID = re.compile(r"\d{3}-\d{2}-\d{4}|\d{3}-\d{3}-\d{3} \d{2}|\d{17}[\dXx]|\d{3}\.\d{3}\.\d{3}-\d{2}")
"""Of the United States, Russia (СНИЛС), China, Brazil."""

_SEX_WORDS: Final = """
    m f w male female man woman boy girl м ж муж жен мужской женский мужчина женщина мужчины женщины ч чол жін
    чоловік жінка чоловіча жіноча männlich weiblich mann frau homme femme masculin féminin hombre mujer masculino
    femenino feminino maschio femmina kobieta mężczyzna 男 女 男性 女性
"""
_SEXES: Final = frozenset(map(folded, _SEX_WORDS.split()))
_SEX_UNTOLD: Final = frozenset(
    ("u", "x", "d", "o", "n", "other", "divers", "diverse", "0", "9", "unspecified", "nb")
)

_STREETS: Final = """
    street st road rd avenue ave lane ln drive dr court ct place pl crescent cres close way terrace tce
    boulevard blvd circuit highway hwy parade square sq ul ulitsa ulica ulitsya vul vulitsya vulytsya prospekt
    pr pereulok per bulvar shosse al aleja rue chemin impasse allee calle avenida avda plaza paseo via viale
    corso piazza rua travessa weg platz gasse strasse strasze damm ring ufer lu jie hao xiang
"""
_STREET_WORDS: Final = frozenset(_STREETS.split())
_STREET_ENDS: Final = ("strasse", "strase", "straat", "gasse", "weg", "platz", "allee", "str", "lu", "jie")

_FORMS: Final = """
    gmbh ag kg ohg ug inc llc ltd limited corp corporation plc llp pty co sa sas sarl srl spa bv nv oy ab as
    ooo oao zao pao tov ao ip zoo
"""
_LEGAL_FORMS: Final = frozenset(_FORMS.split())
_AMOUNT = re.compile(r"[-+]?[$€£¥₽]?\s?\d[\d\s,']*[.,]\d+\s?[$€£¥₽%]?")


def is_email(value: str) -> bool:
    """An e-mail address."""
    return _EMAIL.fullmatch(value) is not None


def year_of(value: str) -> int | None:
    """The year of a whole date, in whatever order its parts are; None for what is none."""
    for pattern in _DATES:
        if found := pattern.fullmatch(value):
            parts = found.groupdict()
            if parts.get("short"):
                short = int(parts["short"])
                return short + (2000 if short < _CENTURY_TURNS else 1900)
            return int(parts["year"])
    return None


def is_year(value: str) -> bool:
    """A year alone."""
    return re.fullmatch(_YEAR, value) is not None


def has_time(value: str) -> bool:
    """A date with a time of day other than midnight: nobody's birth date is kept so."""
    for pattern in _DATES:
        if found := pattern.fullmatch(value):
            return any(int(found[part] or 0) for part in ("hour", "minute", "second"))
    return False


def is_phone(value: str) -> bool:
    """A phone number that is written as one: with a plus, spaces or brackets, or as some countries do."""
    if not _PHONE.fullmatch(value) or year_of(value) is not None:
        return False
    digits = sum(map(str.isdigit, value))
    if value.isdigit():
        return _BARE_PHONE.fullmatch(value) is not None
    return _PHONE_DIGITS[0] <= digits <= _PHONE_DIGITS[1] and _AMOUNT.fullmatch(value) is None


def is_postcode(value: str) -> bool:
    """A postcode of a country that writes it as nothing else is written."""
    return _POSTCODE.fullmatch(value) is not None


def is_national_id(value: str) -> bool:
    """A number of a person of a country that writes it as nothing else is written."""
    return _NATIONAL_ID.fullmatch(value) is not None


def is_sex(value: str) -> bool:
    """A word, or a letter, for a sex."""
    return folded(value) in _SEXES


def is_sex_or_untold(value: str) -> bool:
    """A word for a sex, or for none of two."""
    return folded(value) in _SEXES or folded(value) in _SEX_UNTOLD


def is_street(value: str) -> bool:
    """A house number and a street."""
    if not any(map(str.isdigit, value)):
        return False
    return any(one in _STREET_WORDS or one.endswith(_STREET_ENDS) for one in tokens(value, of_person=False))


def is_company(value: str) -> bool:
    """A name with a legal form at its beginning or end."""
    parts = tokens(value, of_person=False)
    return len(parts) > 1 and (parts[0] in _LEGAL_FORMS or parts[-1] in _LEGAL_FORMS)


def is_amount(value: str) -> bool:
    """A number with decimals."""
    return _AMOUNT.fullmatch(value) is not None


def is_wordy(value: str) -> bool:
    """Letters, and no digit or sign that no name has."""
    return any(map(str.isalpha, value)) and not any(one.isdigit() or one in "@_/\\<>{}[]=:;%#" for one in value)


def word_count(value: str) -> int:
    """Words of a value; a name in Han is two, surname and given name."""
    return len(tokens(value))


def has_digits(value: str) -> bool:
    """A digit, somewhere."""
    return any(map(str.isdigit, value))


def has_letters(value: str) -> bool:
    """A letter, somewhere."""
    return any(map(str.isalpha, value))
