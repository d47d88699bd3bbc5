"""Families at one address: spouses, siblings, twins, a father and a son of one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from anyascii import anyascii

from tests.benchmarks.populations import names_latin
from tests.benchmarks.populations.chance import Chance
from tests.benchmarks.populations.errors import Phone, american_phone, local_part, provider


@dataclass(frozen=True, slots=True)
class Home:
    """Where a family lives; its landline and its e-mail address."""

    street: str
    city: str
    postcode: str
    landline: Phone
    email: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a family, with what was so before."""

    number: int
    given: str
    surname: str
    sex: str
    born: date
    home: Home
    email: str
    mobile: Phone
    # '' or what tells a father from a son of one name.
    generation: str = ""
    maiden: str = ""
    before: Home | None = None
    # Someone else of the family has the same name, or was born on the same day.
    namesake: bool = False
    twin: bool = False


def plain(text: str) -> str:
    """Without marks, blanks and signs, as in an e-mail address."""
    return "".join(letter for letter in anyascii(text) if letter.isalnum())


def home(chance: Chance, surname: str, *, number: int) -> Home:
    town = min(chance.between(0, len(names_latin.TOWNS) - 1), chance.between(0, len(names_latin.TOWNS) - 1))
    return Home(
        street=f"{chance.between(1, 180)} {chance.one(names_latin.STREETS)}",
        city=names_latin.TOWNS[town],
        postcode=f"{10_000 + town * 700 + chance.between(0, 5 + 40 // (town + 1))}",
        landline=american_phone(chance),
        email=chance.mailbox(f"{plain(surname)}.family{number % 97}", provider(chance)),
    )


def families(chance: Chance, people: int) -> Iterator[Member]:
    """So many people, family by family."""
    number = 0
    while number < people:
        for member in _family(chance, number):
            if number < people:
                yield member
                number += 1


def _family(chance: Chance, number: int) -> list[Member]:
    surname = names_latin.surname(chance)
    house = home(chance, surname, number=number)
    sex = chance.one("mf")
    parent = _member(chance, number, surname, sex, chance.day(1935, 2001), house)
    if chance.happens(0.35):
        return [parent]
    spouse = _spouse(chance, parent)
    both = [parent, spouse]
    children = _children(chance, both, number + 2) if parent.born.year < 1990 else []
    return _told_apart([*both, *children])


def _member(chance: Chance, number: int, surname: str, sex: str, born: date, house: Home) -> Member:
    given = names_latin.given(chance, sex)
    before = home(chance, surname, number=number + 13) if chance.happens(0.15) else None
    email = chance.mailbox(local_part(chance, plain(given), plain(surname)), provider(chance))
    return Member(number, given, surname, sex, born, house, email, american_phone(chance), before=before)


def _spouse(chance: Chance, parent: Member) -> Member:
    sex = "f" if parent.sex == "m" else "m"
    born = parent.born + timedelta(days=chance.between(-3_000, 3_000))
    own = names_latin.surname(chance)
    keeps = chance.happens(0.15)
    spouse = _member(chance, parent.number + 1, own if keeps else parent.surname, sex, born, parent.home)
    # The address she took before she married often has the name of then.
    return replace(spouse, maiden=own) if not keeps and sex == "f" and chance.happens(0.4) else spouse


def _children(chance: Chance, parents: list[Member], number: int) -> list[Member]:
    eldest = max(parent.born for parent in parents) + timedelta(days=chance.between(20 * 365, 32 * 365))
    children: list[Member] = []
    for place in range(chance.weighted({0: 2, 1: 3, 2: 3, 3: 1.5, 4: 0.5})):
        twin = bool(children) and chance.happens(0.08)
        born = children[-1].born if twin else eldest + timedelta(days=place * 900 + chance.between(0, 400))
        if born.year > 2023:
            break
        child = _child(chance, parents, number + place, born, children)
        children.append(replace(child, twin=twin))
        if twin:
            children[-2] = replace(children[-2], twin=True)
    return children


def _child(chance: Chance, parents: list[Member], number: int, born: date, siblings: list[Member]) -> Member:
    surname, house, sex = parents[0].surname, parents[0].home, chance.one("mf")
    if born.year < 1998 and chance.happens(0.5):
        house = home(chance, surname, number=number)  # grown up and gone
    child = _member(chance, number, surname, sex, born, house)
    father = next((parent for parent in parents if parent.sex == "m"), None)
    taken = {sibling.given for sibling in siblings}
    if father and sex == "m" and father.surname == surname and father.given not in taken and chance.happens(0.1):
        return _mailed(chance, replace(child, given=father.given, generation="Jr"))
    taken |= {parent.given for parent in parents}
    while child.given in taken:
        child = replace(child, given=names_latin.given(chance, sex))
    return _mailed(chance, child)


def _mailed(chance: Chance, member: Member) -> Member:
    """With an address of the name as it is now."""
    local = local_part(chance, plain(member.given), plain(member.surname))
    return replace(member, email=chance.mailbox(local, provider(chance)))


def _told_apart(family: list[Member]) -> list[Member]:
    names = [(member.given, member.surname) for member in family]
    return [
        replace(member, namesake=names.count((member.given, member.surname)) > 1, number=family[0].number + place)
        for place, member in enumerate(family)
    ]
