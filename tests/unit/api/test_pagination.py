from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.pagination import MAX_FIRST, PageInfo, connection, cursor, page_info, page_size, position_of
from service.errors import BadInput
from service.positions import position

ROWS = [position(1_772_366_400_000 + n, f"tp_{n}") for n in range(3)]


@pytest.mark.parametrize("first", [1, 20, MAX_FIRST])
def test_a_page_has_1_to_100_places(first: int) -> None:
    assert MAX_FIRST == 100
    assert page_size(first) == first


@pytest.mark.parametrize("first", [-1, 0, 101, 10**9])
def test_another_size_is_an_error_and_not_cut_down(first: int) -> None:
    with pytest.raises(BadInput) as caught:
        page_size(first)
    assert caught.value.code == "BAD_USER_INPUT"
    assert caught.value.message == "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999), st.text("0123456789abcdef", max_size=32))
def test_a_cursor_is_a_position_there_and_back(at: int, digits: str) -> None:
    place = position(at, f"tp_{digits}")
    assert position_of(cursor(place)) == place


def test_a_cursor_is_opaque_and_safe_in_an_address() -> None:
    made = cursor(ROWS[0])
    assert made.isascii()
    assert made.replace("-", "").replace("_", "").isalnum()
    assert ROWS[0] not in made


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "===",
        "MTIz",
        "é",
        "\ud800",
        encoded("not a position"),
        encoded("062135596800000"),
        encoded("-62135596800000:1"),
        encoded("06213559680000é:1"),
        cursor(ROWS[0]) + "=",
        cursor(ROWS[0]) + "!",
        f" {cursor(ROWS[0])}",
        cursor(ROWS[0])[:-1],
    ],
)
def test_what_is_no_cursor_is_bad_input(after: str) -> None:
    with pytest.raises(BadInput) as caught:
        position_of(after)
    assert caught.value.message == ("after: not a cursor of this list; use a pageInfo.endCursor of the same list")


def test_a_row_more_than_the_page_says_that_there_is_a_next_one() -> None:
    assert page_info(ROWS, 2, has_previous=False) == PageInfo(
        has_next_page=True, has_previous_page=False, start_cursor=cursor(ROWS[0]), end_cursor=cursor(ROWS[1])
    )


def test_the_last_page_has_no_next_one() -> None:
    assert page_info(ROWS, 3, has_previous=True) == PageInfo(
        has_next_page=False, has_previous_page=True, start_cursor=cursor(ROWS[0]), end_cursor=cursor(ROWS[2])
    )


def test_an_empty_page_has_no_cursors() -> None:
    assert page_info([], 3, has_previous=False) == PageInfo(
        has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None
    )


def test_a_connection_shows_the_page_without_the_row_that_only_tells_of_more() -> None:
    made = connection(ROWS, 2, lambda row: row, str.upper, has_previous=False)
    assert made.nodes == [row.upper() for row in ROWS[:2]]
    assert [(edge.cursor, edge.node) for edge in made.edges] == [
        (cursor(ROWS[0]), ROWS[0].upper()),
        (cursor(ROWS[1]), ROWS[1].upper()),
    ]
    assert made.page_info == page_info(ROWS, 2, has_previous=False)
