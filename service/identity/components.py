"""Components of evidence: who hangs together, and how what must be apart comes apart. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

Pair = tuple[str, str]


class Sets:
    """Disjoint sets of keys that can be united (union by size, with path halving)."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._parent = {key: key for key in keys}
        self._size = dict.fromkeys(self._parent, 1)

    def __contains__(self, key: str) -> bool:
        return key in self._parent

    def find(self, key: str) -> str:
        """The key that stands for a key's set."""
        parent = self._parent
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    def unite(self, one: str, other: str) -> str:
        """Makes one set of two; the key that stands for it."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return one
        if self._size[one] < self._size[other]:
            one, other = other, one
        self._parent[other] = one
        self._size[one] += self._size[other]
        return one

    def all(self) -> list[set[str]]:
        """The sets, in the order of their first keys."""
        sets: dict[str, set[str]] = {}
        for key in self._parent:
            sets.setdefault(self.find(key), set()).add(key)
        return list(sets.values())


def components(keys: Iterable[str], pairs: Iterable[Pair]) -> list[set[str]]:
    """What hangs together by these pairs, in the order of the keys; pairs with other keys do not count."""
    sets = Sets(keys)
    for one, other in pairs:
        if one in sets and other in sets:
            sets.unite(one, other)
    return sets.all()


def apart(keys: Iterable[str], pairs: Sequence[Pair], sides: Sequence[Collection[str]]) -> list[int]:
    """The places of the pairs to cut so that no two of the `sides` hang together.

    Pairs are taken in their order, and one that would connect two sides is left out: what came first stays. If all
    hung together before, each key still hangs with one of the sides.
    """
    sets = Sets(keys)
    held = [next(iter(side)) for side in sides if side]
    for side in sides:
        for key in side:
            sets.unite(next(iter(side)), key)
    cut = []
    for place, (one, other) in enumerate(pairs):
        if one not in sets or other not in sets or sets.find(one) == sets.find(other):
            continue
        roots = {sets.find(key) for key in held}
        if {sets.find(one), sets.find(other)} <= roots:
            cut.append(place)
        else:
            sets.unite(one, other)
    return cut
