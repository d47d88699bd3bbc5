"""Tasks: written on customers, deals or nobody, changed, listed; whatever is refused changes nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.api.refusing import RequestRefused
from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import CREATE_DEAL, CREATE_TASK, RECORD, TASK, UPDATE_TASK, Api
from tests.integration.forms import shown, touch
from tests.integration.log import kinds, told
from tests.integration.paging import PAGE, itself, of_customer, walk

LIST = f"""query ($filter: TaskFilter, $first: Int!, $after: String) {{
  tasks(filter: $filter, first: $first, after: $after) {{ {PAGE} }} }}"""
NO_DEAL = "deal_" + "0" * 32
NOW = datetime.now(UTC)
YESTERDAY, TOMORROW = shown(NOW - timedelta(days=1)), shown(NOW + timedelta(days=1))


async def person(api: Api, name: str) -> str:
    """The id of a new customer with a cookie of this name."""
    recorded = await api.done(RECORD, input=touch(f"first-{name}", ("cookie", name)))
    customer_id: str = recorded["customer"]["id"]
    return customer_id


async def deal_of(api: Api, cookie: str) -> str:
    made = await api.done(CREATE_DEAL, input={"by": {"cookie": cookie}, "title": "Sedan"})
    deal_id: str = made["deal"]["id"]
    return deal_id


async def create(api: Api, **form: Any) -> dict[str, Any]:
    task: dict[str, Any] = (await api.done(CREATE_TASK, input={"title": "Call", **form}))["task"]
    return task


async def update(api: Api, task: dict[str, Any], **form: Any) -> dict[str, Any]:
    changed: dict[str, Any] = (await api.done(UPDATE_TASK, input={"taskId": task["id"], **form}))["task"]
    return changed


async def test_a_task_of_a_customer(api: Api, graph: Graph, unique: str) -> None:
    customer = await person(api, unique)
    task = await create(api, title=" Call back ", dueAt=TOMORROW, owner="Olga", customerId=customer)
    assert task == {
        "id": task["id"],
        "title": "Call back",
        "dueAt": TOMORROW,
        "state": "OPEN",
        "overdue": False,
        "owner": "Olga",
        "createdAt": task["createdAt"],
        "completedAt": None,
        "version": 1,
        "customer": {"id": customer},
        "deal": None,
    }
    assert task["id"].startswith("task_")
    assert await api.field(TASK, id=task["id"]) == task
    assert await told(graph, task["id"]) == [("TASK_CREATED", customer, [], ["Olga"])]


async def test_a_task_on_a_deal_is_its_customers(api: Api, unique: str) -> None:
    customer = await person(api, unique)
    deal = await deal_of(api, unique)
    on_deal = await create(api, dealId=deal)
    both = await create(api, dealId=deal, customerId=customer)
    alone = await create(api, customerId=customer)
    for one in (on_deal, both):
        assert (one["customer"], one["deal"]) == ({"id": customer}, {"id": deal})
    query = """query ($id: ID!) { node(id: $id) { ... on Deal { tasks { nodes { id } } }
      ... on Customer { tasks { nodes { id } } } } }"""
    assert await api.field(query, id=deal) == {"tasks": {"nodes": [{"id": both["id"]}, {"id": on_deal["id"]}]}}
    every = [{"id": one["id"]} for one in (alone, both, on_deal)]
    assert await api.field(query, id=customer) == {"tasks": {"nodes": every}}


async def test_a_task_of_nobody(api: Api, graph: Graph) -> None:
    task = await create(api)
    assert (task["customer"], task["deal"], task["owner"], task["dueAt"]) == (None, None, None, None)
    assert await api.field(TASK, id=task["id"]) == task
    assert await told(graph, task["id"]) == [("TASK_CREATED", None, [], [])]


async def test_a_task_of_nobody_reads_alike_without_a_plan(graph: Graph, services: Services) -> None:
    ordinary = Api(graph, services, compiled=False)
    task = await create(ordinary)
    assert await ordinary.field(TASK, id=task["id"]) == task
    assert task["customer"] is None


@pytest.mark.parametrize(
    ("due", "overdue"),
    [(YESTERDAY, True), (TOMORROW, False), (None, False)],
    ids=["yesterday", "tomorrow", "no time"],
)
async def test_overdue_is_an_open_task_whose_time_has_come(api: Api, due: str | None, overdue: bool) -> None:
    task = await create(api, dueAt=due)
    assert task["overdue"] is overdue
    assert (await update(api, task, state="DONE"))["overdue"] is False


async def test_overdue_is_of_the_moment_of_reading(api: Api) -> None:
    """The plan of the document is there already when the time comes."""
    task = await create(api, dueAt=shown(datetime.now(UTC) + timedelta(milliseconds=600)))
    query = f'{{ node(id: "{task["id"]}") {{ ... on Task {{ overdue }} }} }}'
    assert await api.field(query) == {"overdue": False}
    await asyncio.sleep(0.65)
    assert await api.field(query) == {"overdue": True}


async def test_an_update_changes_what_it_says(api: Api, graph: Graph, unique: str) -> None:
    customer = await person(api, unique)
    task = await create(api, dueAt=TOMORROW, owner="Olga", customerId=customer)
    changed = await update(api, task, title="Write", owner="Max", expectedVersion=1)
    assert changed == task | {"title": "Write", "owner": "Max", "version": 2}
    cleared = await update(api, task, dueAt=None, owner=None)
    assert cleared == changed | {"dueAt": None, "owner": None, "version": 3}
    # What is as it was changes nothing.
    assert await update(api, task, dueAt=None, title="Write", state="OPEN") == cleared
    assert await update(api, task) == cleared
    assert await told(graph, task["id"]) == [
        ("TASK_CREATED", customer, [], ["Olga"]),
        ("TASK_UPDATED", customer, ["owner", "title"], ["Max", "Olga"]),
        ("TASK_UPDATED", customer, ["dueAt", "owner"], ["Max"]),
    ]


async def test_a_done_task_is_completed_and_can_be_taken_up_again(api: Api, graph: Graph) -> None:
    task = await create(api)
    done = await update(api, task, state="DONE")
    assert (done["state"], done["version"]) == ("DONE", 2)
    assert done["completedAt"] >= task["createdAt"]
    assert await update(api, task, state="DONE") == done
    reopened = await update(api, task, state="OPEN")
    assert (reopened["state"], reopened["completedAt"], reopened["version"]) == ("OPEN", None, 3)
    cancelled = await update(api, task, state="CANCELLED")
    assert (cancelled["state"], cancelled["completedAt"]) == ("CANCELLED", None)
    assert [fields for _, _, fields, _ in (await told(graph, task["id"]))[1:]] == [
        ["completedAt", "state"],
        ["completedAt", "state"],
        ["state"],
    ]


async def test_an_idempotency_key_makes_one_task(api: Api, graph: Graph, unique: str) -> None:
    forms = [{"title": f"{number}", "idempotencyKey": unique} for number in range(10)]
    payloads = await asyncio.gather(*(api.done(CREATE_TASK, input=form) for form in forms))
    assert all(payload == payloads[0] for payload in payloads)
    again = await create(api, idempotencyKey=unique, customerId="cus_" + "0" * 32)
    assert again == payloads[0]["task"]
    assert await kinds(graph, again["id"]) == ["TASK_CREATED"]


async def test_of_editors_with_the_same_version_exactly_one_wins(api: Api, graph: Graph) -> None:
    task = await create(api)
    forms = [{"taskId": task["id"], "expectedVersion": 1, "title": f"Title {n}"} for n in range(20)]
    payloads = await asyncio.gather(*(api.field(UPDATE_TASK, input=form) for form in forms))
    (winner,) = (payload for payload in payloads if payload["userErrors"] == [])
    message = "expectedVersion: the task is at version 2 by now; read it again"
    error = {"code": "VERSION_CONFLICT", "message": message, "field": ["expectedVersion"]}
    assert [payload for payload in payloads if payload is not winner] == [
        {"task": None, "userErrors": [error]}
    ] * 19
    assert await api.field(TASK, id=task["id"]) == winner["task"]
    assert await kinds(graph, task["id"]) == ["TASK_CREATED", "TASK_UPDATED"]


COUNT = "MATCH (n) WHERE n:Task OR n:Ticket OR n:Note OR n:Message OR n:Change RETURN count(n)"


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"customerId": "cus_" + "0" * 32}, "NOT_FOUND", ["customerId"]),
        ({"customerId": NO_DEAL}, "INVALID", ["customerId"]),
        ({"dealId": NO_DEAL}, "NOT_FOUND", ["dealId"]),
        ({"dealId": "nonsense"}, "NOT_FOUND", ["dealId"]),
        ({"title": " "}, "INVALID", ["title"]),
        ({"title": "x" * 201}, "INVALID", ["title"]),
        ({"owner": "x" * 10_000}, "INVALID", ["owner"]),
        ({"idempotencyKey": ""}, "INVALID", ["idempotencyKey"]),
    ],
)
async def test_a_wrong_task_is_not_made(
    api: Api, graph: Graph, form: dict[str, Any], code: str, field: list[str]
) -> None:
    before = await graph.run(COUNT)
    payload = await api.field(CREATE_TASK, input={"title": "Call", **form})
    assert payload["task"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await graph.run(COUNT) == before


async def test_a_deal_of_another_customer_is_refused(api: Api, graph: Graph, unique: str) -> None:
    one, other = f"1-{unique}", f"2-{unique}"
    customer = await person(api, one)
    await person(api, other)
    deal = await deal_of(api, other)
    before = await graph.run(COUNT)
    payload = await api.field(CREATE_TASK, input={"title": "Call", "dealId": deal, "customerId": customer})
    message = "dealId: the deal is another customer's; leave out customerId to write the task on the deal"
    assert payload == {"task": None, "userErrors": [{"code": "INVALID", "message": message, "field": ["dealId"]}]}
    assert await graph.run(COUNT) == before


@pytest.mark.parametrize("due", ["0000-12-31T00:00:00Z", "99999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", 7])
async def test_a_time_that_is_none_fails_the_request(api: Api, graph: Graph, due: object) -> None:
    before = await graph.run(COUNT)
    with pytest.raises(RequestRefused) as refused:
        await api.answer(CREATE_TASK, input={"title": "Call", "dueAt": due})
    assert "a DateTime is ISO 8601 with an offset" in refused.value.errors[0]["message"]
    assert await graph.run(COUNT) == before


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"taskId": "task_" + "0" * 32}, "NOT_FOUND", ["taskId"]),
        ({"taskId": NO_DEAL}, "NOT_FOUND", ["taskId"]),
        ({"expectedVersion": 2}, "VERSION_CONFLICT", ["expectedVersion"]),
        ({"title": None}, "INVALID", ["title"]),
        ({"title": ""}, "INVALID", ["title"]),
        ({"state": None}, "INVALID", ["state"]),
        ({"owner": "x" * 10_000}, "INVALID", ["owner"]),
    ],
)
async def test_a_wrong_update_changes_nothing(
    api: Api, graph: Graph, form: dict[str, Any], code: str, field: list[str]
) -> None:
    task = await create(api, owner="Olga")
    before = await graph.run(COUNT)
    payload = await api.field(UPDATE_TASK, input={"taskId": task["id"], "title": "Other", **form})
    assert payload["task"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.field(TASK, id=task["id"]) == task
    assert await graph.run(COUNT) == before


@pytest.fixture(scope="module")
async def some(api: Api, engine: object) -> list[dict[str, Any]]:
    """Tasks of two owners in all states, due or not, of which some are due at one moment."""
    unique = f"tasks-{id(engine):x}"
    tasks = []
    for number in range(18):
        owner = (f"Olga {unique}", f"Max {unique}")[number % 2]
        due = shown(NOW + timedelta(days=number * 5 % 4)) if number % 3 else None
        task = await create(api, owner=owner, dueAt=due)
        if number % 4:
            task = await update(api, task, state=("OPEN", "DONE", "CANCELLED", "DONE")[number % 4])
        tasks.append(task)
    return tasks


@pytest.mark.parametrize("first", [2, 100])
@pytest.mark.parametrize("state", ["OPEN", "DONE", "CANCELLED", None])
@pytest.mark.parametrize("days", [None, 0, 2, 9])
async def test_lists_by_owner_and_state(
    api: Api, some: list[dict[str, Any]], first: int, state: str | None, days: int | None
) -> None:
    owner = some[1]["owner"]
    where: dict[str, Any] = {"owner": owner} | ({"state": state} if state else {})
    expected = [one for one in some[::-1] if one["owner"] == owner and state in (None, one["state"])]
    if days is not None:
        until = where["dueBefore"] = shown(NOW + timedelta(days=days))
        expected = sorted(
            (one for one in expected if one["dueAt"] and one["dueAt"] < until),
            key=lambda one: (one["dueAt"], one["id"].partition("_")[2]),
        )
    assert await walk(api, LIST, first, itself, filter=where) == [one["id"] for one in expected]


@pytest.mark.parametrize("state", ["OPEN", None])
@pytest.mark.parametrize("due", [True, False])
async def test_lists_of_all(api: Api, some: list[dict[str, Any]], state: str | None, due: bool) -> None:
    """There are those of other tests too."""
    where: dict[str, Any] = {"state": state} | ({"dueBefore": shown(NOW + timedelta(days=2))} if due else {})
    found = await walk(api, LIST, 100, itself, filter=where)
    mine = [one["id"] for one in some[::-1] if state in (None, one["state"])]
    if due:
        soon = [one for one in some if state in (None, one["state"]) and one["dueAt"]]
        soon = [one for one in soon if one["dueAt"] < where["dueBefore"]]
        mine = [one["id"] for one in sorted(soon, key=lambda one: (one["dueAt"], one["id"].partition("_")[2]))]
    assert [one for one in found if one in mine] == mine


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ({"first": 101}, "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        (
            {"first": 1, "after": "nonsense"},
            "after: not a cursor of this list; use a pageInfo.endCursor of the same list",
        ),
    ],
)
async def test_a_page_that_cannot_be(api: Api, arguments: dict[str, Any], message: str) -> None:
    for where in (None, {"dueBefore": TOMORROW}):
        answer = await api.answer(LIST, filter=where, **arguments)
        assert [error["message"] for error in answer["errors"]] == [message]


async def test_tasks_follow_a_merge(api: Api, graph: Graph, unique: str) -> None:
    one, other = f"1-{unique}", f"2-{unique}"
    first, second = await person(api, one), await person(api, other)
    of_one = await create(api, customerId=first)
    on_deal = await create(api, dealId=await deal_of(api, other))
    await api.done(RECORD, input=touch(f"join-{unique}", ("cookie", one), ("cookie", other)))
    ids = await walk(api, of_customer("tasks"), 1, by={"id": second})
    assert ids == [on_deal["id"], of_one["id"]]
    survivor = await api.customer(id=second)
    assert survivor is not None
    later = await create(api, customerId=first if survivor["id"] == second else second)
    assert later["customer"] == {"id": survivor["id"]}
    await update(api, of_one, title="Later")
    assert [customer for _, customer, _, _ in await told(graph, of_one["id"])] == [first, survivor["id"]]
