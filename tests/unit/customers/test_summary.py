from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.customers.summary import DealValues, first_conversion, sums, won


def test_amounts_are_summed_exactly_for_each_currency() -> None:
    amounts = [("0.10", "EUR"), ("0.20", "EUR"), ("1000", "CNY"), ("19.9", "EUR")]
    assert sums(amounts) == [(Decimal("1000"), "CNY"), (Decimal("20.20"), "EUR")]


def test_a_sum_keeps_the_places_of_its_amounts() -> None:
    ((total, _),) = sums([("1.50", "EUR"), ("1.50", "EUR")])
    assert str(total) == "3.00"


def test_no_digit_of_great_and_small_amounts_is_lost() -> None:
    amounts = [("999999999999999.99999999", "EUR")] * 1000 + [("0.00000001", "EUR")]
    assert sums(amounts) == [(Decimal("999999999999999999.99999001"), "EUR")]


def test_nothing_is_worth_nothing() -> None:
    assert sums([]) == []


digits = st.decimals(-(10**14), 10**15 - 1, places=8).map(lambda amount: format(amount, "f"))
amounts = st.lists(st.tuples(digits, st.sampled_from(["EUR", "CNY", "UAH"])), max_size=30)


@given(amounts, st.randoms(use_true_random=False))
def test_sums_are_exact_in_any_order(some: list[tuple[str, str]], random: Any) -> None:
    totals = sums(random.sample(some, len(some)))
    assert [currency for _, currency in totals] == sorted({currency for _, currency in some})
    for total, currency in totals:
        assert Fraction(total) == sum(Fraction(amount) for amount, its in some if its == currency)


def deal(state: str, closed_at: int | None) -> DealValues:
    return [state, "10", "EUR", closed_at]


def test_only_won_deals_are_won() -> None:
    deals = [deal("OPEN", None), deal("WON", 5), deal("LOST", 3)]
    assert won(deals) == [deals[1]]


def test_the_first_conversion_is_the_first_order_or_won_deal() -> None:
    orders = [["1", "EUR", 20], ["1", "EUR", 10]]
    assert first_conversion(orders, []) == 10
    assert first_conversion(orders, [deal("WON", 7), deal("LOST", 1)]) == 7
    assert first_conversion([], [deal("WON", 7)]) == 7
    assert first_conversion([], [deal("OPEN", None), deal("LOST", 1)]) is None
    assert first_conversion([], []) is None
