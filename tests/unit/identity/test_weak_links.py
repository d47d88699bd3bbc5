from __future__ import annotations

import pytest

from service.errors import BadInput
from service.identity.evidence import Bridge, Side, StoredLink, weakness
from service.identity.kinds import DEFAULTS
from service.identity.weak_links import STRETCHES, Place, cursor_of, place_after
from service.positions import END, position
from service.reads.connections import cursor

LINK = StoredLink("lnk_" + "0" * 32, "email:a", "cookie:c", "email", "cookie", "DETERMINISTIC")
WEAK = weakness(Bridge(LINK, Side(1, 1), Side(1, 0)), DEFAULTS)
SEEN = position(1_772_366_400_000, "cus_" + "1" * 32)


def test_without_a_cursor_all_is_before_one() -> None:
    assert place_after(None) == Place(END, "0:")


@pytest.mark.parametrize("before", [END, SEEN, position(0)])
@pytest.mark.parametrize("weak", ["0:", "1:", WEAK, "0" + WEAK[1:]])
def test_a_cursor_is_its_place(before: str, weak: str) -> None:
    place = Place(before, weak)
    assert place_after(cursor_of(place)) == place


def test_a_pass_begins_before_all_its_links() -> None:
    assert Place().weakness < "0" + WEAK[1:] < "1:" < WEAK


def test_the_first_pass_is_told_by_the_weakness() -> None:
    assert Place(SEEN, "0" + WEAK[1:]).is_first_pass
    assert not Place(SEEN, WEAK).is_first_pass
    assert [Place(END, f"{one}:").stretch for one in STRETCHES] == list(STRETCHES.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "~ ",
        "~ 2:",
        "~ 0",
        "~  0:",
        f"~ {WEAK}x",
        f"~ {WEAK[:-1]}",
        f"{SEEN}",
        f"{SEEN} {WEAK} ",
        f"x {WEAK}",
    ],
)
def test_another_text_is_no_place(text: str) -> None:
    with pytest.raises(BadInput, match=r"^after: not a cursor of this list"):
        place_after(cursor(text))


def test_what_is_no_cursor_at_all_is_none_of_this_list() -> None:
    with pytest.raises(BadInput, match=r"^after: not a cursor of this list"):
        place_after("weak")
