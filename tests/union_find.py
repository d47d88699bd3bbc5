"""The oracle of who is who: a union-find that replays the accepted links."""

from __future__ import annotations

from collections.abc import Iterable


class UnionFind:
    """Groups of keys."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, key: str) -> str:
        """The representative of a key's group; a new key is a group of its own."""
        self._parent.setdefault(key, key)
        while self._parent[key] != key:
            key = self._parent[key]
        return key

    def join(self, keys: Iterable[str]) -> None:
        """Makes one group of the groups of these keys."""
        roots = [self.find(key) for key in keys]
        for other in roots[1:]:
            self._parent[self.find(other)] = self.find(roots[0])

    def groups(self) -> set[frozenset[str]]:
        """All groups."""
        members: dict[str, set[str]] = {}
        for key in list(self._parent):
            members.setdefault(self.find(key), set()).add(key)
        return {frozenset(group) for group in members.values()}
