"""How records of one person come to differ: slips of the keyboard, dates and numbers in many forms, gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tests.benchmarks.populations.chance import Chance, words

_KEYBOARDS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_NEIGHBOURS = {
    key: row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
    for row in _KEYBOARDS
    for place, key in enumerate(row)
}
# Written as heard.
_SOUNDS = (("ph", "f"), ("ck", "k"), ("th", "t"), ("ie", "y"), ("ei", "ie"), ("nn", "n"), ("ll", "l"), ("tt", "t"),
           ("c", "k"), ("z", "s"), ("y", "i"), ("ou", "u"), ("ee", "ea"), ("sch", "sh"))  # fmt: skip
_PROVIDERS = ("gmail.com", "gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "web.de", "gmx.net")


def typo(chance: Chance, text: str) -> str:
    """One slip: a neighbouring key, a letter left out, doubled or exchanged with the next, or a name as heard.

    Very short texts stay: with a letter wrong nothing would be left of them.
    """
    if len(text) < 4:
        return text
    place = chance.between(1, len(text) - 2)
    kind = chance.weighted({"neighbour": 3, "out": 2, "twice": 1.5, "turned": 2, "sound": 2})
    if kind == "sound":
        return _as_heard(chance, text)
    here, after = text[place], text[place + 1]
    if kind == "turned":
        return text[:place] + after + here + text[place + 2 :]
    if kind == "neighbour":
        wrong = chance.one(_NEIGHBOURS.get(here.lower()) or here)
        return text[:place] + (wrong.upper() if here.isupper() else wrong) + text[place + 1 :]
    return text[:place] + (here * 2 if kind == "twice" else "") + text[place + 1 :]


def _as_heard(chance: Chance, text: str) -> str:
    sounds = [(sound, other) for sound, other in _SOUNDS if sound in text[1:]]
    if not sounds:
        return text
    sound, other = chance.one(sounds)
    return text[0] + text[1:].replace(sound, other, 1)


def misdated(chance: Chance, day: date) -> date:
    """The day as somebody noted it wrongly: day and month exchanged, one digit wrong, or a year off."""
    kind = chance.weighted({"turned": 4, "day": 3, "month": 1, "year": 2, "decade": 1})
    if kind == "turned" and day.day <= 12:
        return day.replace(month=day.day, day=day.month)
    if kind in ("turned", "day"):
        return day + timedelta(days=chance.one((-10, -1, 1, 10)))
    safe = day.replace(day=min(day.day, 28))
    if kind == "month":
        return safe.replace(month=day.month % 12 + 1)
    return safe.replace(year=day.year + chance.one((-1, 1)) * (10 if kind == "decade" else 1))


def date_text(chance: Chance, day: date) -> str:
    """The day as one writes it; with points the day comes first, with strokes the month, as in most countries."""
    return day.strftime(chance.weighted({"%Y-%m-%d": 5, "%d.%m.%Y": 3, "%m/%d/%Y": 2}))


@dataclass(frozen=True, slots=True)
class Phone:
    """A number: the country's code, what is dialled before it within the country, and the rest."""

    code: str
    trunk: str
    national: str

    @property
    def whole(self) -> str:
        return f"+{self.code}{self.national}"

    def text(self, chance: Chance) -> str:
        """The number as one writes it."""
        area, middle, last = self.national[:3], self.national[3:6], self.national[6:]
        return chance.one(
            (
                self.whole,
                f"+{self.code} {area} {middle} {last}",
                f"00{self.code}{self.national}" if self.code != "1" else f"1-{area}-{middle}-{last}",
                f"8 ({area}) {middle}-{last}" if self.trunk == "8" else f"({self.trunk}{area}) {middle}-{last}",
                f"{self.trunk}{self.national}",
                f"{self.trunk}{area}-{middle}-{last}",
            )
        )


def american_phone(chance: Chance) -> Phone:
    area = chance.one(("212", "312", "415", "617", "713", "206", "303", "404", "503", "614", "702", "813"))
    return Phone("1", "", f"{area}{chance.between(2, 4)}{chance.digits(6)}")


def redialled(chance: Chance, number: Phone) -> Phone:
    """One digit wrong."""
    place = chance.between(4, len(number.national) - 1)
    national = number.national[:place] + chance.digits(1) + number.national[place + 1 :]
    return Phone(number.code, number.trunk, national)


def provider(chance: Chance) -> str:
    return chance.one(_PROVIDERS)


def local_part(chance: Chance, given: str, surname: str) -> str:
    """What stands before the @: most often something of the name. Given in Latin letters without marks."""
    first, last = given.lower(), surname.lower()
    number = chance.digits(chance.between(1, 3))
    return chance.weighted(
        {
            f"{first}.{last}": 3,
            f"{first[0]}{last}": 2,
            f"{first[0]}.{last}{number}": 2,
            f"{first}{last}{number}": 2,
            f"{last}.{first}": 1,
            f"{first}_{last[:3]}{number}": 1,
            f"{chance.one(_NICKS)}{number}{chance.one(_NICKS)}": 2,
        }
    )


_NICKS = words("sun moon star wolf fox rider runner blue happy lucky tiger ocean coffee music garden pixel")


def mailed_otherwise(chance: Chance, email: str) -> str:
    """The address as typed another time: a slip, Gmail's dots and plus, capital letters, a provider misspelt."""
    local, _, domain = email.partition("@")
    if domain == "gmail.com" and chance.happens(0.5):
        dotted = local.replace(".", "") if "." in local else f"{local[:3]}.{local[3:]}"
        return chance.one((f"{local}+shop@{domain}", f"{dotted}@{domain}", f"{local}@googlemail.com"))
    slips = (f"{typo(chance, local)}@{domain}", f"{local}@{typo(chance, domain)}", email.upper())
    return chance.one(slips)


@dataclass(frozen=True, slots=True)
class Clues:
    """What a careful reader knows two records by: how much a column tells, and what is enough."""

    weights: Mapping[str, float]
    enough: float

    def shared(self, one: Mapping[str, str], other: Mapping[str, str]) -> float:
        common = {column for column, value in one.items() if value and value == other.get(column)}
        return sum(weight for column, weight in self.weights.items() if column in common)


def thinned(
    chance: Chance,
    record: Mapping[str, str],
    missing: Mapping[str, float],
    clues: Clues,
    known: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Leave out values, each at its rate, so that what is left can be told to be of the person known.

    Without one known, so that enough is left to be known by. Two of a hundred get less: life is like that.
    """
    enough = clues.enough - chance.happens(0.02)
    for _ in range(40):
        gone = {column for column in record if chance.happens(missing.get(column, 0))}
        kept = {column: "" if column in gone else value for column, value in record.items()}
        if clues.shared(kept, kept if known is None else known) >= enough:
            return kept
    return dict(record)
