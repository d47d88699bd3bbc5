"""What is read of tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Node, Relation
from service.reads.slices import places_back
from service.tasks.models import BY_DUE, NEWEST

TASK_BY_ID: Final = Relation("tasks/by_id", end="t", type="Task")
OF_CUSTOMER: Final = Relation("tasks/of_customer", CUSTOMER, "t", "Task")
OF_DEAL: Final = Relation("tasks/of_deal", Node("d", "Deal"), "t", "Task")
NEWEST_FIRST: Final = Relation("tasks/newest", end="t", type="Task", listed=NEWEST.order, slices=places_back)
ALL: Final = {choice: replace(NEWEST_FIRST, listed=NEWEST.name(choice)) for choice in NEWEST.choices}
"""Of all tasks those of an owner, in a state, or both; newest first."""
EARLIEST_DUE_FIRST: Final = Relation(
    "tasks/soonest", end="t", type="Task", place=BY_DUE.order, listed=BY_DUE.order
)
ALL_BY_DUE: Final = {choice: replace(EARLIEST_DUE_FIRST, listed=BY_DUE.name(choice)) for choice in BY_DUE.choices}
"""The same of those that are due some time, the earliest first."""
