"""Creating and updating tasks, and telling that they are due: the commands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service import ids
from service.errors import Refused, UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import IdentityNeed
from service.notes.subjects import Subject, SubjectNeed, Subjects, customer_subject
from service.positions import millis, position
from service.tasks.book import TaskNeed, Tasks
from service.tasks.models import CreateTaskInput, TaskState, UpdateTaskInput, reminder


@dataclass(frozen=True, slots=True)
class TaskDone:
    """The outcome: the task, or what is wrong with the input; and when it is to be told of (epoch ms)."""

    task_id: str | None = None
    errors: tuple[UserError, ...] = ()
    reminder: int | None = None


@dataclass(frozen=True, slots=True)
class CreateTask:
    """Makes a task."""

    task: CreateTaskInput
    message_key: str
    customer_key: str | None
    """Of the own identifier that names the customer, if one is named."""

    def needs(self) -> Iterable[object]:
        """Its message, the customer, the deal."""
        customer = (IdentityNeed((self.customer_key,)),) if self.customer_key else ()
        deal = (SubjectNeed(self.task.deal_id),) if self.task.deal_id else ()
        return (MessageNeed(self.message_key), *customer, *deal)

    def decide(self, books: Books) -> TaskDone:
        """A new open task."""
        stored = books[Messages][self.message_key]
        if stored is not None:
            return TaskDone(stored.subject_id)
        try:
            subject = self._subject(books)
        except Refused as no:
            return TaskDone(errors=(no.error,))
        task_id = books.mint(ids.TASK)
        books[Tasks].create(self._properties(task_id, subject, books.now), books)
        anchor = subject.identifier_key if subject else ""
        books[Messages].enter(Message(self.message_key, "task", task_id, anchor, "[]"), has_node=False)
        return TaskDone(task_id, reminder=reminder(books[Tasks].records[task_id]))

    def _subject(self, books: Books) -> Subject | None:
        """What it is written on: a deal before its customer, and of neither nothing."""
        customer = customer_subject(self.customer_key, "customerId", books) if self.customer_key else None
        if self.task.deal_id is None:
            return customer
        deal = books[Subjects].found(self.task.deal_id, "dealId", (ids.DEAL,))
        if customer is not None and deal.customer_id(books) != customer.customer_id(books):
            raise Refused(
                UserErrorCode.INVALID,
                "dealId",
                "the deal is another customer's; leave out customerId to write the task on the deal",
            )
        return deal

    def _properties(self, task_id: str, subject: Subject | None, now: int) -> dict[str, Any]:
        task = self.task
        return {
            "id": task_id,
            "identifierKey": subject.identifier_key if subject else None,
            "identifierKeys": list(subject.identifier_keys) if subject else [],
            "dealId": task.deal_id,
            "position": position(now, task_id),
            "title": task.title,
            "dueAt": millis(task.due_at) if task.due_at else None,
            "state": TaskState.OPEN.value,
            "owner": task.owner,
            "completedAt": None,
            "remindedFor": None,
            "createdAt": now,
            "updatedAt": now,
            "version": 1,
        }


@dataclass(frozen=True, slots=True)
class UpdateTask:
    """Changes a task."""

    update: UpdateTaskInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message and the task."""
        return (MessageNeed(self.message_key), TaskNeed(self.update.task_id))

    def decide(self, books: Books) -> TaskDone:
        """The task with what is another; where nothing is, it stays as it is."""
        tasks, task_id = books[Tasks], self.update.task_id
        if books[Messages][self.message_key] is not None:
            return TaskDone(task_id)
        try:
            task = tasks.records.expected(task_id, self.update.expected_version)
        except Refused as no:
            return TaskDone(errors=(no.error,))
        changes = self._changes(task, books.now)
        if changes:
            tasks.update(task_id, changes, books)
            anchor = task["identifierKey"] or ""
            books[Messages].enter(Message(self.message_key, "task", task_id, anchor, "[]"), has_node=False)
        return TaskDone(task_id, reminder=reminder(tasks.records[task_id]))

    def _changes(self, task: Mapping[str, Any], now: int) -> dict[str, Any]:
        update = self.update
        values: dict[str, Any] = {
            "title": update.title,
            "due_at": millis(update.due_at) if update.due_at else None,
            "owner": update.owner,
            "state": update.state.value if update.state else None,
        }
        given = {_PROPERTIES.get(name, name): values[name] for name in values if name in update.model_fields_set}
        changes = {name: value for name, value in given.items() if value != task[name]}
        if "state" in changes:
            changes["completedAt"] = now if update.state is TaskState.DONE else None
            if task["completedAt"] is None and changes["completedAt"] is None:
                del changes["completedAt"]
        return changes


_PROPERTIES = {"due_at": "dueAt"}


@dataclass(frozen=True, slots=True)
class RemindOfTask:
    """Tells that a task is due, if it still is and was not told: others may have been first."""

    task_id: str

    def needs(self) -> Iterable[object]:
        """The task."""
        return (TaskNeed(self.task_id),)

    def decide(self, books: Books) -> bool:
        """Whether it was told now."""
        tasks = books[Tasks]
        task = tasks.records.get(self.task_id)
        due = reminder(task) if task else None
        if due is None or due > books.now:
            return False
        tasks.remind(self.task_id, due, books)
        return True
