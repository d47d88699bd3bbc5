"""Customers who may be one person, and what tests ask about them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import date, timedelta
from typing import Any

from service.graph.client import Graph
from tests.integration.asking import IDENTIFY, Api
from tests.integration.forms import Key, day, identify

CANDIDATE = """id probability status foundAt decidedAt decidedBy a { id displayName } b { id displayName }
  evidence { field a b agreement weight }"""
DUPLICATES = f"""query ($by: CustomerBy!, $least: Float! = 0.5) {{ customer(by: $by) {{
  id possibleDuplicates(minProbability: $least) {{ {CANDIDATE} }} }} }}"""
LIST = f"""query ($status: MatchStatus! = OPEN, $least: Float! = 0.5, $first: Int! = 100, $after: String) {{
  matchCandidates(status: $status, minProbability: $least, first: $first, after: $after) {{
    nodes {{ {CANDIDATE} }} edges {{ cursor node {{ id }} }}
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ ... on MatchCandidate {{ {CANDIDATE} }} }} }}"
DECIDE = f"""mutation ($input: DecideMatchInput!) {{ decideMatch(input: $input) {{
  userErrors {{ code message field }} match {{ {CANDIDATE} }}
  customer {{ id previousIds }} event {{ id kind reason by customerIds undone }} }} }}"""

WAIT_SECONDS = 30


def name_of(unique: str, number: int = 0) -> str:
    """A name that nobody else has: two words of letters, drawn from a text of the test."""
    syllables = ("ba", "ko", "du", "fi", "ga", "lo", "mi", "nu", "pa", "re", "so", "ta", "vi", "zu", "che", "sha")
    digest = hashlib.sha256(f"{unique} {number}".encode()).hexdigest()
    heard = [syllables[int(one, 16)] for one in digest[:8]]
    return f"{''.join(heard[:3]).title()} {''.join(heard[3:]).title()}"


def born(unique: str, number: int = 0) -> date:
    """A birth date of the test's."""
    days = int(hashlib.sha256(f"{unique} {number}".encode()).hexdigest()[-6:], 16) % 15_000
    return date(1955, 1, 1) + timedelta(days=days)


async def settle(graph: Graph) -> None:
    """Waits until no record is to be matched."""
    give_up = time.monotonic() + WAIT_SECONDS
    while (await graph.run("MATCH (c:Customer) WHERE c.matchDue > '' RETURN count(c)")) != [[0]]:
        assert time.monotonic() < give_up, "marks are left"
        await asyncio.sleep(0.02)


async def known(api: Api, message: str, source: str, attributes: dict[str, Any], *keys: Key, at: float = 0) -> str:
    """Records what a source says of somebody; the customer's id."""
    form = identify(message, source, attributes, *keys, at=day(at))
    customer_id: str = (await api.done(IDENTIFY, input=form))["customer"]["id"]
    return customer_id


async def alike(api: Api, unique: str, count: int = 2, *, number: int = 0) -> list[str]:
    """Customers whom different sources tell of in nearly the same way; their ids."""
    made = []
    for place in range(count):
        written = born(unique, number).strftime("%d.%m.%Y" if place % 2 else "%Y-%m-%d")
        said = {"name": name_of(unique, number), "birthDate": written, "city": "Kyiv"}
        made.append(
            await known(
                api, f"{unique}-{number}-{place}", f"source{place}", said, ("cookie", f"{unique}-{number}-{place}")
            )
        )
    return made


async def duplicates(api: Api, customer_id: str, least: float = 0.5) -> list[dict[str, Any]]:
    """The open candidates of a customer."""
    found = await api.field(DUPLICATES, by={"id": customer_id}, least=least)
    some: list[dict[str, Any]] = found["possibleDuplicates"]
    return some


async def proposed(api: Api, graph: Graph, unique: str, *, number: int = 0) -> tuple[dict[str, Any], list[str]]:
    """The candidate of two who are alike, and their ids."""
    both = await alike(api, unique, number=number)
    await settle(graph)
    (candidate,) = await duplicates(api, both[0])
    return candidate, both


async def who(api: Api, *customer_ids: str) -> list[str]:
    """Who customers are now."""
    found = await asyncio.gather(*(api.customer(id=one) for one in customer_ids))
    return [one["id"] for one in found if one]


async def decide(api: Api, match_id: str, *, same: bool, **more: Any) -> dict[str, Any]:
    """Decides a candidate; the payload, in which nothing was wrong."""
    return await api.done(DECIDE, input={"matchId": match_id, "same": same, **more})


async def refused(api: Api, match_id: str, *, same: bool, **more: Any) -> dict[str, Any]:
    """What is wrong with a decision; nothing was changed by it."""
    payload = await api.field(DECIDE, input={"matchId": match_id, "same": same, **more})
    assert (payload["match"], payload["customer"], payload["event"]) == (None, None, None)
    (error,) = payload["userErrors"]
    found: dict[str, Any] = error
    return found
