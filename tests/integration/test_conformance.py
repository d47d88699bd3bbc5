"""What the code relies on in every engine. When an engine's update breaks one of these, it is not usable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from neo4j import AsyncGraphDatabase

from service.errors import Conflict, Rejected
from service.graph import queries
from service.graph.client import Graph
from tests.conftest import Engine
from tests.integration.asking import ORDER, RECORD, Api
from tests.integration.candidates import settle
from tests.integration.committing import committed
from tests.integration.forms import day, order, touch

Run = Callable[..., Awaitable[list[list[Any]]]]


@pytest.fixture
async def run(engine: Engine) -> AsyncIterator[Run]:
    """Runs any statement, past the service's own client."""
    auth = (engine.user, engine.password) if engine.password else None
    async with AsyncGraphDatabase.driver(engine.uri, auth=auth, notifications_min_severity="OFF") as driver:

        async def run(statement: str, **parameters: Any) -> list[list[Any]]:
            answer = await driver.execute_query(statement, parameters, database_=engine.database)
            return [list(record.values()) for record in answer.records]

        yield run


@pytest.fixture
async def probe(run: Run, unique: str) -> AsyncIterator[str]:
    """The id of a node `(:Probe)` of this test."""
    await run("CREATE (p:Probe {id: $id, keep: 1, drop: 2})", id=unique)
    yield unique
    await run("MATCH (p:Probe {id: $id}) DELETE p", id=unique)


@pytest.fixture
async def shopper(api: Api, unique: str) -> str:
    """The id of a customer with two cookies, five touchpoints on them, two orders on one of them."""
    first, second = ("cookie", f"one-{unique}"), ("cookie", f"two-{unique}")
    joined = await api.done(RECORD, input=touch(f"0-{unique}", first, second))
    for number, cookie in enumerate((first, first, second, second), 1):
        await api.done(RECORD, input=touch(f"{number}-{unique}", cookie, at=day(number)))
    for number, status in enumerate(("PLACED", "CANCELLED")):
        form = order(
            f"o{number}-{unique}", f"{number}-{unique}", "5 EUR", first, at=day(8 + number), status=status
        )
        await api.done(ORDER, input=form)
    customer: str = joined["customer"]["id"]
    return customer


async def test_lists_come_back_collected_in_one_record(graph: Graph) -> None:
    statement = "UNWIND $ns AS n RETURN collect([n, 'x', null, n * 0.5, [n]])"
    assert await graph.run(statement, ns=[1, 2]) == [[[[1, "x", None, 0.5, [1]], [2, "x", None, 1.0, [2]]]]]
    assert await graph.run(statement, ns=[]) == [[[]]]
    assert await graph.run("MATCH (n:Identifier {key: 'none'}) RETURN collect([n.id])") == [[[]]]


@pytest.mark.parametrize(("limit", "kept"), [(2, [[9], [8]]), (3, [[9], [8], [7]]), (50, [[9], [8], [7]])])
async def test_a_collected_list_keeps_its_order_and_is_cut(
    graph: Graph, limit: int, kept: list[list[int]]
) -> None:
    statement = "UNWIND [8, 7, 9] AS n WITH n ORDER BY n DESC WITH collect([n]) AS rows RETURN rows[0..$limit]"
    assert await graph.run(statement, limit=limit) == [[kept]]


async def test_values_survive_the_way_there_and_back(run: Run, probe: str) -> None:
    values = {
        "text": "Ünï-кот-猫-🐈\u2028",
        "lines": "shop\nm-1",
        "long": 9_007_199_254_740_993,
        "real": 0.1,
        "yes": True,
        "texts": ["a", "b"],
        "nothing": [],
    }
    await run("MATCH (p:Probe {id: $id}) SET p += $values", id=probe, values=values)
    columns = ", ".join(f"p.{name}" for name in values)
    assert await run(f"MATCH (p:Probe {{id: $id}}) RETURN {columns}", id=probe) == [list(values.values())]


async def test_setting_a_map_replaces_and_adding_one_keeps_and_null_removes(run: Run, probe: str) -> None:
    added = {"drop": None, "new": "n"}
    await run(
        "UNWIND $rows AS row MATCH (p:Probe {id: row.id}) SET p += row.added", rows=[{"id": probe, "added": added}]
    )
    statement = "MATCH (p:Probe {id: $id}) RETURN p.keep, p.drop, p.new"
    assert await run(statement, id=probe) == [[1, None, "n"]]
    keys = "MATCH (p:Probe {id: $id}) UNWIND keys(p) AS name WITH name ORDER BY name RETURN collect(name)"
    assert await run(keys, id=probe) == [[["id", "keep", "new"]]]
    await run(
        "UNWIND $rows AS row MATCH (p:Probe {id: row.id}) SET p = row",
        rows=[{"id": probe, "other": 3, "gone": None}],
    )
    assert await run(keys, id=probe) == [[["id", "other"]]]


@pytest.mark.parametrize(("wanted", "found"), [(None, [1, 2, 3]), ([], []), ([2, 3, 4], [2, 3])])
async def test_a_parameter_that_is_null_means_any(
    graph: Graph, wanted: list[int] | None, found: list[int]
) -> None:
    statement = "UNWIND [1, 2, 3] AS n WITH n WHERE ($wanted IS NULL OR n IN $wanted) RETURN collect(n)"
    assert await graph.run(statement, wanted=wanted) == [[found]]


async def test_a_subquery_of_a_variable_unites_and_limits_for_each_row(graph: Graph, shopper: str) -> None:
    statement = """MATCH (c:Customer {id: $id})<-[:IDENTIFIES]-(i:Identifier)
      CALL (i) {
        MATCH (i)-[:MADE]->(t:Touchpoint) WHERE $touchpoints
        WITH t ORDER BY t.position DESC LIMIT $limit
        RETURN 'touchpoint' AS kind, t.position AS position
        UNION ALL
        MATCH (i)-[:PLACED]->(o:Order)
        WITH o ORDER BY o.position DESC LIMIT $limit
        RETURN 'order' AS kind, o.position AS position
      }
      WITH kind, position ORDER BY position DESC
      RETURN collect(kind)"""
    both = await graph.run(statement, id=shopper, touchpoints=True, limit=2)
    assert both == [[["order"] * 2 + ["touchpoint"] * 4]]
    assert await graph.run(statement, id=shopper, touchpoints=True, limit=1) == [[["order"] + ["touchpoint"] * 2]]
    assert await graph.run(statement, id=shopper, touchpoints=False, limit=9) == [[["order"] * 2]]


async def test_subqueries_exist_and_count(graph: Graph, shopper: str) -> None:
    statement = """MATCH (c:Customer {id: $id}) RETURN
      EXISTS { (c)<-[:IDENTIFIES]-(:Identifier {kind: $kind}) },
      EXISTS { (c)<-[:IDENTIFIES]-(:Identifier)-[:NEGOTIATES]->(:Deal {state: 'OPEN'}) } = $open,
      COUNT { (c)<-[:IDENTIFIES]-(:Identifier)-[:PLACED]->(o:Order) WHERE NOT o.status IN ['CANCELLED'] },
      COUNT { (c)<-[:IDENTIFIES]-(:Identifier)-[:MADE]->() }"""
    assert await graph.run(statement, id=shopper, kind="cookie", open=False) == [[True, True, 1, 5]]
    assert await graph.run(statement, id=shopper, kind="phone", open=True) == [[False, False, 1, 5]]


@pytest.mark.parametrize(("direction", "first"), [("DESC", day(4)), ("ASC", day(0))])
async def test_an_index_hint_is_taken_and_changes_no_answer(
    graph: Graph, shopper: str, direction: str, first: str
) -> None:
    statement = f"""MATCH (c:Customer {{id: $id}})<-[:IDENTIFIES]-(i:Identifier)
      CALL (i) {{
        MATCH (i)-[:MADE]->(t:Touchpoint)
        USING INDEX t:Touchpoint(identifierKey, position)
        WHERE t.identifierKey = i.key AND t.position >= '' AND t.position < '~'
        RETURN t ORDER BY t.identifierKey {direction}, t.position {direction} LIMIT 2
      }}
      WITH t ORDER BY t.position {direction} RETURN collect(t.messageId)"""
    ((messages,),) = await graph.run(statement, id=shopper)
    digits = [message[0] for message in messages]
    assert digits == (["4", "3", "2", "1"] if first == day(4) else ["0", "1", "3", "4"])


async def test_a_node_with_two_labels_is_found_by_each(graph: Graph, shopper: str, unique: str) -> None:
    del shopper
    for label, found in (("Identifier", 1), ("Cookie", 1), ("Device", 0)):
        statement = f"MATCH (i:{label} {{key: $key}}) RETURN count(i)"
        assert await graph.run(statement, key=f"cookie:one-{unique}") == [[found]]


async def test_a_relationship_is_walked_both_ways_and_its_pair_told_once(
    graph: Graph, shopper: str, unique: str
) -> None:
    del shopper
    pairs = [[f"cookie:one-{unique}", f"cookie:two-{unique}"], [f"cookie:two-{unique}", f"cookie:one-{unique}"]]
    found = await graph.rows("identity/linked", pairs=pairs)
    assert sorted(found) == sorted([*pair, True] for pair in pairs)


def message(key: str) -> dict[str, Any]:
    return {"key": key, "messageKind": "probe", "subjectId": "", "identifierKey": "", "refused": "[]"}


async def test_a_unique_key_twice_is_a_conflict(graph: Graph, unique: str) -> None:
    await committed(graph, (queries.load("graph/create_messages"), {"rows": [message(unique)]}))
    with pytest.raises(Conflict):
        async with graph.transaction() as transaction:
            await transaction.write("graph/create_messages", rows=[message(unique)])
    assert await graph.rows("graph/messages", keys=[unique]) == [[unique, "probe", "", "", "[]"]]


async def test_a_unique_key_twice_in_one_transaction_is_a_conflict_and_leaves_nothing(
    graph: Graph, unique: str
) -> None:
    with pytest.raises(Conflict):
        async with graph.transaction() as transaction:
            await transaction.write("graph/create_messages", rows=[message(unique), message(unique)])
    assert await graph.rows("graph/messages", keys=[unique]) == []


@pytest.mark.parametrize("how", [KeyError, asyncio.CancelledError])
async def test_a_transaction_is_rolled_back_on_an_exception(
    graph: Graph, unique: str, how: type[BaseException]
) -> None:
    with pytest.raises(how):  # noqa: PT012 -- the block is what is tested
        async with graph.transaction() as transaction:
            await transaction.write("graph/create_messages", rows=[message(unique)])
            assert len(await transaction.rows("graph/messages", keys=[unique])) == 1
            raise how
    assert await graph.rows("graph/messages", keys=[unique]) == []


async def test_a_wrong_statement_is_rejected(graph: Graph) -> None:
    with pytest.raises(Rejected):
        await graph.run("MATCH (n RETURN n")


async def lock(graph: Graph, now: int) -> int:
    """The clock of one transaction under the lock, tried again on conflicts."""
    while True:
        try:
            async with graph.transaction() as transaction:
                ((clock, *_),) = await transaction.rows("graph/lock", now=now)
        except Conflict:
            await asyncio.sleep(0.01)
        else:
            return int(clock)


async def test_the_clock_grows_strictly_even_where_time_goes_back(graph: Graph) -> None:
    start = await lock(graph, 0)
    assert await lock(graph, start + 10) == start + 10
    assert await lock(graph, start + 10) == start + 11
    assert await lock(graph, start) == start + 12
    assert await lock(graph, start + 50) == start + 50


async def test_no_two_of_many_transactions_at_once_see_the_same_clock(graph: Graph) -> None:
    start = await lock(graph, 0)
    clocks = await asyncio.gather(*(lock(graph, 0) for _ in range(8)))
    assert sorted(clocks) == list(range(start + 1, start + 9))


async def test_of_two_transactions_with_the_same_lock_one_waits_or_fails(graph: Graph) -> None:
    # Nobody else writes meanwhile: what conflicts here, conflicts with the second.
    await settle(graph)
    start = await lock(graph, 0)
    second: asyncio.Task[int] | None = None
    try:
        async with graph.transaction() as transaction:
            ((first, *_),) = await transaction.rows("graph/lock", now=0)
            second = asyncio.create_task(lock(graph, 0))
            await asyncio.wait({second}, timeout=0.2)
            overtaken = second.done()
    except Conflict:
        # An engine without locks: the second has overtaken the first, which then cannot commit.
        assert overtaken
        assert second is not None
        assert (first, await second) == (start + 1, start + 1)
    else:
        assert not overtaken
        assert (first, await second) == (start + 1, start + 2)


async def test_a_range_of_a_unique_key_comes_in_the_order_of_the_key(graph: Graph, api: Api, unique: str) -> None:
    """Reports page through customers by it, without a sort."""
    for number in range(20):
        await api.done(RECORD, input=touch(f"{number}-{unique}", ("cookie", f"{number}-{unique}")))
    ((every,),) = await graph.run("MATCH (c:Customer) RETURN collect(c.id)")
    after, found = "", []
    while rows := await graph.rows("journeys/customers", after=after, limit=7):
        found += [customer_id for (customer_id,) in rows]
        after = found[-1]
    assert found == sorted(every)
