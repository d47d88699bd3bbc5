from __future__ import annotations

from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest

from service import ids
from service.ids import Mint, first_at, millis_of, prefix_of

NOW = 1_772_366_400_000


def test_ids_of_one_mint_grow_strictly_beyond_the_low_half_of_the_counter() -> None:
    mint = Mint(NOW)
    # The counter's low part has 14 bits: its overflow into the high part lies at 16,384.
    made = [mint(ids.TOUCHPOINT) for _ in range(40_000)]
    assert all(one < other for one, other in pairwise(made))


def test_ids_of_a_later_mint_are_above_all_of_an_earlier_one() -> None:
    earlier, later = Mint(NOW), Mint(NOW + 1)
    first_of_later = later(ids.CUSTOMER)
    assert max(earlier(ids.CUSTOMER) for _ in range(20_000)) < first_of_later


def test_ids_of_all_types_come_from_one_counter() -> None:
    mint = Mint(NOW)
    customer, touchpoint = mint(ids.CUSTOMER), mint(ids.TOUCHPOINT)
    assert customer.removeprefix("cus_") < touchpoint.removeprefix("tp_")


def test_an_id_is_its_prefix_and_a_uuid_of_version_7_with_the_mints_time() -> None:
    made = Mint(NOW)(ids.DEAL)
    assert made.startswith("deal_")
    uuid = UUID(hex=made.removeprefix("deal_"))
    assert (uuid.version, uuid.variant) == (7, RFC_4122)
    assert uuid.int >> 80 == NOW


def test_two_mints_of_one_moment_do_not_make_the_same_ids() -> None:
    assert Mint(NOW)(ids.CUSTOMER) != Mint(NOW)(ids.CUSTOMER)


def test_the_version_and_variant_stay_when_the_counter_overflows_its_low_half() -> None:
    mint = Mint(NOW)
    uuids = [UUID(hex=mint(ids.ORDER).removeprefix("ord_")) for _ in range(16_386)]
    assert {(uuid.version, uuid.variant) for uuid in uuids[-3:]} == {(7, RFC_4122)}


@pytest.mark.parametrize(
    "prefix",
    [
        ids.CUSTOMER,
        ids.IDENTIFIER,
        ids.TOUCHPOINT,
        ids.ORDER,
        ids.DEAL,
        ids.STAGE_CHANGE,
        ids.PIPELINE,
        ids.STAGE,
        ids.LINK,
        ids.SOURCE_PROFILE,
    ],
)
def test_the_prefix_tells_the_type(prefix: str) -> None:
    assert prefix_of(Mint(NOW)(prefix)) == prefix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cus_",
        "0" * 32,
        "cus_" + "0" * 31,
        "cus_" + "0" * 33,
        "cus_" + "A" * 32,
        "CUS_" + "0" * 32,
        "cus_" + "0" * 32 + "\n",
        " cus_" + "0" * 32,
        "cus-" + "0" * 32,
    ],
)
def test_a_malformed_id_has_neither_prefix_nor_time(text: str) -> None:
    assert prefix_of(text) is None
    assert millis_of(text) is None


def test_an_id_tells_when_it_was_made() -> None:
    assert millis_of(Mint(NOW)(ids.STAGE_CHANGE)) == NOW
    assert millis_of(Mint(0)(ids.STAGE_CHANGE)) == 0


def test_the_ids_since_a_time_begin_at_its_bound() -> None:
    bound = first_at(ids.CUSTOMER, NOW)
    before = Mint(NOW - 1)
    assert max(before(ids.CUSTOMER) for _ in range(20_000)) < bound < Mint(NOW)(ids.CUSTOMER)
    assert first_at(ids.CUSTOMER, 0) < Mint(0)(ids.CUSTOMER)
