"""Flows: which steps come one behind the other, as the nodes and links of a Sankey diagram.

A journey is a session, or the stretch of one that begins (or ends) at an anchor: each time that the anchor comes
is a journey of its own. Its steps are numbered from 0 on, back from an anchor at the end: −1, −2, …
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.journeys.models import OTHER, Flags, Ints
from service.journeys.paths import alike

BEGINNING: Final = "(start)"
"""Before the first step of a session."""
ENDING: Final = "(end)"
"""Behind the last step of a session."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of steps, all within an array of keys; shapes (s,)."""

    start: Ints
    """Place of the first step of each."""
    end: Ints
    """Behind the last step of each."""
    backward: bool = False
    """Whether steps are numbered back from the last one."""


@dataclass(frozen=True, slots=True)
class Node:
    """How many journeys have a key at a step."""

    step: int
    key: str
    journeys: int


@dataclass(frozen=True, slots=True)
class Link:
    """How many journeys go from a key at a step to a key at the next."""

    step: int
    source: str
    target: str
    journeys: int


@dataclass(frozen=True, slots=True)
class Variant:
    """How many journeys have just these keys."""

    keys: list[str]
    journeys: int
    share: float


def collapsed(session: Ints, keys: Ints) -> Flags:
    """Which steps are not a repetition of the one before in the same session; shapes (n,)."""
    changes = np.ones(len(keys), dtype=bool)
    changes[1:] = (session[1:] != session[:-1]) | (keys[1:] != keys[:-1])
    return changes


def stretches(session: Ints, keys: Ints, start_at: int | None, end_at: int | None) -> Stretches:
    """The journeys: sessions, or what lies behind, before or between anchors.

    Args:
        session: number of the session of each step, ascending; shape (n,).
        keys: the key of each step; shape (n,).
        start_at: the key at which journeys begin.
        end_at: the key at which they end; with both, each journey ends at the first that comes.
    """
    count = len(keys)
    first = np.ones(count, dtype=bool)
    first[1:] = session[1:] != session[:-1]
    begins = np.flatnonzero(first)
    ends = np.append(begins[1:], count) if count else begins
    run = np.cumsum(first) - 1
    if start_at is None and end_at is None:
        return Stretches(begins, ends)
    if start_at is None:
        anchors = np.flatnonzero(keys == end_at)
        return Stretches(begins[run[anchors]], anchors + 1, backward=True)
    anchors = np.flatnonzero(keys == start_at)
    behind = ends[run[anchors]]
    if end_at is None:
        return Stretches(anchors, behind)
    targets = np.append(np.flatnonzero(keys == end_at), count)
    reached = targets[np.searchsorted(targets, anchors, side="right")]
    inside = reached < behind
    return Stretches(anchors[inside], reached[inside] + 1)


def sankey(
    keys: Ints, names: list[str], found: Stretches, *, max_steps: int, top_nodes: int
) -> tuple[list[Node], list[Link]]:
    """The nodes and links of journeys.

    At each step the most frequent keys have a node each, all others are `other`. A journey without a further step
    goes to `(end)`, or back to `(start)`.

    Args:
        keys: the key of each step, a number of `names`; shape (n,).
        names: of the keys.
        found: the journeys.
        max_steps: how many steps of a journey are shown, an anchor included.
        top_nodes: how many keys of a step have a node of their own.
    """
    over, other = len(names), len(names) + 1
    labels = [*names, BEGINNING if found.backward else ENDING, OTHER]
    nodes: list[Node] = []
    links: list[Link] = []
    before = np.full(len(found.start), over, dtype=np.int64)
    for number in range(max_steps):
        place = found.end - 1 - number if found.backward else found.start + number
        there = (place >= found.start) & (place < found.end)
        now = np.where(there, keys[np.where(there, place, 0)] if len(keys) else over, over)
        now = _topped(now, over, other, top_nodes)
        alive = before != over if number else np.ones(len(now), dtype=bool)
        if not alive.any():
            break
        step = -number if found.backward else number
        counts = np.bincount(now[alive], minlength=other + 1)
        nodes += [Node(step, labels[key], int(counts[key])) for key in _ranked(counts, labels)]
        if number:
            pairs, many = np.unique(before[alive] * (other + 1) + now[alive], return_counts=True)
            for pair, journeys in zip(pairs.tolist(), many.tolist(), strict=True):
                one, two = labels[pair // (other + 1)], labels[pair % (other + 1)]
                links.append(
                    Link(step, two, one, journeys) if found.backward else Link(step - 1, one, two, journeys)
                )
        before = now
    links.sort(key=lambda link: (abs(link.step), -link.journeys, link.source, link.target))
    return nodes, links


def _ranked(counts: Ints, labels: list[str]) -> list[int]:
    """The keys that come at all, the most frequent first."""
    return sorted(np.flatnonzero(counts).tolist(), key=lambda key: (-counts[key], labels[key]))


def _topped(now: Ints, over: int, other: int, top_nodes: int) -> Ints:
    """The same keys, but `other` for all that are not among the most frequent."""
    counts = np.bincount(now[now < over], minlength=over)
    # Stable, so that of equally frequent ones the first by name are kept.
    kept = np.argsort(-counts, kind="stable")[:top_nodes]
    mapped = np.full(other + 1, other, dtype=np.int64)
    mapped[kept] = kept
    mapped[over] = over
    return mapped[now]


def variants(keys: Ints, names: list[str], found: Stretches, many: int) -> list[Variant]:
    """The most frequent series of keys, whole journeys from the first to the last step.

    Args:
        keys: the key of each step; shape (n,).
        names: of the keys.
        found: the journeys.
        many: how many are wanted; of equally frequent ones the first by name.
    """
    count = len(found.start)
    lengths = found.end - found.start
    offsets = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    places = np.arange(offsets[-1], dtype=np.int64) - np.repeat(offsets[:-1] - found.start, lengths)
    kinds = alike(offsets, keys[places])
    counts = np.bincount(kinds.kind, minlength=len(kinds.example))

    def series(kind: int) -> list[int]:
        example = kinds.example[kind]
        shown: list[int] = keys[found.start[example] : found.end[example]].tolist()
        return shown

    # Only those that are as frequent as the last that is shown are compared by their keys.
    least = np.partition(counts, -many)[-many] if len(counts) > many else 0
    candidates = np.flatnonzero(counts >= least).tolist()
    best = heapq.nsmallest(
        many, candidates, key=lambda kind: (-counts[kind], [names[key] for key in series(kind)])
    )
    return [
        Variant([names[key] for key in series(kind)], int(counts[kind]), int(counts[kind]) / count)
        for kind in best
    ]
