"""One spelling for what is written in many ways: dates, addresses, numbers, places, names in their parts. Pure.

Spellings are for comparing only; nothing is stored in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from service.identity.latin import tokens
from service.identity.matching.sorts import Sort
from service.identity.names import company_tokens

Date = tuple[int, int, int]
"""Year, month and day as they were written; 0 where nothing is said. Impossible ones, mistyped, are kept."""

MAX_OTHERS: Final = 4
"""Names beside the given and the family name that are looked at."""

_YEAR_FIRST = re.compile(r"\s*(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"\s*(\d{1,2})\D{1,3}(\d{1,2})\D{1,3}(\d{4}|\d{2})(?!\d)")
_NAMED_MONTH = re.compile(r"\s*(?:(\d{1,2})\W+)?([a-z]{3})[a-z]*\W+(?:(\d{1,2})\W+)?(\d{4})")
_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?!\d)")
_YEAR = re.compile(r"\s*(\d{4})\s*$")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS_OF_YEAR: Final = 12
_CENTURY: Final = 30
"""Of years in two digits, those below are of this century."""

_EXTENSION = re.compile(r"(?i)\s*(?:ext|x|доб)\.?\s*\d+\s*$")
_SIGNIFICANT_DIGITS: Final = 9
"""By the last of them a number is the same with and without country code or the zero before the area."""
_FEWEST_DIGITS: Final = 6

_SAME_MAIL: Final = {"googlemail.com": "gmail.com", "ya.ru": "yandex.ru", "yandex.com": "yandex.ru"}
"""Domains whose mailboxes are those of another one, as Google and Yandex say."""

_MEN: Final = ("m", "male", "man", "mann", "mannlich", "h", "homme", "hombre", "м", "муж", "мужской", "男")
_WOMEN: Final = ("f", "female", "woman", "w", "weiblich", "frau", "femme", "mujer", "ж", "жен", "женский", "女")
_SEXES: Final = {**dict.fromkeys(_MEN, "m"), **dict.fromkeys(_WOMEN, "f")}
_STREET_WORDS: Final = frozenset(
    """
    street st road rd avenue ave av lane ln drive dr boulevard blvd close court ct place pl crescent cres terrace
    way square sq apartment apt flat unit strasse str weg platz allee rue chemin calle via ulitsa ul ulica prospekt
    pr prospect pereulok per dom d kv kvartira
    """.split()  # noqa: SIM905 -- a list of so many words is read better in lines
)
_TITLES: Final = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "mlle", "jr", "sr"])
_PATRONYMIC = re.compile(r"(?:ovich|evich|yevich|ovna|evna|yevna|inichna|ovych|ivna|ivich)$")
_EASTERN = re.compile("[\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")

# What a city is called in its own language and in English, where more than the letters differ.
_EXONYMS: Final = {
    "moskva": "moscow",
    "moskau": "moscow",
    "moscou": "moscow",
    "kiev": "kyiv",
    "kiew": "kyiv",
    "kyyiv": "kyiv",
    "sanktpeterburg": "saintpetersburg",
    "sanktpetersburg": "saintpetersburg",
    "stpetersburg": "saintpetersburg",
    "spb": "saintpetersburg",
    "peterburg": "saintpetersburg",
    "petersburg": "saintpetersburg",
    "kharkov": "kharkiv",
    "lvov": "lviv",
    "lwow": "lviv",
    "odessa": "odesa",
    "dnepr": "dnipro",
    "nikolaev": "mykolayiv",
    "munchen": "munich",
    "koln": "cologne",
    "wien": "vienna",
    "praha": "prague",
    "warszawa": "warsaw",
    "varshava": "warsaw",
    "roma": "rome",
    "milano": "milan",
    "napoli": "naples",
    "firenze": "florence",
    "venezia": "venice",
    "torino": "turin",
    "lisboa": "lisbon",
    "sevilla": "seville",
    "bruxelles": "brussels",
    "brussel": "brussels",
    "geneve": "geneva",
    "genf": "geneva",
    "zurikh": "zurich",
    "kobenhavn": "copenhagen",
    "goteborg": "gothenburg",
    "bucuresti": "bucharest",
    "beograd": "belgrade",
    "athina": "athens",
    "peking": "beijing",
    "xianggang": "hongkong",
    "taibei": "taipei",
    "alqahirah": "cairo",
    "newyorkcity": "newyork",
    "nyc": "newyork",
}


class Name(NamedTuple):
    """A person's name in its parts, tokens of Latin letters; empty where there is none."""

    given: str
    family: str
    others: tuple[str, ...]
    """Second, middle and former names, and what else was written beside the two."""


@lru_cache(maxsize=65_536)
def _name_tokens(text: str) -> tuple[str, ...]:
    every = tokens(text)
    return tuple(token for token in every if token not in _TITLES) or every


@lru_cache(maxsize=65_536)
def name_of(given: str, middle: str, family: str, full: str) -> Name:
    """The parts of a name that is written in parts, in full, or both.

    Of a full name the last word is the family name, but for: what stands before a comma; the first word of one in
    Han or Hangul, or of three of which the last is a patronymic. Comparing looks at the other order too.
    """
    first, last = list(_name_tokens(given)), list(_name_tokens(family))
    others = list(_name_tokens(middle))
    if full:
        every = list(_name_tokens(full))
        if first or last:
            others += [token for token in every if token not in first and token not in last]
        else:
            first, last = _divided(full, every)
    others = first[1:] + (last if len(last) > 1 else []) + others
    return Name(first[0] if first else "", "".join(last), tuple(dict.fromkeys(others))[:MAX_OTHERS])


def _divided(full: str, words: list[str]) -> tuple[list[str], list[str]]:
    """Given names and family names of a full name."""
    before, comma, _ = full.partition(",")
    if comma and (last := list(_name_tokens(before))) and len(last) < len(words):
        return words[len(last) :], last
    if len(words) == 1:
        return words, []
    family_first = _EASTERN.search(full) or (len(words) > 2 and _PATRONYMIC.search(words[-1]))
    return (words[1:], words[:1]) if family_first else (words[:-1], words[-1:])


def dates_of(texts: Sequence[str]) -> list[Date | None]:
    """Dates from texts of one column; whether 03/04 is in March or April is what most of the column says."""
    shapes = [match for text in set(texts) if (match := _YEAR_LAST.match(text))]
    day_first = sum(int(match[1]) > _MONTHS_OF_YEAR for match in shapes)
    month_first = sum(int(match[2]) > _MONTHS_OF_YEAR for match in shapes)
    read = lru_cache(maxsize=None)(lambda text: _date(text, month_first > day_first))
    return [read(text) for text in texts]


def _date(text: str, month_first: bool) -> Date | None:
    if match := _COMPACT.match(text) or _YEAR_FIRST.match(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _YEAR_LAST.match(text):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        if month > _MONTHS_OF_YEAR or (month_first and day <= _MONTHS_OF_YEAR):
            day, month = month, day
        if len(match[3]) == 2:
            year += 2000 if year < _CENTURY else 1900
        return year, month, day
    if (match := _NAMED_MONTH.match(text.lower())) and match[2] in _MONTHS:
        return int(match[4]), _MONTHS.index(match[2]) + 1, int(match[1] or match[3] or 0)
    if match := _YEAR.match(text):
        return int(match[1]), 0, 0
    return None


def email_of(text: str) -> str:
    """An address as its mailbox is known: without label, dots where they do not count, one domain of several."""
    local, at, domain = text.strip().lower().rpartition("@")
    if not at or not local or not domain:
        return ""
    domain = _SAME_MAIL.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain == "gmail.com":
        local = local.replace(".", "")
    return f"{local}@{domain}"


def phone_of(text: str) -> str:
    """The last digits of a number."""
    digits = "".join(one for one in _EXTENSION.sub("", text) if one.isdecimal())
    return digits[-_SIGNIFICANT_DIGITS:] if len(digits) >= _FEWEST_DIGITS else ""


def street_of(text: str) -> str:
    """The words and numbers of a street in alphabetical order, without those that say what it is."""
    words = tokens(text, of_person=False)
    return " ".join(sorted(word for word in words if word not in _STREET_WORDS) or sorted(words))


def city_of(text: str) -> str:
    """A city's name in English, where it has one of its own."""
    joined = "".join(tokens(text, of_person=False))
    return _EXONYMS.get(joined, joined)


def code_of(text: str) -> str:
    """The letters and digits of a postcode or an id, in lower case."""
    return "".join(one for one in text.lower() if one.isalnum())


def sex_of(text: str) -> str:
    """`m` or `f`; nothing for anything else."""
    word = text.strip().lower().rstrip(".")
    return _SEXES.get(word) or _SEXES.get("".join(tokens(word, of_person=False)), "")


def company_of(text: str) -> str:
    """A company's name without its legal form."""
    return " ".join(company_tokens([text]))


def category_of(text: str) -> str:
    """Words in Latin letters."""
    return " ".join(tokens(text, of_person=False))


_SPELLINGS: Final = {
    Sort.EMAIL: email_of,
    Sort.PHONE: phone_of,
    Sort.STREET: street_of,
    Sort.CITY: city_of,
    Sort.POSTCODE: code_of,
    Sort.SEX: sex_of,
    Sort.COMPANY: company_of,
    Sort.NATIONAL_ID: code_of,
    Sort.CATEGORY: category_of,
}


@lru_cache(maxsize=65_536)
def spelling(sort: Sort, text: str) -> str:
    """The one spelling of a text that is no name, eight digits of a date; empty where it is unusable."""
    if sort is Sort.BIRTH_DATE:
        date = _date(text, False)
        return spelled(date) if date else ""
    return _SPELLINGS[sort](text)


def spelled(date: Date) -> str:
    """A date in eight digits."""
    return f"{date[0]:04d}{date[1]:02d}{date[2]:02d}"


def spellings(sort: Sort, texts: Sequence[str]) -> list[str]:
    """The spellings of the texts of a column; dates all in the order that most of them are in."""
    if sort is Sort.BIRTH_DATE:
        return [spelled(date) if date else "" for date in dates_of(texts)]
    return [spelling(sort, text) if text else "" for text in texts]
