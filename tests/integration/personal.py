"""A customer with a mark in every place where personal data can be, and documents that ask for all there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from service.graph.client import Graph
from tests.integration.asking import (
    ADD_NOTE,
    CLOSE_DEAL,
    CREATE_DEAL,
    CREATE_TASK,
    IDENTIFY,
    OPEN_TICKET,
    ORDER,
    RECORD,
    UPDATE_TICKET,
    UPSERT_ACCOUNT,
    Api,
)
from tests.integration.candidates import settle
from tests.integration.forms import Key, day, identifiers, identify, order, touch
from tests.integration.leads import create_lead

MARK: Final = re.compile(r"zq[0-9]{2}|5550142|88442266", re.IGNORECASE)
"""What must never be seen: each place has a mark of its own, that says which one it was."""

COOKIE: Final[Key] = ("cookie", "masking-1")
EMAIL: Final[Key] = ("email", "zq01jane@zq02host.com")
PHONE: Final[Key] = ("phone", "+1 415 555 0142")
CARD: Final[Key] = ("loyalty_card", "zq03-88442266")
USER: Final[Key] = ("user_id", "zq04jane@zq04.com")
CRM: Final[Key] = ("external:crm", "zq05jane@zq05.com")
FACEBOOK: Final[Key] = ("facebook_id", "zq06jane")
TWIN: Final[Key] = ("cookie", "masking-2")
STRANGE_COOKIE: Final[Key] = ("cookie", "c-zq07jane@zq07.com")

ATTRIBUTES: Final[dict[str, Any]] = {
    "name": "Zq10Jane Zq11Dyck",
    "first_name": "Zq12Jane",
    "birthDate": "1981-07-09",
    "email": "zq13jane@zq13.com",
    "phone": "+14155550142",
    "city": "Zq14ville",
    "street": "Zq15street 3",
    "shoes": {"zq16": ["zq17", 44], "zq08": {"zq09": "zq09"}},
    "tags": ["zq18"],
    "zq19jane@zq19.com": True,
}


async def record(api: Api, graph: Graph) -> dict[str, str]:
    """Records the customer; the ids of what there is, by the names of types."""
    facts: dict[str, Any] = {
        "campaign": {name: f"{name} zq20@zq20.com" for name in ("name", "source", "medium", "term", "content")}
        | {"clickId": "zq21@zq21.com"},
        "page": {"url": "https://zq22.com/?m=zq22", "title": "Hi zq23", "referrer": "https://zq24.com/zq24"},
        "properties": {"zq25": {"deep": ["zq26"]}},
        "source": "site zq27@zq27.com",
        "channel": "mail to zq28@zq28.com",
        "type": "open by zq29@zq29.com",
    }
    keys = (COOKIE, EMAIL, PHONE, CARD, USER, CRM, FACEBOOK, STRANGE_COOKIE)
    recorded = await api.done(RECORD, input=touch("masking-zq30@zq30.com", *keys, **facts))
    await api.done(IDENTIFY, input=identify("masking-i", "crm zq31@zq31.com", ATTRIBUTES, EMAIL))
    other = ATTRIBUTES | {"name": "Zq32Jane Zq11Dyck", "city": "Zq33ville"}
    await api.done(IDENTIFY, input=identify("masking-j", "shop", other, EMAIL, at=day(1)))
    line = {
        "sku": "zq34@zq34.com",
        "name": "for zq35@zq35.com",
        "category": "zq36@zq36.com",
        "quantity": "1",
        "unitPrice": {"amount": "1", "currency": "EUR"},
    }
    form = order("masking-o", "no zq37@zq37.com", "9.90 EUR", COOKIE, lines=[line], coupons=["zq38@zq38.com"])
    placed = await api.done(ORDER, input=form | {"paymentMethod": "zq39@zq39.com"})
    customer = recorded["customer"]["id"]
    by = {"cookie": COOKIE[1]}
    company = {"name": "Company of zq40@zq40.com", "customerIds": [customer]}
    account = (await api.done(UPSERT_ACCOUNT, input=company))["account"]["id"]
    deal_form = {"by": by, "title": "Car for zq41", "owner": "zq42@zq42.com", "source": "zq43@zq43.com"}
    deal = (await api.done(CREATE_DEAL, input=deal_form))["deal"]["id"]
    lost = {"dealId": deal, "outcome": "LOST", "lostReason": "zq44 moved", "by": "zq45@zq45.com"}
    await api.done(CLOSE_DEAL, input=lost)
    lead = await create_lead(
        api, COOKIE, title="zq46 wants a car", source="by zq47@zq47.com", owner="zq48@zq48.com"
    )
    task_form = {"title": "Call zq49", "owner": "zq50@zq50.com", "customerId": customer, "dealId": deal}
    task = (await api.done(CREATE_TASK, input=task_form))["task"]["id"]
    ticket_form = {"by": by, "subject": "zq51 is angry", "text": "I am zq52", "owner": "zq53@zq53.com"}
    ticket_form |= {"channel": "mail zq54@zq54.com"}
    ticket = (await api.done(OPEN_TICKET, input=ticket_form))["ticket"]["id"]
    await api.done(UPDATE_TICKET, input={"ticketId": ticket, "reply": "Dear zq55", "by": "zq56@zq56.com"})
    notes = [
        (await api.done(ADD_NOTE, input={"subjectId": one, "text": "Met zq57", "by": "zq58@zq58.com"}))["note"][
            "id"
        ]
        for one in (customer, deal, lead["id"], ticket)
    ]
    twin = ATTRIBUTES | {"name": "Zq59Jane Zq11Dyck", "email": "zq60jane@zq60.com"}
    await api.done(IDENTIFY, input=identify("masking-t", "crm", twin, TWIN))
    await settle(graph)
    return {
        "Customer": customer,
        "Touchpoint": recorded["touchpoint"]["id"],
        "Order": placed["order"]["id"],
        "Account": account,
        "Deal": deal,
        "Lead": lead["id"],
        "Task": task,
        "Ticket": ticket,
        "Note": notes[0],
    }


async def forbid(api: Api, *customers: str) -> None:
    """Says why two customers are two, in words that name somebody."""
    query = "mutation ($i: ForbidMergeInput!) { forbidMerge(input: $i) { userErrors { message } } }"
    await api.done(query, i={"customerIds": list(customers), "reason": "zq61 is a sister"})


_RANGE: Final = 'from: "2024-01-01T00:00:00Z", to: "2024-12-31T00:00:00Z"'
ROOTS: Final[dict[str, str]] = {
    "explainIdentity": f'(a: {{kind: "cookie", value: "{COOKIE[1]}"}}, b: {{kind: "email", value: "{EMAIL[1]}"}})',
    "simulateIdentity": f'(identifiers: [{{kind: "email", value: "{EMAIL[1]}"}}, {{kind: "cookie", value: ""}}])',
    "searchCustomers": '(text: "Zq10Jane", first: 4)',
    "matchCandidates": "(minProbability: 0.5, first: 4)",
    "funnel": f'(input: {{{_RANGE}, steps: [{{channel: "mail to zq28@zq28.com"}}], breakdown: CAMPAIGN}})',
    "timeToConvert": f'(input: {{{_RANGE}, start: {{channel: "mail to zq28@zq28.com"}}, end: {{order: true}}}})',
    "customersOnPath": f'(input: {{{_RANGE}, steps: [{{channel: "mail to zq28@zq28.com"}}]}}, first: 4)',
    "attribution": f"(input: {{{_RANGE}, conversion: {{order: true}}, model: LINEAR, groupBy: CAMPAIGN}})",
    "journeyFlow": f"(input: {{{_RANGE}, dimension: TYPE}})",
    "retention": f"(input: {{{_RANGE}}})",
    "lifecycle": f"(input: {{{_RANGE}}})",
    "pipelineReport": '(pipelineId: "$Pipeline", from: "2024-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z")',
    "forecast": '(from: "2024-01-01", to: "2024-12-31", groupBy: OWNER)',
    "customer": f'(by: {{cookie: "{COOKIE[1]}"}})',
}
"""The arguments of root fields that need some."""

FEW: Final = 4
"""Things on a page, that documents are not too dear."""


def documents(schema: GraphQLSchema, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """For every root field, every sort of node and every field of a customer, one that asks for all below."""
    query, customer = schema.query_type, schema.type_map["Customer"]
    assert query is not None
    assert isinstance(customer, GraphQLObjectType)
    for name, field in query.fields.items():
        arguments = ROOTS.get(name, f"(first: {FEW})" if "first" in field.args else "")
        arguments = arguments.replace("$Pipeline", ids["Pipeline"])
        if name not in ("node", "nodes"):
            # What is below a customer is asked for field by field.
            depth = 1 if get_named_type(field.type).name.startswith("Customer") else 2
            yield name, f"{{ {name}{arguments} {_below(schema, field.type, depth)} }}"
    for type_, known in ids.items():
        for name, by, depth in (("node", f'id: "{known}"', 2), ("nodes", f'ids: ["{known}"]', 1)):
            below = _below(schema, schema.type_map[type_], 1 if type_ == "Customer" else depth)
            yield f"{name} {type_}", f"{{ {name}({by}) {{ ... on {type_} {below} }} }}"
    for name, field in customer.fields.items():
        text = name if is_leaf_type(get_named_type(field.type)) else f"{name} {_below(schema, field.type, 2)}"
        text = text.replace(f"{name} ", f"{name}(first: {FEW}) ", 1) if "first" in field.args else text
        yield f"customer.{name}", f"{{ customer{ROOTS['customer']} {{ {text} }} }}"


def _below(schema: GraphQLSchema, type_: Any, depth: int, prefix: str = "") -> str:
    """All leaves, and what is below, so deep; of connections the nodes. A prefix keeps keys of types apart."""
    named: GraphQLNamedType = get_named_type(type_)
    if isinstance(named, GraphQLInterfaceType):
        deep = 2 if named.name == "JourneyStep" else 1
        possible = schema.get_possible_types(named)
        parts = [f"... on {one.name} {_below(schema, one, deep, one.name)}" for one in possible]
        return f"{{ __typename id {' '.join(parts)} }}"
    assert isinstance(named, GraphQLObjectType)
    parts = ["__typename"]
    for name, field in named.fields.items():
        inner = get_named_type(field.type)
        key = f"{prefix}_{name}: {name}" if prefix else name
        key += f"(first: {FEW})" if "first" in field.args else ""
        if is_leaf_type(inner):
            parts.append(key)
        elif name != "edges" and (depth > 1 or name in ("node", "nodes")):
            parts.append(f"{key} {_below(schema, inner, depth - (name not in ('node', 'nodes')))}")
    return f"{{ {' '.join(parts)} }}"


def lookups() -> Iterator[dict[str, Any]]:
    """Ways to name the customer exactly."""
    yield {"email": EMAIL[1]}
    yield {"phone": PHONE[1]}
    yield {"userId": USER[1]}
    (identifier,) = identifiers(CARD)
    yield {"identifier": identifier}
