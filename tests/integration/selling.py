"""A made-up history of deals, the raw driver writing it in the stored form, and reports on it in naive Python.

The reports are an oracle: they go through whole histories for each number, and share nothing with the service.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from neo4j import AsyncDriver

from service import ids
from service.deals.models import places
from service.ids import Mint
from service.positions import position
from tests.benchmarks import forms

DAY: Final = 86_400_000
BEGIN: Final = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
_SPAN_DAYS: Final = 720
_DEALS: Final = 1_000

Stages = list[tuple[str, float, str]]
"""Name, probability, kind."""
PIPELINES: Final[dict[str, Stages]] = {
    "Sales": [
        ("New", 0.1, "OPEN"),
        ("Qualified", 0.25, "OPEN"),
        ("Proposal", 0.5, "OPEN"),
        ("Demo", 0.6, "OPEN"),
        ("Negotiation", 0.8, "OPEN"),
        ("Won", 1.0, "WON"),
        ("Lost", 0.0, "LOST"),
    ],
    "Renewals": [
        ("Called", 0.3, "OPEN"),
        ("Due", 0.55, "OPEN"),
        ("Offered", 0.815, "OPEN"),
        ("Won", 1.0, "WON"),
        ("Lost", 0.0, "LOST"),
    ],
}
FORMER: Final = {"Demo", "Called"}
"""Stages that were taken out of their pipelines after all that happened; no deal is in them any more."""


def stage_id(pipeline: str, name: str) -> str:
    names = [one for one, _, _ in PIPELINES[pipeline]]
    return f"stg_{list(PIPELINES).index(pipeline) + 7:016d}{names.index(name):016d}"


def pipeline_id(pipeline: str) -> str:
    return f"pip_{list(PIPELINES).index(pipeline) + 7:032d}"


@dataclass(slots=True)
class Deal:
    """A deal and all that it went through."""

    pipeline: str
    amount: str | None
    currency: str | None
    owner: str | None
    expected: str | None
    category: str | None
    moves: list[tuple[int, str]] = field(default_factory=list)
    """When, and to which stage (a name)."""
    reasons: dict[int, str] = field(default_factory=dict)
    """Why it was lost, each time, by the number of the move."""

    @property
    def reason(self) -> str | None:
        return self.reasons.get(len(self.moves) - 1)

    def stage_at(self, at: int) -> str | None:
        """The stage that it is in just before a time."""
        before = [stage for moved, stage in self.moves if moved < at]
        return before[-1] if before else None

    @property
    def stage(self) -> str:
        return self.moves[-1][1]

    def stays(self) -> Iterator[tuple[str, int, int]]:
        """The stays that ended: the stage, from when, to when."""
        for (since, stage), (until, _) in zip(self.moves, self.moves[1:], strict=False):
            yield stage, since, until


def history(count: int, seed: int = 8) -> list[Deal]:
    """Deals that go on, jump over stages, go back, close, are reopened and close again."""
    chance = random.Random(seed)
    return [_deal(chance) for _ in range(count)]


def _deal(chance: random.Random) -> Deal:
    pipeline = chance.choices(list(PIPELINES), [2, 1])[0]
    amount = chance.choice([None, *(f"{chance.randrange(10**9) / 100:.2f}" for _ in range(6)), "0", "0.1"])
    currency = chance.choice(["EUR", "EUR", "USD", "JPY"]) if amount is not None else None
    expected = BEGIN + chance.randrange(_SPAN_DAYS + 200) * DAY
    deal = Deal(
        pipeline,
        amount,
        currency,
        chance.choice([None, "Kim", "Li", "Ann"]),
        chance.choice([None, *[datetime.fromtimestamp(expected / 1000, UTC).date().isoformat()] * 5]),
        chance.choice([None] * 6 + ["PIPELINE", "BEST_CASE", "COMMIT", "OMITTED"]),
    )
    at = BEGIN + chance.randrange(_SPAN_DAYS) * DAY + chance.choice([0, chance.randrange(DAY)])
    opens = [name for name, _, kind in PIPELINES[pipeline] if kind == "OPEN"]
    place = chance.choice([0, 0, 0, 0, 1])
    deal.moves.append((at, opens[place]))
    for _ in range(chance.randrange(6)):
        # Some moves are at midnight, where ranges begin and end; some at the same moment as the one before.
        at += chance.choice([chance.randrange(1, 40 * DAY), DAY - (at - BEGIN) % DAY, DAY, 0])
        is_closed = deal.stage in ("Won", "Lost")
        if is_closed and chance.random() < 0.6:
            break
        others = [one for one in range(len(opens)) if is_closed or opens[one] != deal.stage]
        chosen = "Open" if is_closed else chance.choices(["Open", "Won", "Lost"], [3, 1, 1])[0]
        if chosen == "Open":
            place = next((one for one in others if one > place and chance.random() < 0.6), chance.choice(others))
        deal.moves.append((at, opens[place] if chosen == "Open" else chosen))
    if deal.stage in FORMER:
        at += chance.randrange(1, 40 * DAY)
        deal.moves.append((at, chance.choice([one for one in opens if one not in FORMER])))
    for number, (_, stage) in enumerate(deal.moves):
        reason = chance.choice([None, "price", "timing", "competitor", "no answer"])
        if stage == "Lost" and reason is not None:
            deal.reasons[number] = reason
    return deal


async def write(driver: AsyncDriver, database: str, deals: Sequence[Deal]) -> None:
    """Writes the pipelines, and the deals on some customers."""
    mint = Mint(BEGIN + 1_000 * DAY)
    chance = random.Random(1)
    batch: forms.Batch = {name: [] for name in forms.STATEMENTS}
    keys = []
    for number in range(50):
        customer_id = mint(ids.CUSTOMER)
        batch["customers"].append(forms.customer(customer_id, BEGIN, BEGIN, BEGIN))
        for kind, value in (("customer", customer_id), ("user_id", f"buyer-{number}")):
            properties = forms.identifier(mint(ids.IDENTIFIER), kind, value, BEGIN, BEGIN)
            batch["identifiers"].append({"customerId": customer_id, "properties": properties})
        keys.append(f"user_id:buyer-{number}")
        batch["links"].append(
            forms.link(mint(ids.LINK), keys[-1], f"customer:{customer_id}", "born_with", "m", BEGIN)
        )
    await forms.write(driver, database, batch)
    for name, stages in PIPELINES.items():
        present, former = list[dict[str, Any]](), list[dict[str, Any]]()
        for one, probability, kind in stages:
            # A former one had the place that the next has now.
            row = {"id": stage_id(name, one), "name": one, "position": len(present) + 1}
            (former if one in FORMER else present).append(row | {"probability": probability, "kind": kind})
        statement = """CREATE (p:Pipeline {id: $id, name: $name, position: 7})
          WITH p UNWIND $rows AS row CREATE (p)-[:HAS_STAGE]->(s:Stage) SET s = row"""
        taken_out = """MATCH (p:Pipeline {id: $id}) UNWIND $rows AS row
          CREATE (p)-[:HAD_STAGE]->(s:Stage) SET s = row"""
        own = pipeline_id(name)
        await driver.execute_query(statement, id=own, name=name, rows=present, database_=database)
        await driver.execute_query(taken_out, id=own, rows=former, database_=database)
    # Their ids are not in the order of their times: as after an import.
    stored = [(mint(ids.DEAL), chance.choice(keys), one) for one in chance.sample(deals, len(deals))]
    statement = """UNWIND $rows AS row MATCH (i:Identifier {key: row.deal.identifierKey})
      CREATE (i)-[:NEGOTIATES]->(d:Deal) SET d = row.deal
      WITH d, row UNWIND row.moves AS move
      CREATE (d)-[:MOVED]->(s:DealStageChange:Message) SET s = move"""
    for start in range(0, len(stored), _DEALS):
        rows = [
            {"deal": _properties(*one), "moves": [*_moves(*one, mint)]} for one in stored[start : start + _DEALS]
        ]
        await driver.execute_query(statement, rows=rows, database_=database)


def _properties(deal_id: str, key: str, deal: Deal) -> dict[str, Any]:
    created, (last, stage) = deal.moves[0][0], deal.moves[-1]
    state = {"Won": "WON", "Lost": "LOST"}.get(stage, "OPEN")
    properties = forms.deal(deal_id, key, "Licences", "0", created) | {
        "amount": deal.amount,
        "currency": deal.currency,
        "owner": deal.owner,
        "pipelineId": pipeline_id(deal.pipeline),
        "stageId": stage_id(deal.pipeline, stage),
        "state": state,
        "expectedCloseOn": deal.expected,
        "forecastCategory": deal.category,
        "lostReason": deal.reason,
        "closedAt": last if state != "OPEN" else None,
        "enteredStageAt": last,
        "updatedAt": last,
        "version": len(deal.moves),
    }
    # Of the lists that it is in only those that reports read: others would take as long as all the rest.
    return properties | {name: places(properties)[name] for name in ("pipelinePosition", "pipelineStatePosition")}


def _moves(deal_id: str, key: str, deal: Deal, mint: Mint) -> Iterator[dict[str, Any]]:
    before: tuple[int, str] | None = None
    for number, (at, stage) in enumerate(deal.moves):
        change_id = mint(ids.STAGE_CHANGE)
        yield {
            "id": change_id,
            "key": f"\ndeal\n{change_id}",
            "messageKind": "deal",
            "subjectId": deal_id,
            "identifierKey": key,
            "refused": "[]",
            "dealId": deal_id,
            "occurredAt": at,
            "position": position(at, change_id),
            "fromStageId": stage_id(deal.pipeline, before[1]) if before else None,
            "toStageId": stage_id(deal.pipeline, stage),
            "by": None,
            "millisInStage": at - before[0] if before else None,
            "lostReason": deal.reasons.get(number),
        }
        before = at, stage


def _mean(values: Sequence[int]) -> int | None:
    return round(Fraction(sum(values), len(values))) if values else None


def report(deals: Sequence[Deal], pipeline: str, start: int, end: int) -> dict[str, Any]:
    """The report on a pipeline, by the words of its description."""
    mine = [one for one in deals if one.pipeline == pipeline]
    closed = {
        outcome: [
            one
            for one in mine
            if one.stage_at(end) == outcome and max(at for at, _ in one.moves if at < end) >= start
        ]
        for outcome in ("Won", "Lost")
    }
    won, lost = len(closed["Won"]), len(closed["Lost"])
    times = [max(at for at, _ in one.moves if at < end) - one.moves[0][0] for one in closed["Won"]]
    reasons = Counter(
        one.reasons.get(sum(at < end for at, _ in one.moves) - 1, "(not set)") for one in closed["Lost"]
    )
    return {
        "stages": [
            _stage(mine, pipeline, name, start, end)
            for name, _, _ in PIPELINES[pipeline]
            if name not in FORMER or any(_was_there(one, name, start, end) for one in mine)
        ],
        "won": won,
        "lost": lost,
        "winRate": won / (won + lost) if won + lost else None,
        "averageTimeToWin": _mean(times),
        "lostReasons": [
            {"reason": reason, "deals": many}
            for reason, many in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
        ],
    }


def _was_there(deal: Deal, name: str, start: int, end: int) -> bool:
    """Whether a deal came into a stage or left it in the range, or was in it at its end."""
    came = any(stage == name and start <= at < end for at, stage in deal.moves)
    left = any(stage == name and start <= until < end for stage, _, until in deal.stays())
    return came or left or deal.stage_at(end) == name


def _stage(deals: Sequence[Deal], pipeline: str, name: str, start: int, end: int) -> dict[str, Any]:
    names = [one for one, _, kind in PIPELINES[pipeline] if kind == "OPEN"]
    is_open = name in names
    beyond = [*names[names.index(name) + 1 :], "Won"] if is_open else []
    entered = moved = 0
    for deal in deals:
        arrivals = [number for number, (at, stage) in enumerate(deal.moves) if stage == name and start <= at < end]
        if arrivals:
            entered += 1
            moved += any(at < end and stage in beyond for at, stage in deal.moves[arrivals[0] + 1 :])
    stays = [
        until - since
        for one in deals
        for stage, since, until in one.stays()
        if stage == name and start <= until < end
    ]
    standing = [one for one in deals if is_open and one.stage_at(end) == name]
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for one in standing:
        if one.amount is not None and one.currency is not None:
            amounts[one.currency] += Decimal(one.amount)
    return {
        "stage": {"name": name},
        "entered": entered,
        "moved": moved,
        "conversionRate": moved / entered if is_open and entered else None,
        "averageTime": _mean(stays),
        "openDeals": len(standing),
        "openAmount": [{"amount": amount, "currency": currency} for currency, amount in sorted(amounts.items())],
    }


_CATEGORIES: Final = ("PIPELINE", "BEST_CASE", "COMMIT", "CLOSED", "OMITTED")


def forecast(
    deals: Sequence[Deal], start: date, end: date, group: str, pipeline: str | None, zone: str
) -> list[dict[str, Any]]:
    """The rows of a forecast, by the words of its description."""
    rows: dict[tuple[str, str | None], list[tuple[Decimal, Decimal, str]]] = defaultdict(list)
    for deal in deals:
        if pipeline not in (None, deal.pipeline) or deal.stage == "Lost":
            continue
        if deal.stage == "Won":
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=deal.moves[-1][0])
            day = moment.astimezone(ZoneInfo(zone)).date()
        elif deal.expected is not None:
            day = date.fromisoformat(deal.expected)
        else:
            continue
        if not start <= day < end:
            continue
        month = day.isoformat()[:7]
        quarter = f"{month[:4]}-Q{(int(month[5:]) - 1) // 3 + 1}"
        key = {"MONTH": month, "QUARTER": quarter, "OWNER": deal.owner or "(not set)"}[group]
        probability = Decimal(str({name: share for name, share, _ in PIPELINES[deal.pipeline]}[deal.stage]))
        by_stage = (
            "COMMIT"
            if probability >= Decimal("0.8")
            else "BEST_CASE"
            if probability >= Decimal("0.5")
            else "PIPELINE"
        )
        category = "CLOSED" if deal.stage == "Won" else deal.category or by_stage
        rows[key, deal.currency].append((Decimal(deal.amount or 0), probability, category))
    return [_forecast_row(*key, rows[key]) for key in sorted(rows, key=lambda one: (one[0], one[1] or "zzz"))]


def _forecast_row(key: str, currency: str | None, deals: list[tuple[Decimal, Decimal, str]]) -> dict[str, Any]:
    with localcontext() as context:
        context.prec = 60
        counted = [one for one in deals if one[2] != "OMITTED"]
        return {
            "key": key,
            "currency": currency,
            "deals": len(counted),
            "total": sum((amount for amount, _, _ in counted), Decimal()),
            "weighted": sum((amount * probability for amount, probability, _ in counted), Decimal()),
            "won": sum((amount for amount, _, category in counted if category == "CLOSED"), Decimal()),
            "byCategory": [
                {"category": one, "amount": sum((amount for amount, _, of in deals if of == one), Decimal())}
                for one in _CATEGORIES
                if any(of == one for _, _, of in deals)
            ],
        }
