"""The two stories that the service exists for, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Client, touch

RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  duplicate refused { code } userErrors { code message field } touchpoint { id } customer { id state } } }"""
ORDER = """mutation ($input: RecordOrderInput!) { recordOrder(input: $input) {
  duplicate userErrors { code message } order { id } customer { id } } }"""
FIND = "query ($by: CustomerBy!) { customer(by: $by) { id state previousIds } }"
JOURNEY = """query ($by: CustomerBy!) { customer(by: $by) {
  id state
  identifiers { kind value }
  summary { touchpoints orders revenue { amount currency } timeToFirstConversion }
  journey { nodes { __typename occurredAt
    ... on Touchpoint { type channel campaign { name clickId } }
    ... on Order { orderNumber channel }
    ... on DealStageChange { to { kind } deal { title state } } } } } }"""


async def record(client: Client, **touchpoint: Any) -> dict[str, Any]:
    payload: dict[str, Any] = await client.field(RECORD, input=touchpoint)
    assert payload["userErrors"] == []
    assert payload["refused"] == []
    assert payload["duplicate"] is False
    customer: dict[str, Any] = payload["customer"]
    return customer


async def test_the_runner(client: Client, unique: str) -> None:
    cookie, openid = ("cookie", f"c1-{unique}"), ("wechat_openid", f"o-{unique}")
    digits = f"138{int(unique, 16) % 10**8:08d}"
    phone = ("phone", f"+86{digits}")
    steps = [
        touch(f"1-{unique}", "page_view", "web", "2026-03-01T10:00:00Z", cookie),
        touch(
            f"2-{unique}",
            "ad_click",
            "social_ad",
            "2026-03-03T10:00:00Z",
            openid,
            cookie,
            campaign={"name": "run"},
        ),
        touch(f"3-{unique}", "form", "web", "2026-03-04T10:00:00Z", cookie, phone),
    ]
    ids = {(await record(client, **step))["id"] for step in steps}
    order = {
        "messageId": f"4-{unique}",
        "identifiers": [{"kind": "phone", "value": phone[1]}],
        "orderNumber": f"N-{unique}",
        "total": {"amount": "89.90", "currency": "CNY"},
        "channel": "phone",
        "occurredAt": "2026-03-06T10:00:00Z",
        "source": "call_centre",
    }
    ids.add((await client.field(ORDER, input=order))["customer"]["id"])
    assert len(ids) == 1
    spellings = [
        f"+86 {digits[:3]} {digits[3:7]} {digits[7:]}",
        f"0086-{digits}",
        f"(+86) {digits[:3]}-{digits[3:]}",
    ]
    for by in (
        {"cookie": cookie[1]},
        {"identifier": {"kind": openid[0], "value": openid[1]}},
        *({"phone": spelling} for spelling in spellings),
    ):
        found = await client.field(JOURNEY, by=by)
        assert found["id"] in ids
        assert found["state"] == "KNOWN"
        assert [(step["channel"], step["__typename"]) for step in found["journey"]["nodes"]] == [
            ("web", "Touchpoint"),
            ("social_ad", "Touchpoint"),
            ("web", "Touchpoint"),
            ("phone", "Order"),
        ]
        assert found["summary"] == {
            "touchpoints": 3,
            "orders": 1,
            "revenue": [{"amount": "89.90", "currency": "CNY"}],
            "timeToFirstConversion": "P5D",
        }


async def test_ivanov(client: Client, unique: str) -> None:
    a, b = ("cookie", f"a-{unique}"), ("cookie", f"b-{unique}")
    phone = ("phone", f"+7916{int(unique, 16) % 10**7:07d}")

    first = await record(client, **touch(f"1-{unique}", "page_view", "organic_search", "2026-04-01T09:00:00Z", a))
    second = await record(
        client,
        **touch(f"2-{unique}", "ad_click", "social_ad", "2026-04-05T09:00:00Z", b, campaign={"clickId": "fb.1"}),
    )
    bookmark = await record(client, **touch(f"3-{unique}", "bookmark", "web", "2026-04-05T09:05:00Z", b))
    assert (first["state"], second["state"]) == ("ANONYMOUS", "ANONYMOUS")
    assert first["id"] != second["id"] == bookmark["id"]

    called_back = await record(
        client, **touch(f"4-{unique}", "call_back", "web", "2026-04-06T09:00:00Z", b, phone)
    )
    assert called_back == {"id": second["id"], "state": "KNOWN"}
    assert (await client.field(FIND, by={"cookie": a[1]}))["state"] == "ANONYMOUS"

    joined = await record(client, **touch(f"5-{unique}", "page_view", "message", "2026-04-06T10:00:00Z", a, phone))
    assert joined == {"id": second["id"], "state": "KNOWN"}

    await record(client, **touch(f"6-{unique}", "call", "phone", "2026-04-07T09:00:00Z", phone))
    deal = await client.field(
        """mutation ($input: CreateDealInput!) { createDeal(input: $input) {
          deal { id version customer { id } } userErrors { code message } } }""",
        input={"by": {"phone": phone[1]}, "title": "Sedan", "amount": {"amount": "24900", "currency": "EUR"}},
    )
    assert deal["deal"]["customer"] == {"id": second["id"]}
    won = await client.field(
        """mutation ($input: CloseDealInput!) { closeDeal(input: $input) {
          deal { state closedAt } userErrors { code message } } }""",
        input={"dealId": deal["deal"]["id"], "outcome": "WON", "expectedVersion": 1},
    )
    assert won["deal"]["state"] == "WON"

    for by in ({"id": first["id"]}, {"id": second["id"]}, {"cookie": a[1]}, {"cookie": b[1]}, {"phone": phone[1]}):
        found = await client.field(FIND, by=by)
        assert found == {"id": second["id"], "state": "KNOWN", "previousIds": [first["id"]]}
    journey = (await client.field(JOURNEY, by={"id": first["id"]}))["journey"]["nodes"]
    assert [step.get("type") or step["to"]["kind"] for step in journey] == [
        "page_view",
        "ad_click",
        "bookmark",
        "call_back",
        "page_view",
        "call",
        "OPEN",
        "WON",
    ]
    assert journey[0]["channel"] == "organic_search"
    assert journey[-1]["deal"] == {"title": "Sedan", "state": "WON"}
