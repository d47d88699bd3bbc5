"""People with names, addresses and numbers, some names far more common than others; and how one mistypes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

_ONSETS = [*"bdfghjklmnprstvwz", "br", "ch", "dr", "fl", "gr", "kl", "kr", "pr", "sch", "sh", "st", "tr"]
_VOWELS = [*"aeiou", "ai", "ei", "ia", "ie"]
_CODAS = ["", "", "", "l", "n", "r", "s", "m", "t", "nd", "rt", "ck"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_COMPANIES = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a CRM knows them."""

    number: int
    first: str
    last: str
    company: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        return f"{self.first}.{self.last}{self.number}@example.com".lower()

    @property
    def phone(self) -> str:
        # Not one after the other: few numbers are a typing error apart.
        return f"+7916{self.number * 7_919 % 10_000_000:07d}"

    def identify(self, run: str) -> dict[str, Any]:
        """The input of identifyCustomer."""
        return {
            "messageId": f"{run}-{self.number}",
            "source": "crm",
            "occurredAt": "2026-01-01T00:00:00Z",
            "attributes": {"name": self.name, "company": f"{self.company} GmbH"},
            "identifiers": [
                {"kind": "email", "value": self.email},
                {"kind": "phone", "value": self.phone},
                {"kind": "external:crm", "value": f"{run}-{self.number}"},
            ],
        }


def people(count: int, seed: int = 1) -> Iterator[Person]:
    """So many people. The n-th most common name is had by one n-th as many as the most common, as names are."""
    chance = random.Random(seed)
    firsts = _Names(chance, 2_000, 2)
    lasts = _Names(chance, max(count // 3, 1_000), 3)
    companies = _Names(chance, _COMPANIES, 3)
    for number in range(count):
        yield Person(number, firsts.one(), lasts.one(), companies.one())


class _Names:
    def __init__(self, chance: random.Random, count: int, syllables: int) -> None:
        self._chance = chance
        names = dict.fromkeys(_name(chance, syllables) for _ in range(2 * count))
        self._names = list(names)[:count]
        self._weights = list(accumulate(1 / (place + 10) for place in range(len(self._names))))

    def one(self) -> str:
        return self._chance.choices(self._names, cum_weights=self._weights)[0]


def _name(chance: random.Random, syllables: int) -> str:
    parts = (
        chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)
        for _ in range(chance.choice((syllables - 1, syllables, syllables)))
    )
    return "".join(parts).capitalize()


def mistyped(chance: random.Random, text: str) -> str:
    """The text with one typing error in a word of four letters or more: added, left out, another, or exchanged."""
    words = text.split(" ")
    place = chance.choice([number for number, word in enumerate(words) if len(word) >= 4])
    word = words[place]
    at = chance.randrange(len(word) - 1)
    wrong = word
    while wrong == word:
        letter = chance.choice(_LETTERS)
        wrong = chance.choice(
            (
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    words[place] = wrong
    return " ".join(words)
