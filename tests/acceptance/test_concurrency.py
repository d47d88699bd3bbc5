"""Two service processes, 64 writers each, on identifiers that overlap: exact all the same."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from service.graph.client import Graph
from tests.acceptance.conftest import Client, ServiceProcess, service, touch
from tests.conftest import Engine
from tests.integration.stewarding import check_invariants
from tests.union_find import UnionFind

WRITERS = 64
EVENTS_A_WRITER = 10
RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  duplicate refused { identifier { kind value } code } userErrors { code } touchpoint { id } } }"""

Key = tuple[str, str]


def patient(engine: Engine, log: Path) -> AbstractContextManager[ServiceProcess]:
    """A service that gives up no request: of so many at once, each takes long on a busy machine."""
    return service(engine, log, CUSTOMER_GRAPH_REQUEST_TIMEOUT_SECONDS="200")


def pool(unique: str) -> list[Key]:
    """50 identifiers; the limits of user_id (1) and phone (5) keep them from becoming one customer."""
    number = int(unique, 16) % 10**6
    return (
        [("user_id", f"u{index}-{unique}") for index in range(8)]
        + [("phone", f"+4930{number:06d}{index:02d}") for index in range(17)]
        + [("cookie", f"c{index}-{unique}") for index in range(25)]
    )


def events(unique: str) -> list[dict[str, Any]]:
    """What all writers send together; one in eight is sent twice, mostly through both processes."""
    chance = random.Random(unique)
    identifiers = pool(unique)
    made = []
    for index in range(2 * WRITERS * EVENTS_A_WRITER):
        chosen = chance.sample(identifiers, chance.choice((1, 2, 2, 2, 3)))
        made.append(touch(f"{unique}-{index}", "page_view", "web", "2026-05-01T00:00:00Z", *chosen))
    repeats = chance.sample(made, len(made) // 8)
    everything = made + repeats
    chance.shuffle(everything)
    return everything


_CHANGED = "event { id } userErrors { code }"
MERGE = f"mutation ($input: MergeCustomersInput!) {{ mergeCustomers(input: $input) {{ {_CHANGED} }} }}"
SPLIT = f"mutation ($input: SplitCustomerInput!) {{ splitCustomer(input: $input) {{ {_CHANGED} }} }}"
UNDO = f"mutation ($input: UndoIdentityEventInput!) {{ undoIdentityEvent(input: $input) {{ {_CHANGED} }} }}"
WHO = "query ($by: CustomerBy!) { customer(by: $by) { id identifiers { kind value } } }"
STEWARDS = 4
CHANGES_A_STEWARD = 12


async def _steward(client: Client, chance: random.Random, pool: list[Key]) -> int:
    """Merges, splits and undoes at random; how often something was changed."""
    events: list[str] = []
    changes = 0
    while changes < CHANGES_A_STEWARD:
        await asyncio.sleep(0.01)
        named = [{"identifier": {"kind": kind, "value": value}} for kind, value in chance.sample(pool, 2)]
        one, other = [await client.field(WHO, by=by) for by in named]
        if one is None or other is None:
            continue
        form: dict[str, Any]
        if events and chance.random() < 0.3:
            mutation, form = UNDO, {"eventId": events.pop()}
        elif one["id"] != other["id"]:
            mutation, form = MERGE, {"customerIds": [one["id"], other["id"]]}
        elif len(one["identifiers"]) > 1:
            leaving = chance.sample(one["identifiers"], chance.randrange(1, len(one["identifiers"])))
            mutation, form = SPLIT, {"customerId": one["id"], "identifiers": leaving}
        else:
            continue
        payload = await client.field(mutation, input=form | {"reason": "at random"})
        # What was read may be other by now: then it is refused, and nothing is changed.
        assert {error["code"] for error in payload["userErrors"]} <= REFUSALS
        if payload["event"]:
            events.append(payload["event"]["id"])
            changes += 1
    return changes


REFUSALS = {"INVALID", "NOT_FOUND", "MERGE_FORBIDDEN", "IDENTIFIER_LIMIT_EXCEEDED"}


@pytest.mark.timeout(600)
async def test_merges_and_splits_from_two_processes_among_events_keep_everybody_whole(
    engine: Engine, graph: Graph, tmp_path: Path, unique: str
) -> None:
    sent = events(unique)[: WRITERS * EVENTS_A_WRITER]
    with patient(engine, tmp_path / "one") as one, patient(engine, tmp_path / "two") as two:
        clients = [Client(one.address), Client(two.address)]
        queue = iter(sent)

        async def writer(client: Client) -> None:
            for event in queue:
                assert (await client.field(RECORD, input=event))["userErrors"] == []

        stewards = [
            _steward(client, random.Random(f"{unique}-{number}-{place}"), pool(unique))
            for place, client in enumerate(clients)
            for number in range(STEWARDS)
        ]
        writers = [writer(client) for client in clients for _ in range(WRITERS // 4)]
        working = asyncio.gather(*stewards)
        await asyncio.gather(*writers)
        changed = await working
        for client in clients:
            await client.http.aclose()
    assert sum(changed) > 0
    keys = [f"{kind}:{value}" for kind, value in pool(unique)]
    await check_invariants(graph, keys)
    rows = await graph.run(
        """UNWIND $keys AS key MATCH (i:Identifier {key: key})
           RETURN key, COUNT { (i)-[:IDENTIFIES]->(:Customer) }""",
        "",
        keys=keys,
    )
    assert {count for _, count in rows} == {1}
    messages = await graph.run(
        "MATCH (t:Touchpoint) WHERE t.messageId STARTS WITH $unique RETURN count(t)", "", unique=unique
    )
    assert messages == [[len({event["messageId"] for event in sent})]]
    hanging = await graph.run(
        """MATCH (t:Touchpoint) WHERE t.messageId STARTS WITH $unique
           RETURN sum(COUNT { (t)<-[:MADE]-(:Identifier)-[:IDENTIFIES]->(:Customer) })""",
        "",
        unique=unique,
    )
    assert hanging == messages
    lonely = await graph.run("MATCH (c:Customer) WHERE NOT EXISTS { (c)<-[:IDENTIFIES]-() } RETURN count(c)")
    assert lonely == [[0]]


@pytest.mark.timeout(600)
async def test_two_processes_agree_with_a_union_find(
    engine: Engine, graph: Graph, tmp_path: Path, unique: str
) -> None:
    sent = events(unique)
    with patient(engine, tmp_path / "one") as one, patient(engine, tmp_path / "two") as two:
        clients = [Client(one.address), Client(two.address)]
        queue = iter(sent)

        async def writer(client: Client) -> list[tuple[dict[str, Any], dict[str, Any]]]:
            return [(event, await client.field(RECORD, input=event)) for event in queue]

        written = await asyncio.gather(*(writer(client) for client in clients for _ in range(WRITERS)))
        for client in clients:
            await client.http.aclose()
    answers = [pair for some in written for pair in some]
    assert len(answers) == len(sent)
    assert all(answer["userErrors"] == [] for _, answer in answers)

    by_message = defaultdict(list)
    for event, answer in answers:
        by_message[event["messageId"]].append((event, answer))
    firsts = [next(pair for pair in pairs if not pair[1]["duplicate"]) for pairs in by_message.values()]
    assert (
        sum(not answer["duplicate"] for _, answer in answers) == len(by_message) == 2 * WRITERS * EVENTS_A_WRITER
    )

    expected = UnionFind()
    refusals = 0
    for event, answer in firsts:
        refused = {(one["identifier"]["kind"], one["identifier"]["value"]) for one in answer["refused"]}
        assert {one["code"] for one in answer["refused"]} <= {"IDENTIFIER_LIMIT_EXCEEDED"}
        refusals += len(refused)
        keys = [(one["kind"], one["value"]) for one in event["identifiers"]]
        expected.join(f"{kind}:{value}" for kind, value in keys if (kind, value) not in refused)
    assert refusals > 0, "the limits were never met: the test does not test them"

    stored = await graph.run(
        """MATCH (i:Identifier) WHERE i.value ENDS WITH $unique OR i.key IN $phones
           MATCH (i)-[e:IDENTIFIES]->(c:Customer) RETURN i.key, collect(c.id)""",
        "",
        unique=unique,
        phones=[f"{kind}:{value}" for kind, value in pool(unique) if kind == "phone"],
    )
    assert all(len(customers) == 1 for _, customers in stored)
    groups = defaultdict(set)
    for key, (customer,) in stored:
        groups[customer].add(key)
    assert {frozenset(group) for group in groups.values()} == expected.groups()
    assert 1 < len(groups) < len(stored)

    messages = await graph.run(
        "MATCH (t:Touchpoint) WHERE t.messageId STARTS WITH $unique RETURN count(t), count(DISTINCT t.messageId)",
        "",
        unique=unique,
    )
    assert messages == [[len(by_message), len(by_message)]]
    lonely = await graph.run("MATCH (c:Customer) WHERE NOT EXISTS { (c)<-[:IDENTIFIES]-() } RETURN count(c)")
    assert lonely == [[0]]
