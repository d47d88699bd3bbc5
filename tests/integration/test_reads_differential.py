"""Compiled reads against GraphQL's own execution: the same answer to every document that can be thought of."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import orjson
import pytest
from graphql import parse, validate

from service.access.models import ALL_RIGHTS, Caller, Scope
from service.api.refusing import RequestRefused
from service.api.schema import schema
from service.graph.client import Graph
from service.services import Services
from tests.integration.arguments import MARKER, World
from tests.integration.asking import (
    ADD_NOTE,
    CLOSE_DEAL,
    CREATE_DEAL,
    CREATE_TASK,
    IDENTIFY,
    MOVE_DEAL,
    OPEN_TICKET,
    ORDER,
    RECORD,
    UPDATE,
    UPDATE_TASK,
    UPDATE_TICKET,
    UPSERT_ACCOUNT,
    Api,
)
from tests.integration.candidates import LIST, decide, settle
from tests.integration.documents import document
from tests.integration.forms import Key, day, identify, order, touch
from tests.integration.leads import convert_lead, create_lead, update_lead

CHUNK, CHUNKS = 50, 10
_ON_NEO4J = 4
"""Chunks: it plans each statement anew, which takes many times what answering does."""
ENOUGH_COMPILED = 320
_ASKED: Counter[str] = Counter()

CHANNELS = ["web", "social_ad", "phone"]
TYPES = ["page_view", "ad_click", "call"]
CAMPAIGNS = ["spring", "autumn 'sale'"]
OWNERS, SOURCES = ["Olga", "Zoë"], ["web form", "call"]
QUALIFIED, PROPOSAL = (f"stg_0000000000007000800000000000000{n}" for n in (2, 3))

_INFO = "pageInfo { startCursor endCursor }"
_FOUND = f"""query ($by: CustomerBy!) {{ customer(by: $by) {{ id previousIds identifiers {{ id }}
  touchpoints {{ nodes {{ id }} edges {{ cursor }} }} orders {{ nodes {{ id }} edges {{ cursor }} }}
  journey {{ edges {{ cursor }} {_INFO} }} identityHistory {{ nodes {{ id }} edges {{ cursor }} }}
  deals {{ nodes {{ id stageHistory {{ id }} }} edges {{ cursor }} }} account {{ id }}
  leads {{ nodes {{ id }} edges {{ cursor }} }}
  tasks {{ nodes {{ id }} edges {{ cursor }} }} tickets {{ nodes {{ id }} edges {{ cursor }} }}
  notes {{ nodes {{ id }} edges {{ cursor }} }} }} }}"""


def cookie(number: int) -> Key:
    return ("cookie", f"diff-{number}")


def email(number: int) -> Key:
    return ("email", f"diff-{number}@example.org")


@pytest.fixture(scope="module")
def ordinary(graph: Graph, services: Services) -> Api:
    return Api(graph, services, compiled=False)


@pytest.fixture(scope="module")
def compiled(graph: Graph, services: Services) -> Api:
    return Api(graph, services)


PLAIN = Caller("analyst", ALL_RIGHTS - {Scope.PROFILES_PII.value})
MASKED_CHUNKS = 3
PERSONAL = re.compile(
    rb"diff-\d+@|DIFF-|[\"\s]Quim|1234567|diff-u|1981-07|[\"\s]Ulm|K\xc3\xb6ln|https://|\xc3\x9cn\xc3\xaf|price"
)
"""What there is of personal data in the world of these tests, and of what anybody may have written."""


async def record_touchpoints(api: Api, chance: random.Random) -> None:
    """Twelve customers: the first six anonymous, the others known."""
    for number in range(12):
        keys = [cookie(number)] + ([email(number)] if number >= 6 else [])
        for n in range(1 + number % 5 * 2):
            more: dict[str, Any] = {"type": chance.choice(TYPES), "channel": chance.choice(CHANNELS)}
            if n % 2:
                campaign = {"name": chance.choice(CAMPAIGNS), "source": "news", "clickId": f"{n}"}
                more |= {"campaign": campaign, "direction": "OUTBOUND"}
            if n % 3 == 0:
                more |= {"page": {"url": f"https://example.org/{n}", "title": "Ünï"}, "source": "site"}
            if n % 4 == 0:
                more["properties"] = {"deep": {"list": [1, 2.5, None, True]}, "n": n}
            # Some at the same moment.
            form = touch(f"diff-{number}-{n}", *keys[: 1 + n % 2], *keys[:1], at=day(n // 2 + number), **more)
            await api.done(RECORD, input=form)


async def record_orders(api: Api) -> None:
    statuses = ["PLACED", "PAID", "FULFILLED", "RETURNED", "CANCELLED"]
    for n, number in enumerate((1, 6, 6, 6, 7, 7, 8, 8, 9, 10)):
        lines = [
            {"sku": f"A{i}", "quantity": "2.50", "unitPrice": {"amount": "9.90", "currency": "EUR"}}
            for i in range(n % 3)
        ]
        more: dict[str, Any] = {"lines": lines, "coupons": ["TEN"] * (n % 2), "status": statuses[n % 5]}
        form = order(f"diff-o-{n}", f"diff-{n}", f"{n}.50 {'EUR' if n % 4 else 'USD'}", cookie(number), **more)
        await api.done(ORDER, input=form | {"occurredAt": day(20 + n // 2), "channel": CHANNELS[n % 3]})


async def record_deals(api: Api) -> None:
    for n, number in enumerate((6, 6, 6, 7, 8, 9, 2)):
        form: dict[str, Any] = {
            "by": {"cookie": cookie(number)[1]},
            "title": f"T{n}",
            "idempotencyKey": f"diff-{n}",
        }
        if n % 2 == 0:
            form |= {"amount": {"amount": f"{n}00.10", "currency": "EUR"}, "owner": "Olga", "source": "phone"}
        if n % 3 == 0:
            form["expectedCloseOn"] = "2026-12-24"
        deal = (await api.done(CREATE_DEAL, input=form))["deal"]["id"]
        if n % 2 == 0:
            for stage in (QUALIFIED, PROPOSAL):
                await api.done(MOVE_DEAL, input={"dealId": deal, "stageId": stage, "by": "Otto"})
        if n in (1, 2):
            await api.done(CLOSE_DEAL, input={"dealId": deal, "outcome": "WON"})
        if n in (3, 4):
            await api.done(CLOSE_DEAL, input={"dealId": deal, "outcome": "LOST", "lostReason": "price"})


async def record_accounts(api: Api) -> None:
    members = [await api.customer(cookie=cookie(number)[1]) for number in (2, 7)]
    ids = [member["id"] for member in members if member]
    await api.done(UPSERT_ACCOUNT, input={"name": "By domain", "domain": "example.org"})
    account = (await api.done(UPSERT_ACCOUNT, input={"name": "By hand", "customerIds": ids}))["account"]["id"]
    form = {"by": {"cookie": cookie(8)[1]}, "title": "T8", "idempotencyKey": "diff-8", "accountId": account}
    await api.done(CREATE_DEAL, input=form)


async def record_leads(api: Api) -> None:
    for n, number in enumerate((6, 6, 7, 8, 8, 2, 11)):
        more: dict[str, Any] = {"owner": OWNERS[n % 2]} if n % 3 else {}
        lead = await create_lead(api, cookie(number), title=f"L{n}", source=SOURCES[n % 2], **more)
        if n in (1, 4):
            await convert_lead(api, lead)
        elif n % 2 == 0:
            await update_lead(api, lead, status="DISQUALIFIED" if n == 2 else "IN_PROCESS")


async def record_service(api: Api) -> None:
    """Tasks, tickets and notes of those with deals, and a task of nobody."""
    deals = "query ($by: CustomerBy!) { customer(by: $by) { id deals { nodes { id } } } }"
    for n, number in enumerate((6, 7, 2, 6)):
        by = {"cookie": cookie(number)[1]}
        customer = await api.field(deals, by=by)
        deal = customer["deals"]["nodes"][0]["id"]
        owner = OWNERS[n % 2]
        subjects = [customer["id"], deal]
        for m, on in enumerate(({"customerId": customer["id"]}, {"dealId": deal}, {})):
            form: dict[str, Any] = {"title": f"T{n}{m}", "owner": owner, "idempotencyKey": f"diff-{n}-{m}", **on}
            form |= {"dueAt": day(n + 3 * m)} if m != n else {}
            task = (await api.done(CREATE_TASK, input=form))["task"]["id"]
            if m == 1:
                state = ("DONE", "CANCELLED")[n % 2]
                await api.done(UPDATE_TASK, input={"taskId": task, "state": state})
        form = {"by": by, "subject": f"S{n}", "channel": CHANNELS[n % 3], "idempotencyKey": f"diff-{n}"}
        form |= {"text": "Ünï", "owner": owner, "priority": "HIGH"} if n % 2 else {}
        ticket = (await api.done(OPEN_TICKET, input=form))["ticket"]["id"]
        if n:
            answer = {"ticketId": ticket, "reply": "Yes.", "state": ("OPEN", "PENDING", "RESOLVED")[n % 3]}
            await api.done(UPDATE_TICKET, input=answer)
        for m, subject in enumerate((*subjects, ticket)):
            note = {"subjectId": subject, "text": f"N{n}{m}", "by": owner, "idempotencyKey": f"diff-{n}-{m}"}
            note |= {"kind": "CALL", "occurredAt": day(n)} if m == n else {}
            await api.done(ADD_NOTE, input=note)


async def record_attributes(api: Api) -> None:
    for number in (6, 7, 8, 9):
        crm = {"name": f"Quim {number}", "vip": number % 2 == 0, "size": 44, "tags": ["a", {"b": 1}]}
        await api.done(IDENTIFY, input=identify(f"diff-c-{number}", "crm", crm, email(number), at=day(number)))
        shop = {"name": f"Quimberly {number}", "city": "Köln", "size": "44"}
        keys = (cookie(number), ("external:shop", f"s{number}"))
        await api.done(IDENTIFY, input=identify(f"diff-s-{number}", "shop", shop, *keys, at=day(15 - number)))
    for number, attributes in ((6, {"name": "Quim", "since": 2020}), (8, {"city": ["Ulm"]})):
        customer = await api.customer(cookie=cookie(number)[1])
        assert customer is not None
        await api.done(UPDATE, input={"customerId": customer["id"], "attributes": attributes})


async def record_merges(api: Api) -> None:
    """Joins of two customers, of three, and of what was joined already."""
    joins: list[tuple[Key, ...]] = [
        (cookie(0), email(6)),
        (cookie(1), cookie(2)),
        (cookie(2), email(7)),
        (email(8), cookie(9), ("phone", "+49 30 1234567"), ("device", "diff-d"), ("user_id", "diff-u")),
    ]
    for n, keys in enumerate(joins):
        await api.done(RECORD, input=touch(f"diff-join-{n}", *keys, at=day(30 + n)))
    # And one that is refused, so that there is evidence which does not hold.
    await api.done(RECORD, input=touch("diff-other", ("user_id", "diff-other"), cookie(11), at=day(34)))
    refused = await api.field(RECORD, input=touch("diff-refused", ("user_id", "diff-u"), cookie(11), at=day(35)))
    assert [one["code"] for one in refused["refused"]] == ["IDENTIFIER_LIMIT_EXCEEDED"]


async def seen(api: Api) -> World:
    """What there is now, for arguments."""
    customers: list[str] = []
    nodes: dict[str, list[str]] = {name: [] for name in ("Identifier", "Touchpoint", "Order", "Deal", "Account")}
    nodes |= {"DealStageChange": [], "Pipeline": [], "Stage": [], "IdentityEvent": [], "MatchCandidate": []}
    nodes["Lead"] = []
    nodes |= {"Task": [], "Ticket": [], "Note": []}
    cursors: dict[str, list[str]] = {}
    for number in range(12):
        found = await api.field(_FOUND, by={"cookie": cookie(number)[1]})
        customers += [found["id"], *found["previousIds"]]
        nodes["Identifier"] += [one["id"] for one in found["identifiers"]]
        lists = {"Touchpoint": "touchpoints", "Order": "orders", "Deal": "deals", "Journey": "journey"}
        lists |= {"IdentityEvent": "identityHistory", "Lead": "leads"}
        lists |= {"Task": "tasks", "Ticket": "tickets", "Note": "notes"}
        for name, connection in lists.items():
            nodes.get(name, []).extend(one["id"] for one in found[connection].get("nodes", ()))
            cursors.setdefault(f"{name}Connection", []).extend(e["cursor"] for e in found[connection]["edges"])
        nodes["Account"] += [found["account"]["id"]] if found["account"] else []
        for deal in found["deals"]["nodes"]:
            nodes["DealStageChange"] += [change["id"] for change in deal["stageHistory"]]
    for pipeline in await api.field("{ pipelines { id stages { id } } }"):
        nodes["Pipeline"].append(pipeline["id"])
        nodes["Stage"] += [stage["id"] for stage in pipeline["stages"]]
    for status in ("OPEN", "SAME", "DIFFERENT"):
        page = await api.field(f"{{ matchCandidates(status: {status}) {{ edges {{ cursor node {{ id }} }} }} }}")
        nodes["MatchCandidate"] += [edge["node"]["id"] for edge in page["edges"]]
        cursors.setdefault("MatchCandidateConnection", []).extend(edge["cursor"] for edge in page["edges"])
    for by in ("LAST_SEEN_DESC", "CREATED_DESC"):
        page = await api.field(f"{{ customers(orderBy: {by}, first: 8) {{ edges {{ cursor }} }} }}")
        cursors.setdefault("CustomerConnection", []).extend(edge["cursor"] for edge in page["edges"])
    return World(
        customers=customers,
        nodes=nodes,
        identifiers={
            "cookie": [cookie(n)[1] for n in range(12)],
            "email": [email(n)[1] for n in range(6, 12)] + [" DIFF-6@Example.ORG "],
            "phone": ["+49 30 1234567", "+49301234567"],
            "device": ["diff-d"],
            "user_id": ["diff-u", "diff-other"],
            "external:shop": ["s6", "s7", "s8", "s9"],
        },
        channels=CHANNELS,
        types=TYPES,
        campaigns=CAMPAIGNS,
        attributes={
            "name": ["Quim 6", "Quimberly 6"],
            "vip": ["true"],
            "size": ["44"],
            "city": ["Köln"],
            "no": ["1"],
        },
        owners=OWNERS,
        times=[day(n) for n in (-5, 0, 3, 8, 12, 20, 22, 31, 3000)] + ["2024-03-09T01:00:00+01:00"],
        sources=SOURCES,
        cursors=cursors,
    )


async def record_matches(api: Api, graph: Graph) -> None:
    """Four who may be one person: of six pairs, one is decided each way."""
    for number in (3, 4, 5, 10):
        crm = {"name": ("Quimi Zolotareva", "Кими Золотарёва")[number % 2], "birthDate": "1981-07-09"}
        await api.done(IDENTIFY, input=identify(f"diff-m-{number}", "crm", crm, cookie(number)))
    await settle(graph)
    page = await api.field(LIST)
    mine = [one["id"] for one in page["nodes"] if "Zolotareva" in str(one) or "Золотарёва" in str(one)]
    await decide(api, mine[0], same=False)
    await decide(api, mine[-1], same=True)
    await settle(graph)


@pytest.fixture(scope="module")
async def world(ordinary: Api, graph: Graph) -> World:
    chance = random.Random(7)
    await record_touchpoints(ordinary, chance)
    await record_orders(ordinary)
    await record_deals(ordinary)
    await record_leads(ordinary)
    await record_service(ordinary)
    await record_attributes(ordinary)
    await record_merges(ordinary)
    await record_accounts(ordinary)
    await record_matches(ordinary, graph)
    return await seen(ordinary)


async def answer_of(api: Api, query: str, variables: dict[str, Any]) -> bytes:
    """The answer with its errors in order of their paths, or why there is none."""
    try:
        answer = await api.answer(query, **variables)
    except RequestRefused as refused:
        answer = {"refused": refused.errors}
    for errors in (answer.get("errors"), answer.get("refused")):
        if errors:
            errors.sort(key=lambda error: (orjson.dumps(error.get("path")), error["message"]))
    return orjson.dumps(answer)


def told(seed: int, query: str, variables: dict[str, Any], expected: bytes, got: bytes) -> str:
    """A failure as one can work with it."""
    at = next(
        (n for n, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), min(map(len, (expected, got)))
    )
    near = slice(max(0, at - 150), at + 350)
    return (
        f"seed {seed}:\n{query}\nvariables: {orjson.dumps(variables).decode()}\n"
        f"from byte {near.start} on, expected:\n{expected[near].decode(errors='replace')}\n"
        f"compiled:\n{got[near].decode(errors='replace')}"
    )


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_compiled_answers_are_those_of_the_execution(
    compiled: Api, ordinary: Api, graph: Graph, world: World, chunk: int
) -> None:
    if chunk >= _ON_NEO4J and not graph.embedded:
        pytest.skip("Neo4j is asked the first ones only.")
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        query, variables = document(schema._schema, random.Random(seed), world)
        assert not validate(schema._schema, parse(query))
        expected = await answer_of(ordinary, query, variables)
        before = compiled.compiled_answers
        try:
            got = await answer_of(compiled, query, variables)
        except Exception as error:
            error.add_note(told(seed, query, variables, expected, b""))
            raise
        if got != expected:
            pytest.fail(told(seed, query, variables, expected, got), pytrace=False)
        _ASKED["asked"] += 1
        _ASKED["compiled"] += compiled.compiled_answers - before
        _ASKED["marked"] += MARKER in query or MARKER in str(variables)
        _ASKED["refused"] += expected.startswith(b'{"refused"')
        _ASKED["erred"] += b'"errors":[{' in expected


@pytest.mark.parametrize("chunk", range(MASKED_CHUNKS))
async def test_both_executions_mask_the_same(
    compiled: Api, graph: Graph, services: Services, world: World, chunk: int
) -> None:
    if chunk > 0 and not graph.embedded:
        pytest.skip("Neo4j is asked the first ones only.")
    unmasked, personal = compiled, 0
    ordinary, compiled = (Api(graph, services, compiled=one, caller=PLAIN) for one in (False, True))
    for seed in range(10_000 + chunk * CHUNK, 10_000 + (chunk + 1) * CHUNK):
        query, variables = document(schema._schema, random.Random(seed), world)
        expected = await answer_of(ordinary, query, variables)
        got = await answer_of(compiled, query, variables)
        if got != expected:
            pytest.fail(told(seed, query, variables, expected, got), pytrace=False)
        if found := PERSONAL.search(got):
            pytest.fail(told(seed, query, variables, b"", got) + f"\n{found[0]!r}", pytrace=False)
        personal += PERSONAL.search(await answer_of(unmasked, query, variables)) is not None
    assert personal > 0  # Few documents show any; tests/integration/test_masking.py asks for all there is.
    assert compiled.compiled_answers > CHUNK / 2


def asked_all() -> None:
    if _ASKED["asked"] < CHUNK * CHUNKS:
        pytest.skip("Not all documents were asked.")


def test_the_documents_are_of_every_sort() -> None:
    asked_all()
    assert _ASKED["refused"] < 50
    assert 5 < _ASKED["erred"] < 150
    assert _ASKED["marked"] > 30


def test_most_answers_came_from_a_compiled_plan() -> None:
    asked_all()
    assert _ASKED["compiled"] >= ENOUGH_COMPILED, _ASKED


def test_no_value_of_a_user_is_in_a_statement(compiled: Api) -> None:
    asked_all()
    statements = compiled.statements()
    assert statements
    assert not [statement for statement in statements if MARKER in statement]
