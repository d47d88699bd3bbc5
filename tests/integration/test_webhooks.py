"""Webhooks, delivered to real receivers: in order, at least once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from service.app import open_services
from service.changes import log
from service.graph.client import Graph
from service.settings import Settings
from tests.integration.asking import Api
from tests.integration.hooks import (
    DELETE,
    HOOK,
    HOOKS,
    QUICK,
    UPDATE,
    cursors,
    register,
    running,
    seen,
    seen_all,
    told,
    until,
)
from tests.integration.stewarding import merge
from tests.integration.test_changes import end, since
from tests.receiver import Got, answer, receiving

pytestmark = pytest.mark.usefixtures("no_webhooks_left")


async def test_each_change_is_delivered_in_order_signed_and_without_personal_data(
    graph: Graph, unique: str
) -> None:
    running_now = most = 0

    async def respond(_got: Got) -> bytes:
        nonlocal running_now, most
        running_now += 1
        most = max(most, running_now)
        await asyncio.sleep(0.001)
        running_now -= 1
        return answer(200, b"thanks")

    async with receiving(respond) as receiver, running(graph) as api:
        after = await end(api)
        made = await register(api, receiver)
        await seen_all(api, unique, 20)
        expected = await since(api, after)
        assert len(expected) == 40
        await receiver.until(lambda: len(receiver.got) >= 40)
        stands = await until(api, made["id"], lambda one: one["lastCursor"] == expected[-1]["cursor"])
    assert stands == {
        "id": made["id"],
        "url": receiver.url,
        "filter": None,
        "state": "ACTIVE",
        "lastCursor": expected[-1]["cursor"],
        "failures": 0,
        "lastError": None,
    }
    bodies = [one.verified(made["secret"]) for one in receiver.got]
    assert bodies == [
        {
            "type": one["kind"].lower().replace("_", ".", 1),
            "timestamp": one["at"],
            "data": {
                "kind": one["kind"],
                "cursor": one["cursor"],
                "at": one["at"],
                "customerId": one["customerId"],
                "previousCustomerIds": [],
                "subjectId": one["subject"] and one["subject"]["id"],
                "changedFields": one["changedFields"],
            },
        }
        for one in expected
    ]
    assert len({one.id for one in receiver.got}) == 40
    assert {one.line for one in receiver.got} == {"POST /in?key=1 HTTP/1.1"}
    assert all(unique.encode() not in one.body for one in receiver.got)
    assert (most, receiver.connections) == (1, 1)


async def test_what_is_not_taken_is_tried_again_before_what_follows(graph: Graph, unique: str) -> None:
    tried: dict[str, int] = {}

    async def respond(got: Got) -> bytes:
        tried[got.id] = tried.get(got.id, 0) + 1
        return [answer(500), b"", answer(302, Location="http://127.0.0.1:9/"), answer(201)][tried[got.id] - 1]

    async with receiving(respond) as receiver, running(graph) as api:
        after = await end(api)
        made = await register(api, receiver)
        await seen_all(api, unique, 3)
        await receiver.until(lambda: len(receiver.taken) == 6)
        stands = await until(api, made["id"], lambda one: one["failures"] == 0 and one["lastCursor"] != after)
        assert told(receiver.taken) == await cursors(api, after)
    assert stands["lastError"] is None
    assert set(tried.values()) == {4}
    # The same message each time, signed anew.
    assert {one.id: one.body for one in receiver.got} == {one.id: one.body for one in receiver.taken}
    assert [one.verified(made["secret"])["type"] for one in receiver.got[:4]] == ["customer.created"] * 4


async def test_why_it_is_not_taken_can_be_read_but_not_what_was_answered(graph: Graph, unique: str) -> None:
    async def respond(_got: Got) -> bytes:
        return answer(503, b"the secret of the house", Retry_After="60")

    async with receiving(respond) as receiver, running(graph, replace(QUICK, longest_retry=60)) as api:
        after = await end(api)
        made = await register(api, receiver)
        await seen(api, unique, unique)
        stands = await until(api, made["id"], lambda one: one["failures"] > 0)
        # Retry-After within bounds: nothing for some seconds.
        await asyncio.sleep(0.3)
        assert len(receiver.got) == 1
        assert (stands["state"], stands["failures"], stands["lastError"]) == ("ACTIVE", 1, "HTTP 503")
        assert stands["lastCursor"] == after
        # Setting it ACTIVE again tries at once.
        receiver.respond = None
        await api.done(UPDATE, input={"webhookId": made["id"], "state": "ACTIVE"})
        await receiver.until(lambda: len(receiver.taken) == 2)


async def test_a_slow_endpoint_delays_no_other(graph: Graph, unique: str) -> None:
    async def never(_got: Got) -> bytes:
        await asyncio.sleep(60)
        return b""

    async with receiving(never) as slow, receiving() as quick:
        async with running(graph, replace(QUICK, answer=60)) as api:
            after = await end(api)
            held_up = await register(api, slow)
            await register(api, quick)
            await seen_all(api, unique, 10)
            await quick.until(lambda: len(quick.got) == 20)
            assert told(quick.got) == await cursors(api, after)
            assert len(slow.got) == 1
        async with running(graph, replace(QUICK, answer=0.1)) as api:
            stands = await until(api, held_up["id"], lambda one: one["failures"] > 0)
            assert stands["lastError"] == "no answer within 0.1 seconds"
            assert {one.id for one in slow.got} == {slow.got[0].id}


async def test_a_filter_leaves_out_and_the_place_moves_on(graph: Graph, unique: str) -> None:
    async with receiving() as receiver, running(graph) as api:
        after = await end(api)
        chosen = {"kinds": ["TOUCHPOINT_RECORDED"]}
        made = await register(api, receiver, filter=chosen)
        await seen_all(api, unique, 5)
        await receiver.until(lambda: len(receiver.got) == 5)
        assert told(receiver.got) == await cursors(api, after, **chosen)
        form = {"webhookId": made["id"], "filter": {"owner": "nobody at all"}}
        assert (await api.done(UPDATE, input=form))["webhook"]["filter"] == {"owner": "nobody at all"}
        await seen(api, f"{unique}-x", f"{unique}-x")
        last = await end(api)
        await until(api, made["id"], lambda one: one["lastCursor"] == last)
        assert len(receiver.got) == 5
        await api.done(UPDATE, input={"webhookId": made["id"], "filter": None})
        await seen(api, f"{unique}-y", f"{unique}-y")
        await receiver.until(lambda: len(receiver.got) == 7)
        assert (await api.field(HOOK, id=made["id"]))["filter"] is None


async def test_a_customer_is_followed_through_merges(graph: Graph, unique: str) -> None:
    async with receiving() as receiver, running(graph) as api:
        other, one = [await seen(api, f"{unique}-{n}", f"{unique}-{n}") for n in range(2)]
        after = await end(api)
        await register(api, receiver, filter={"customerIds": [one]})
        await merge(api, other, one)
        await seen(api, f"{unique}-2", f"{unique}-0")
        await receiver.until(lambda: len(receiver.got) == 2)
        assert told(receiver.got) == await cursors(api, after, customerIds=[one])
    found = [(one.data["kind"], one.data["customerId"], one.data["previousCustomerIds"]) for one in receiver.got]
    assert found == [("CUSTOMERS_MERGED", other, [one]), ("TOUCHPOINT_RECORDED", other, [])]


async def test_a_paused_webhook_goes_on_where_it_stood(graph: Graph, silent: Api, unique: str) -> None:
    async with receiving() as receiver, running(graph) as api:
        after = await end(api)
        made = await register(api, receiver)
        await seen(api, f"{unique}-0", f"{unique}-0")
        await receiver.until(lambda: len(receiver.got) == 2)
        # Changed in another process.
        paused = await silent.done(UPDATE, input={"webhookId": made["id"], "state": "PAUSED"})
        assert paused["webhook"]["state"] == "PAUSED"
        await asyncio.sleep(0.3)
        await seen(api, f"{unique}-1", f"{unique}-1")
        await asyncio.sleep(0.3)
        assert len(receiver.got) == 2
        await silent.done(UPDATE, input={"webhookId": made["id"], "state": "ACTIVE"})
        await receiver.until(lambda: len(receiver.got) == 4)
        assert told(receiver.got) == await cursors(api, after)


async def test_gone_pauses_at_once(graph: Graph, unique: str) -> None:
    async def respond(_got: Got) -> bytes:
        return answer(410)

    async with receiving(respond) as receiver, running(graph) as api:
        made = await register(api, receiver)
        await seen(api, unique, unique)
        stands = await until(api, made["id"], lambda one: one["state"] == "PAUSED")
        assert (stands["failures"], stands["lastError"]) == (1, "HTTP 410")
        await asyncio.sleep(0.2)
        assert len(receiver.got) == 1
        receiver.respond = None
        back = (await api.done(UPDATE, input={"webhookId": made["id"], "state": "ACTIVE"}))["webhook"]
        assert (back["failures"], back["lastError"]) == (0, None)
        await receiver.until(lambda: len(receiver.taken) == 2)


async def test_an_endpoint_that_takes_nothing_for_too_long_is_given_up(graph: Graph, unique: str) -> None:
    async def respond(_got: Got) -> bytes:
        return answer(404)

    async with receiving(respond) as receiver:
        async with running(graph, replace(QUICK, give_up=0.5)) as api:
            after = await end(api)
            made = await register(api, receiver)
            await seen(api, unique, unique)
            stands = await until(api, made["id"], lambda one: one["state"] == "FAILING")
            assert (stands["lastError"], stands["lastCursor"]) == ("HTTP 404", after)
            assert stands["failures"] == len(receiver.got) > 1
            assert len({one.id for one in receiver.got}) == 1
        receiver.respond, many = None, len(receiver.got)
        # Nothing lets it go on but somebody who says so.
        async with running(graph) as api:
            await seen(api, f"{unique}-2", unique)
            await asyncio.sleep(0.3)
            assert len(receiver.got) == many
            await api.done(UPDATE, input={"webhookId": made["id"], "state": "ACTIVE"})
            await receiver.until(lambda: len(receiver.taken) == 3)
            assert told(receiver.taken) == await cursors(api, after)


async def test_changes_are_delivered_again_from_a_cursor(graph: Graph, unique: str) -> None:
    async with receiving() as receiver, running(graph) as api:
        after = await end(api)
        made = await register(api, receiver)
        await seen_all(api, unique, 5)
        await receiver.until(lambda: len(receiver.got) == 10)
        first, rest = receiver.got[:4], receiver.got[4:]
        await api.done(UPDATE, input={"webhookId": made["id"], "redeliverAfter": first[-1].data["cursor"]})
        await receiver.until(lambda: len(receiver.got) == 16)
        # The same messages: so a receiver knows them.
        assert [(one.id, one.body) for one in receiver.got[10:]] == [(one.id, one.body) for one in rest]
        # Registered behind a cursor, another one gets them too, as messages of its own.
        async with receiving() as another:
            await register(api, another, after=after)
            await another.until(lambda: len(another.got) == 10)
            assert told(another.got) == told(receiver.got)[:10]
            assert {one.id for one in another.got}.isdisjoint(one.id for one in receiver.got)


async def test_a_place_that_the_log_does_not_go_back_to_fails(
    graph: Graph, silent: Api, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = Graph.rows

    async def trimmed(self: Graph, name: str, /, **given: Any) -> list[list[Any]]:
        found = await rows(self, name, **given)
        if name == "changes/begin":
            return [[after_all]]
        return sorted(found)[1:] if name == "changes/between" else found

    async with receiving() as receiver:
        made = await register(silent, receiver)
        after = await end(silent)
        await seen_all(silent, unique, 3)
        after_all = await log.end(graph)
        with monkeypatch.context() as patched:
            patched.setattr(Graph, "rows", trimmed)
            async with running(graph) as api:
                stands = await until(api, made["id"], lambda one: one["state"] == "FAILING")
                assert stands["lastCursor"] == after
                assert stands["lastError"].startswith("CURSOR_EXPIRED: the log does not go back to lastCursor")
                (error,) = (await api.field(UPDATE, input={"webhookId": made["id"], "redeliverAfter": after}))[
                    "userErrors"
                ]
                assert error["field"] == ["redeliverAfter"]
                assert error["message"].startswith("redeliverAfter: CURSOR_EXPIRED: ")
        assert receiver.got == []
        # The way out that is named.
        last = await end(silent)
        form = {"webhookId": made["id"], "redeliverAfter": last, "state": "ACTIVE"}
        async with running(graph) as api:
            back = (await api.done(UPDATE, input=form))["webhook"]
            assert (back["state"], back["lastError"], back["lastCursor"]) == ("ACTIVE", None, last)
            await seen(silent, f"{unique}-x", f"{unique}-x")
            await receiver.until(lambda: len(receiver.got) == 2)
            assert told(receiver.got) == await cursors(api, last)


async def test_what_was_allowed_for_development_is_not_delivered_to_without_the_setting(
    graph: Graph, silent: Api, unique: str
) -> None:
    async with receiving() as receiver:
        made = await register(silent, receiver)
        strict = Settings(matching=False)
        async with open_services(strict, graph, reminding=False, delivering=QUICK) as services:
            await seen(silent, unique, unique)
            stands = await until(Api(graph, services), made["id"], lambda one: one["failures"] > 0)
    assert stands["lastError"] == "the address is refused: a loopback address"
    assert receiver.got == []


async def test_webhooks_are_listed_and_removed_and_their_secrets_are_shown_once(
    graph: Graph, silent: Api, unique: str
) -> None:
    async with receiving() as receiver, running(graph):
        one, other = [await register(silent, receiver) for _ in range(2)]
        assert one["secret"] != other["secret"]
        assert [found["id"] for found in await silent.field(HOOKS)] == [one["id"], other["id"]]
        assert one["id"] < other["id"]
        answer_ = await silent.answer('{ __type(name: "Webhook") { fields { name } } }')
        names = [field["name"] for field in answer_["data"]["__type"]["fields"]]
        assert names == ["id", "url", "filter", "state", "lastCursor", "failures", "lastError"]
        assert await silent.field(DELETE, input={"webhookId": one["id"]}) == {
            "deletedId": one["id"],
            "userErrors": [],
        }
        assert await silent.field(HOOK, id=one["id"]) is None
        await asyncio.sleep(0.3)
        await seen(silent, unique, unique)
        await receiver.until(lambda: len(receiver.got) == 2)
        await asyncio.sleep(0.1)
        assert {got.id[4:36] for got in receiver.got} == {other["id"].removeprefix("whk_")}
