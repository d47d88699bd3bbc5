"""Blocking: under which keys a record is looked for, so that only those who share one are compared. Pure.

A key joins parts of what is known, as coarse as errors need and as fine as many records allow: each pass below is
one kind of key. Two records of one person have nearly always one in common; those that share none are not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import Any, Final

from service.identity.matching.orienting import NameShares
from service.identity.matching.records import Field, Records, records_of_people
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import Person
from service.identity.matching.values import code_of
from service.identity.matching.vocabularies import PHONE_END, letters_of
from service.identity.names import skeleton, sound

_UNKNOWN: Final = NameShares({}, {}, 1.0, 1.0)
"""Keys do not tell given names from family names."""
MAX_KEYS: Final = 40
"""Of one record, where keys are stored."""

_PREFIX: Final = 3
_SHORTEST_LOCAL: Final = 3

PASSES: Final[tuple[tuple[str, ...], ...]] = (
    # What alone is nearly enough.
    ("email",),
    ("national id",),
    ("phone",),
    ("local",),
    ("address",),
    ("names",),
    # A birth date, or two parts of it, and something of the name.
    ("day", "name"),
    ("day", "prefix"),
    ("year", "names3"),
    ("month", "name"),
    ("month day", "name"),
    ("year day", "name"),
    ("year", "name"),
    ("year", "initials"),
    # A place and something of the name, or of the birth date.
    ("place", "name"),
    ("place", "initials"),
    ("place", "day"),
    ("postcode", "year"),
    ("postcode", "month day"),
    ("street", "year"),
    ("city", "name"),
    ("city", "names3"),
    ("city", "day"),
    ("city", "month", "initial"),
    ("city", "year", "prefix"),
    ("city", "month day"),
    ("company", "name"),
    ("company", "initials"),
    ("day", "category"),
    ("names3",),
    ("name and initial",),
    ("category", "name"),
    ("category", "year", "prefix"),
    ("day",),
    ("place",),
    ("name",),
)
"""The kinds of keys, the most telling first."""

Parts = dict[str, tuple[str, ...]]


def keys(person: Person) -> list[str]:
    """The keys of one person, MAX_KEYS at most, the most telling first; categories have none of their own."""
    records = records_of_people([person], _UNKNOWN)
    (parts,) = parts_of(records)
    found: dict[str, None] = {}
    for number, names in enumerate(PASSES):
        found |= dict.fromkeys(f"{number}:{key}" for key in keys_of(parts, names))
    return list(found)[:MAX_KEYS]


def keys_of(parts: Parts, names: tuple[str, ...]) -> Iterator[str]:
    """A record's keys of one pass."""
    if len(names) == 1:
        return iter(parts.get(names[0], ()))
    return map(" ".join, product(*(parts.get(name, ()) for name in names)))


def parts_of(records: Records) -> list[Parts]:
    """What each record's keys are made of."""
    every: list[Parts] = [{} for _ in range(records.count)]
    if records.has_names:
        _put_names(records, every)
    for field in records.fields:
        split = _SPLITS[field.sort]
        known: list[Parts] = [split(_texts(field)[number]) for number in range(len(field.vocabulary))]
        if field.sort is Sort.CATEGORY:
            known = [{"category": tuple(f"{field.key} {one}" for one in part["category"])} for part in known]
        for parts, numbers in zip(every, field.numbers.tolist(), strict=True):
            for number in numbers:
                if number >= 0:
                    for name, texts in known[number].items():
                        parts[name] = parts[name] + texts if name in parts else texts
    return every


def _texts(field: Field) -> Sequence[Any]:
    texts: list[str] = field.vocabulary.texts
    return texts


def _put_names(records: Records, every: list[Parts]) -> None:
    texts = records.names.texts
    rows = zip(records.given.tolist(), records.family.tolist(), records.others.tolist(), strict=True)
    for parts, (given, family, others) in zip(every, rows, strict=True):
        parts |= name_parts(
            texts[given] if given >= 0 else "",
            texts[family] if family >= 0 else "",
            tuple(texts[other] for other in others if other >= 0),
        )


@lru_cache(maxsize=65_536)
def name_parts(given: str, family: str, others: tuple[str, ...]) -> Parts:
    """The parts of keys that a name gives. Given and family names are not told apart: people exchange them."""
    if not given and not family and not others:
        return {}
    main = [sound(token) for token in dict.fromkeys((given, family)) if token]
    heard = [*main, *(sound(token) for token in others)]
    bones = list(dict.fromkeys(skeleton(one) for one in heard if len(one) > 1))
    parts: Parts = {
        "name": tuple(dict.fromkeys(skeleton(one) for one in main if len(one) > 1)),
        "prefix": tuple(dict.fromkeys(one[:_PREFIX] for one in main if len(one) > 1)),
        "names": tuple(" ".join(sorted(pair)) for pair in combinations(bones, 2)),
        "initial": tuple(dict.fromkeys(one[:1] for one in main)),
    }
    if len(main) > 1:
        parts["initials"] = ("".join(sorted(one[:1] for one in main)),)
        parts["names3"] = (" ".join(sorted(one[:_PREFIX] for one in main)),)
        one, other = main
        # A name as it is often written in an e-mail address.
        parts["address"] = tuple(skeleton(joined) for joined in (one + other, other + one, one[:1] + other))
        parts["name and initial"] = tuple(f"{skeleton(a)} {b[:1]}" for a, b in ((one, other), (other, one)))
    return parts


def _date_parts(text: str) -> Parts:
    year, month, day = text[:4], text[4:6], text[6:]
    parts: Parts = {"year": (year,)}
    if month != "00":
        parts |= {"day": (text,), "month": (text[:6],), "year day": (year + day,)}
        # The first of January often stands for a day that nobody knows.
        if (month, day) != ("01", "01"):
            parts["month day"] = ("".join(sorted((month, day))),)
    return parts


def _email_parts(text: str) -> Parts:
    local = text.rpartition("@")[0]
    parts: Parts = {"email": (text,)}
    if len(local) >= _SHORTEST_LOCAL:
        parts["local"] = (local,)
    if len(bones := skeleton(sound(letters_of(text).lower()))) >= _SHORTEST_LOCAL:
        parts["address"] = (bones,)
    return parts


_SPLITS: Final[dict[Sort, Callable[[str], Parts]]] = {
    Sort.BIRTH_DATE: _date_parts,
    Sort.EMAIL: _email_parts,
    Sort.PHONE: lambda text: {"phone": (text[-PHONE_END:],)},
    Sort.STREET: lambda text: {"street": (text,), "place": (text,)},
    Sort.CITY: lambda text: {"city": (skeleton(sound(code_of(text))),)},
    Sort.POSTCODE: lambda text: {"postcode": (text,), "place": (text,)},
    Sort.SEX: lambda _: {},
    Sort.COMPANY: lambda text: {"company": (text,)},
    Sort.NATIONAL_ID: lambda text: {"national id": (text,)},
    Sort.CATEGORY: lambda text: {"category": (text,)},
}
