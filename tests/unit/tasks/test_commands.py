from __future__ import annotations

from typing import Any

import pytest

from service.errors import UserErrorCode
from service.graph.books import Books
from service.identity.book import Identities
from service.inputs import parsed
from service.notes.subjects import Subject, Subjects
from service.positions import position
from service.tasks.book import Tasks
from service.tasks.commands import CreateTask, RemindOfTask, TaskDone, UpdateTask
from service.tasks.models import CreateTaskInput, UpdateTaskInput
from tests.unit.examples import NOW, claim, empty_books, written

PHONE = "phone:+79161234567"
DEAL = "deal_" + "1" * 32
HOUR = 3_600_000


def books_with_deal() -> Books:
    """Books of a transaction that found somebody on the phone, and a deal of theirs."""
    books = empty_books()
    books[Identities].resolve(claim(PHONE), books)
    books[Subjects]._known[DEAL] = Subject(DEAL, PHONE, (PHONE, "customer:c"), "Dan")
    return books


def books_with_task(**changed: Any) -> Books:
    """Books of a transaction that found a task of nobody."""
    books = empty_books()
    known = {
        "id": "task_1",
        "identifierKey": None,
        "position": "1:a",
        "title": "Call",
        "dueAt": NOW - HOUR,
        "state": "OPEN",
        "owner": "Olga",
        "completedAt": None,
        "version": 3,
        "remindedFor": None,
        "reminderAt": position(NOW - HOUR, "task_1"),
        **changed,
    }
    books[Tasks].records.take([list(known.values())])
    return books


def create(token: str = "t1", key: str | None = None, **fields: Any) -> CreateTask:
    return CreateTask(parsed(CreateTaskInput, {"title": "Call", **fields}), f"\ncreateTask\n{token}", key)


def update(token: str = "t2", **fields: Any) -> UpdateTask:
    return UpdateTask(parsed(UpdateTaskInput, {"taskId": "task_1", **fields}), f"\nupdateTask\n{token}")


def log(books: Books) -> list[tuple[str, str | None, list[str]]]:
    rows = written(books).get("changes/append", [])
    return [(row["kind"], row["customerId"], row["fields"]) for row in rows]


def test_a_task_on_a_deal_hangs_where_the_deal_does() -> None:
    books = books_with_deal()
    done = create(dealId=DEAL, owner="Olga").decide(books)
    assert done.errors == ()
    rows = written(books)
    (task,) = rows["tasks/create_tasks"]
    assert (task["identifierKey"], task["identifierKeys"], task["dealId"]) == (PHONE, [PHONE, "customer:c"], DEAL)
    ends = {"id": done.task_id, "identifierKey": PHONE, "dealId": DEAL}
    assert rows["tasks/hang_tasks"] == rows["tasks/put_on_deals"] == [ends]
    customer = books[Identities].partition.owner_of(PHONE)
    assert log(books) == [("TASK_CREATED", customer, [])]


def test_a_task_of_nobody_hangs_nowhere() -> None:
    books = empty_books()
    done = create().decide(books)
    rows = written(books)
    assert rows["tasks/create_tasks"][0]["identifierKey"] is None
    assert {"tasks/hang_tasks", "tasks/put_on_deals"}.isdisjoint(rows)
    assert log(books) == [("TASK_CREATED", None, [])]
    assert done.reminder is None


def test_a_second_command_of_a_batch_with_the_same_key_makes_nothing() -> None:
    books = empty_books()
    first = create().decide(books)
    assert create(title="Other").decide(books) == TaskDone(first.task_id)
    assert len(written(books)["tasks/create_tasks"]) == 1


@pytest.mark.parametrize("deal_id", ["deal_" + "2" * 32, "tkt_" + "1" * 32, "nonsense"])
def test_a_deal_that_is_none_is_refused(deal_id: str) -> None:
    books = books_with_deal()
    books[Subjects]._known["tkt_" + "1" * 32] = Subject("tkt_" + "1" * 32, PHONE, (PHONE,))
    (error,) = create(dealId=deal_id).decide(books).errors
    assert (error.code, error.message) == (UserErrorCode.NOT_FOUND, "dealId: there is no such deal")
    assert "tasks/create_tasks" not in written(books)


def test_what_an_earlier_command_changed_the_later_one_sees() -> None:
    books = books_with_task()
    assert update("a", title="One", expectedVersion=3).decide(books).errors == ()
    (error,) = update("b", title="Two", expectedVersion=3).decide(books).errors
    assert error.code is UserErrorCode.VERSION_CONFLICT
    assert update("c", title="Three", expectedVersion=4).decide(books).errors == ()
    ((row,),) = [written(books)["tasks/update_tasks"]]
    assert (row["changes"]["title"], row["changes"]["version"]) == ("Three", 5)
    assert log(books) == [("TASK_UPDATED", None, ["title"])] * 2


def test_a_repeated_update_is_made_once() -> None:
    """A commit whose answer was lost is tried again."""
    books = books_with_task()
    update(expectedVersion=3, title="Write").decide(books)
    assert update(expectedVersion=3, title="Write").decide(books).errors == ()
    assert len(log(books)) == 1


def test_a_reminder_is_decided_once() -> None:
    books = books_with_task()
    assert [RemindOfTask("task_1").decide(books) for _ in range(2)] == [True, False]
    (row,) = written(books)["tasks/update_tasks"]
    assert row == {"id": "task_1", "changes": {"remindedFor": NOW - HOUR, "reminderAt": None}}
    assert log(books) == [("TASK_DUE", None, [])]


@pytest.mark.parametrize(
    "changed", [{"state": "DONE"}, {"dueAt": None}, {"dueAt": NOW + HOUR}, {"remindedFor": NOW - HOUR}]
)
def test_what_is_not_due_any_more_is_not_told(changed: dict[str, Any]) -> None:
    books = books_with_task(**changed)
    assert RemindOfTask("task_1").decide(books) is False
    assert RemindOfTask("task_2").decide(books) is False
    assert log(books) == []


def test_a_task_that_was_done_in_the_same_batch_is_not_told_of() -> None:
    books = books_with_task()
    assert update(state="DONE").decide(books).reminder is None
    assert RemindOfTask("task_1").decide(books) is False
    assert [kind for kind, _, _ in log(books)] == ["TASK_UPDATED"]
