"""Attribution: the reference numbers, and what always holds."""

from __future__ import annotations

import random
from itertools import combinations
from math import factorial
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.journeys import attribution, markov
from service.journeys.attribution import AttributionModel, touch_weights
from service.journeys.models import Flags
from tests.reference import expected, needed
from tests.unit.journeys.made import listed, paths_of

CREDITS = expected("attribution")
HEURISTICS = {
    "first": AttributionModel.FIRST_TOUCH,
    "last": AttributionModel.LAST_TOUCH,
    "linear": AttributionModel.LINEAR,
    "position_u": AttributionModel.POSITION_BASED,
}
SHAPES = {
    "u_shaped_40_20_40": AttributionModel.POSITION_BASED,
    "j_20_20_60": AttributionModel.J_SHAPED,
    "inverse_j_60_20_20": AttributionModel.INVERSE_J_SHAPED,
}
SUMMING = [model for model in AttributionModel if model is not AttributionModel.PARTICIPATION]
EXACT = 1e-9

Series = list[tuple[list[int], bool, int]]
"""Keys, whether they converted, and the value."""

series = st.lists(
    st.tuples(st.lists(st.integers(0, 4), max_size=6), st.booleans(), st.integers(0, 100)), min_size=1, max_size=12
)


def credited(name: str, model: AttributionModel, order: int = 1) -> tuple[list[str], attribution.Credits]:
    names, paths, values = listed(CREDITS[name]["paths"])
    return names, attribution.credits(paths, values, len(names), model, order=order)


def close(names: list[str], found: np.typing.NDArray[np.float64], wanted: dict[str, float]) -> None:
    assert dict(zip(names, found.tolist(), strict=True)) == pytest.approx(
        {name: wanted.get(name, 0.0) for name in names}, abs=EXACT
    )


@needed
@pytest.mark.parametrize("rule", HEURISTICS)
@pytest.mark.parametrize("name", CREDITS)
def test_rules_give_the_reference_credits(name: str, rule: str) -> None:
    names, found = credited(name, HEURISTICS[rule])
    close(names, found.conversions, CREDITS[name]["heuristics"][rule])
    close(names, found.value, CREDITS[name]["heuristics"][f"{rule}_value"])


@needed
@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", CREDITS)
def test_markov_chains_give_the_reference_effects_and_credits(name: str, order: int, dense: bool) -> None:
    wanted = CREDITS[name]["markov_exact"][f"order{order}"]
    with mock.patch.object(markov, "_DENSE_STATES", markov._DENSE_STATES if dense else 0):
        names, found = credited(name, AttributionModel.MARKOV, order)
        _, paths, values = listed(CREDITS[name]["paths"])
        effects = markov.removal_effects(paths, values, len(names), order)
    assert found.conversion_probability == pytest.approx(wanted["conversion_probability"], abs=EXACT)
    close(names, effects.conversions, wanted["removal_effect"])
    close(names, effects.value, wanted["removal_effect_value"])
    close(names, found.conversions, wanted["conversions"])
    close(names, found.value, wanted["value"])


@needed
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", CREDITS)
def test_markov_chains_have_the_reference_transitions(name: str, order: int) -> None:
    wanted = CREDITS[name]["markov_exact"][f"order{order}"]["transition"]
    names, paths, values = listed(CREDITS[name]["paths"])
    chain = markov.chain_of(paths, values, len(names), order)
    states = [",".join(names[key] for key in gram if key >= 0) for gram in chain.grams.tolist()]
    found = {f"(start) -> {state}": p for state, p in zip(states, chain.start.tolist(), strict=True)}
    moves = chain.moves.toarray()
    for number, state in enumerate(states):
        found |= {f"{state} -> {other}": p for other, p in zip(states, moves[number].tolist(), strict=True)}
        found[f"{state} -> (conversion)"] = float(chain.converts[number])
        found[f"{state} -> (null)"] = 1.0 - float(moves[number].sum() + chain.converts[number])
    assert {name: p for name, p in found.items() if p > EXACT} == pytest.approx(wanted, abs=EXACT)


@needed
@pytest.mark.parametrize("name", CREDITS)
def test_shapley_values_are_those_of_the_reference(name: str) -> None:
    names, found = credited(name, AttributionModel.SHAPLEY)
    close(names, found.conversions, CREDITS[name]["shapley_set_game"])


@needed
@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_by_length(shape: str) -> None:
    weights = expected("rule_weights")["weights_by_path_length"][shape]
    lengths = [int(one) for one in weights]
    paths = paths_of([list(range(length)) for length in lengths], [True] * len(lengths))
    found = touch_weights(paths, SHAPES[shape])
    assert found.tolist() == pytest.approx([weight for one in weights.values() for weight in one])


@needed
def test_time_decay() -> None:
    wanted = expected("time_decay")
    hour = 3_600_000
    rows = list(wanted["credit"].values())
    ages = [[round(hours * hour) for _, hours, *_ in row] for row in rows]
    paths = paths_of([[0] * len(row) for row in rows], [True] * len(rows), ages)
    found = touch_weights(paths, AttributionModel.TIME_DECAY, wanted["half_life_hours"] * hour)
    assert found.tolist() == pytest.approx([weight for row in rows for *_, weight, _ in row], abs=EXACT)


def test_time_decay_of_very_old_touches_still_adds_up() -> None:
    paths = paths_of([[0, 1]], [True], [[10**13, 10**13]])
    assert touch_weights(paths, AttributionModel.TIME_DECAY, 1000).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("keys", "weights"),
    [([1, 0, 0], [1, 0, 0]), ([0, 0], [0, 1]), ([0, 1, 2], [0, 0, 1]), ([1], [1]), ([0], [1])],
)
def test_the_last_that_is_not_direct(keys: list[int], weights: list[float]) -> None:
    paths = paths_of([keys], [True], direct=[0])
    assert touch_weights(paths, AttributionModel.LAST_NON_DIRECT).tolist() == weights


def test_participation_gives_each_key_the_whole() -> None:
    paths = paths_of([[0, 1, 0]], [True])
    assert touch_weights(paths, AttributionModel.PARTICIPATION).tolist() == [1, 1, 0]


@given(series, st.sampled_from(SUMMING), st.integers(1, 3))
def test_credits_add_up_to_the_conversions(some: Series, model: AttributionModel, order: int) -> None:
    paths = paths_of(
        [keys for keys, _, _ in some],
        [converted for _, converted, _ in some],
        [[7 * (len(keys) - n) for n in range(len(keys))] for keys, _, _ in some],
        direct=[0],
    )
    values = np.array([float(value) if converted else 0.0 for _, converted, value in some])
    found = attribution.credits(paths, values, 5, model, order=order)
    touched = [value for keys, converted, value in some if keys and converted]
    assert found.conversions.sum() + attribution.untouched(paths).sum() == pytest.approx(paths.converted.sum())
    assert found.value.sum() == pytest.approx(sum(touched))
    assert (found.conversions >= -EXACT).all()


@given(series)
def test_shapley_is_the_value_of_its_game(some: Series) -> None:
    """By the definition, over all coalitions, worth the conversions of the paths that they have all keys of."""
    games = [frozenset(keys) for keys, converted, _ in some if keys and converted]

    def worth(coalition: frozenset[int]) -> int:
        return sum(game <= coalition for game in games)

    paths = paths_of([list(one) for one in games], [True] * len(games))
    found = attribution.credits(paths, np.zeros(len(games)), 5, AttributionModel.SHAPLEY)
    for player in range(5):
        others = [one for one in range(5) if one != player]
        value = 0.0
        for size in range(5):
            for coalition in map(frozenset, combinations(others, size)):
                weight = factorial(size) * factorial(4 - size) / factorial(5)
                value += weight * (worth(coalition | {player}) - worth(coalition))
        assert found.conversions[player] == pytest.approx(value)


@pytest.mark.parametrize("order", [1, 2])
def test_markov_is_what_walks_come_to(order: int) -> None:
    """A simulation, which is exact only in the limit, comes near."""
    chance = random.Random(7)
    some = [([chance.randrange(3) for _ in range(chance.randint(1, 4))], chance.random() < 0.4) for _ in range(30)]
    paths = paths_of([keys for keys, _ in some], [converted for _, converted in some])
    chain = markov.chain_of(paths, np.zeros(len(some)), 3, order)
    effects = markov.removal_effects(paths, np.zeros(len(some)), 3, order)
    walks = 20_000
    moves = chain.moves.toarray()
    for removed in (None, 0, 1, 2):
        gone: Flags = (chain.grams == (-2 if removed is None else removed)).any(axis=1)
        reached = _walked(chance, chain, moves, gone, walks) / walks
        exact = effects.probability * (1 - (effects.conversions[removed] if removed is not None else 0))
        assert reached == pytest.approx(exact, abs=0.02)


def _walked(chance: random.Random, chain: markov.Chain, moves: Any, gone: Flags, walks: int) -> int:
    converted = 0
    states = range(len(moves))
    for _ in range(walks):
        (state,) = chance.choices(states, weights=chain.start.tolist())
        while not gone[state]:
            draw = chance.random()
            if draw < chain.converts[state]:
                converted += 1
                break
            ends = 1 - moves[state].sum()
            if draw < ends:
                break
            (state,) = chance.choices(states, weights=moves[state].tolist())
    return converted


def test_a_chain_with_too_many_states_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markov, "MAX_WORK", 2)
    monkeypatch.setattr(markov, "_DENSE_STATES", 2)
    paths = paths_of([[0, 1, 2]], [True])
    with pytest.raises(markov.TooManyStates):
        markov.removal_effects(paths, np.ones(1), 3, 1)


def test_without_any_touch_nothing_is_lost() -> None:
    found = attribution.credits(paths_of([[], []], [True, False]), np.zeros(2), 0, AttributionModel.MARKOV)
    assert (found.conversions.tolist(), found.conversion_probability) == ([], 0.0)
