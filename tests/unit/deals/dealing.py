"""Deals and pipelines as a batch finds them, and commands that are short to write."""

from __future__ import annotations

from typing import Any

from service.deals.book import KNOWN, Deals, Dealt
from service.deals.commands import CloseDeal, CreateDeal, MoveDeal
from service.deals.models import CloseDealInput, CreateDealInput, MoveDealInput
from service.deals.piping import pipeline
from service.errors import UserError
from service.graph.books import Books
from service.identity.book import Identities
from service.inputs import parsed
from tests.unit.examples import NOW, claim, empty_books, written

NEW, OFFER, WON, LOST = (f"stg_{n}" for n in range(1, 5))
RENEW, RENEWED = "stg_5", "stg_6"
SALES = [
    "pip_1",
    "Sales",
    [
        [NEW, "New", 1, 0.1, "OPEN"],
        [OFFER, "Offer", 2, 0.5, "OPEN"],
        [WON, "Won", 3, 1.0, "WON"],
        [LOST, "Lost", 4, 0.0, "LOST"],
    ],
]
RENEWALS = ["pip_2", "Renewals", [[RENEW, "Due", 1, 0.9, "OPEN"], [RENEWED, "Renewed", 2, 1.0, "WON"]]]
HOUR = 3_600_000


def books_with_pipelines(now: int = NOW) -> Books:
    """Empty books, but that the pipelines are known and somebody is on the phone."""
    books = empty_books(now)
    books[Deals]._pipelines = {one.id: one for one in map(pipeline, (SALES, RENEWALS))}
    books[Identities].resolve(claim("phone:+79161234567"), books)
    return books


def books_with_deal(**changed: Any) -> Books:
    """Books of a transaction that found a deal in the graph."""
    books = books_with_pipelines()
    known = {
        "id": "deal_1",
        "identifierKey": "phone:+79161234567",
        "position": "1:1",
        "pipelineId": "pip_1",
        "stageId": NEW,
        "state": "OPEN",
        "version": 3,
        "enteredStageAt": NOW - HOUR,
        **changed,
    }
    books[Deals].records.take([[known.get(name) for name in KNOWN]])
    return books


def create(token: str = "t1", key: str = "phone:+79161234567", **fields: Any) -> CreateDeal:
    return CreateDeal(parsed(CreateDealInput, {"title": "A car", **fields}), f"\ncreateDeal\n{token}", key)


def move(stage: str, token: str = "t2", deal_id: str = "deal_1", **fields: Any) -> MoveDeal:
    form = parsed(MoveDealInput, {"dealId": deal_id, "stageId": stage, **fields})
    return MoveDeal(form, f"\ndeal\n{token}")


def close(outcome: str, token: str = "t3", deal_id: str = "deal_1", **fields: Any) -> CloseDeal:
    form = parsed(CloseDealInput, {"dealId": deal_id, "outcome": outcome, **fields})
    return CloseDeal(form, f"\ndeal\n{token}")


def error_of(dealt: Dealt) -> UserError:
    assert dealt.deal_id is None
    (error,) = dealt.errors
    return error


def changes(books: Books) -> list[str]:
    """The queries by which books would change deals."""
    return [query for query in written(books) if query.startswith("deals/")]
