"""Candidate pairs, and the keys that make them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.identity.matching.blocks import MAX_BLOCK, candidate_pairs
from service.identity.matching.keys import MAX_KEYS, PASSES, Parts, keys, keys_of
from service.identity.matching.sorts import Sort
from service.identity.matching.tables import Person

PARTS = sorted({name for names in PASSES for name in names})


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(PARTS), st.lists(st.sampled_from("ab"), max_size=2, unique=True).map(tuple)
        ),
        max_size=8,
    )
)
def test_pairs_are_those_that_share_a_key(every: list[Parts]) -> None:
    expected = {
        (one, other)
        for one, other in combinations(range(len(every)), 2)
        for names in PASSES
        if set(keys_of(every[one], names)) & set(keys_of(every[other], names))
    }
    first, second = candidate_pairs(every)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == sorted(expected)


def test_a_large_block_costs_as_many_pairs_as_it_has_records_a_few_times_over() -> None:
    count = 20 * MAX_BLOCK
    first, second = candidate_pairs([{"name": ("xrbkv",)} for _ in range(count)])
    assert len(first) < 11 * count
    assert set(np.unique(np.r_[first, second])) == set(range(count))


JULIA: Person = {
    Sort.FULL_NAME: ("Юлия Щербакова",),
    Sort.BIRTH_DATE: ("12.03.1990",),
    Sort.CITY: ("Киев",),
    Sort.EMAIL: ("yulia@example.com", "shcherbakova.yu@example.org"),
    Sort.PHONE: ("+380 44 123 45 67",),
}


def test_spellings_of_one_person_share_keys() -> None:
    other: Person = {Sort.GIVEN_NAME: ("Julia",), Sort.FAMILY_NAME: ("Shcherbakova",), Sort.CITY: ("Kyiv",)}
    shared = set(keys(JULIA)) & set(keys(other))
    assert f"{PASSES.index(('names',))}:iulia xrbkv" in shared
    assert len(shared) >= 4


def test_keys_are_bounded_and_do_not_repeat() -> None:
    found = keys({**JULIA, Sort.STREET: ("Main Street 1", "High Street 2"), Sort.COMPANY: ("Acme",)})
    assert len(found) == len(set(found)) == MAX_KEYS
    assert keys({}) == []
