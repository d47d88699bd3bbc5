"""What is drawn by lot, the same every time for one seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Ranked:
    """Names, the most common first, as frequent as 1 / (rank + flatness): Zipf's law as Mandelbrot has it.

    The smaller the flatness, the more people share the first names.
    """

    values: Sequence[str]
    flatness: float = 10.0
    weights: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        weights = accumulate(1 / (rank + self.flatness) for rank in range(1, len(self.values) + 1))
        object.__setattr__(self, "weights", list(weights))


def words(text: str) -> list[str]:
    """A list written without quotes and commas."""
    return text.split()


class Chance:
    """Draws by lot."""

    def __init__(self, seed: object) -> None:
        self._random = random.Random(str(seed))
        self._mailboxes: set[str] = set()

    def happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def one(self, among: Sequence[T]) -> T:
        return self._random.choice(among)

    def some(self, among: Sequence[T], count: int) -> list[T]:
        return self._random.sample(among, count)

    def ranked(self, names: Ranked) -> str:
        return self._random.choices(names.values, cum_weights=names.weights)[0]

    def weighted(self, weights: Mapping[T, float]) -> T:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def digits(self, count: int) -> str:
        return "".join(self._random.choices("0123456789", k=count))

    def mailbox(self, local: str, domain: str) -> str:
        """An e-mail address nobody has yet; who comes later gets a number, as with any provider."""
        address = f"{local}@{domain}".lower()
        while address in self._mailboxes:
            address = f"{local}{self.digits(2)}@{domain}".lower()
        self._mailboxes.add(address)
        return address

    def day(self, first: int, last: int) -> date:
        """A day from one year to another."""
        start = date(first, 1, 1)
        return start + timedelta(days=self.between(0, (date(last, 12, 31) - start).days))
