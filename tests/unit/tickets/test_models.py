from __future__ import annotations

from typing import Any

import pytest

from service.tickets.models import derived, reminder

DUE = 1_772_366_400_000


def ticket(**changed: Any) -> dict[str, Any]:
    return {
        "id": "tkt_1",
        "position": "1:a",
        "state": "OPEN",
        "priority": "HIGH",
        "owner": None,
        "firstRespondedAt": None,
        "responseDueAt": DUE,
        "remindedFor": None,
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, DUE),
        ({"state": "PENDING"}, DUE),
        ({"state": "RESOLVED"}, None),
        ({"firstRespondedAt": 1}, None),
        ({"remindedFor": DUE}, None),
        ({"remindedFor": DUE + 1}, None),
        ({"remindedFor": DUE - 1}, DUE),
    ],
)
def test_it_is_told_once_that_an_answer_is_due(changed: dict[str, Any], expected: int | None) -> None:
    assert reminder(ticket(**changed)) == expected
    assert (derived(ticket(**changed))["reminderAt"] is None) is (expected is None)


def test_a_ticket_has_its_places_in_the_lists_that_it_is_in() -> None:
    places = derived(ticket())
    assert {name for name, place in places.items() if place is None} == {
        "ownerPosition",
        "ownerStatePosition",
        "ownerPriorityPosition",
        "ownerStatePriorityPosition",
    }
    assert places["statePriorityPosition"] == "OPEN\nHIGH\n1:a"
