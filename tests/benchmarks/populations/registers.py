"""Little to go by: names, a town and the sex; and lives of long ago, copied many times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.benchmarks.populations import names_latin
from tests.benchmarks.populations.chance import Chance, words
from tests.benchmarks.populations.errors import Clues, misdated, thinned, typo
from tests.benchmarks.populations.population import Population, population

Row = dict[str, str]

_COPIES = {1: 45, 2: 30, 3: 15, 4: 10}
_TITLES = words("Dr Sir Rev Prof Capt")
_TRADES = words("""
farmer teacher lawyer physician painter composer engineer botanist merchant soldier priest politician architect
writer journalist sculptor chemist banker printer actor explorer surveyor
""")
_PLACES = [*names_latin.TOWNS, *(town for towns in names_latin.EUROPE.values() for town in towns)]
_CLUES = Clues({"name": 1.2, "dob": 2, "birth_place": 1, "postcode": 1.3, "occupation": 0.7}, 3.2)
_MISSING = {"dob": 0.45, "birth_place": 0.3, "postcode": 0.45, "gender": 0.35, "occupation": 0.45}


def sparse(people: int = 2_000, seed: int = 1) -> Population:
    """Names, towns and the sex only; of one name there are many, seldom two of them in one town."""
    return population("sparse", _sparse(Chance(f"sparse {seed}"), people), seed)


def _sparse(chance: Chance, people: int) -> Iterator[tuple[str, Row]]:
    drawn = _told_apart(chance, people)
    known = Counter((_bones(first), _bones(last)) for first, last, _, _ in drawn)
    for number, (first, last, city, sex) in enumerate(drawn):
        alone = known[_bones(first), _bones(last)] == 1
        for _ in range(chance.weighted(_COPIES)):
            # A name that many have tells nothing without the town.
            where = "" if alone and chance.happens(0.25) else city
            yield str(number), _sparsely_written(chance, (first, last, where, sex), alone=alone)


def _told_apart(chance: Chance, people: int) -> list[tuple[str, str, str, str]]:
    drawn: list[tuple[str, str, str, str]] = []
    there: set[tuple[str, str, str]] = set()
    while len(drawn) < people:
        sex, city = chance.one("mf"), chance.one(_PLACES)
        first, last = names_latin.given(chance, sex), names_latin.surname(chance, few=True)
        key = (_bones(first), _bones(last), city)
        if key not in there or chance.happens(0.2):
            there.add(key)
            drawn.append((first, last, city, sex))
    return drawn


def _bones(name: str) -> str:
    """The consonants, each once in a row: names that a slip makes one of have the same, mostly."""
    letters = [letter for letter in name.lower() if letter not in "aeiouyhäöü"]
    return "".join(letter for place, letter in enumerate(letters) if letters[place - 1 : place] != [letter])


def _sparsely_written(chance: Chance, person: tuple[str, str, str, str], *, alone: bool) -> Row:
    first, last, city, sex = person
    # One slip at most where there is so little else.
    slip = chance.weighted({"": 65, "first": 12, "last": 12, "city": 11})
    if alone and chance.happens(0.15):
        first = names_latin.short(chance, first)
    return {
        "given_name": typo(chance, first) if slip == "first" else first,
        "surname": typo(chance, last) if slip == "last" else last,
        "city": typo(chance, city) if slip == "city" else city,
        "sex": chance.weighted({sex: 7, sex.upper(): 1, "": 2}),
    }


@dataclass(frozen=True, slots=True)
class Life:
    """Somebody of note, long ago."""

    given: str
    middle: str
    surname: str
    sex: str
    born: date
    place: str
    postcode: str
    trades: list[str]


def heavy(people: int = 800, seed: int = 1) -> Population:
    """Up to 30 records of a person, most with errors and gaps, as copied from one register into the next."""
    return population("heavy", _heavy(Chance(f"heavy {seed}"), people), seed)


def _heavy(chance: Chance, people: int) -> Iterator[tuple[str, Row]]:
    for number in range(people):
        life = _life(chance)
        known: Row | None = None
        many = chance.weighted({(1, 1): 15, (2, 5): 45, (6, 12): 28, (13, 30): 12})
        for _ in range(chance.between(*many)):
            row = thinned(chance, _lived(chance, life), _MISSING if known else {}, _CLUES, known)
            known = known or row
            yield str(number), _copied(chance, life, row)


def _life(chance: Chance) -> Life:
    sex = chance.weighted({"m": 7, "f": 3})
    place = _PLACES[min(chance.between(0, len(_PLACES) - 1), chance.between(0, len(_PLACES) - 1))]
    return Life(
        given=names_latin.given(chance, sex),
        middle=names_latin.given(chance, sex) if chance.happens(0.4) else "",
        surname=names_latin.surname(chance),
        sex=sex,
        born=chance.day(1780, 1935),
        place=place,
        postcode=f"{place[:2].upper()}{chance.between(1, 19)} {chance.between(1, 9)}{chance.one('ABDEF')}X",
        trades=chance.some(_TRADES, 2),
    )


def _lived(chance: Chance, life: Life) -> Row:
    return {
        "name": "known",
        "dob": life.born.isoformat(),
        "birth_place": life.place,
        "postcode": life.postcode,
        "gender": "male" if life.sex == "m" else "female",
        "occupation": life.trades[chance.happens(0.2)],
    }


def _copied(chance: Chance, life: Life, row: Row) -> Row:
    slips = set(chance.some(["name", *row][:5], chance.weighted({0: 30, 1: 40, 2: 20, 3: 10})))
    name = _full_name(chance, life, fully=row["dob"] != "")
    place = row["birth_place"]
    return {
        "full_name": typo(chance, name) if "name" in slips else name,
        "dob": _dob(chance, life, slip="dob" in slips) if row["dob"] else "",
        "birth_place": typo(chance, place) if "birth_place" in slips else place,
        "postcode": typo(chance, row["postcode"]) if "postcode" in slips else row["postcode"],
        "gender": row["gender"],
        "occupation": row["occupation"],
    }


def _dob(chance: Chance, life: Life, *, slip: bool) -> str:
    """Sometimes only the year was known, and the first of January was written."""
    if chance.happens(0.08):
        return life.born.replace(month=1, day=1).isoformat()
    return (misdated(chance, life.born) if slip else life.born).isoformat()


def _full_name(chance: Chance, life: Life, *, fully: bool) -> str:
    """An initial for the given name only where the day of birth is there too."""
    form = chance.weighted({"plain": 45, "middle": 25, "short": 9, "title": 6, "turned": 6, "initial": 4 * fully})
    given = names_latin.short(chance, life.given) if form == "short" else life.given
    middle = f" {life.middle}" if life.middle else ""
    if form == "middle":
        return f"{given}{middle} {life.surname}"
    if form == "title":
        return f"{chance.one(_TITLES)} {given} {life.surname}"
    if form == "turned":
        return f"{life.surname}, {given}{middle}"
    return f"{given[0] + '.' if form == 'initial' else given} {life.surname}"
