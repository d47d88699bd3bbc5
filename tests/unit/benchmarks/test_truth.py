"""The measures that the matcher is judged by, against values worked out by hand and by counting every pair."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.truth import Agreement, Pairs, b_cubed, pairs

# Up to 30 records, each with a predicted and a true label.
LABELS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abcde")), max_size=30)


def test_pairs_by_hand() -> None:
    # Predicted {0 1 2} {3 4}; true {0 1} {2 3 4}. Common pairs: 01 and 34.
    counted = pairs([1, 1, 1, 2, 2], ["a", "a", "b", "b", "b"])
    assert counted == Pairs(predicted=4, true=4, both=2)
    assert counted.wrong == 2
    assert counted.agreement == Agreement(0.5, 0.5)
    assert counted.agreement.f1 == 0.5


def test_b_cubed_by_hand() -> None:
    # Precision: 2/3, 2/3, 1/3, 1, 1; recall: 1, 1, 1/3, 2/3, 2/3.
    found = b_cubed([1, 1, 1, 2, 2], ["a", "a", "b", "b", "b"])
    assert found.precision == pytest.approx(11 / 15)
    assert found.recall == pytest.approx(11 / 15)


def test_b_cubed_of_the_paper() -> None:
    # Bagga and Baldwin's example: truth {1..5} {6 7} {8..C}; the answer joins the first with the second.
    true = [*"aaaaa", *"bb", *"ccccc"]
    joined_small = b_cubed([*"xxxxx", *"yy", *"yyyyy"], true)
    joined_large = b_cubed([*"xxxxx", *"yy", *"xxxxx"], true)
    assert joined_small.precision == pytest.approx(16 / 21)
    assert joined_large.precision == pytest.approx(7 / 12)
    assert joined_small.recall == joined_large.recall == 1.0


def test_everything_put_together() -> None:
    counted = pairs([0] * 6, [*"aabbcd"])
    assert counted == Pairs(predicted=15, true=2, both=2)
    assert counted.agreement.recall == 1.0
    assert b_cubed([0] * 6, [*"aabbcd"]).precision == pytest.approx((2 + 2 + 2 + 2 + 1 + 1) / 36)


def test_nothing_put_together() -> None:
    counted = pairs(range(4), [*"aabb"])
    assert counted.agreement == Agreement(1.0, 0.0)
    assert counted.agreement.f1 == 0.0
    assert b_cubed(range(4), [*"aabb"]) == Agreement(1.0, 0.5)


def test_nothing_at_all() -> None:
    assert pairs([], []).agreement == Agreement(1.0, 1.0)
    assert b_cubed([], []) == Agreement(1.0, 1.0)


@pytest.mark.parametrize("measure", [pairs, b_cubed])
def test_as_many_labels_as_records(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="zip"):
        measure([1, 2], ["a"])


@given(LABELS)
def test_pairs_are_those_counted_one_by_one(labels: list[tuple[int, str]]) -> None:
    predicted, true, both = 0, 0, 0
    for (one, this), (other, that) in combinations(labels, 2):
        predicted += one == other
        true += this == that
        both += one == other and this == that
    assert pairs([label for label, _ in labels], [label for _, label in labels]) == Pairs(predicted, true, both)


@given(LABELS.filter(bool))
def test_b_cubed_is_the_mean_over_records(labels: list[tuple[int, str]]) -> None:
    precision = recall = 0.0
    for one in labels:
        together = [other for other in labels if other[0] == one[0]]
        belonging = [other for other in labels if other[1] == one[1]]
        common = sum(other == one for other in labels)
        precision += common / len(together)
        recall += common / len(belonging)
    found = b_cubed([label for label, _ in labels], [label for _, label in labels])
    assert found.precision == pytest.approx(precision / len(labels))
    assert found.recall == pytest.approx(recall / len(labels))


@given(LABELS)
def test_the_truth_agrees_with_itself(labels: list[tuple[int, str]]) -> None:
    true = [label for _, label in labels]
    renamed = [label.upper() for label in true]
    assert pairs(renamed, true).agreement == Agreement(1.0, 1.0)
    found = b_cubed(renamed, true)
    assert found.precision == pytest.approx(1.0)
    assert found.recall == pytest.approx(1.0)
