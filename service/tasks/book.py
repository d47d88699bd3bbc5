"""Tasks' part of a write transaction: what a batch knows of tasks, and what it writes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.records import Records
from service.identity.book import Identities
from service.tasks.models import derived


@dataclass(frozen=True, slots=True)
class TaskNeed:
    """The command changes this task."""

    id: str


_KNOWN: Final = (
    *("id", "identifierKey", "position", "title", "dueAt", "state", "owner", "completedAt"),
    *("version", "remindedFor", "reminderAt"),
)


class Tasks:
    """The tasks of one batch."""

    def __init__(self) -> None:
        self.records = Records("task", _KNOWN)

    def create(self, properties: dict[str, Any], books: Books) -> None:
        """Enters a new task."""
        self.records.create(properties | derived(properties))
        self._tell(ChangeKind.TASK_CREATED, properties["id"], (), (properties["owner"],), books)

    def update(self, task_id: str, changes: Mapping[str, Any], books: Books) -> None:
        """Enters what is another of a task: a version more, and a change."""
        before = self.records[task_id]
        owners = (before["owner"], changes.get("owner", before["owner"]))
        more = {"updatedAt": books.now, "version": before["version"] + 1}
        self.records.change(task_id, {**changes, **more, **derived({**before, **changes})})
        self._tell(ChangeKind.TASK_UPDATED, task_id, changes, owners, books)

    def remind(self, task_id: str, due: int, books: Books) -> None:
        """Enters that it is told that a task is due. Nobody changed it, so its version stays."""
        self.records.change(task_id, {"remindedFor": due, "reminderAt": None})
        self._tell(ChangeKind.TASK_DUE, task_id, (), (self.records[task_id]["owner"],), books)

    def _tell(
        self, kind: ChangeKind, task_id: str, fields: Iterable[str], owners: Iterable[str | None], books: Books
    ) -> None:
        key = self.records[task_id]["identifierKey"]
        customer_id = books[Identities].partition.owner_of(key) if key is not None else None
        books[Changes].enter(kind, customer_id, subject_id=task_id, fields=fields, owners=owners)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the tasks that may be changed, and whose they are."""
        task_ids = sorted({need.id for need in needs.of(TaskNeed)})
        if task_ids:
            rows = await transaction.rows("tasks/known", ids=task_ids)
            self.records.take(rows)
            await books[Identities].look_up(transaction, sorted({row[1] for row in rows if row[1] is not None}))

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes new tasks, hangs them on their customer and on their deal, and changes known ones."""
        del books
        created = self.records.created
        yield Statement("tasks/create_tasks", created)
        yield Statement("tasks/hang_tasks", [_ends(one) for one in created if one["identifierKey"] is not None])
        yield Statement("tasks/put_on_deals", [_ends(one) for one in created if one["dealId"] is not None])
        yield Statement("tasks/update_tasks", self.records.changed)


def _ends(task: Mapping[str, Any]) -> dict[str, Any]:
    return {name: task[name] for name in ("id", "identifierKey", "dealId")}
