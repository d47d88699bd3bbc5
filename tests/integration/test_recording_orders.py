"""Orders and what sources know: what is left out stays, null clears, what is late comes in as if in time."""

from __future__ import annotations

import asyncio
from typing import Any

from service.graph.client import Graph
from tests.integration.asking import IDENTIFY, ORDER, RECORD, Api
from tests.integration.forms import day, identify, order, touch

LINES = [
    {"sku": "shoe", "name": "Runner", "quantity": "1.50", "unitPrice": {"amount": "19.90", "currency": "EUR"}},
    {"sku": "lace", "unitPrice": {"amount": "-0.10", "currency": "EUR"}, "category": "extras"},
]
SHOWN_LINES = [
    {**LINES[0], "category": None},
    {**LINES[1], "name": None, "quantity": "1"},
]


async def test_an_order_is_kept_as_told(api: Api, unique: str) -> None:
    form = order(
        unique, unique, "29.750 EUR", ("cookie", unique), at=day(1), lines=LINES, coupons=["SPRING", "VIP"]
    )
    told = await api.done(ORDER, input=form | {"paymentMethod": "card", "channel": "app"})
    assert told["order"] == {
        "id": told["order"]["id"],
        "orderNumber": unique,
        "status": "PLACED",
        "channel": "app",
        "occurredAt": day(1),
        "paymentMethod": "card",
        "coupons": ["SPRING", "VIP"],
        "total": {"amount": "29.750", "currency": "EUR"},
        "lines": SHOWN_LINES,
        "customer": {"id": told["customer"]["id"]},
    }


async def test_an_update_keeps_time_customer_and_what_is_left_out(api: Api, graph: Graph, unique: str) -> None:
    first, other = ("cookie", f"first-{unique}"), ("cookie", f"other-{unique}")
    form = order(f"1-{unique}", unique, "30 EUR", first, at=day(1), lines=LINES, coupons=["A"], status="PAID")
    told = await api.done(ORDER, input=form | {"paymentMethod": "card"})
    update = order(f"2-{unique}", unique, "25.00 USD", other, at=day(5)) | {"channel": "phone"}
    updated = await api.done(ORDER, input=update)
    # Others who speak of an order do not become its customer, nor one with them.
    assert updated["customer"]["id"] == told["customer"]["id"]
    assert updated["order"] == told["order"] | {
        "total": {"amount": "25.00", "currency": "USD"},
        "channel": "phone",
    }
    stranger = await api.customer(cookie=other[1])
    assert stranger is not None
    assert stranger["id"] != told["customer"]["id"]
    assert await graph.run("MATCH (o:Order {orderNumber: $n}) RETURN count(o)", n=unique) == [[1]]


async def test_null_and_empty_lists_clear(api: Api, unique: str) -> None:
    cookie = ("cookie", unique)
    form = order(f"1-{unique}", unique, "30 EUR", cookie, lines=LINES, coupons=["A"], status="PAID")
    told = await api.done(ORDER, input=form | {"paymentMethod": "card"})
    nulls = {"lines": None, "coupons": None, "paymentMethod": None, "status": None}
    cleared = await api.done(ORDER, input=order(f"2-{unique}", unique, "30 EUR", cookie) | nulls)
    empty: dict[str, Any] = {"lines": [], "coupons": [], "paymentMethod": None}
    assert cleared["order"] == told["order"] | empty  # An order without a status there is not: null leaves it.
    await api.done(ORDER, input=order(f"3-{unique}", unique, "30 EUR", cookie, lines=LINES, coupons=["B"]))
    emptied = await api.done(ORDER, input=order(f"4-{unique}", unique, "30 EUR", cookie, lines=[], coupons=[]))
    assert emptied["order"] == cleared["order"]


async def test_updates_at_once_are_one_order_with_the_last_content(api: Api, graph: Graph, unique: str) -> None:
    forms = [order(f"{n}-{unique}", unique, f"{n} EUR", ("cookie", unique), coupons=[f"C{n}"]) for n in range(8)]
    payloads = await asyncio.gather(*(api.done(ORDER, input=form) for form in forms))
    assert {one["order"]["id"] for one in payloads} == {payloads[0]["order"]["id"]}
    # Submitted in this order, committed in this order.
    rows = await graph.run("MATCH (o:Order {orderNumber: $n}) RETURN o.total, o.coupons", n=unique)
    assert rows == [["7", ["C7"]]]


async def test_a_repeated_order_message_changes_nothing(api: Api, unique: str) -> None:
    told = await api.done(ORDER, input=order(f"1-{unique}", unique, "30 EUR", ("cookie", unique)))
    again = await api.done(ORDER, input=order(f"1-{unique}", unique, "99 USD", ("cookie", unique), coupons=["X"]))
    assert again == told | {"duplicate": True}


async def test_the_same_number_of_another_source_is_another_order(api: Api, unique: str) -> None:
    cookie = ("cookie", unique)
    shop = await api.done(ORDER, input=order(unique, unique, "1 EUR", cookie, source="shop"))
    app = await api.done(ORDER, input=order(unique, unique, "2 EUR", cookie, source="app"))
    assert shop["order"]["id"] != app["order"]["id"]
    assert shop["customer"]["id"] == app["customer"]["id"]


async def test_wrong_orders_are_refused_with_their_field(api: Api, graph: Graph, unique: str) -> None:
    form = order(unique, unique, "1 EUR", ("cookie", unique))
    wrong: list[tuple[dict[str, Any], list[str]]] = [
        ({"total": {"amount": "-1", "currency": "EUR"}}, ["total"]),
        ({"total": {"amount": "1", "currency": "XYZ"}}, ["total", "currency"]),
        ({"total": {"amount": "1.123456789", "currency": "EUR"}}, ["total", "amount"]),
        ({"orderNumber": " "}, ["orderNumber"]),
        ({"lines": [LINES[0], LINES[1] | {"sku": ""}]}, ["lines", "1", "sku"]),
    ]
    for changed, field in wrong:
        payload = await api.field(ORDER, input=form | changed)
        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID", field)]
        assert payload["order"] is None
    assert await graph.run("MATCH (o:Order {orderNumber: $n}) RETURN count(o)", n=unique) == [[0]]
    assert await api.customer(cookie=unique) is None


async def test_a_late_event_changes_firsts_as_if_it_had_come_in_time(api: Api, unique: str) -> None:
    cookie, late = ("cookie", unique), ("cookie", f"late-{unique}")
    for index, at in enumerate((day(5), day(7), day(6))):
        await api.done(RECORD, input=touch(f"{index}-{unique}", cookie, at=at))
    query = """query ($by: CustomerBy!) { customer(by: $by) { firstSeenAt lastSeenAt version
      identifiers { firstSeenAt lastSeenAt }
      summary { firstTouchpoint { messageId } lastTouchpoint { messageId } } } }"""
    seen = {"firstSeenAt": day(5), "lastSeenAt": day(7)}
    first = {"firstTouchpoint": {"messageId": f"0-{unique}"}, "lastTouchpoint": {"messageId": f"1-{unique}"}}
    by = {"cookie": unique}
    assert await api.field(query, by=by) == {**seen, "version": 1, "identifiers": [seen], "summary": first}
    await api.done(RECORD, input=touch(f"3-{unique}", cookie, late, at=day(2)))
    assert await api.field(query, by=by) == {
        "firstSeenAt": day(2),
        "lastSeenAt": day(7),
        "version": 2,
        "identifiers": [
            {"firstSeenAt": day(2), "lastSeenAt": day(7)},
            {"firstSeenAt": day(2), "lastSeenAt": day(2)},
        ],
        "summary": first | {"firstTouchpoint": {"messageId": f"3-{unique}"}},
    }


# What sources know


def values(customer: dict[str, Any] | None) -> dict[str, Any]:
    """The golden values."""
    assert customer is not None
    return {one["name"]: one["value"] for one in customer["attributes"]}


async def test_a_merge_recomputes_the_golden_values(api: Api, unique: str) -> None:
    old, new = ("email", f"old-{unique}@example.org"), ("phone", f"+4940{int(unique, 16) % 10**8:08d}")
    form = identify(f"1-{unique}", "crm", {"name": "Kim Old", "city": "Ulm"}, old, at=day(1))
    one = await api.done(IDENTIFY, input=form)
    two = await api.done(IDENTIFY, input=identify(f"2-{unique}", "crm", {"name": "Kim New"}, new, at=day(2)))
    assert one["customer"]["id"] != two["customer"]["id"]
    joined = await api.done(RECORD, input=touch(f"3-{unique}", old, new))
    survivor, absorbed = sorted((one["customer"]["id"], two["customer"]["id"]))
    found = await api.customer(id=absorbed)
    assert found is not None
    assert (joined["customer"]["id"], found["id"], found["previousIds"]) == (survivor, survivor, [absorbed])
    assert found["displayName"] == "Kim New"
    assert values(found) == {"city": "Ulm", "name": "Kim New"}
    assert found["version"] == 2
    search = """query ($filter: CustomerFilter!) { customers(filter: $filter) { nodes { id } } }"""
    for name, hits in ((f"Kim New {unique}", []), ("Kim New", [{"id": survivor}])):
        listed = await api.field(search, filter={"attribute": {"name": "name", "equals": name}})
        assert [node for node in listed["nodes"] if node["id"] in (survivor, absorbed)] == hits
    listed = await api.field(search, filter={"attribute": {"name": "name", "equals": "Kim Old"}})
    assert {"id": survivor} not in listed["nodes"]


async def test_a_merge_in_the_batch_of_the_attributes_counts_too(api: Api, unique: str) -> None:
    a, b = ("cookie", f"a-{unique}"), ("cookie", f"b-{unique}")
    await asyncio.gather(
        api.done(IDENTIFY, input=identify(f"1-{unique}", "crm", {"name": "Early"}, a, at=day(1))),
        api.done(IDENTIFY, input=identify(f"2-{unique}", "web", {"name": "Late", "city": "Bonn"}, b, at=day(2))),
        api.done(RECORD, input=touch(f"3-{unique}", a, b)),
    )
    found = await api.customer(cookie=a[1])
    assert found is not None
    assert (found["displayName"], values(found)) == ("Late", {"city": "Bonn", "name": "Late"})


async def test_null_withdraws_and_what_was_said_later_stays(api: Api, unique: str) -> None:
    cookie = ("cookie", unique)
    await api.done(IDENTIFY, input=identify(f"1-{unique}", "web", {"name": "Web", "vip": True}, cookie, at=day(1)))
    crm = await api.done(IDENTIFY, input=identify(f"2-{unique}", "crm", {"name": "Crm"}, cookie, at=day(2)))
    assert values(await api.customer(cookie=unique)) == {"name": "Crm", "vip": True}
    # Late: what the same source said afterwards stays, what others said is not withdrawn.
    await api.done(IDENTIFY, input=identify(f"3-{unique}", "crm", {"name": None, "vip": None}, cookie, at=day(1)))
    assert values(await api.customer(cookie=unique)) == {"name": "Crm", "vip": True}
    gone = await api.done(IDENTIFY, input=identify(f"4-{unique}", "crm", {"name": None}, cookie, at=day(3)))
    assert gone["customer"]["version"] == crm["customer"]["version"] + 1
    found = await api.customer(cookie=unique)
    assert found is not None
    assert (found["displayName"], values(found)) == ("Web", {"name": "Web", "vip": True})
    await api.done(IDENTIFY, input=identify(f"5-{unique}", "web", {"name": None}, cookie, at=day(3)))
    found = await api.customer(cookie=unique)
    assert found is not None
    assert (found["displayName"], values(found)) == (None, {"vip": True})


async def test_version_grows_with_attributes_and_identity_and_not_with_touchpoints(api: Api, unique: str) -> None:
    cookie, more = ("cookie", unique), ("cookie", f"more-{unique}")

    async def version(mutation: str, form: dict[str, Any]) -> int:
        return int((await api.done(mutation, input=form))["customer"]["version"])

    assert await version(RECORD, touch(f"1-{unique}", cookie)) == 1
    assert await version(RECORD, touch(f"2-{unique}", cookie)) == 1
    assert await version(ORDER, order(f"3-{unique}", unique, "1 EUR", cookie)) == 1
    assert await version(IDENTIFY, identify(f"4-{unique}", "crm", {"size": 44}, cookie, at=day(1))) == 2
    assert await version(IDENTIFY, identify(f"5-{unique}", "crm", {"size": 43}, cookie, at=day(0))) == 2
    assert await version(IDENTIFY, identify(f"6-{unique}", "crm", {"size": 45}, cookie, at=day(2))) == 3
    assert await version(RECORD, touch(f"7-{unique}", cookie, more)) == 4
    assert await version(RECORD, touch(f"8-{unique}", more, cookie)) == 4
