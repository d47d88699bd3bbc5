"""What is read of tasks."""

from __future__ import annotations

from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Node, Relation
from service.reads.slices import places_back
from service.tasks.models import BY_DUE, NEWEST

TASK_BY_ID: Final = Relation("tasks/by_id", end="t", type="Task")
OF_CUSTOMER: Final = Relation("tasks/of_customer", CUSTOMER, "t", "Task")
OF_DEAL: Final = Relation("tasks/of_deal", Node("d", "Deal"), "t", "Task")
ALL: Final = {
    choice: Relation("tasks/newest", end="t", type="Task", listed=NEWEST.name(choice), slices=places_back)
    for choice in NEWEST.choices
}
"""Of all tasks those of an owner, in a state, or both; newest first."""
ALL_BY_DUE: Final = {
    choice: Relation("tasks/soonest", end="t", type="Task", place="duePosition", listed=BY_DUE.name(choice))
    for choice in BY_DUE.choices
}
"""The same by when they are due, the earliest first."""
