"""Candidate pairs: records that share a key. Pure.

A block of many records is capped: in it each record is compared with the few that follow it only. What is many
depends on how many pairs a kind of key makes in all, so that time and memory grow about linearly with the records,
whatever their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.identity.matching.keys import PASSES, Parts

Places = NDArray[np.int64]

MAX_BLOCK: Final = 250
"""Records of a block that are all compared with one another."""
_PAIRS_EACH: Final = 12
"""Pairs a record that a pass makes in whole blocks: of a coarse pass only the smaller blocks are whole."""
_WINDOW: Final = 10
"""Records that one is compared with in a larger block."""
_WAITING: Final = 5_000_000
"""Pairs that are gathered before those that were found twice are put together."""
_MIXING: Final = np.uint64(0x9E3779B97F4A7C15)


def candidate_pairs(parts: Sequence[Parts]) -> tuple[Places, Places]:
    """All pairs that share a key of any pass, each once: the places of the first and of the second record."""
    count = max(len(parts), 1)
    listed = {name: _Listed.of(parts, name) for name in dict.fromkeys(name for names in PASSES for name in names)}
    found = [np.zeros(0, np.int64)]
    waiting = 0
    for first_name, *names in PASSES:
        keys = listed[first_name]
        for name in names:
            keys = keys.crossed(listed[name])
        first, second = _pairs_of_blocks(keys.owners, keys.keys, count)
        found.append(np.minimum(first, second) * count + np.maximum(first, second))
        waiting += len(first)
        if waiting > _WAITING:
            found, waiting = [_once(found)], 0
    codes = _once(found)
    return codes // count, codes % count


def _once(found: list[Places]) -> Places:
    """Codes in order, each once."""
    codes = np.concatenate(found)
    codes.sort()
    return codes[np.r_[True, codes[1:] != codes[:-1]]] if len(codes) else codes


class _Listed:
    """What keys, or parts of keys, records have: one entry for each, in order of the records."""

    def __init__(self, owners: Places, keys: NDArray[np.uint64], count: int) -> None:
        self.owners = owners
        self.keys = keys
        self._starts = np.searchsorted(owners, np.arange(count + 1))

    @staticmethod
    def of(parts: Sequence[Parts], name: str) -> _Listed:
        """The parts of a name, numbered."""
        numbers: dict[str, int] = {}
        owners, keys = [], []
        for record, one in enumerate(parts):
            for text in one.get(name, ()):
                owners.append(record)
                keys.append(numbers.setdefault(text, len(numbers)))
        return _Listed(np.array(owners, np.int64), np.array(keys, np.uint64), len(parts))

    def crossed(self, other: _Listed) -> _Listed:
        """Each entry with each entry that the other list has of the same record."""
        begin, end = other._starts[self.owners], other._starts[self.owners + 1]
        times = end - begin
        mine = np.repeat(np.arange(len(self.owners)), times)
        theirs = np.arange(len(mine)) - np.repeat(np.cumsum(times) - times, times) + np.repeat(begin, times)
        keys = (self.keys[mine] + np.uint64(1)) * _MIXING ^ (other.keys[theirs] + np.uint64(1))
        keys = (keys ^ (keys >> np.uint64(29))) * _MIXING
        return _Listed(self.owners[mine], keys, len(self._starts) - 1)


def _pairs_of_blocks(owners: Places, keys: NDArray[np.uint64], count: int) -> tuple[Places, Places]:
    """Pairs of the owners of one key, of so many records."""
    if not len(keys):
        return owners, owners
    order = np.argsort(keys, kind="stable")
    owners, keys = owners[order], keys[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    size = np.repeat(sizes, sizes)
    largest = _largest(sizes, count)
    following = size - 1 - (np.arange(len(keys)) - np.repeat(starts, sizes))
    partners = np.where(size > largest, np.minimum(following, _WINDOW), following)
    first = np.repeat(np.arange(len(keys)), partners)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners) + 1
    one, other = owners[first], owners[first + nth]
    distinct = one != other
    return one[distinct], other[distinct]


def _largest(sizes: Places, count: int) -> int:
    """The size of blocks up to which all of a pass are whole."""
    ordered = np.sort(sizes)
    pairs = np.cumsum(ordered * (ordered - 1) // 2)
    fitting = int(np.searchsorted(pairs, _PAIRS_EACH * count, "right"))
    return min(MAX_BLOCK, int(ordered[fitting]) - 1 if fitting < len(ordered) else MAX_BLOCK)
