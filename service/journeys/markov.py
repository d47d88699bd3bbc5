"""Attribution by Markov chains: exactly, by linear algebra.

A path of touches is a walk from state to state. The states of a chain of order k are k touches one behind the
other; a path that is shorter is one state; the same state again is no step. A walk ends in `conversion` or in
`null`. A transition is as probable as it was frequent. Without a channel, all walks that come to a state with it
end in `null`; the part of the conversions that is lost so is the channel's removal effect, and conversions are
shared in proportion (Anderl et al., Mapping the customer journey, 2016; the R package ChannelAttribution does the
same by simulation).

With Q the transitions among states, s the first states and r the conversion from each, the probability of a
conversion is s (I − Q)⁻¹ r. The removal of all states of a set is that of their rows and columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from service.journeys.models import Flags, Floats, Ints
from service.journeys.paths import Paths

# The functions that need it import it: only these reports do, and every start of the service would wait for it.
if TYPE_CHECKING:
    from scipy import sparse

MAX_WORK: Final = 200_000
"""States times keys of a chain that is solved without each key: more, and it takes longer than a reader waits."""
_DENSE_STATES: Final = 1_500
"""Up to so many states, the whole inverse is the fastest way to all removals."""


class TooManyStates(ValueError):
    """The chain has more states than can be solved without each key."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What is lost without each key, from 0 to 1; shapes (keys,)."""

    conversions: Floats
    value: Floats
    probability: float
    """Of a conversion, of any walk."""


@dataclass(frozen=True, slots=True)
class Chain:
    """States and how probable it is to go from one to another."""

    grams: Ints
    """The keys that make each state, -1 where it has fewer than the order; shape (states, order)."""
    start: Floats
    """How probable each state is to be the first; shape (states,)."""
    moves: sparse.csr_array
    """Of each state (row) to each (column); shape (states, states)."""
    converts: Floats
    """Of each state to `conversion`; shape (states,)."""
    value: Floats
    """The same, times the mean value of these conversions; shape (states,)."""


def removal_effects(paths: Paths, values: Floats, count: int, order: int) -> Effects:
    """The removal effect of each key.

    Args:
        paths: with and without conversion; those without touches do not count.
        values: the value of each path's conversion; shape (p,).
        count: how many keys there are.
        order: of the chain: 1 to 3.

    Raises:
        TooManyStates: solving would take too long.
    """
    if not (paths.lengths > 0).any():
        return Effects(np.zeros(count), np.zeros(count), 0.0)
    chain = chain_of(paths, values, count, order)
    rewards = np.stack((chain.converts, chain.value), axis=1)
    if len(chain.start) <= _DENSE_STATES:
        whole, left = _by_inverse(chain, rewards, count)
    elif len(chain.start) * count > MAX_WORK:
        raise TooManyStates
    else:
        whole, left = _by_solving(chain, rewards, count)
    lost = np.divide(left, whole, out=np.ones_like(left), where=whole > 0)
    effects = np.clip(1.0 - lost, 0.0, 1.0)
    return Effects(effects[:, 0], effects[:, 1], float(whole[0]))


def chain_of(paths: Paths, values: Floats, count: int, order: int) -> Chain:
    """The chain that the walks of all paths make."""
    from scipy import sparse

    path, gram, ends = _grams(paths, order)
    # In base count + 1 a gram is one number; 0 stands for a touch that a short path has not.
    code = np.zeros(len(gram), dtype=np.int64)
    for column in range(order):
        code = code * (count + 1) + gram[:, column] + 1
    codes, example, state = np.unique(code, return_index=True, return_inverse=True)
    states = len(codes)
    stays = ~ends[:-1] & (state[1:] != state[:-1])
    sources, targets = state[:-1][stays], state[1:][stays]
    begins = np.concatenate(([True], ends[:-1]))
    converted = paths.converted[path[ends]]
    left = np.bincount(sources, minlength=states) + np.bincount(state[ends], minlength=states)
    moves = sparse.coo_array((1.0 / left[sources], (sources, targets)), shape=(states, states)).tocsr()
    last, worth = state[ends][converted], values[path[ends]][converted]
    return Chain(
        gram[example],
        np.bincount(state[begins], minlength=states) / np.count_nonzero(ends),
        moves,
        np.bincount(last, minlength=states) / left,
        np.bincount(last, weights=worth, minlength=states) / left,
    )


def _grams(paths: Paths, order: int) -> tuple[Ints, Ints, Flags]:
    """All states of all paths in turn: the path, the keys (-1: none) and whether it is the path's last."""
    lengths = paths.lengths
    many = np.where(lengths > 0, np.maximum(lengths - order + 1, 1), 0)
    path = np.repeat(np.arange(len(paths), dtype=np.int64), many)
    behind = np.cumsum(many)
    first = np.arange(len(path), dtype=np.int64) - np.repeat(behind - many, many) + paths.offsets[path]
    places = first[:, None] + np.arange(order, dtype=np.int64)
    missing = places >= paths.offsets[path + 1][:, None]
    gram = np.where(missing, -1, paths.keys[np.where(missing, 0, places)])
    ends = np.zeros(len(path), dtype=bool)
    ends[behind[many > 0] - 1] = True
    return path, gram, ends


def _with_key(chain: Chain, key: int) -> Flags:
    with_it: Flags = (chain.grams == key).any(axis=1)
    return with_it


def _by_inverse(chain: Chain, rewards: Floats, count: int) -> tuple[Floats, Floats]:
    """The reward of the whole chain (2,), and of that without each key (count, 2), by the fundamental matrix.

    What is lost without a set of states is what walks bring from the first of them that they come to.
    """
    states = len(chain.start)
    fundamental = np.linalg.inv(np.eye(states) - chain.moves.toarray())
    visits = chain.start @ fundamental
    brings = fundamental @ rewards
    whole = visits @ rewards
    left = np.tile(whole, (count, 1))
    for key in range(count):
        removed = np.flatnonzero(_with_key(chain, key))
        if len(removed):
            first = np.linalg.solve(fundamental[np.ix_(removed, removed)].T, visits[removed])
            left[key] -= first @ brings[removed]
    return whole, left


def _by_solving(chain: Chain, rewards: Floats, count: int) -> tuple[Floats, Floats]:
    """The same, by solving the chain that is left without each key."""
    from scipy import sparse
    from scipy.sparse import linalg

    system = (sparse.eye_array(len(chain.start)) - chain.moves).tocsr()

    def reward(kept: Flags) -> Floats:
        if not kept.any():
            return np.zeros(2)
        part = system[kept][:, kept].T.tocsc()
        visits = linalg.spsolve(part, chain.start[kept])
        result: Floats = np.atleast_1d(visits) @ rewards[kept]
        return result

    whole = reward(np.ones(len(chain.start), dtype=bool))
    left = np.stack([reward(~_with_key(chain, key)) for key in range(count)])
    return whole, left
