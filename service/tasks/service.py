"""Tasks: from inputs in their JSON form to outcomes, after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.errors import UserError, UserErrorCode
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.lookup import NotACustomer, key_of
from service.inputs import Invalid, parsed
from service.tasks.commands import CreateTask, TaskDone, UpdateTask
from service.tasks.models import CreateTaskInput, UpdateTaskInput


class TaskDesk:
    """Creates and updates tasks."""

    def __init__(self, committer: Committer, expect: Callable[[int | None], None]) -> None:
        """`expect` is told when something is due next, in epoch milliseconds."""
        self._committer = committer
        self._expect = expect

    async def create(self, raw: Mapping[str, Any]) -> TaskDone:
        """Makes a task (form: CreateTaskInput)."""
        try:
            task = parsed(CreateTaskInput, raw)
            key = key_of("id", task.customer_id, None) if task.customer_id is not None else None
        except Invalid as invalid:
            return TaskDone(errors=invalid.errors)
        except NotACustomer as error:
            return TaskDone(errors=(UserError(UserErrorCode.INVALID, f"customerId: {error}", ("customerId",)),))
        message = command_key("createTask", task.idempotency_key)
        return await self._submit(CreateTask(task, message, key))

    async def update(self, raw: Mapping[str, Any]) -> TaskDone:
        """Changes a task (form: UpdateTaskInput)."""
        try:
            update = parsed(UpdateTaskInput, raw)
        except Invalid as invalid:
            return TaskDone(errors=invalid.errors)
        return await self._submit(UpdateTask(update, command_key("updateTask")))

    async def _submit(self, command: CreateTask | UpdateTask) -> TaskDone:
        outcome: TaskDone = await self._committer.submit(command)
        self._expect(outcome.reminder)
        return outcome
