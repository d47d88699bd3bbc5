from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.identity.rules import Rules
from service.notes.service import NoteDesk
from service.settings import Settings
from service.tasks.commands import TaskDone
from service.tasks.service import TaskDesk
from service.tickets.commands import TicketDone
from service.tickets.service import TicketDesk
from tests.unit.examples import empty_book_list
from tests.unit.graph.memory import MemoryGraph, committing

CUSTOMER = "cus_" + "1" * 32


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"text": ""}, "text"),
        ({"by": ""}, "by"),
        ({"subjectId": "stg_" + "1" * 32}, "subjectId"),
        ({"kind": "LETTER"}, "kind"),
        ({"occurredAt": "0000-01-01T00:00:00Z"}, "occurredAt"),
        ({"occurredAt": datetime.now(UTC) + timedelta(hours=25)}, "occurredAt"),
    ],
)
async def test_a_wrong_note_is_told_before_the_graph_is_asked(form: dict[str, Any], field: str) -> None:
    graph = MemoryGraph()
    async with committing(graph, empty_book_list) as committer:
        noted = await NoteDesk(committer).add({"subjectId": CUSTOMER, "text": "t", "by": "Olga", **form})
    assert [error.field for error in noted.errors] == [(field,)]
    assert graph.begun == 0


async def test_wrong_tasks_and_tickets_are_told_before_the_graph_is_asked() -> None:
    graph, expected = MemoryGraph(), list[int | None]()
    async with committing(graph, empty_book_list) as committer:
        tasks = TaskDesk(committer, expected.append)
        tickets = TicketDesk(committer, Settings(), Rules(), expected.append)
        done: list[TaskDone | TicketDone] = [
            await tasks.create({"title": "x", "customerId": "deal_1"}),
            await tasks.update({"taskId": "task_1", "state": "LATE"}),
            await tickets.open({"subject": "x", "channel": "web"}, ("email", "email", "no address")),
            await tickets.update({"ticketId": "tkt_1", "priority": None}),
        ]
    assert [[error.field for error in one.errors] for one in done] == [
        [("customerId",)],
        [("state",)],
        [("by", "email")],
        [("priority",)],
    ]
    assert (graph.begun, expected) == (0, [])


async def test_what_is_due_is_said_to_whoever_tells_it() -> None:
    graph, expected = MemoryGraph(), list[int | None]()
    async with committing(graph, empty_book_list) as committer:
        tasks = TaskDesk(committer, expected.append)
        await tasks.create({"title": "x", "dueAt": "1970-01-01T00:00:01Z"})
        await tasks.create({"title": "x"})
    assert expected == [1000, None]
