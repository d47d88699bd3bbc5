"""The oracle of resolution: decides over plain sets, with nothing of the service but the rules of kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from service.identity import kinds
from service.identity.kinds import Kind


@dataclass(eq=False, slots=True)
class Group:
    """A customer as the oracle sees it; `born` is the number of the event that made it."""

    born: int
    keys: set[str] = field(default_factory=set)
    times: list[int] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether a person gave one of its identifiers."""
        return any(kind_of(key).personal for key in self.keys)


class Oracle:
    """Takes events one after the other."""

    def __init__(self) -> None:
        self.group_of: dict[str, Group] = {}
        self.alone: list[Group] = []
        """Customers without any identifier but their own."""

    def take(self, number: int, keys: Iterable[str], at: int) -> tuple[Group, list[str]]:
        """The customer that an event ends at, and the identifiers that it keeps."""
        accepted: list[str] = []
        together: set[str] = set()
        for key in keys:
            group = self.group_of.get(key)
            more = together | (group.keys if group else {key})
            if not accepted or not exceeds(more):
                accepted.append(key)
                together = more
        joined = {self.group_of[key] for key in accepted if key in self.group_of}
        survivor = min(joined, key=lambda one: (not one.known, one.born), default=None) or Group(number)
        survivor.keys = together
        survivor.times = [at, *(time for group in joined for time in group.times)]
        self.group_of |= dict.fromkeys(together, survivor)
        if not together:
            self.alone.append(survivor)
        return survivor, accepted

    @property
    def groups(self) -> list[Group]:
        """All customers, the first born first."""
        return sorted({*self.group_of.values(), *self.alone}, key=lambda one: one.born)


def kind_of(key: str) -> Kind:
    """The kind of a key's identifier."""
    kind = kinds.by_name(key.rpartition(":")[0])
    assert kind is not None
    return kind


def exceeds(keys: Iterable[str]) -> bool:
    """Whether these are more than one customer may have."""
    counts = Counter(kind_of(key).name for key in keys)
    return any(count > kind_of(f"{name}:").limit for name, count in counts.items())
