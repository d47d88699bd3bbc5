"""What no rule merges, whatever the records say."""

from __future__ import annotations

import pytest

from service.customers.models import SourceProfile
from service.identity.events import BY_HAND
from service.matches.conflicts import Known, conflict, corroborated

Said = tuple[str, str, str]
"""Source, attribute, value."""


def known(*identifiers: tuple[str, str], said: tuple[Said, ...] = ()) -> Known:
    profiles = [
        SourceProfile(f"{n}", f"{n}", source, f"cookie:{n}", {name: (value, 1)})
        for n, (source, name, value) in enumerate(said)
    ]
    return Known(identifiers, profiles)


def test_nothing_is_no_conflict() -> None:
    assert conflict(known(), known()) is None
    assert conflict(known(("user_id", "1")), known()) is None
    assert conflict(known(("email", "a@x.de")), known(("email", "b@x.de"))) is None


@pytest.mark.parametrize("kind", ["user_id", "external:crm"])
def test_accounts_of_one_system_must_have_one_in_common(kind: str) -> None:
    one, other = known((kind, "1"), (kind, "2")), known((kind, "3"))
    assert conflict(one, other) == f"each has a {kind} of their own"
    assert conflict(one, known((kind, "2"), (kind, "3"))) is None
    assert conflict(one, known(("external:shop", "3"))) is None


def test_a_birth_date_counts_once_two_sources_say_it_or_somebody_set_it() -> None:
    crm, shop = ("crm", "birthDate", "1990-03-12"), ("shop", "date_of_birth", "12.03.1990")
    alone = known(said=(crm,))
    sure = known(said=(crm, shop))
    by_hand = known(said=((BY_HAND, "birthDate", "1991-01-01"),))
    assert corroborated(alone.profiles) == set()
    assert corroborated(sure.profiles) == {(1990, 3, 12)}
    assert corroborated(by_hand.profiles) == {(1991, 1, 1)}
    assert conflict(alone, by_hand) is None
    assert conflict(sure, by_hand) == "each has a birth date of their own that is corroborated"
    assert conflict(sure, sure) is None
