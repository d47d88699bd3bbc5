"""The people made up: the same for one seed, and nothing but their values tells who is who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.benchmarks.populations import ID, MADE_UP, Population
from tests.benchmarks.truth import pairs

Maker = Callable[..., Population]
EACH = pytest.mark.parametrize("make", MADE_UP, ids=lambda make: make.__name__)


@EACH
def test_one_seed_gives_the_same_people(make: Maker) -> None:
    assert make(60, seed=3) == make(60, seed=3)
    assert make(60, seed=3) != make(60, seed=4)


@EACH
def test_rows_are_as_of_a_file(make: Maker) -> None:
    made = make(80)
    assert len(made.rows) == len(made.truth)
    assert len(set(made.truth)) == 80
    assert [row[ID] for row in made.rows] == [str(number) for number in range(len(made.rows))]
    assert {tuple(row) for row in made.rows} == {(ID, *made.columns)}
    assert not {"truth", "cluster"} & set(made.columns)


@EACH
def test_every_record_says_something(make: Maker) -> None:
    telling = [sum(bool(row[column]) for column in row if column != ID) for row in make(200).rows]
    assert min(telling) >= 2


@EACH
def test_people_are_recorded_repeatedly(make: Maker) -> None:
    made = make(200)
    largest = max(Counter(made.truth).values())
    if made.name == "clean":
        assert pairs(made.truth, made.truth).true == 0
    else:
        assert 3 <= largest <= 30


@EACH
def test_no_two_people_have_one_and_the_same_record(make: Maker) -> None:
    made = make(300)
    whose: dict[tuple[str, ...], set[str]] = {}
    for row, person in zip(made.rows, made.truth, strict=True):
        whose.setdefault(tuple(row[column] for column in made.columns), set()).add(person)
    assert [record for record, people in whose.items() if len(people) > 1] == []
