"""One person in Cyrillic or Han characters here and in Latin letters there, and people always in Latin letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from tests.benchmarks.populations import names_chinese, names_cyrillic, names_latin
from tests.benchmarks.populations.chance import Chance
from tests.benchmarks.populations.errors import (
    Clues,
    Phone,
    date_text,
    local_part,
    mailed_otherwise,
    misdated,
    provider,
    redialled,
    thinned,
    typo,
)
from tests.benchmarks.populations.households import plain
from tests.benchmarks.populations.names_chinese import Han
from tests.benchmarks.populations.names_cyrillic import ABROAD, SHORT, SYSTEMS, UKRAINIAN, Slav, romanised
from tests.benchmarks.populations.population import Population, population

Row = dict[str, str]
Towns = tuple[list[str], list[str]]

# Names are common, hence the name alone is not enough; with a birth date, an address or a number it is.
_CLUES = Clues({"person": 1, "birth_date": 2, "city": 0.5, "email": 2.5, "phone": 2.5}, 3)
_MISSING = {"birth_date": 0.12, "city": 0.15, "email": 0.63, "phone": 0.63}
_COPIES = {1: 42, 2: 28, 3: 17, 4: 13}


@dataclass(frozen=True, slots=True)
class Western:
    """Somebody whose name is in Latin letters at home too."""

    given: str
    surname: str


@dataclass(frozen=True, slots=True)
class Someone:
    """A person, in whatever script; the towns' spellings by script."""

    name: Slav | Han | Western
    sex: str
    born: date
    towns: Towns
    email: str
    phone: Phone
    # How the person's passport spells the name: most records in Latin letters follow it.
    system: str


def scripts(people: int = 2_000, seed: int = 1) -> Population:
    """Full names in one column."""
    return population("scripts", _recorded(Chance(f"scripts {seed}"), people, split=False), seed)


def scripts_split(people: int = 2_000, seed: int = 1) -> Population:
    """Given name and family name in columns of their own."""
    return population("scripts_split", _recorded(Chance(f"split {seed}"), people, split=True), seed)


def _recorded(chance: Chance, people: int, *, split: bool) -> Iterator[tuple[str, Row]]:
    for number, person in enumerate(_people(chance, people)):
        known: Row | None = None
        for _ in range(chance.weighted(_COPIES)):
            row = thinned(chance, _state(person), _rates(known), _CLUES, known)
            known = known or row
            yield str(number), _written(chance, person, row, split=split)


def _rates(known: Row | None) -> dict[str, float]:
    """The first record is fuller: others are known by it."""
    return _MISSING if known else {column: rate / 1.25 for column, rate in _MISSING.items()}


def _people(chance: Chance, count: int) -> Iterator[Someone]:
    """Every eighth Slav is a relative of the one before: of the same surname, town and telephone."""
    last: Someone | None = None
    for _ in range(count):
        kind = chance.weighted({"slav": 45, "han": 30, "western": 25})
        someone = _someone(chance, kind)
        if last and isinstance(someone.name, Slav) and isinstance(last.name, Slav) and chance.happens(0.12):
            someone = _relative(chance, last)
        yield someone
        last = someone


def _someone(chance: Chance, kind: str) -> Someone:
    sex, system = chance.one("mf"), chance.weighted(SYSTEMS)
    if kind == "slav":
        slav = names_cyrillic.slav(chance, sex)
        return _slav(chance, slav, sex, chance.one(names_cyrillic.TOWNS), system)
    if kind == "han":
        han = names_chinese.han(chance, sex)
        latin = ("".join(han.syllables), han.family)
        return _with(chance, han, sex, latin, (chance.one(names_chinese.TOWNS), Phone("86", "", "")), system)
    western = Western(names_latin.given(chance, sex), names_latin.surname(chance))
    towns = chance.one(names_latin.KNOWN_ABROAD)
    place = ((towns, towns), Phone("49", "0", ""))
    return _with(chance, western, sex, (western.given, western.surname), place, system)


def _slav(chance: Chance, name: Slav, sex: str, towns: Towns, system: str) -> Someone:
    latin = (romanised(name.given, system), romanised(name.surname, system))
    code, trunk = names_cyrillic.CODES.get(towns[0][0], ("7", "8"))
    return _with(chance, name, sex, latin, (towns, Phone(code, trunk, "")), system)


def _with(
    chance: Chance,
    name: Slav | Han | Western,
    sex: str,
    latin: tuple[str, str],
    place: tuple[Towns, Phone],
    system: str,
) -> Someone:
    towns, phone = place
    prefix = {
        "7": ("903", "916", "921"),
        "380": ("50", "67"),
        "375": ("29", "44"),
        "86": ("138", "139", "186"),
        "49": ("151", "171"),
    }
    start = chance.one(prefix[phone.code])
    length = {"7": 10, "380": 9, "375": 9, "86": 11, "49": 10 if start == "171" else 11}[phone.code]
    number = Phone(
        phone.code, phone.trunk, f"{start}{chance.between(2, 8)}{chance.digits(length - len(start) - 1)}"
    )
    local = local_part(chance, plain(latin[0]), plain(latin[1]))
    domain = chance.one(("qq.com", "163.com", "gmail.com")) if phone.code == "86" else provider(chance)
    if phone.code == "7" and chance.happens(0.6):
        domain = chance.one(("mail.ru", "yandex.ru", "bk.ru"))
    return Someone(name, sex, chance.day(1950, 2005), towns, chance.mailbox(local, domain), number, system)


def _relative(chance: Chance, one: Someone) -> Someone:
    """A wife, a husband or a sister, at the same number."""
    assert isinstance(one.name, Slav)
    masculine = one.name.surname
    if one.sex == "f":
        masculine = masculine[:-2] + "ий" if masculine.endswith("ая") else masculine.removesuffix("а")
    sex = chance.one("mf")
    name = names_cyrillic.slav(chance, sex, masculine)
    while name.given == one.name.given:
        name = names_cyrillic.slav(chance, sex, masculine)
    other = _slav(chance, name, sex, one.towns, one.system)
    return replace(other, phone=one.phone) if chance.happens(0.4) else other


def _state(person: Someone) -> Row:
    return {
        "person": "known",
        "birth_date": person.born.isoformat(),
        "city": person.towns[0][0],
        "email": person.email,
        "phone": person.phone.whole,
    }


def _written(chance: Chance, person: Someone, row: Row, *, split: bool) -> Row:
    """The record as typed, in one script or the other."""
    slips = set(
        chance.some(["name", "birth_date", "city", "email", "phone"], chance.weighted({0: 60, 1: 30, 2: 10}))
    )
    home = not isinstance(person.name, Western) and chance.happens(0.5)
    names = _names(chance, person, home=home)
    if "name" in slips and not isinstance(person.name, Han):
        names = (names[0], typo(chance, names[1])) if chance.happens(0.5) else (typo(chance, names[0]), names[1])
    # The town is most often in the script of the name.
    towns = person.towns[0 if home == chance.happens(0.95) else 1]
    city = towns[0] if chance.happens(0.6) else chance.one(towns)
    born = misdated(chance, person.born) if "birth_date" in slips else person.born
    phone = redialled(chance, person.phone) if "phone" in slips else person.phone
    return {
        **(_split(chance, names) if split else {"name": _joined(chance, person, names, home=home)}),
        "birth_date": date_text(chance, born) if row["birth_date"] else "",
        "city": (typo(chance, city) if "city" in slips else city) if row["city"] else "",
        "email": (mailed_otherwise(chance, row["email"]) if "email" in slips else row["email"])
        if row["email"]
        else "",
        "phone": phone.text(chance) if row["phone"] else "",
    }


def _names(chance: Chance, person: Someone, *, home: bool) -> tuple[str, str]:
    """Given name (perhaps with the patronymic) and family name, in the script of home or in Latin letters."""
    name = person.name
    if isinstance(name, Western):
        given = names_latin.short(chance, name.given) if chance.happens(0.1) else name.given
        return given, _unmarked(name.surname) if chance.happens(0.4) else name.surname
    if isinstance(name, Han):
        return (name.given, name.surname) if home else (_pinyin(chance, name), _family(chance, name))
    return _slavic(chance, person, name, home=home)


def _unmarked(name: str) -> str:
    """As on a keyboard without umlauts."""
    for marked, plainly in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ó", "o"), ("á", "a")):
        name = name.replace(marked, plainly)
    return name


def _slavic(chance: Chance, person: Someone, name: Slav, *, home: bool) -> tuple[str, str]:
    given = name.given
    form = chance.weighted({"full": 70, "patronymic": 18, "short": 8, "abroad": 8, "ukrainian": 5})
    if form == "short":
        given = chance.one(SHORT.get(given, [given]))
    elif form == "ukrainian" and person.phone.code == "380":
        given = UKRAINIAN.get(given, given)
    if form == "patronymic":
        given = f"{given} {name.patronymic}"
    if home:
        plainer = chance.happens(0.5)  # ё is most often written е
        return (given.replace("ё", "е"), name.surname.replace("ё", "е")) if plainer else (given, name.surname)
    system = person.system if chance.happens(0.6) else chance.weighted(SYSTEMS)
    latin = ABROAD.get(given) if form == "abroad" else None
    return latin or romanised(given, system), romanised(name.surname, system)


def _pinyin(chance: Chance, name: Han) -> str:
    joined = "".join(name.syllables).capitalize()
    apart = [syllable.capitalize() for syllable in name.syllables]
    return chance.weighted({joined: 6, " ".join(apart): 2, "-".join([apart[0], *name.syllables[1:]]): 1})


def _family(chance: Chance, name: Han) -> str:
    return name.family.replace("ü", chance.one(("ü", "u", "v", "yu"))) if "ü" in name.family else name.family


def _split(chance: Chance, names: tuple[str, str]) -> Row:
    given, family = reversed(names) if chance.happens(0.06) else names
    return {"given_name": given, "family_name": family}


def _joined(chance: Chance, person: Someone, names: tuple[str, str], *, home: bool) -> str:
    given, family = names
    if isinstance(person.name, Han) and home:
        return f"{family}{given}" if chance.happens(0.85) else f"{family} {given}"
    if isinstance(person.name, Han):
        order = {
            f"{family} {given}": 5,
            f"{given} {family}": 4,
            f"{family.upper()} {given}": 1,
            f"{family}, {given}": 1,
        }
        return chance.weighted(order)
    if isinstance(person.name, Slav):
        return chance.weighted({f"{given} {family}": 5, f"{family} {given}": 4, f"{family}, {given}": 0.5})
    return chance.weighted({f"{given} {family}": 8, f"{family}, {given}": 1, f"{family} {given}": 0.5})
