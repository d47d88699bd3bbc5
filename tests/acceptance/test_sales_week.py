"""A week of two sales people, over HTTP: from a form to the second order, all of it on one customer's journey."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.conftest import Client, touch

_ERRORS = "userErrors { code message field }"
RECORD = f"""mutation ($input: RecordTouchpointInput!) {{ recordTouchpoint(input: $input) {{
  {_ERRORS} touchpoint {{ id }} customer {{ id }} }} }}"""
ORDER = f"""mutation ($input: RecordOrderInput!) {{ recordOrder(input: $input) {{
  {_ERRORS} order {{ id }} customer {{ id }} }} }}"""
CREATE_LEAD = f"""mutation ($input: CreateLeadInput!) {{ createLead(input: $input) {{
  {_ERRORS} lead {{ id status customer {{ id }} duplicateOf {{ id }} }} }} }}"""
CONVERT = f"""mutation ($input: ConvertLeadInput!) {{ convertLead(input: $input) {{
  {_ERRORS} lead {{ status deal {{ id }} }} deal {{ id version state stage {{ name }} customer {{ id }} }} }} }}"""
NOTE = f"mutation ($input: AddNoteInput!) {{ addNote(input: $input) {{ {_ERRORS} note {{ id }} }} }}"
MOVE = f"""mutation ($input: MoveDealInput!) {{ moveDeal(input: $input) {{
  {_ERRORS} deal {{ version stage {{ name }} }} }} }}"""
CLOSE = f"""mutation ($input: CloseDealInput!) {{ closeDeal(input: $input) {{
  {_ERRORS} deal {{ state forecastCategory }} }} }}"""
TASK = f"""mutation ($input: CreateTaskInput!) {{ createTask(input: $input) {{
  {_ERRORS} task {{ id overdue }} }} }}"""
DONE = f"""mutation ($input: UpdateTaskInput!) {{ updateTask(input: $input) {{
  {_ERRORS} task {{ state completedAt }} }} }}"""
TICKET = f"""mutation ($input: OpenTicketInput!) {{ openTicket(input: $input) {{
  {_ERRORS} ticket {{ id version state }} }} }}"""
REPLY = f"""mutation ($input: UpdateTicketInput!) {{ updateTicket(input: $input) {{
  {_ERRORS} ticket {{ state firstRespondedAt responseTime }} }} }}"""
STAGES = "{ pipelines { id stages { id name kind } } }"
WHOLE = """query ($by: CustomerBy!) { customer(by: $by) { id
  leads { nodes { status history { nodes { __typename } } deal { id } } }
  deals { nodes { state amount { amount currency } tasks { nodes { state } } notes { nodes { text by } } } }
  tasks { nodes { title } }
  journey { nodes { __typename
    ... on Touchpoint { type } ... on Order { orderNumber } ... on DealStageChange { by to { name } }
    ... on Ticket { subject } ... on Note { text } } } } }"""
CHANGES = """query ($after: String, $id: ID!) {
  changes(after: $after, filter: {customerIds: [$id]}) { endCursor hasNextPage nodes { kind subject { id } } } }"""


class Seller:
    """Somebody who sells, or helps, over HTTP."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self.name = name

    async def does(self, mutation: str, **given: Any) -> dict[str, Any]:
        """The payload of what must be accepted."""
        payload: dict[str, Any] = await self._client.field(mutation, input=given)
        assert payload["userErrors"] == []
        return payload

    async def tries(self, mutation: str, **given: Any) -> list[str]:
        """The codes of what was refused."""
        payload = await self._client.field(mutation, input=given)
        return [error["code"] for error in payload["userErrors"]]


async def told(client: Client, customer_id: str) -> list[tuple[str, str | None]]:
    """The customer's changes, from the first on."""
    found: list[tuple[str, str | None]] = []
    after = None
    while True:
        page = await client.field(CHANGES, after=after, id=customer_id)
        found += [(one["kind"], one["subject"] and one["subject"]["id"]) for one in page["nodes"]]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return found


@pytest.mark.timeout(120)
async def test_a_sales_week(client: Client, unique: str) -> None:
    ann, bob = Seller(client, "Ann"), Seller(client, "Bob")
    cookie, email = ("cookie", f"w-{unique}"), ("email", f"w-{unique}@company.example")
    before = datetime.now(UTC) - timedelta(days=3)
    for number, kind in enumerate(("page_view", "ad_click")):
        at = (before + timedelta(hours=number)).isoformat()
        await ann.does(RECORD, **touch(f"{number}-{unique}", kind, "web", at, cookie))

    # Monday: a form of somebody who was anonymous until now, and again by another way.
    identifiers = [{"kind": kind, "value": value} for kind, value in (cookie, email)]
    lead = (await ann.does(CREATE_LEAD, title="Licences", source="form", owner="Ann", identifiers=identifiers))[
        "lead"
    ]
    again = (await bob.does(CREATE_LEAD, title="Licences", source="chat", identifiers=identifiers[1:]))["lead"]
    assert again["customer"] == lead["customer"]
    assert again["duplicateOf"] == {"id": lead["id"]}
    customer_id = lead["customer"]["id"]
    await ann.does(NOTE, subjectId=lead["id"], kind="CALL", text="Wants fifty", by="Ann")

    # Tuesday: a deal of the same customer, converted by both at once; through three stages.
    amount = {"amount": "1200.50", "currency": "EUR"}
    both = [seller.does(CONVERT, leadId=lead["id"], amount=amount) for seller in (ann, bob)]
    (deal, other) = [one["deal"] for one in await asyncio.gather(*both)]
    assert (deal["id"], deal["customer"]["id"]) == (other["id"], customer_id)
    (pipeline,) = [one for one in await client.field(STAGES) if one["id"].startswith("pip_0000")]
    open_stages = [stage for stage in pipeline["stages"] if stage["kind"] == "OPEN"]
    version = deal["version"]
    for stage in open_stages[1:4]:
        moves = [
            (seller, {"dealId": deal["id"], "stageId": stage["id"], "expectedVersion": version, "by": seller.name})
            for seller in (ann, bob)
        ]
        refused = await asyncio.gather(*(seller.tries(MOVE, **move) for seller, move in moves))
        assert sorted(refused) == [[], ["VERSION_CONFLICT"]]
        version += 1

    # Wednesday: a task that is due already, told once; then done, and the deal is won.
    due = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    task = (await bob.does(TASK, title="Send the contract", dueAt=due, owner="Bob", dealId=deal["id"]))["task"]
    assert task["overdue"] is True
    async with asyncio.timeout(30):
        while ("TASK_DUE", task["id"]) not in await told(client, customer_id):  # noqa: ASYNC110 -- it polls
            await asyncio.sleep(0.05)
    finished = (await bob.does(DONE, taskId=task["id"], state="DONE"))["task"]
    assert (finished["state"], finished["completedAt"] is not None) == ("DONE", True)
    won = (await ann.does(CLOSE, dealId=deal["id"], outcome="WON", by="Ann"))["deal"]
    assert won == {"state": "WON", "forecastCategory": "CLOSED"}
    assert await bob.tries(CLOSE, dealId=deal["id"], outcome="LOST", lostReason="price") == ["DEAL_CLOSED"]
    await ann.does(ORDER, **order(f"o1-{unique}", f"A-{unique}", email))

    # Thursday: a ticket is answered. Friday: a second order.
    ticket = (await bob.does(TICKET, by={"email": email[1]}, subject="Key lost", channel="email"))["ticket"]
    answered = await bob.does(REPLY, ticketId=ticket["id"], reply="Here it is", expectedVersion=1, owner="Bob")
    assert answered["ticket"]["state"] == "PENDING"
    assert answered["ticket"]["firstRespondedAt"] is not None
    await ann.does(ORDER, **order(f"o2-{unique}", f"B-{unique}", email))

    whole = await client.field(WHOLE, by={"cookie": cookie[1]})
    assert whole["id"] == customer_id
    names = [stage["name"] for stage in open_stages]
    shown = [(step["__typename"], what(step)) for step in whole["journey"]["nodes"]]
    assert shown == [
        ("Touchpoint", "page_view"),
        ("Touchpoint", "ad_click"),
        ("Note", "Wants fifty"),
        *(("DealStageChange", name) for name in names[:4]),
        ("DealStageChange", "Won"),
        ("Order", f"A-{unique}"),
        ("Ticket", "Key lost"),
        ("Note", "Here it is"),
        ("Order", f"B-{unique}"),
    ]
    # The lead reaches back to the first page view.
    first = whole["leads"]["nodes"][-1]
    assert [step["__typename"] for step in first["history"]["nodes"]] == ["Touchpoint", "Touchpoint"]
    assert (first["status"], first["deal"]) == ("CONVERTED", {"id": deal["id"]})
    (shown_deal,) = whole["deals"]["nodes"]
    assert (shown_deal["state"], shown_deal["amount"]) == ("WON", amount)
    assert [one["state"] for one in shown_deal["tasks"]["nodes"]] == ["DONE"]

    # A CRM that follows the log is told of all of it, in order, and of the task that was due once.
    kinds = [kind for kind, _ in await told(client, customer_id) if kind not in ("CUSTOMER_UPDATED",)]
    assert kinds == [
        *("CUSTOMER_CREATED", "TOUCHPOINT_RECORDED", "TOUCHPOINT_RECORDED"),
        *("LEAD_CREATED", "LEAD_CREATED", "NOTE_ADDED", "DEAL_CREATED", "LEAD_UPDATED"),
        *("DEAL_STAGE_MOVED", "DEAL_STAGE_MOVED", "DEAL_STAGE_MOVED"),
        *("TASK_CREATED", "TASK_DUE", "TASK_UPDATED", "DEAL_CLOSED", "ORDER_RECORDED"),
        *("TICKET_OPENED", "TICKET_UPDATED", "NOTE_ADDED", "ORDER_RECORDED"),
    ]


def what(step: dict[str, Any]) -> str:
    """What a step of the journey is about."""
    if "to" in step:
        name: str = step["to"]["name"]
        return name
    (about,) = (value for key, value in step.items() if key in ("type", "orderNumber", "subject", "text"))
    return str(about)


def order(message: str, number: str, key: tuple[str, str]) -> dict[str, Any]:
    """The input of an order placed now."""
    return {
        "messageId": message,
        "orderNumber": number,
        "total": {"amount": "600.25", "currency": "EUR"},
        "channel": "web",
        "identifiers": [{"kind": key[0], "value": key[1]}],
    }
