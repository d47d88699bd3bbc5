from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.positions import END, position
from service.reads.connections import MAX_FIRST, PAGE_INFO, cursor, page_before, page_info, page_size, place_of
from service.reads.relations import Bound, Relation

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
    assert place_of(cursor(place)) == place


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
        place_of(after)
    assert caught.value.message == ("after: not a cursor of this list; use a pageInfo.endCursor of the same list")


def info(places: list[str], size: int, *, behind: bool) -> dict[str, object]:
    """The page information of rows with these places, by name; the same of rows of both forms."""
    lists = page_info([["x", place] for place in places], 1, size, behind)
    assert page_info([{"position": place} for place in places], "position", size, behind) == lists
    return dict(zip(PAGE_INFO, lists, strict=True))


def test_a_row_more_than_the_page_says_that_there_is_a_next_one() -> None:
    assert info(ROWS, 2, behind=False) == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": cursor(ROWS[0]),
        "endCursor": cursor(ROWS[1]),
    }


def test_the_last_page_has_no_next_one() -> None:
    assert info(ROWS, 3, behind=True) == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": cursor(ROWS[0]),
        "endCursor": cursor(ROWS[2]),
    }


def test_a_page_that_is_not_full_ends_with_its_last_row() -> None:
    assert info(ROWS, 100, behind=False)["endCursor"] == cursor(ROWS[2])


def test_an_empty_page_has_no_cursors() -> None:
    assert info([], 3, behind=False) == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


def test_page_information_has_the_order_of_its_names() -> None:
    assert PAGE_INFO == ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
    assert page_info(ROWS, 0, 1, behind=True)[:2] == (True, True)


def test_a_cursor_may_be_of_another_sort_of_place() -> None:
    assert place_of(cursor("cus_1"), lambda place: place.startswith("cus_")) == "cus_1"
    with pytest.raises(BadInput):
        place_of(cursor("cus_1"))
    with pytest.raises(BadInput):
        place_of(cursor(ROWS[0]), lambda place: place.startswith("cus_"))


RELATION = Relation("deals/of_customer", end="d", type="Deal")


def test_the_first_page_is_read_from_the_end_with_a_row_more_than_it_shows() -> None:
    assert page_before(RELATION, 20, None) == Bound(RELATION, {"before": END, "limit": 21}, 20, behind=False)


def test_a_further_page_is_read_from_before_its_cursor() -> None:
    bound = page_before(RELATION, 1, cursor(ROWS[1]))
    assert bound == Bound(RELATION, {"before": ROWS[1], "limit": 2}, 1, behind=True)


@pytest.mark.parametrize(
    ("first", "after", "field"), [(0, None, "first"), (101, None, "first"), (1, "x", "after")]
)
def test_a_wrong_page_is_bad_input(first: int, after: str | None, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        page_before(RELATION, first, after)
    assert caught.value.message.startswith(f"{field}: ")
