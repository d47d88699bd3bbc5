"""Which process delivers to a webhook: one at a time, another one when it ends or dies."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from service.app import open_services
from service.graph.client import Graph
from tests.integration.asking import Api
from tests.integration.committing import committed
from tests.integration.hooks import (
    HOOK,
    QUICK,
    SETTINGS,
    UPDATE,
    cursors,
    register,
    running,
    seen,
    seen_all,
    told,
)
from tests.integration.test_changes import end
from tests.receiver import Got, Receiver, receiving

pytestmark = pytest.mark.usefixtures("no_webhooks_left")


async def test_after_a_restart_it_goes_on_where_it_stood(graph: Graph, silent: Api, unique: str) -> None:
    async with receiving() as receiver:
        async with running(graph, replace(QUICK, look=30, hold=60)) as api:
            after = await end(api)
            await register(api, receiver)
            await seen_all(api, unique, 10)
            # How far it came is kept at the end.
            await receiver.until(lambda: len(receiver.taken) == 20)
        await seen_all(silent, f"{unique}-b", 10)
        async with running(graph) as api:
            await receiver.until(lambda: len(receiver.taken) == 40)
            await asyncio.sleep(0.2)
            assert told(receiver.got) == await cursors(api, after)


async def test_a_delivery_under_way_does_not_hold_up_the_end(graph: Graph, unique: str) -> None:
    async def never(_got: Got) -> bytes:
        await asyncio.sleep(30)
        return b""

    async with receiving(never) as receiver:
        async with running(graph, replace(QUICK, answer=20)) as api:
            made = await register(api, receiver)
            await seen(api, unique, unique)
            await receiver.until(lambda: len(receiver.got) == 1)
            ending = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - ending < 10
        receiver.respond = None
        # Given back: another process need not wait for the lease to end.
        async with running(graph, replace(QUICK, lease=60)) as api:
            await receiver.until(lambda: len(receiver.taken) == 2)
            assert (await api.field(HOOK, id=made["id"]))["failures"] == 0


async def test_each_change_is_delivered_by_one_process_and_by_another_when_that_one_dies(
    graph: Graph, silent: Api, unique: str
) -> None:
    patient = replace(QUICK, hold=1.5, lease=2)
    async with receiving() as a, receiving() as b:
        receivers = [a, b]
        after = await end(silent)
        hooks = [await register(silent, one) for one in receivers]
        async with AsyncExitStack() as dying, AsyncExitStack() as surviving:
            first = await dying.enter_async_context(
                open_services(SETTINGS, graph, reminding=False, delivering=patient)
            )
            await owned(graph, *hooks)
            await surviving.enter_async_context(running(graph, patient))
            await seen_all(silent, unique, 20)
            expected = await cursors(silent, after)
            assert len(expected) == 40
            for one in receivers:
                await one.until(lambda one=one: len(one.got) >= 40)  # type: ignore[misc]
            await asyncio.sleep(0.3)
            assert [told(one.got) for one in receivers] == [expected, expected]
            # It dies: nothing is kept any more, and nothing is given back.
            leases = first.webhooks._changed.__self__  # type: ignore[attr-defined]
            leases._kept = leases._give_back = _dead
            await dying.aclose()
            await seen_all(silent, f"{unique}-b", 20)
            expected = await cursors(silent, after)
            assert len(expected) == 80
            for one in receivers:
                await one.until(lambda one=one: told(one.got)[-1] == expected[-1])  # type: ignore[misc]
                # What was not kept may be delivered again.
                assert list(dict.fromkeys(told(one.got))) == expected


async def owned(graph: Graph, *hooks: dict[str, Any]) -> None:
    """Waits until webhooks are held by some process."""
    async with asyncio.timeout(5):
        free = {one["id"] for one in hooks}
        while free:
            await asyncio.sleep(0.02)
            free = {row[0] for row in await graph.rows("webhooks/standing") if row[0] in free and not row[3]}


async def _dead(*_given: Any) -> set[str]:
    raise asyncio.CancelledError


async def test_a_holder_that_lost_its_lease_changes_nothing(graph: Graph, silent: Api) -> None:
    made = await register(silent, Receiver(port=9))
    row = {
        "id": made["id"],
        "revision": 0,
        "epoch": 0,
        "state": "FAILING",
        "at": 1,
        "failures": 7,
        "lastError": "lost",
        "failingSince": 5,
    }
    seen_free = {"id": made["id"], "owner": "", "beat": 0}

    async def ran(name: str, owner: str, *rows: dict[str, Any]) -> list[list[Any]]:
        async with graph.transaction() as transaction:
            return await transaction.rows(f"webhooks/{name}", owner=owner, now=1, rows=rows)

    before = await silent.field(HOOK, id=made["id"])
    assert await ran("take", "one", seen_free) == [[made["id"]]]
    # Of those who saw it free, one takes it.
    assert await ran("take", "other", seen_free) == []
    assert await ran("keep", "other", row) == []
    assert await silent.field(HOOK, id=made["id"]) == before
    # A holder is renewed, so what was seen of it before is not so any more.
    kept = row | {"state": "ACTIVE", "at": 1, "failures": 0, "lastError": None, "failingSince": None}
    assert await ran("keep", "one", kept) == [[made["id"]]]
    assert await ran("take", "other", {"id": made["id"], "owner": "one", "beat": 1}) == []
    assert await ran("take", "other", {"id": made["id"], "owner": "one", "beat": 2}) == [[made["id"]]]
    assert await ran("keep", "one", row) == []
    # What users changed meanwhile stays as they left it.
    cursor = await end(silent)
    await silent.done(UPDATE, input={"webhookId": made["id"], "state": "PAUSED", "redeliverAfter": cursor})
    assert await ran("keep", "other", row) == [[made["id"]]]
    stands = await silent.field(HOOK, id=made["id"])
    assert (stands["state"], stands["failures"], stands["lastError"]) == ("PAUSED", 0, None)
    assert stands["lastCursor"] == cursor


async def test_one_that_this_process_cannot_deliver_to_holds_up_no_other(
    graph: Graph, silent: Api, unique: str
) -> None:
    async with receiving() as receiver:
        later, made = [await register(silent, receiver) for _ in range(2)]
        statement = """MATCH (w:Webhook {id: $id}) SET w.filter = '{"kinds": ["OF_A_LATER_VERSION"]}'"""
        await committed(graph, (statement, {"id": later["id"]}))
        async with running(graph):
            await seen(silent, unique, unique)
            await receiver.until(lambda: len(receiver.got) == 2)
            await asyncio.sleep(0.2)
            beats = {row[0]: row[4] for row in await graph.rows("webhooks/standing")}
    # Its lease is not renewed: another process may take it.
    assert beats[later["id"]] == 1 < beats[made["id"]]
    assert {one.id[4:36] for one in receiver.got} == {made["id"].removeprefix("whk_")}


async def test_of_many_who_take_at_once_one_does(graph: Graph, silent: Api) -> None:
    made = await register(silent, Receiver(port=9))
    free = {"id": made["id"], "owner": "", "beat": 0}

    async def take(owner: str) -> list[str]:
        try:
            async with graph.transaction() as transaction:
                rows = await transaction.rows("webhooks/take", owner=owner, now=1, rows=[free])
        except Exception:
            return []
        return [owner for _ in rows]

    taken = await asyncio.gather(*(take(str(n)) for n in range(8)))
    assert len([one for some in taken for one in some]) == 1
