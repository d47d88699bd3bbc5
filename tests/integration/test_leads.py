"""Leads: of the customer who asks, never of a second one; changed, converted once, linked to those before."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import IDENTIFY, RECORD, Api
from tests.integration.forms import Key, identify, touch
from tests.integration.leads import (
    CONVERT_LEAD,
    CREATE_LEAD,
    LEADS_OF,
    UPDATE_LEAD,
    convert_lead,
    create_lead,
    lead_form,
    lead_of,
    told,
    update_lead,
)
from tests.integration.stewarding import history, merge, split, undo

NO_LEAD = "lead_" + "0" * 32
PIPELINE = "pip_00000000000070008000000000000001"
MONTH = 30 * 86_400_000
COUNTS = """MATCH (n) WHERE n:Lead OR n:Deal OR n:Message OR n:Identifier OR n:Customer
  OR n:SourceProfile OR n:Change
  RETURN count(n)"""


@pytest.fixture
def email(unique: str) -> Key:
    return ("email", f"{unique}@example.org")


@pytest.fixture
def cookie(unique: str) -> Key:
    return ("cookie", unique)


async def test_a_lead_joins_the_visitor_and_the_person_whom_it_names(
    api: Api, graph: Graph, cookie: Key, email: Key, unique: str
) -> None:
    visitor = (await api.done(RECORD, input=touch(f"v-{unique}", cookie)))["customer"]["id"]
    known = await api.done(IDENTIFY, input=identify(f"k-{unique}", "crm", {"name": "Ann"}, email))
    customer = known["customer"]["id"]
    lead = await create_lead(api, cookie, email, owner="Olga", attributes={"city": "Köln"})
    assert lead == {
        "id": lead["id"],
        "title": "Wants a car",
        "status": "NEW",
        "source": "form",
        "owner": "Olga",
        "createdAt": lead["createdAt"],
        "customer": {"id": customer},
        "duplicateOf": None,
        "deal": None,
    }
    found = await api.customer(cookie=unique)
    assert found is not None
    assert (found["id"], found["previousIds"], found["state"]) == (customer, [visitor], "KNOWN")
    assert {one["name"]: (one["value"], one["source"]) for one in found["attributes"]} == {
        "name": ("Ann", "crm"),
        "city": ("Köln", "form"),
    }
    assert await told(graph, lead["id"]) == [["LEAD_CREATED", customer, [], ["Olga"]]]
    # What joined them is told by the lead's id.
    (merged,) = (one for one in await history(api, id=customer) if one["kind"] == "MERGED")
    assert (merged["messageId"], merged["by"]) == (lead["id"], "form")
    assert await lead_of(api, lead) == lead


async def test_somebody_new_becomes_a_customer_once(api: Api, email: Key, unique: str) -> None:
    first = await create_lead(api, email, attributes={"name": "Ann"})
    again = await create_lead(api, email, ("phone", "+4930" + str(int(unique, 16))[:8]))
    assert again["customer"] == first["customer"]
    assert (await api.customer(email=email[1]) or {})["displayName"] == "Ann"


async def test_identifiers_are_refused_alone_as_for_any_event(api: Api, unique: str, email: Key) -> None:
    await create_lead(api, ("user_id", f"a-{unique}"), email)
    form = lead_form(("user_id", f"b-{unique}"), email, ("phone", "none"))
    payload = await api.field(CREATE_LEAD, input=form)
    assert [(one["identifier"]["kind"], one["code"]) for one in payload["refused"]] == [
        ("phone", "IDENTIFIER_BLOCKED"),
        ("email", "IDENTIFIER_LIMIT_EXCEEDED"),
    ]
    other = await api.customer(userId=f"b-{unique}")
    assert payload["lead"]["customer"] == {"id": (other or {})["id"]}
    assert payload["userErrors"] == []


async def test_an_idempotency_key_makes_one_lead(api: Api, email: Key, unique: str) -> None:
    forms = [lead_form(email, ("phone", "none"), title=f"Lead {n}", idempotencyKey=unique) for n in range(10)]
    payloads = await asyncio.gather(*(api.field(CREATE_LEAD, input=form) for form in forms))
    assert payloads == [payloads[0]] * 10
    assert payloads[0]["userErrors"] == []
    assert [one["code"] for one in payloads[0]["refused"]] == ["IDENTIFIER_BLOCKED"]
    await update_lead(api, payloads[0]["lead"], status="IN_PROCESS")
    again = await api.field(CREATE_LEAD, input=lead_form(("cookie", f"other-{unique}"), idempotencyKey=unique))
    assert (again["lead"]["id"], again["lead"]["status"]) == (payloads[0]["lead"]["id"], "IN_PROCESS")
    assert await api.customer(cookie=f"other-{unique}") is None
    assert len((await api.field(LEADS_OF, by={"email": email[1]}))["leads"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"title": " "}, [("INVALID", ["title"])]),
        ({"source": ""}, [("INVALID", ["source"])]),
        ({"source": "by_hand"}, [("INVALID", ["source"])]),
        ({"owner": "O" * 10_240}, [("INVALID", ["owner"])]),
        ({"idempotencyKey": "k" * 201}, [("INVALID", ["idempotencyKey"])]),
        ({"identifiers": []}, [("INVALID", ["identifiers"])]),
        (
            {"identifiers": [{"kind": "cookie", "value": f"c{n}"} for n in range(101)]},
            [("INVALID", ["identifiers"])],
        ),
        ({"identifiers": [{"kind": "shoe", "value": "44"}]}, [("INVALID", ["identifiers", "0", "kind"])]),
        (
            {"identifiers": [{"kind": "phone", "value": "null"}, {"kind": "email", "value": "ann"}]},
            [("IDENTIFIER_BLOCKED", ["identifiers", "0"]), ("INVALID", ["identifiers", "1"])],
        ),
        ({"attributes": ["Ann"]}, [("INVALID", ["attributes"])]),
        ({"attributes": {"": 1}}, [("INVALID", ["attributes"])]),
    ],
)
async def test_a_wrong_new_lead_changes_nothing(
    api: Api, graph: Graph, email: Key, unique: str, changed: dict[str, Any], errors: list[Any]
) -> None:
    before = await graph.run(COUNTS)
    payload = await api.field(CREATE_LEAD, input=lead_form(email, idempotencyKey=unique) | changed)
    assert (payload["lead"], payload["refused"]) == (None, [])
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == errors
    assert await graph.run(COUNTS) == before
    # The key of what was refused is still free.
    await create_lead(api, email, idempotencyKey=unique)


async def test_too_many_attributes_of_one_identifier_change_nothing(api: Api, graph: Graph, email: Key) -> None:
    for part in range(5):
        await create_lead(api, email, attributes={f"a{part}-{n}": n for n in range(200)})
    before = await graph.run(COUNTS)
    payload = await api.field(CREATE_LEAD, input=lead_form(email, attributes={"one more": 1}))
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("TOO_MANY", ["attributes"])]
    assert payload["lead"] is None
    assert await graph.run(COUNTS) == before


async def test_status_and_owner_change_and_what_is_so_already_does_not(api: Api, graph: Graph, email: Key) -> None:
    lead = await create_lead(api, email)
    steps: list[tuple[dict[str, Any], str, str | None]] = [
        ({"owner": "Ann"}, "NEW", "Ann"),
        ({"status": "IN_PROCESS"}, "IN_PROCESS", "Ann"),
        ({"status": "IN_PROCESS", "owner": "Ann"}, "IN_PROCESS", "Ann"),
        ({"status": None}, "IN_PROCESS", "Ann"),
        ({"status": "DISQUALIFIED", "owner": "Bob"}, "DISQUALIFIED", "Bob"),
        ({"status": "NEW"}, "NEW", "Bob"),
        ({"owner": None}, "NEW", None),
    ]
    for changes, status, owner in steps:
        changed = await update_lead(api, lead, **changes)
        assert changed == lead | {"status": status, "owner": owner}
    customer = lead["customer"]["id"]
    assert await told(graph, lead["id"]) == [
        ["LEAD_CREATED", customer, [], []],
        ["LEAD_UPDATED", customer, ["owner"], ["Ann"]],
        ["LEAD_UPDATED", customer, ["status"], ["Ann"]],
        ["LEAD_UPDATED", customer, ["owner", "status"], ["Ann", "Bob"]],
        ["LEAD_UPDATED", customer, ["status"], ["Bob"]],
        ["LEAD_UPDATED", customer, ["owner"], ["Bob"]],
    ]


@pytest.mark.parametrize(
    ("mutation", "state", "form", "code", "field"),
    [
        (UPDATE_LEAD, "NEW", {"leadId": NO_LEAD}, "NOT_FOUND", ["leadId"]),
        (UPDATE_LEAD, "NEW", {"leadId": "nonsense"}, "NOT_FOUND", ["leadId"]),
        (UPDATE_LEAD, "NEW", {"status": "CONVERTED"}, "INVALID", ["status"]),
        (UPDATE_LEAD, "NEW", {"owner": "O" * 10_240}, "INVALID", ["owner"]),
        (UPDATE_LEAD, "NEW", {"owner": " "}, "INVALID", ["owner"]),
        (UPDATE_LEAD, "CONVERTED", {"status": "NEW"}, "INVALID", ["status"]),
        (UPDATE_LEAD, "CONVERTED", {"status": "DISQUALIFIED", "owner": "Ann"}, "INVALID", ["status"]),
        (CONVERT_LEAD, "NEW", {"leadId": NO_LEAD}, "NOT_FOUND", ["leadId"]),
        (CONVERT_LEAD, "DISQUALIFIED", {}, "INVALID", ["leadId"]),
        (CONVERT_LEAD, "NEW", {"pipelineId": "pip_" + "0" * 32}, "NOT_FOUND", ["pipelineId"]),
        (CONVERT_LEAD, "NEW", {"title": ""}, "INVALID", ["title"]),
        (CONVERT_LEAD, "NEW", {"amount": {"amount": "-1", "currency": "EUR"}}, "INVALID", ["amount"]),
        (CONVERT_LEAD, "NEW", {"amount": {"amount": "1", "currency": "XYZ"}}, "INVALID", ["amount", "currency"]),
    ],
)
async def test_a_wrong_change_changes_nothing(
    api: Api,
    graph: Graph,
    email: Key,
    mutation: str,
    state: str,
    form: dict[str, Any],
    code: str,
    field: list[str],
) -> None:
    lead = await create_lead(api, email)
    if state == "CONVERTED":
        lead = await convert_lead(api, lead)
    elif state != "NEW":
        lead = await update_lead(api, lead, status=state)
    before = await graph.run(COUNTS)
    payload = await api.field(mutation, input={"leadId": lead["id"]} | form)
    assert payload["lead"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await graph.run(COUNTS) == before
    assert await lead_of(api, lead) == lead


async def test_a_converted_lead_is_a_deal_of_the_same_customer(api: Api, graph: Graph, email: Key) -> None:
    lead = await update_lead(api, await create_lead(api, email, owner="Olga"), status="IN_PROCESS")
    amount = {"amount": "19.90", "currency": "EUR"}
    form = {"leadId": lead["id"], "amount": amount, "expectedCloseOn": "2026-12-24"}
    payload = await api.done(CONVERT_LEAD, input=form)
    deal = payload["lead"]["deal"]
    assert payload["deal"] == {"id": deal["id"]}
    assert deal == {
        "id": deal["id"],
        "title": "Wants a car",
        "state": "OPEN",
        "owner": "Olga",
        "source": "form",
        "expectedCloseOn": "2026-12-24",
        "version": 1,
        "amount": amount,
        "customer": lead["customer"],
        "pipeline": {"id": PIPELINE},
        "stage": {"name": "New"},
    }
    assert payload["lead"] == lead | {"status": "CONVERTED", "deal": deal}
    customer = lead["customer"]["id"]
    assert (await told(graph, lead["id"]))[-1] == ["LEAD_UPDATED", customer, ["deal", "status"], ["Olga"]]
    assert await told(graph, deal["id"]) == [["DEAL_CREATED", customer, [], ["Olga"]]]
    # Again it is the same deal; its owner may change still.
    assert await convert_lead(api, lead, title="Another") == payload["lead"]
    assert (await update_lead(api, lead, owner="Ann"))["status"] == "CONVERTED"
    titled = await convert_lead(api, await create_lead(api, email), title="Two cars", pipelineId=PIPELINE)
    assert (titled["deal"]["title"], titled["deal"]["owner"]) == ("Two cars", None)


async def test_of_twenty_conversions_at_once_exactly_one_makes_a_deal(api: Api, graph: Graph, email: Key) -> None:
    lead = await create_lead(api, email)
    forms = [{"leadId": lead["id"], "title": f"Deal {n}"} for n in range(20)]
    payloads = await asyncio.gather(*(api.done(CONVERT_LEAD, input=form) for form in forms))
    assert payloads == [payloads[0]] * 20
    deals = "query ($by: CustomerBy!) { customer(by: $by) { deals { nodes { id } } } }"
    assert (await api.field(deals, by={"email": email[1]}))["deals"]["nodes"] == [payloads[0]["deal"]]
    assert [kind for kind, *_ in await told(graph, lead["id"])] == ["LEAD_CREATED", "LEAD_UPDATED"]


async def age(graph: Graph, lead: dict[str, Any], by_millis: int) -> None:
    """Lets a lead be older than it is: when leads are created nobody can say."""
    rows = await graph.run("MATCH (l:Lead {id: $id}) RETURN l.createdAt, l.position", id=lead["id"])
    created_at, position = rows[0]
    digits, _, rest = position.partition(":")
    older = f"{int(digits) - by_millis:015d}:{rest}"
    async with graph.transaction() as transaction:
        await transaction.write(
            "leads/update_leads",
            rows=[{"id": lead["id"], "changes": {"createdAt": created_at - by_millis, "position": older}}],
        )


async def test_a_second_open_lead_within_thirty_days_is_a_duplicate_of_the_first(
    api: Api, graph: Graph, email: Key
) -> None:
    first, second, third = [await create_lead(api, email, title=title) for title in ("One", "Two", "Three")]
    assert [one["duplicateOf"] for one in (first, second, third)] == [
        None,
        {"id": first["id"]},
        {"id": first["id"]},
    ]
    # What becomes of the first later does not make the second count.
    await update_lead(api, first, status="DISQUALIFIED")
    assert (await lead_of(api, second))["duplicateOf"] == {"id": first["id"]}
    fourth = await create_lead(api, email)
    assert fourth["duplicateOf"] == {"id": second["id"]}
    for one in (second, third):
        await convert_lead(api, one)
    await update_lead(api, fourth, status="DISQUALIFIED")
    assert (await create_lead(api, email))["duplicateOf"] is None
    # One that was reopened is open all the time.
    await update_lead(api, first, status="IN_PROCESS")
    assert (await lead_of(api, fourth))["duplicateOf"] == {"id": first["id"]}
    await age(graph, first, MONTH - 60_000)
    assert (await lead_of(api, second))["duplicateOf"] == {"id": first["id"]}
    await age(graph, first, 120_000)
    assert (await lead_of(api, second))["duplicateOf"] is None
    assert (await lead_of(api, third))["duplicateOf"] == {"id": second["id"]}


async def test_leads_of_two_who_are_one_are_on_the_survivor_and_go_back_on_a_split(
    api: Api, graph: Graph, cookie: Key, email: Key
) -> None:
    by_cookie, by_email = await create_lead(api, cookie), await create_lead(api, email)
    one, other = by_cookie["customer"]["id"], by_email["customer"]["id"]
    merged = await merge(api, other, one)
    assert merged["customer"]["id"] == other
    assert [(await lead_of(api, lead))["customer"]["id"] for lead in (by_cookie, by_email)] == [other, other]
    assert (await lead_of(api, by_email))["duplicateOf"] == {"id": by_cookie["id"]}
    assert [lead["id"] for lead in (await api.field(LEADS_OF, by={"id": one}))["leads"]["nodes"]] == [
        by_email["id"],
        by_cookie["id"],
    ]
    # A change and a deal go to the survivor, and go back too.
    converted = await convert_lead(api, await update_lead(api, by_cookie, owner="Ann"))
    assert converted["deal"]["customer"] == {"id": other}
    assert {customer for _, customer, *_ in (await told(graph, by_cookie["id"]))[1:]} == {other}
    await undo(api, merged["event"]["id"])
    assert await lead_of(api, by_email) == by_email
    back = await lead_of(api, by_cookie)
    assert (back["customer"], back["deal"]["customer"]) == ({"id": one}, {"id": one})
    again = await merge(api, other, one)
    assert (await lead_of(api, by_cookie))["customer"] == {"id": other}
    parted = await split(api, again["customer"]["id"], cookie)
    ids = {customer["id"] for customer in parted["customers"]}
    now = {lead["id"]: (await lead_of(api, lead))["customer"]["id"] for lead in (by_cookie, by_email)}
    assert set(now.values()) == ids
    assert now[by_email["id"]] == other


async def test_a_lead_on_what_too_many_share_goes_to_its_next_identifier(api: Api, unique: str) -> None:
    phone = ("phone", f"+4930{int(unique, 16) % 10**8:08d}")
    owners: dict[str, str] = {}
    for person in range(7):
        cookie = ("cookie", f"c{person}-{unique}")
        await api.done(RECORD, input=touch(f"v{person}-{unique}", ("email", f"{person}-{unique}@ex.org"), cookie))
        payload = await api.field(CREATE_LEAD, input=lead_form(phone, cookie, title=f"Lead {person}"))
        assert payload["userErrors"] == []
        owners[payload["lead"]["id"]] = cookie[1]
    assert await api.customer(phone=phone[1]) is None
    people = set()
    for lead, value in owners.items():
        mine = await api.customer(cookie=value)
        assert mine is not None
        assert (await lead_of(api, {"id": lead}))["customer"] == {"id": mine["id"]}
        people.add(mine["id"])
    assert len(people) == 7
