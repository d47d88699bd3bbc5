"""All that people record on one of two customers is the survivor's after a merge, and goes back on a split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.integration.asking import (
    ADD_NOTE,
    CLOSE_DEAL,
    CREATE_DEAL,
    CREATE_TASK,
    OPEN_TICKET,
    RECORD,
    UPDATE_TICKET,
    UPSERT_ACCOUNT,
    Api,
)
from tests.integration.forms import Key, touch
from tests.integration.leads import create_lead
from tests.integration.stewarding import merge, split, undo

_PAGE = "(first: 100) { nodes { id } }"
ALL = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Customer {{ id account {{ id }}
  leads{_PAGE} deals{_PAGE} tasks{_PAGE} tickets{_PAGE} notes{_PAGE}
  journey(first: 100) {{ nodes {{ __typename id }} }} }} }} }}"""
MOVES = "query ($id: ID!) { node(id: $id) { ... on Deal { stageHistory { id } pipeline { id } stage { id } } } }"
LISTS = {"leads": "Lead", "deals": "Deal", "tasks": "Task", "tickets": "Ticket", "notes": "Note"}
ON_THE_JOURNEY = ("Touchpoint", "DealStageChange", "Ticket", "Note")
"""Of what is made here: leads, tasks and accounts have no place in it."""


@dataclass(slots=True)
class Person:
    """Somebody with a record of every kind, in lists by type."""

    api: Api
    key: Key
    account: str = ""
    id: str = ""
    made: dict[str, list[str]] = field(default_factory=dict)

    async def _do(self, type_: str, mutation: str, name: str, **form: Any) -> str:
        made: str = (await self.api.done(mutation, input=form))[name]["id"]
        self.made.setdefault(type_, []).append(made)
        return made

    async def comes(self) -> None:
        """A visit, a lead, a deal that is won, tasks, a ticket with its answer, notes and calls on all of them."""
        visit = await self.api.done(RECORD, input=touch(f"visit-{self.key[1]}", self.key))
        self.id, self.made["Touchpoint"] = visit["customer"]["id"], [visit["touchpoint"]["id"]]
        lead = await create_lead(self.api, self.key)
        self.made["Lead"] = [lead["id"]]
        by = {self.key[0]: self.key[1]}
        deal = await self._do("Deal", CREATE_DEAL, "deal", by=by, title="Sedan")
        await self.api.done(CLOSE_DEAL, input={"dealId": deal, "outcome": "WON"})
        history = await self.api.field(MOVES, id=deal)
        self.made["DealStageChange"] = [move["id"] for move in history["stageHistory"]]
        await self._do("Task", CREATE_TASK, "task", title="Call", customerId=self.id)
        await self._do("Task", CREATE_TASK, "task", title="Write", dealId=deal)
        ticket = await self._do("Ticket", OPEN_TICKET, "ticket", by=by, subject="Brakes", channel="email")
        answer = await self.api.done(UPDATE_TICKET, input={"ticketId": ticket, "reply": "Bring it in."})
        self.made["Note"] = [note["id"] for note in answer["ticket"]["notes"]["nodes"]]
        for on in (self.id, deal, ticket, lead["id"]):
            for kind in ("NOTE", "CALL"):
                await self._do("Note", ADD_NOTE, "note", subjectId=on, text="Likes red", by="Olga", kind=kind)
        self.account = (
            await self.api.done(UPSERT_ACCOUNT, input={"name": f"Of {self.key[1]}", "customerIds": [self.id]})
        )["account"]["id"]

    async def shown(self) -> dict[str, Any]:
        """What the customer of this person's id shows, as sets of ids by type."""
        found = await self.api.field(ALL, id=self.id)
        steps: dict[str, set[str]] = {}
        for step in found["journey"]["nodes"]:
            steps.setdefault(step["__typename"], set()).add(step["id"])
        lists = {type_: {node["id"] for node in found[name]["nodes"]} for name, type_ in LISTS.items()}
        return {"id": found["id"], "account": found["account"], "lists": lists, "journey": steps}


def whole(customer_id: str, account: str, *people: Person) -> dict[str, Any]:
    """What a customer must show who has all that was recorded on these people."""

    def of(type_: str) -> set[str]:
        return {one for person in people for one in person.made[type_]}

    return {
        "id": customer_id,
        "account": {"id": account},
        "lists": {type_: of(type_) for type_ in LISTS.values()},
        "journey": {type_: of(type_) for type_ in ON_THE_JOURNEY},
    }


async def owners(api: Api, *people: Person) -> set[str]:
    """Whose the records of these people are, asked by their ids; each answers with its own type."""
    found = set()
    for person in people:
        for type_, ids in person.made.items():
            for one in ids:
                whose = "deal { customer { id } }" if type_ == "DealStageChange" else "customer { id }"
                query = f"query ($id: ID!) {{ node(id: $id) {{ __typename id ... on {type_} {{ {whose} }} }} }}"
                node = await api.field(query, id=one)
                assert (node["__typename"], node["id"]) == (type_, one)
                found.add((node.get("deal") or node)["customer"]["id"])
    return found


async def test_all_that_was_recorded_follows_a_merge_an_undo_and_a_split(api: Api, unique: str) -> None:
    one, other = Person(api, ("cookie", f"1-{unique}")), Person(api, ("cookie", f"2-{unique}"))
    for person in (one, other):
        await person.comes()
    apart = [(one, whole(one.id, one.account, one)), (other, whole(other.id, other.account, other))]
    assert [await person.shown() for person, _ in apart] == [shown for _, shown in apart]

    merged = await merge(api, one.id, other.id)
    accounts = {(await person.shown())["account"]["id"] for person in (one, other)}
    assert len(accounts) == 1
    assert accounts < {one.account, other.account}
    together = whole(one.id, accounts.pop(), one, other)
    # The former id answers with the survivor too.
    assert [await person.shown() for person in (one, other)] == [together, together]
    assert await owners(api, one, other) == {one.id}

    await undo(api, merged["event"]["id"])
    assert [await person.shown() for person, _ in apart] == [shown for _, shown in apart]
    assert (await owners(api, one), await owners(api, other)) == ({one.id}, {other.id})

    await merge(api, one.id, other.id)
    parted = await split(api, one.id, other.key)
    assert {customer["id"] for customer in parted["customers"]} >= {one.id}
    # What hangs on the cookie goes with it; what was written on the customer's id is where its own identifier is.
    for person, shown in apart:
        assert (await person.shown())["journey"] == shown["journey"]
        assert (await person.shown())["lists"] == shown["lists"]
    assert (await owners(api, one), await owners(api, other)) == ({one.id}, {other.id})


async def test_every_type_answers_by_its_id(api: Api, unique: str) -> None:
    person = Person(api, ("cookie", unique))
    await person.comes()
    await owners(api, person)
    deal = await api.field(MOVES, id=person.made["Deal"][0])
    for type_, one in (
        ("Customer", person.id),
        ("Account", person.account),
        ("Pipeline", deal["pipeline"]["id"]),
        ("Stage", deal["stage"]["id"]),
    ):
        node = await api.field("query ($id: ID!) { node(id: $id) { __typename id } }", id=one)
        assert node == {"__typename": type_, "id": one}
