"""Attribution: how much of a conversion each touch before it deserves.

The rules are those of Adobe Analytics and Mixpanel; Markov chains are in `markov`, Shapley values in `shapley`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from service.journeys import markov, shapley
from service.journeys.models import Flags, Floats, Ints
from service.journeys.paths import Paths

DAY_MILLIS: Final = 86_400_000
HALF_LIFE_MILLIS: Final = 7 * DAY_MILLIS
"""Of time decay: 7 days, as in Adobe Analytics and Google Analytics."""
LOOKBACK_MILLIS: Final = 30 * DAY_MILLIS
"""Of orders and of touchpoints: 30 days, as in Google Analytics for acquisition."""
DEAL_LOOKBACK_MILLIS: Final = 90 * DAY_MILLIS
"""Of won deals: 90 days, the longest of Google Analytics; sales take longer than orders."""
DIRECT_CHANNELS: Final = frozenset({"direct", "(direct)"})
"""Channels, in small letters, that do not say where somebody came from."""
NONE: Final = "(none)"
"""The key of conversions without any touch."""


class AttributionModel(Enum):
    """How credit is given to the touches before a conversion."""

    FIRST_TOUCH = "FIRST_TOUCH"
    """All to the first."""
    LAST_TOUCH = "LAST_TOUCH"
    """All to the last."""
    LAST_NON_DIRECT = "LAST_NON_DIRECT"
    """All to the last by another channel than `direct`; to the last where all are direct."""
    LINEAR = "LINEAR"
    """To all alike."""
    POSITION_BASED = "POSITION_BASED"
    """40 % to the first, 40 % to the last, 20 % to those between; of two, half to each."""
    J_SHAPED = "J_SHAPED"
    """20 % to the first, 60 % to the last, 20 % to those between; of two, 25 % and 75 %."""
    INVERSE_J_SHAPED = "INVERSE_J_SHAPED"
    """60 % to the first, 20 % to the last, 20 % to those between; of two, 75 % and 25 %."""
    TIME_DECAY = "TIME_DECAY"
    """Half as much for each half-life that a touch is older."""
    PARTICIPATION = "PARTICIPATION"
    """The whole conversion to each key on the path: credits add up to more than there were conversions."""
    MARKOV = "MARKOV"
    """By what would be lost without a key, in a Markov chain of all paths, those without conversion too."""
    SHAPLEY = "SHAPLEY"
    """To all different keys of the path alike."""


@dataclass(frozen=True, slots=True)
class Credits:
    """What each key deserves; shapes (keys,)."""

    conversions: Floats
    value: Floats
    removal_effect: Floats | None = None
    conversion_probability: float | None = None


def credits(  # noqa: A001 -- it is what they are called
    paths: Paths,
    values: Floats,
    count: int,
    model: AttributionModel,
    *,
    half_life_millis: float = HALF_LIFE_MILLIS,
    order: int = 1,
) -> Credits:
    """The credit of each key.

    Args:
        paths: the paths; those without touches give no credit to anybody.
        values: the value of each path's conversion; shape (p,).
        count: how many keys there are.
        model: how credit is given.
        half_life_millis: of TIME_DECAY.
        order: of MARKOV, how many touches make a state: 1 to 3.

    Raises:
        markov.TooManyStates: MARKOV has more states than can be solved.
    """
    if model is AttributionModel.MARKOV:
        effects = markov.removal_effects(paths, values, count, order)
        touched = paths.converted & (paths.lengths > 0)
        return Credits(
            _shared(effects.conversions) * float(np.count_nonzero(touched)),
            _shared(effects.value) * values[touched].sum(),
            effects.conversions,
            effects.probability,
        )
    weights = touch_weights(paths, model, half_life_millis)
    path = paths.path
    given = weights * paths.converted[path]
    return Credits(_by_key(paths, given, count), _by_key(paths, given * values[path], count))


def _by_key(paths: Paths, weights: Floats, count: int) -> Floats:
    return np.bincount(paths.keys, weights=weights, minlength=count).astype(np.float64)


def touch_weights(paths: Paths, model: AttributionModel, half_life_millis: float = HALF_LIFE_MILLIS) -> Floats:
    """What part of a conversion each touch deserves by any model but MARKOV; shape (t,).

    The weights of a path add up to 1, those of PARTICIPATION to the number of its different keys.
    """
    if model is AttributionModel.TIME_DECAY:
        return time_decay(paths, half_life_millis)
    return _RULES[model](paths)


def time_decay(paths: Paths, half_life_millis: float) -> Floats:
    """2^(−age / half-life), made to add up to 1 in each path; shape (t,)."""
    # Counted from the path's last touch: ages of many half-lives would all be nothing.
    last = np.repeat(paths.age[np.maximum(paths.offsets[1:] - 1, 0)], paths.lengths) if len(paths.keys) else 0
    weights: Floats = np.exp2((last - paths.age) / half_life_millis)
    return _normalised(weights, paths)


def _first(paths: Paths) -> Floats:
    return _ones(paths.position == 0)


def _last(paths: Paths) -> Floats:
    return _ones(_from_behind(paths) == 0)


def _last_non_direct(paths: Paths) -> Floats:
    """The last touch that is not direct; the last, where all are."""
    path, position = paths.path, paths.position
    chosen = np.full(len(paths), -1, dtype=np.int64)
    told = np.flatnonzero(~paths.direct)
    np.maximum.at(chosen, path[told], position[told])
    chosen = np.where(chosen < 0, paths.lengths - 1, chosen)
    return _ones(position == chosen[path])


def _linear(paths: Paths) -> Floats:
    return 1.0 / np.repeat(paths.lengths, paths.lengths)


def _shaped(first: float, last: float) -> Callable[[Paths], Floats]:
    """Parts for the first and the last touch, and the rest for those between."""

    def weights(paths: Paths) -> Floats:
        length = np.repeat(paths.lengths, paths.lengths)
        between = (1.0 - first - last) / np.maximum(length - 2, 1)
        weight = np.where(paths.position == 0, first, np.where(_from_behind(paths) == 0, last, between))
        # Without any between, the ends share it.
        weight = np.where(length == 2, weight / (first + last), weight)
        return np.where(length == 1, 1.0, weight)

    return weights


def _participation(paths: Paths) -> Floats:
    return _ones(paths.first_of_key())


def _ones(chosen: Flags) -> Floats:
    """All to those that are chosen."""
    return chosen.astype(np.float64)


def _from_behind(paths: Paths) -> Ints:
    return np.repeat(paths.lengths, paths.lengths) - 1 - paths.position


def _normalised(weights: Floats, paths: Paths) -> Floats:
    """Weights that add up to 1 in each path."""
    path = paths.path
    return weights / np.bincount(path, weights=weights, minlength=len(paths))[path]


def _shared(effects: Floats) -> Floats:
    """Effects that add up to 1; nothing where there is none."""
    total = effects.sum()
    return effects / total if total > 0 else np.zeros_like(effects)


_RULES: Final[dict[AttributionModel, Callable[[Paths], Floats]]] = {
    AttributionModel.FIRST_TOUCH: _first,
    AttributionModel.LAST_TOUCH: _last,
    AttributionModel.LAST_NON_DIRECT: _last_non_direct,
    AttributionModel.LINEAR: _linear,
    AttributionModel.POSITION_BASED: _shaped(0.4, 0.4),
    AttributionModel.J_SHAPED: _shaped(0.2, 0.6),
    AttributionModel.INVERSE_J_SHAPED: _shaped(0.6, 0.2),
    AttributionModel.PARTICIPATION: _participation,
    AttributionModel.SHAPLEY: shapley.weights,
}


def is_direct(channel: str | None) -> bool:
    """Whether a channel does not say where somebody came from."""
    return (channel or "").lower() in DIRECT_CHANNELS


def untouched(paths: Paths) -> Flags:
    """Conversions without any touch; shape (p,)."""
    alone: Flags = paths.converted & (paths.lengths == 0)
    return alone
