"""Tasks as they come in, and what follows of their properties."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Final

from service.inputs import NEVER_NULL, Input, Moment, Name
from service.lists import Lists
from service.positions import position


class TaskState(Enum):
    """How far a task is."""

    OPEN = "OPEN"
    """It is to be done."""
    DONE = "DONE"
    """It was done."""
    CANCELLED = "CANCELLED"
    """It need not be done any more."""


class CreateTaskInput(Input):
    """A new task: of a customer, on a deal, or of nobody."""

    idempotency_key: Name | None = None
    title: Name
    due_at: Moment | None = None
    owner: Name | None = None
    customer_id: str | None = None
    deal_id: str | None = None


class UpdateTaskInput(Input):
    """What is another. Left out: unchanged; a dueAt or an owner of null: none any more."""

    task_id: str
    expected_version: int | None = None
    title: Annotated[Name | None, NEVER_NULL] = None
    due_at: Moment | None = None
    owner: Name | None = None
    state: Annotated[TaskState | None, NEVER_NULL] = None


NEWEST: Final = Lists(("owner", "state"))
"""The lists of tasks, by when they were written."""
BY_DUE: Final = Lists(("owner", "state"), "duePosition")
"""The lists of tasks that are due some time, by when."""


def reminder(task: Mapping[str, Any]) -> int | None:
    """When it is to be told that a task is due, in epoch milliseconds; None if it need not be, or not any more.

    Told once for each time that it is due at; one that was moved back is not told of again.
    """
    due, told = task["dueAt"], task["remindedFor"]
    if task["state"] != TaskState.OPEN.value or due is None:
        return None
    return due if told is None or due > told else None


def derived(task: Mapping[str, Any]) -> dict[str, Any]:
    """What follows of a task's properties: its places in lists, and when it is to be told of."""
    due, remind = task["dueAt"], reminder(task)
    return {
        **NEWEST.places(task, task["position"]),
        **BY_DUE.places(task, position(due, task["id"]) if due is not None else None),
        "reminderAt": position(remind, task["id"]) if remind is not None else None,
    }
