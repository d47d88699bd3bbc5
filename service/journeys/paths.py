"""Paths: the touches that came before a conversion, or that led to none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.journeys.models import Flags, Ints

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Paths:
    """Series of touches, one behind the other in the same arrays.

    p is the number of paths, t that of all their touches.
    """

    offsets: Ints
    """Where the touches of each path begin, and where the last one's end; shape (p + 1,)."""
    keys: Ints
    """The key of each touch, from 0; shape (t,)."""
    age: Ints
    """Milliseconds from each touch to the conversion; 0 in paths without one; shape (t,)."""
    direct: Flags
    """Which touches say nothing of where the customer came from; shape (t,)."""
    touch: Ints
    """Place of each touch among the steps that the path was made of; shape (t,)."""
    converted: Flags
    """Which paths led to a conversion; shape (p,)."""
    conversion: Ints
    """Place of the conversion among these steps, -1 where there is none; shape (p,)."""

    def __len__(self) -> int:
        return len(self.converted)

    @property
    def lengths(self) -> Ints:
        """How many touches each path has; shape (p,)."""
        return np.diff(self.offsets)

    @property
    def path(self) -> Ints:
        """The number of the path that each touch is of; shape (t,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    @property
    def position(self) -> Ints:
        """The place of each touch within its path, from 0; shape (t,)."""
        return np.arange(len(self.keys), dtype=np.int64) - np.repeat(self.offsets[:-1], self.lengths)

    def with_keys(self, keys: Ints) -> Paths:
        """The same with other numbers for keys; shape (t,)."""
        return replace(self, keys=keys)

    def first_of_key(self) -> Flags:
        """Which touches are the first of their key within their path; shape (t,)."""
        pairs = self.path * (int(self.keys.max(initial=0)) + 1) + self.keys
        first = np.zeros(len(self.keys), dtype=bool)
        first[np.unique(pairs, return_index=True)[1]] = True
        return first


def paths(
    customer: Ints,
    at: Ints,
    *,
    touches: Flags,
    conversions: Flags,
    keys: Ints,
    direct: Flags,
    start: int,
    end: int,
    lookback_millis: int,
) -> Paths:
    """The paths of customers, those that end in a conversion within [start, end) and those that led to none.

    A path is the touches behind the customer's conversion before, and not longer ago than the lookback (just so
    long is within). What follows the last conversion, or all where there is none, is a path without conversion, of
    the touches within [start, end). Steps from `end` on must not be among those given.

    Args:
        customer: number of the customer of each step, side by side; shape (n,).
        at: milliseconds, ascending within a customer; shape (n,).
        touches: which steps are touches; shape (n,).
        conversions: which steps are conversions; none of them is a touch; shape (n,).
        keys: the key of each step; shape (n,).
        direct: which steps say nothing of where the customer came from; shape (n,).
        start: of the range, in milliseconds.
        end: of the range, in milliseconds.
        lookback_millis: how long before its conversion a touch counts.
    """
    count = len(at)
    begins = np.ones(count, dtype=bool)
    begins[1:] = (customer[1:] != customer[:-1]) | conversions[:-1]
    run = np.cumsum(begins, dtype=np.int64) - 1
    runs = int(run[-1]) + 1 if count else 0
    # A run has at most one conversion, and that is its last step.
    conversion = np.full(runs, -1, dtype=np.int64)
    conversion[run[conversions]] = np.flatnonzero(conversions)
    converted = conversion >= 0
    ended = np.zeros(runs, dtype=np.int64)
    ended[converted] = at[conversion[converted]]
    counts = ~converted | (ended >= start) & (ended < end)
    since = np.where(converted, ended - lookback_millis, start)
    chosen = np.flatnonzero(touches & counts[run] & (at >= since[run]))
    touched = np.bincount(run[chosen], minlength=runs)
    shown = counts & (converted | (touched > 0))
    offsets = np.concatenate(([0], np.cumsum(touched[shown], dtype=np.int64)))
    age = np.where(converted[run[chosen]], ended[run[chosen]] - at[chosen], 0)
    return Paths(offsets, keys[chosen], age, direct[chosen], chosen, converted[shown], conversion[shown])


@dataclass(frozen=True, slots=True)
class Kinds:
    """Different series of keys, and how often each came."""

    example: Ints
    """The number of one series of each kind; shape (k,)."""
    kind: Ints
    """The kind of each series; shape (p,)."""


def alike(offsets: Ints, keys: Ints) -> Kinds:
    """Puts equal series together; offsets: shape (p + 1,), keys: shape (t,).

    Series are told apart by a number of 64 bits, made of each key and its place: that two different ones among a
    million have the same is as probable as one to thirty million.
    """
    lengths = np.diff(offsets)
    position = np.arange(len(keys), dtype=np.int64) - np.repeat(offsets[:-1], lengths)
    mixed = _mixed(_mixed(keys.astype(np.uint64)) + position.astype(np.uint64))
    total = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)))
    sums = total[offsets[1:]] - total[offsets[:-1]] + _mixed(lengths.astype(np.uint64))
    _, example, kind = np.unique(sums, return_index=True, return_inverse=True)
    return Kinds(example.astype(np.int64), kind.astype(np.int64))


def _mixed(numbers: Words) -> Words:
    """Spreads numbers over all 64 bits (the finalizer of SplitMix64); overflow is meant."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
