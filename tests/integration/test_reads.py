"""The profile: figures, former ids, attributes with what they were chosen from, and anything by its global id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, CUSTOMER, IDENTIFY, ORDER, RECORD, Api
from tests.integration.forms import day, identify, order, touch

SUMMARY = """query ($by: CustomerBy!) { customer(by: $by) { summary {
  touchpoints orders openDeals wonDeals timeToFirstConversion
  revenue { amount currency } wonAmount { amount currency } channels { channel touchpoints }
  firstTouchpoint { messageId } lastTouchpoint { messageId } } } }"""
PIPELINE = "pip_00000000000070008000000000000001"
WON = "stg_00000000000070008000000000000005"


async def summary(api: Api, **by: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.field(SUMMARY, by=by))["summary"]
    return found


async def test_a_customer_without_anything_has_a_summary_of_nothing(api: Api, unique: str) -> None:
    await api.done(IDENTIFY, input=identify(unique, "crm", {"name": "Kim"}, ("user_id", unique)))
    assert await summary(api, userId=unique) == {
        "touchpoints": 0,
        "orders": 0,
        "openDeals": 0,
        "wonDeals": 0,
        "timeToFirstConversion": None,
        "revenue": [],
        "wonAmount": [],
        "channels": [],
        "firstTouchpoint": None,
        "lastTouchpoint": None,
    }


async def test_figures_are_exact_over_all_identifiers(api: Api, unique: str) -> None:
    a, b = ("cookie", f"a-{unique}"), ("cookie", f"b-{unique}")
    for number, (key, channel) in enumerate(
        ((b, "email"), (a, "web"), (b, "web"), (a, "app"), (b, "app"), (a, "web"))
    ):
        await api.done(RECORD, input=touch(f"{number}-{unique}", key, at=day(1 + number), channel=channel))
    orders = [
        ("0.10 EUR", "PLACED", a, day(3.25)),
        ("0.20 EUR", "PAID", b, day(4)),
        ("900719925474099.00000001 USD", "FULFILLED", a, day(4)),
        ("0.00000002 USD", "PLACED", b, day(5)),
        ("1000 EUR", "CANCELLED", a, day(1)),
        ("1000 CHF", "RETURNED", b, day(1)),
        ("0 JPY", "PLACED", b, day(6)),
    ]
    for number, (total, status, key, at) in enumerate(orders):
        form = order(f"o{number}-{unique}", f"{number}-{unique}", total, key, at=at, status=status)
        await api.done(ORDER, input=form)
    deals = [
        ("10.50", "EUR", "WON"),
        ("0.05", "EUR", "WON"),
        ("7", "USD", "LOST"),
        ("8", "USD", None),
        (None, None, "WON"),
    ]
    for number, (amount, currency, outcome) in enumerate(deals):
        money = {"amount": {"amount": amount, "currency": currency}} if amount else {}
        made = await api.done(
            CREATE_DEAL, input={"by": {"cookie": (a, b)[number % 2][1]}, "title": "Deal", **money}
        )
        reason = {"lostReason": "price"} if outcome == "LOST" else {}
        if outcome:
            await api.done(CLOSE_DEAL, input={"dealId": made["deal"]["id"], "outcome": outcome, **reason})
    await api.done(RECORD, input=touch(f"join-{unique}", a, b, at=day(2.5), channel="web"))
    assert await summary(api, cookie=a[1]) == {
        "touchpoints": 7,
        "orders": 5,
        "openDeals": 1,
        "wonDeals": 3,
        "timeToFirstConversion": "P2DT6H",
        "revenue": [
            {"amount": "0.30", "currency": "EUR"},
            {"amount": "0", "currency": "JPY"},
            {"amount": "900719925474099.00000003", "currency": "USD"},
        ],
        "wonAmount": [{"amount": "10.55", "currency": "EUR"}],
        "channels": [
            {"channel": "web", "touchpoints": 4},
            {"channel": "app", "touchpoints": 2},
            {"channel": "email", "touchpoints": 1},
        ],
        "firstTouchpoint": {"messageId": f"0-{unique}"},
        "lastTouchpoint": {"messageId": f"5-{unique}"},
    }


async def test_a_won_deal_is_a_conversion_and_one_before_any_touch_has_no_time(api: Api, unique: str) -> None:
    key = ("cookie", unique)
    await api.done(RECORD, input=touch(f"1-{unique}", key, at=day(1)))
    made = await api.done(CREATE_DEAL, input={"by": {"cookie": unique}, "title": "Deal"})
    assert (await summary(api, cookie=unique))["timeToFirstConversion"] is None
    closed = await api.done(CLOSE_DEAL, input={"dealId": made["deal"]["id"], "outcome": "WON"})
    passed = datetime.fromisoformat(closed["deal"]["closedAt"]) - datetime.fromisoformat(day(1))
    assert (await summary(api, cookie=unique))["timeToFirstConversion"].startswith(f"P{passed.days}D")
    await api.done(ORDER, input=order(f"2-{unique}", unique, "1 EUR", key, at=day(1.5)))
    assert (await summary(api, cookie=unique))["timeToFirstConversion"] == "PT12H"
    await api.done(ORDER, input=order(f"3-{unique}", f"early-{unique}", "1 EUR", key, at=day(0)))
    assert (await summary(api, cookie=unique))["timeToFirstConversion"] is None
    cancelled = order(f"4-{unique}", f"early-{unique}", "1 EUR", key, status="CANCELLED")
    await api.done(ORDER, input=cancelled)
    assert (await summary(api, cookie=unique))["timeToFirstConversion"] == "PT12H"


async def test_former_ids_come_oldest_first_and_still_find_the_customer(api: Api, unique: str) -> None:
    keys = [("cookie", f"{n}-{unique}") for n in range(4)]
    ids = [
        (await api.done(RECORD, input=touch(f"{n}-{unique}", key)))["customer"]["id"] for n, key in enumerate(keys)
    ]
    assert ids == sorted(ids)
    # 2 and 3 become 2; then it, known by now, takes over the older 0; last 1 comes in.
    await api.done(RECORD, input=touch(f"a-{unique}", keys[3], keys[2]))
    await api.done(RECORD, input=touch(f"b-{unique}", keys[3], ("user_id", unique)))
    await api.done(RECORD, input=touch(f"c-{unique}", keys[0], keys[3]))
    await api.done(RECORD, input=touch(f"d-{unique}", keys[1], keys[0]))
    for named in ids:
        found = await api.customer(id=named)
        assert found is not None
        assert (found["id"], found["previousIds"]) == (ids[2], [ids[0], ids[1], ids[3]])


async def test_attributes_come_with_all_their_candidates(api: Api, unique: str) -> None:
    email, cookie = ("email", f"kim-{unique}@example.org"), ("cookie", unique)
    told: list[tuple[str, dict[str, Any], tuple[str, str], str]] = [
        ("crm", {"name": "Crm", "size": 44, "tags": ["a", {"b": None}]}, email, day(1)),
        ("web", {"name": "Web", "size": 43.5, "vip": False}, cookie, day(2)),
        ("app", {"name": "App"}, email, day(0)),
        ("crm", {"name": "Crm later", "tags": None}, cookie, day(3)),
    ]
    await api.done(RECORD, input=touch(f"join-{unique}", email, cookie))
    for number, (source, attributes, key, at) in enumerate(told):
        await api.done(IDENTIFY, input=identify(f"{number}-{unique}", source, attributes, key, at=at))

    def candidate(value: Any, source: str, at: str, key: tuple[str, str]) -> dict[str, Any]:
        shown = {"kind": key[0], "value": key[1]}
        return {"value": value, "source": source, "observedAt": at, "identifier": shown}

    def attribute(name: str, *candidates: dict[str, Any]) -> dict[str, Any]:
        best = {field: candidates[0][field] for field in ("value", "source", "observedAt")}
        return {"name": name, **best, "rule": "MOST_RECENT", "candidates": list(candidates)}

    name = attribute(
        "name",
        candidate("Crm later", "crm", day(3), cookie),
        candidate("Web", "web", day(2), cookie),
        candidate("App", "app", day(0), email),
    )
    size = attribute("size", candidate(43.5, "web", day(2), cookie), candidate(44, "crm", day(1), email))
    vip = attribute("vip", candidate(False, "web", day(2), cookie))
    found = await api.customer(cookie=unique)
    assert found is not None
    # The withdrawal was said on another identifier than the tags; a source has one say.
    assert found["attributes"] == [name, size, vip]
    assert found["displayName"] == "Crm later"
    only = CUSTOMER.replace("attributes {", 'attributes(names: ["vip", "none", "name"]) {')
    assert (await api.field(only, by={"cookie": unique}))["attributes"] == [name, vip]


async def test_identifiers_first_seen_first_and_by_kind(api: Api, unique: str) -> None:
    keys = [("cookie", f"b-{unique}"), ("email", f"Kim-{unique}@Example.org"), ("cookie", f"a-{unique}")]
    for number, at in enumerate((day(3), day(1), day(2))):
        await api.done(RECORD, input=touch(f"{number}-{unique}", keys[0], keys[number], at=at))
    query = """query ($by: CustomerBy!, $kinds: [String!]) { customer(by: $by) { identifiers(kinds: $kinds) {
      id kind value rawValue generic firstSeenAt lastSeenAt customer { id } } } }"""
    found = (await api.field(query, by={"cookie": keys[0][1]}, kinds=None))["identifiers"]
    assert [(one["kind"], one["value"], one["firstSeenAt"], one["lastSeenAt"]) for one in found] == [
        ("cookie", f"b-{unique}", day(1), day(3)),
        ("email", f"kim-{unique}@example.org", day(1), day(1)),
        ("cookie", f"a-{unique}", day(2), day(2)),
    ]
    assert found[1]["rawValue"] == keys[1][1]
    assert {one["generic"] for one in found} == {False}
    assert len({one["customer"]["id"] for one in found}) == 1
    some = await api.field(query, by={"cookie": keys[0][1]}, kinds=["email", "phone"])
    assert some["identifiers"] == [found[1]]
    assert (await api.field(query, by={"cookie": keys[0][1]}, kinds=[]))["identifiers"] == []


NODE = """query ($id: ID!) { node(id: $id) { __typename id
  ... on Touchpoint { messageId } ... on Order { orderNumber } ... on Deal { title }
  ... on DealStageChange { to { id } } ... on Pipeline { name } ... on Stage { kind }
  ... on Identifier { value } ... on Customer { identifiers { value } } } }"""
NODES = NODE.replace("$id: ID!", "$ids: [ID!]!").replace("node(id: $id)", "nodes(ids: $ids)")


async def test_anything_by_its_global_id(api: Api, graph: Graph, unique: str) -> None:
    a, b = ("cookie", f"a-{unique}"), ("cookie", f"b-{unique}")
    touched = await api.done(RECORD, input=touch(f"1-{unique}", a))
    other = await api.done(RECORD, input=touch(f"2-{unique}", b))
    placed = await api.done(ORDER, input=order(f"3-{unique}", unique, "1 EUR", a))
    dealt = await api.done(CREATE_DEAL, input={"by": {"cookie": a[1]}, "title": unique})
    await api.done(RECORD, input=touch(f"4-{unique}", a, b))
    survivor, former = touched["customer"]["id"], other["customer"]["id"]
    query = """query ($by: CustomerBy!) { customer(by: $by) { identifiers { id value } } }"""
    first_cookie = (await api.field(query, by={"id": survivor}))["identifiers"][0]
    ((move,),) = await graph.run("MATCH (s:DealStageChange {dealId: $id}) RETURN s.id", id=dealt["deal"]["id"])
    whole = {"__typename": "Customer", "id": survivor, "identifiers": [{"value": a[1]}, {"value": b[1]}]}
    stage = "stg_00000000000070008000000000000001"
    expected: dict[str, dict[str, Any] | None] = {
        touched["touchpoint"]["id"]: {"__typename": "Touchpoint", "messageId": f"1-{unique}"},
        placed["order"]["id"]: {"__typename": "Order", "orderNumber": unique},
        dealt["deal"]["id"]: {"__typename": "Deal", "title": unique},
        move: {"__typename": "DealStageChange", "to": {"id": stage}},
        PIPELINE: {"__typename": "Pipeline", "name": "Sales"},
        WON: {"__typename": "Stage", "kind": "WON"},
        first_cookie["id"]: {"__typename": "Identifier", "value": a[1]},
        survivor: whole,
        former: whole,
    }
    expected = {key: {"id": key} | node for key, node in expected.items() if node}
    nobody = survivor[:-1] + ("1" if survivor.endswith("0") else "0")
    unknown = [nobody, "tp_" + "0" * 32, "nonsense", "", "lnk_" + "0" * 32, "cus_" + "A" * 32]
    # A customer's own identifier is not among `identifiers`, but in the graph of their identity.
    ((own,),) = await graph.run("MATCH (i:Identifier {key: $key}) RETURN i.id", key=f"customer:{survivor}")
    expected[own] = {"id": own, "__typename": "Identifier", "value": survivor}
    for key in unknown:
        expected[key] = None
    for key, node in expected.items():
        assert await api.field(NODE, id=key) == node
    mixed = [former, *unknown, *expected, former, survivor]
    assert await api.field(NODES, ids=mixed) == [expected[key] for key in mixed]


@pytest.mark.parametrize(("many", "code"), [(100, None), (101, "BAD_USER_INPUT")])
async def test_nodes_are_at_most_100_at_once(api: Api, many: int, code: str | None) -> None:
    answer = await api.answer("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[PIPELINE] * many)
    if code is None:
        assert answer == {"data": {"nodes": [{"id": PIPELINE}] * many}}
    else:
        assert answer["data"] is None
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_a_customer_by_each_way_of_naming(api: Api, unique: str) -> None:
    phone = f"+4930{int(unique, 16) % 10**8:08d}"
    keys = [
        ("email", f"Kim-{unique}@Example.org"),
        ("phone", phone),
        ("cookie", f"C-{unique}"),
        ("device", f"D-{unique}"),
        ("user_id", f"U-{unique}"),
        ("external:crm", f"X-{unique}"),
    ]
    made = await api.done(RECORD, input=touch(unique, *keys))
    named: list[dict[str, Any]] = [
        {"id": made["customer"]["id"]},
        {"email": f" kim-{unique}@EXAMPLE.org"},
        {"phone": f"00{phone[1:6]} {phone[6:]}"},
        {"cookie": f" C-{unique} "},
        {"device": f"D-{unique}"},
        {"userId": f"U-{unique}"},
        {"identifier": {"kind": "external:crm", "value": f"X-{unique}"}},
    ]
    for by in named:
        found = await api.customer(**by)
        assert found is not None
        assert found["id"] == made["customer"]["id"]
    # What is case-sensitive stays so.
    assert await api.customer(cookie=f"c-{unique}") is None


@pytest.mark.parametrize(
    "given", ["orders(first: -1) { nodes { id } }", "sessions(first: -1) { nodes { __typename } }"]
)
async def test_the_error_in_one_place_takes_nothing_from_another_that_asks_the_same(
    api: Api, unique: str, given: str
) -> None:
    await api.done(ORDER, input=order(unique, unique, "1.00 EUR", ("cookie", unique), at=day(1)))
    query = f"""query ($by: CustomerBy!) {{
      x: customer(by: $by) {{ orders(first: 5) {{ nodes {{ id }} }} bad: {given} }}
      y: customer(by: $by) {{ orders(first: 5) {{ nodes {{ id }} }} }} }}"""
    answer = await api.answer(query, by={"cookie": unique})
    assert answer["data"]["x"] is None
    assert len(answer["data"]["y"]["orders"]["nodes"]) == 1
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["x", "bad"], "BAD_USER_INPUT")
