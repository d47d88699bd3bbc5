"""What the analyst keeps, brought up to date by the log, is what the graph says when all is read anew."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any

from service.graph.client import Graph
from service.journeys.models import Journeys, StepKind
from service.journeys.service import Analyst
from service.journeys.wanted import Wanted
from tests.integration.asking import CREATE_DEAL, MOVE_DEAL, ORDER, RECORD, Api
from tests.integration.forms import Key, day, order, touch
from tests.integration.stewarding import MERGE, REASON, SPLIT, UNDO, history

EVERYTHING = Wanted(kinds=frozenset(StepKind), campaigns=True)
PEOPLE = 8


def told(journeys: Journeys) -> list[tuple[str, int, Any, str | None]]:
    """Each step with whose it is, in order."""
    rows = zip(journeys.customer, journeys.at, journeys.label, journeys.amount, strict=True)
    return [
        (
            journeys.customer_ids[customer],
            int(at),
            journeys.labels[label],
            journeys.amounts[amount] if amount >= 0 else None,
        )
        for customer, at, label, amount in rows
    ]


class World:
    """People of whom random things become known; some of what is tried is refused."""

    def __init__(self, api: Api, unique: str, seed: int) -> None:
        self._api = api
        self._unique = unique
        self._chance = random.Random(seed)
        self._number = 0
        self._deals: list[str] = []

    def keys(self) -> list[Key]:
        """One or two identifiers; two may be of different people, and a phone is nearly everybody's."""
        every = [("cookie", f"{self._unique}-{number}") for number in range(PEOPLE)]
        every += [("email", f"{self._unique}-{number}@kept.example") for number in range(PEOPLE)]
        every += [("phone", f"+4930{int(self._unique, 16) % 10**8:08d}")] * 4
        return self._chance.sample(every, self._chance.choice((1, 1, 2)))

    def at(self) -> str:
        """One of few moments: many things happen at once."""
        return day(self._chance.randrange(4))

    async def visit(self) -> None:
        self._number += 1
        channel = self._chance.choice(("web", "email"))
        form = touch(f"{self._unique}-{self._number}", *self.keys(), at=self.at(), channel=channel)
        await self._api.field(RECORD, input=form)

    async def buy(self) -> None:
        self._number += 1
        number = f"{self._unique}-{self._chance.randrange(6)}"
        form = order(f"o{self._unique}-{self._number}", number, f"{self._number} EUR", *self.keys(), at=self.at())
        form["status"] = self._chance.choice(("PLACED", "PAID", "CANCELLED"))
        await self._api.field(ORDER, input=form)

    async def somebody(self) -> str | None:
        """The id of one of them."""
        kind, value = self.keys()[0]
        found = await self._api.field(
            "query ($by: CustomerBy!) { customer(by: $by) { id } }",
            by={"identifier": {"kind": kind, "value": value}},
        )
        return found["id"] if found else None

    async def unite(self) -> None:
        one, other = await self.somebody(), await self.somebody()
        if one and other and one != other:
            await self._api.field(MERGE, input={"customerIds": [one, other], "reason": REASON})

    async def part(self) -> None:
        one = await self.somebody()
        if one is not None:
            form = {"customerId": one, "reason": REASON}
            keys = [{"kind": kind, "value": value} for kind, value in self.keys()]
            await self._api.field(SPLIT, input=form | {"identifiers": keys})

    async def take_back(self) -> None:
        one = await self.somebody()
        events = await history(self._api, id=one) if one else []
        chosen = [event["id"] for event in events if event["kind"] in ("MERGED", "SPLIT") and not event["undone"]]
        if chosen:
            await self._api.field(UNDO, input={"eventId": self._chance.choice(chosen), "reason": REASON})

    async def negotiate(self) -> None:
        one = await self.somebody()
        if one is not None:
            form = {"by": {"id": one}, "title": "Licences", "amount": {"amount": "5", "currency": "EUR"}}
            self._deals.append((await self._api.done(CREATE_DEAL, input=form))["deal"]["id"])

    async def move(self) -> None:
        if not self._deals:
            return
        deal_id = self._chance.choice(self._deals)
        if self._chance.random() < 0.5:
            stages = await self._api.field("{ pipelines { stages { id kind } } }")
            open_ones = [one["id"] for one in stages[0]["stages"] if one["kind"] == "OPEN"]
            form = {"dealId": deal_id, "stageId": self._chance.choice(open_ones)}
            await self._api.field(MOVE_DEAL, input=form)
        else:
            close = "mutation ($input: CloseDealInput!) { closeDeal(input: $input) { userErrors { message } } }"
            await self._api.field(close, input={"dealId": deal_id, "outcome": "WON"})

    async def step(self) -> str:
        """Something happens; what."""
        often: list[tuple[Callable[[], Awaitable[None]], int]] = [
            (self.visit, 8),
            (self.buy, 4),
            (self.unite, 1),
            (self.part, 2),
            (self.take_back, 2),
            (self.negotiate, 1),
            (self.move, 2),
        ]
        (act,) = self._chance.choices([one for one, _ in often], [weight for _, weight in often])
        await act()
        return act.__name__


async def test_what_is_kept_is_what_the_graph_says(api: Api, graph: Graph, unique: str) -> None:
    world, kept = World(api, unique, int(unique, 16)), Analyst(graph, 60)
    done = [await world.step() for _ in range(3)]
    for _ in range(25):
        done += [await world.step() for _ in range(3)]
        found, anew = await kept.journeys(EVERYTHING), await Analyst(graph, 60).journeys(EVERYTHING)
        assert told(found) == told(anew), done
