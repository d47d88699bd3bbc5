from __future__ import annotations

import pytest

from service.lists import Lists, place

LISTS = Lists(("owner", "state"))


def test_each_choice_has_a_property_of_its_own() -> None:
    assert [LISTS.name(choice) for choice in LISTS.choices] == [
        "position",
        "ownerPosition",
        "statePosition",
        "ownerStatePosition",
    ]
    assert Lists(("owner",), "duePosition").name(("owner",)) == "ownerDuePosition"


@pytest.mark.parametrize(
    ("owner", "position", "places"),
    [
        ("Olga", "1:a", ["1:a", "Olga\n1:a", "OPEN\n1:a", "Olga\nOPEN\n1:a"]),
        (None, "1:a", ["1:a", None, "OPEN\n1:a", None]),
        ("Olga", None, [None] * 4),
    ],
)
def test_a_record_has_no_place_where_it_lacks_what_the_list_is_by(
    owner: str | None, position: str | None, places: list[str | None]
) -> None:
    found = LISTS.places({"owner": owner, "state": "OPEN"}, position)
    assert list(found.values()) == places


def test_one_owner_is_not_the_beginning_of_another() -> None:
    """A range of one list has nothing of another in it."""
    start, end = place(["Ann"], ""), place(["Ann"], "~")
    assert start <= place(["Ann"], "1:a") < end
    for other in ("Ann B", "Anna", "An", "Ann~", "Ann!"):
        assert not start <= place([other], "1:a") < end
