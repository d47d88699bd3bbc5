"""Reminders: what becomes due is told once in the change log, whoever runs and whenever it became due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.settings import ResponseMinutes, Settings
from tests.integration.asking import CREATE_TASK, OPEN_TICKET, RECORD, UPDATE_TASK, UPDATE_TICKET, Api
from tests.integration.forms import shown, touch
from tests.integration.log import kinds, told

SOON = Settings(matching=False, response_minutes=ResponseMinutes(urgent=0.001, high=0.005, normal=1440, low=4320))
"""An answer is due within 60 milliseconds, or 300."""


def at(**ago: float) -> str:
    return shown(datetime.now(UTC) - timedelta(**ago))


@asynccontextmanager
async def running(graph: Graph) -> AsyncIterator[Api]:
    """A process of the service, which tells what is due."""
    async with open_services(SOON, graph) as services:
        yield Api(graph, services)


@pytest.fixture(scope="module")
async def silent(graph: Graph) -> AsyncIterator[Api]:
    """A process of the service that tells nothing: as if it ended before anything was due."""
    async with open_services(SOON, graph, reminding=False) as services:
        yield Api(graph, services)


async def task(api: Api, due: str | None, **form: Any) -> dict[str, Any]:
    made: dict[str, Any] = (await api.done(CREATE_TASK, input={"title": "Call", "dueAt": due, **form}))["task"]
    return made


async def ticket(api: Api, cookie: str, **form: Any) -> dict[str, Any]:
    await api.done(RECORD, input=touch(f"first-{cookie}", ("cookie", cookie)))
    given = {"by": {"cookie": cookie}, "subject": "Brakes", "channel": "email", **form}
    made: dict[str, Any] = (await api.done(OPEN_TICKET, input=given))["ticket"]
    return made


async def until_told(graph: Graph, kind: str, *subject_ids: str) -> None:
    """Waits until each was told of."""
    async with asyncio.timeout(5):
        while (await kinds(graph, *subject_ids)).count(kind) < len(subject_ids):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def all_told(graph: Graph) -> None:
    """Waits until a running process has told all that was due: what is made now is told last."""
    async with open_services(SOON, graph) as services:
        last = await task(Api(graph, services), at())
        await until_told(graph, "TASK_DUE", last["id"])


async def test_what_became_due_while_no_service_ran_is_told_when_one_starts(
    graph: Graph, silent: Api, unique: str
) -> None:
    late = await task(silent, at(days=400), owner="Olga")
    waiting = await ticket(silent, unique, priority="URGENT", owner="Max")
    await asyncio.sleep(0.07)
    assert await kinds(graph, late["id"], waiting["id"]) == ["TASK_CREATED", "TICKET_OPENED"]
    async with running(graph):
        await until_told(graph, "TASK_DUE", late["id"])
        await until_told(graph, "TICKET_RESPONSE_DUE", waiting["id"])
    assert (await told(graph, late["id"]))[1:] == [("TASK_DUE", None, [], ["Olga"])]
    customer = waiting["customer"]["id"]
    assert (await told(graph, waiting["id"]))[1:] == [("TICKET_RESPONSE_DUE", customer, [], ["Max"])]
    # Once, also for those that start later.
    await all_told(graph)
    assert (await kinds(graph, late["id"], waiting["id"])).count("TASK_DUE") == 1
    assert (await kinds(graph, waiting["id"])).count("TICKET_RESPONSE_DUE") == 1


async def test_what_becomes_due_is_told_in_time(graph: Graph, unique: str) -> None:
    async with running(graph) as api:
        # It sleeps by now, and not for long enough.
        await asyncio.sleep(0.1)
        one = await task(api, at(milliseconds=-300))
        urgent = await ticket(api, unique, priority="HIGH")
        async with asyncio.timeout(2):
            await until_told(graph, "TASK_DUE", one["id"])
            await until_told(graph, "TICKET_RESPONSE_DUE", urgent["id"])
    for subject, due_at, kind in ((one, "dueAt", "TASK_DUE"), (urgent, "responseDueAt", "TICKET_RESPONSE_DUE")):
        telling = "MATCH (c:Change {subjectId: $id, kind: $kind}) RETURN c.at"
        ((at_,),) = await graph.run(telling, id=subject["id"], kind=kind)
        due = datetime.fromisoformat(subject[due_at]).timestamp() * 1000
        assert due <= at_ <= due + 1500


async def test_of_two_processes_one_tells(graph: Graph, silent: Api) -> None:
    tasks = [await task(silent, at(hours=1)) for _ in range(30)]
    ids = [one["id"] for one in tasks]
    async with running(graph), running(graph):
        await until_told(graph, "TASK_DUE", *ids)
    await all_told(graph)
    assert sorted(await kinds(graph, *ids)) == ["TASK_CREATED"] * 30 + ["TASK_DUE"] * 30


async def test_a_reminder_is_no_change_of_the_task(graph: Graph, silent: Api) -> None:
    one = await task(silent, at(hours=1))
    await all_told(graph)
    assert await kinds(graph, one["id"]) == ["TASK_CREATED", "TASK_DUE"]
    changed = await silent.done(UPDATE_TASK, input={"taskId": one["id"], "title": "Write", "expectedVersion": 1})
    assert changed["task"] == one | {"title": "Write", "version": 2}


async def test_what_need_not_be_told_is_not(graph: Graph, silent: Api, unique: str) -> None:
    done, cancelled, moved, undated = [await task(silent, at(hours=1)) for _ in range(4)]
    without, ahead = await task(silent, None), await task(silent, at(days=-1))
    for one, form in (
        (done, {"state": "DONE"}),
        (cancelled, {"state": "CANCELLED"}),
        (moved, {"dueAt": at(days=-2)}),
        (undated, {"dueAt": None}),
    ):
        await silent.done(UPDATE_TASK, input={"taskId": one["id"], **form})
    answered = await ticket(silent, f"a-{unique}", priority="URGENT")
    await silent.done(UPDATE_TICKET, input={"ticketId": answered["id"], "reply": "Yes."})
    resolved = await ticket(silent, f"r-{unique}", priority="URGENT")
    await silent.done(UPDATE_TICKET, input={"ticketId": resolved["id"], "state": "RESOLVED"})
    calm = await ticket(silent, f"c-{unique}")
    pending = await ticket(silent, f"p-{unique}", priority="URGENT")
    await silent.done(UPDATE_TICKET, input={"ticketId": pending["id"], "state": "PENDING"})
    await asyncio.sleep(0.07)
    await all_told(graph)
    every = [one["id"] for one in (done, cancelled, moved, undated, without, ahead, answered, resolved, calm)]
    assert {"TASK_DUE", "TICKET_RESPONSE_DUE"}.isdisjoint(await kinds(graph, *every))
    # Pending by hand, it has had no answer all the same.
    assert (await kinds(graph, pending["id"]))[-1] == "TICKET_RESPONSE_DUE"
    # Taken up again, it is due at once.
    await silent.done(UPDATE_TASK, input={"taskId": done["id"], "state": "OPEN"})
    await silent.done(UPDATE_TICKET, input={"ticketId": resolved["id"], "state": "OPEN"})
    await all_told(graph)
    assert (await kinds(graph, done["id"]))[-1] == "TASK_DUE"
    assert (await kinds(graph, resolved["id"]))[-1] == "TICKET_RESPONSE_DUE"


async def test_a_task_is_told_of_again_for_a_later_time_only(graph: Graph, silent: Api) -> None:
    one = await task(silent, at(hours=2))
    await all_told(graph)
    for form in ({"state": "DONE"}, {"state": "OPEN"}, {"dueAt": at(hours=3)}, {"dueAt": at(hours=2.5)}):
        await silent.done(UPDATE_TASK, input={"taskId": one["id"], **form})
        await all_told(graph)
    assert (await kinds(graph, one["id"])).count("TASK_DUE") == 1
    await silent.done(UPDATE_TASK, input={"taskId": one["id"], "dueAt": at(hours=1)})
    await all_told(graph)
    await all_told(graph)
    assert (await kinds(graph, one["id"])).count("TASK_DUE") == 2


async def test_a_ticket_is_told_of_again_for_a_later_time_only(graph: Graph, silent: Api, unique: str) -> None:
    one = await ticket(silent, unique, priority="HIGH")
    await asyncio.sleep(0.31)
    await all_told(graph)
    await silent.done(UPDATE_TICKET, input={"ticketId": one["id"], "priority": "URGENT"})
    await all_told(graph)
    await silent.done(UPDATE_TICKET, input={"ticketId": one["id"], "priority": "LOW"})
    await all_told(graph)
    assert (await kinds(graph, one["id"])).count("TICKET_RESPONSE_DUE") == 1


async def test_more_than_a_batch_is_told(graph: Graph, silent: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.reminders.BATCH", 7)
    tasks = await asyncio.gather(*(task(silent, at(hours=1, seconds=n // 3)) for n in range(40)))
    async with running(graph):
        await until_told(graph, "TASK_DUE", *(one["id"] for one in tasks))
    assert len(await kinds(graph, *(one["id"] for one in tasks))) == 80
