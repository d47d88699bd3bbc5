from __future__ import annotations

from typing import Any

import pytest

from service.inputs import Invalid, parsed
from service.positions import position
from service.tasks.models import CreateTaskInput, UpdateTaskInput, derived, reminder

DUE = 1_772_366_400_000


def task(**changed: Any) -> dict[str, Any]:
    return {
        "id": "task_1",
        "position": "1:a",
        "state": "OPEN",
        "owner": "Olga",
        "dueAt": DUE,
        "remindedFor": None,
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, DUE),
        ({"dueAt": None}, None),
        ({"state": "DONE"}, None),
        ({"state": "CANCELLED"}, None),
        ({"remindedFor": DUE}, None),
        ({"remindedFor": DUE + 1}, None),
        ({"remindedFor": DUE - 1}, DUE),
    ],
)
def test_it_is_told_once_that_an_open_task_is_due(changed: dict[str, Any], expected: int | None) -> None:
    assert reminder(task(**changed)) == expected
    place = position(expected, "task_1") if expected else None
    assert derived(task(**changed))["reminderAt"] == place


def test_a_task_has_its_places_in_all_lists() -> None:
    due = position(DUE, "task_1")
    assert derived(task()) == {
        "position": "1:a",
        "ownerPosition": "Olga\n1:a",
        "statePosition": "OPEN\n1:a",
        "ownerStatePosition": "Olga\nOPEN\n1:a",
        "duePosition": due,
        "ownerDuePosition": f"Olga\n{due}",
        "stateDuePosition": f"OPEN\n{due}",
        "ownerStateDuePosition": f"Olga\nOPEN\n{due}",
        "reminderAt": due,
    }


@pytest.mark.parametrize(
    "due",
    [
        "0000-12-31T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-02-03T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00",
        "tomorrow",
    ],
)
def test_a_time_that_is_none_is_told_by_its_field(due: str) -> None:
    for model, rest in ((CreateTaskInput, {"title": "Call"}), (UpdateTaskInput, {"taskId": "task_1"})):
        with pytest.raises(Invalid) as invalid:
            parsed(model, {"dueAt": due, **rest})
        assert [error.field for error in invalid.value.errors] == [("dueAt",)]


@pytest.mark.parametrize("due", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"])
def test_the_first_and_the_last_time_are_times(due: str) -> None:
    assert parsed(CreateTaskInput, {"title": "Call", "dueAt": due}).due_at is not None


def test_what_is_left_out_is_told_from_what_is_cleared() -> None:
    assert parsed(UpdateTaskInput, {"taskId": "task_1", "dueAt": None}).model_fields_set == {"task_id", "due_at"}
    for field in ("title", "state"):
        with pytest.raises(Invalid) as invalid:
            parsed(UpdateTaskInput, {"taskId": "task_1", field: None})
        (error,) = invalid.value.errors
        assert error.message == f"{field}: it cannot be cleared; leave it out to keep it as it is"
