from __future__ import annotations

import pytest

from service.errors import Refused, UserErrorCode
from service.graph.records import Records


def records() -> Records:
    """One known: task_1 at version 3."""
    some = Records("task", ("id", "version", "title"))
    some.take([["task_1", 3, "Call"]])
    return some


def test_what_is_known_is_seen_as_it_was_changed() -> None:
    some = records()
    some.change("task_1", {"title": "Write"})
    some.change("task_1", {"version": 4})
    assert some.expected("task_1", 4) == {"id": "task_1", "version": 4, "title": "Write"}
    assert some.changed == [{"id": "task_1", "changes": {"title": "Write", "version": 4}}]
    assert some.created == []


def test_who_was_given_the_properties_before_a_change_still_has_those() -> None:
    some = records()
    before = some["task_1"]
    some.change("task_1", {"title": "Write"})
    assert (before["title"], some["task_1"]["title"]) == ("Call", "Write")


def test_what_is_new_is_written_once_as_it_is_in_the_end() -> None:
    some = records()
    some.create({"id": "task_2", "version": 1})
    some.change("task_2", {"version": 2})
    assert some.created == [{"id": "task_2", "version": 2}]
    assert some.changed == []
    assert some.get("task_3") is None


@pytest.mark.parametrize(
    ("record_id", "version", "code", "message"),
    [
        ("task_2", None, UserErrorCode.NOT_FOUND, "taskId: there is no such task"),
        (
            "task_1",
            2,
            UserErrorCode.VERSION_CONFLICT,
            "expectedVersion: the task is at version 3 by now; read it again",
        ),
    ],
)
def test_another_one_than_is_expected_is_refused(
    record_id: str, version: int | None, code: UserErrorCode, message: str
) -> None:
    with pytest.raises(Refused) as refused:
        records().expected(record_id, version)
    assert (refused.value.error.code, refused.value.error.message) == (code, message)
