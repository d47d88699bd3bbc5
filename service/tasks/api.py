"""GraphQL: tasks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from service.api.fields import column, computed, paged, related, written
from service.api.inputs import UserError, user_error
from service.api.nodes import Node
from service.api.pagination import Connection
from service.deals.repository import DEAL_BY_ID
from service.identity.repository import CUSTOMER_OF
from service.lists import place
from service.positions import millis, position
from service.reads.connections import page_before, page_of_list, page_size, place_of
from service.reads.relations import Bound
from service.surroundings import Surroundings
from service.tasks import repository
from service.tasks.commands import TaskDone
from service.tasks.models import TaskState

if TYPE_CHECKING:
    from service.customers.api import Customer
    from service.deals.api import Deal
    from service.services import Services

strawberry.enum(TaskState, description="How far a task is.")


def _overdue(state: str, due_at: int | None) -> bool:
    # Read here, not bound: what is bound without a variable is bound once for all requests.
    return state == TaskState.OPEN.value and due_at is not None and due_at < time.time_ns() // 1_000_000


@strawberry.type
class Task(Node):
    """Something that is to be done."""

    id: strawberry.ID = column("id")
    title: str = column("title")
    """What is to be done."""
    due_at: datetime | None = column("dueAt")
    """By when."""
    state: TaskState = column("state")
    """How far it is."""
    overdue: bool = computed(_overdue, "state", "dueAt")
    """Open though its time has come."""
    owner: str | None = column("owner")
    """Who is to do it."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] | None = related(
        CUSTOMER_OF, "identifierKey"
    )
    """Whom it is about, as they are now; of a task on a deal the deal's customer."""
    deal: Annotated[Deal, strawberry.lazy("service.deals.api")] | None = related(DEAL_BY_ID, "dealId")
    """The deal that it was written on."""
    created_at: datetime = column("createdAt")
    """When it was written."""
    completed_at: datetime | None = column("completedAt")
    """When it was done."""
    version: int = column("version")
    """Grows with every change; updates may be guarded with it."""


@strawberry.input
class TaskFilter:
    """Which tasks: every given condition holds."""

    owner: str | None = None
    """Of this owner."""
    state: TaskState | None = None
    """In this state."""
    due_before: datetime | None = None
    """Due before this time; then the earliest due come first."""


def tasks_of_customer(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of a customer's tasks, newest first."""
    return page_before(repository.OF_CUSTOMER, first, after)


def tasks_of_deal(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of the tasks on a deal, newest first."""
    return page_before(repository.OF_DEAL, first, after)


def _task_page(
    _around: Surroundings, filter: TaskFilter | None = None, first: int = 20, after: str | None = None
) -> Bound:
    where = filter or TaskFilter()
    given = {"owner": where.owner, "state": where.state.value if where.state else None}
    values = {name: value for name, value in given.items() if value is not None}
    if where.due_before is None:
        return page_of_list(repository.ALL[tuple(values)], values.values(), first, after)
    size = page_size(first)
    # The least text above a position: no task lies between.
    start = place_of(after) + "\x01" if after is not None else ""
    parameters = {
        "from": place(values.values(), start),
        "before": place(values.values(), position(millis(where.due_before))),
        "limit": size + 1,
    }
    return Bound(repository.ALL_BY_DUE[tuple(values)], parameters, size, after is not None)


@strawberry.type
class TaskQuery:
    """Reading tasks."""

    tasks: Connection[Task] = paged(_task_page)
    """Tasks, newest first; with dueBefore those that are due before it, the earliest due first."""


@strawberry.input
class CreateTaskInput:
    """A new task: of a customer, on a deal, on a deal of this customer, or of nobody."""

    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET, description="The same key again answers with the task that it made."
    )
    title: str
    """What is to be done."""
    due_at: datetime | None = strawberry.UNSET
    """By when; the change log tells when the time has come."""
    owner: str | None = strawberry.UNSET
    """Who is to do it."""
    customer_id: strawberry.ID | None = strawberry.UNSET
    """Whom it is about."""
    deal_id: strawberry.ID | None = strawberry.UNSET
    """The deal that it is about."""


@strawberry.input
class UpdateTaskInput:
    """What is another of a task; what is left out stays."""

    task_id: strawberry.ID
    """Which task."""
    expected_version: int | None = strawberry.UNSET
    """Refuse it if the task has another version by now."""
    title: str | None = strawberry.UNSET
    """What is to be done."""
    due_at: datetime | None = strawberry.UNSET
    """By when; null: no more by a certain time."""
    owner: str | None = strawberry.UNSET
    """Who is to do it; null: nobody yet."""
    state: TaskState | None = strawberry.UNSET
    """DONE completes it; OPEN takes it up again."""


@strawberry.type
class TaskPayload:
    """The task as it is now; absent where the input was wrong, and then nothing was changed."""

    task: Task | None = related(repository.TASK_BY_ID, "taskId")
    """The task as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


def _payload(done: TaskDone) -> dict[str, Any]:
    return {"taskId": done.task_id, "userErrors": [user_error(one) for one in done.errors]}


async def _create_task(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _payload(await services.tasks.create(given))


async def _update_task(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return _payload(await services.tasks.update(given))


@strawberry.type
class TaskMutation:
    """Changing tasks."""

    create_task: TaskPayload = written(_create_task, CreateTaskInput)
    """Writes down what is to be done."""
    update_task: TaskPayload = written(_update_task, UpdateTaskInput)
    """Changes a task, completes it or takes it up again."""
