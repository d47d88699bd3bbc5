"""Without profiles:pii no personal data comes back, however it is asked for; what is denied changes nothing."""

from __future__ import annotations

import base64
import re
from typing import Any

import orjson
import pytest

from service.access.models import ALL_RIGHTS, Caller, Scope
from service.api.refusing import RequestRefused
from service.api.schema import schema
from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import ADD_NOTE, CREATE_DEAL, IDENTIFY, OPEN_TICKET, RECORD, UPDATE, Api
from tests.integration.forms import identify, touch
from tests.integration.personal import (
    ATTRIBUTES,
    COOKIE,
    EMAIL,
    MARK,
    PHONE,
    TWIN,
    documents,
    forbid,
    lookups,
    record,
)

PLAIN = Caller("analyst", ALL_RIGHTS - {Scope.PROFILES_PII.value})
_CURSOR = re.compile(r'ursor":"([\w-]+)"')
WITHOUT_PROFILE = "query ($by: CustomerBy!) { customer(by: $by) { id version displayName } }"


@pytest.fixture(scope="module", params=[True, False], ids=["compiled", "ordinary"])
def masked(graph: Graph, services: Services, request: pytest.FixtureRequest) -> Api:
    return Api(graph, services, compiled=request.param, caller=PLAIN)


@pytest.fixture(scope="module")
async def there(api: Api, graph: Graph) -> dict[str, str]:
    """The ids of what there is."""
    ids = await record(api, graph)
    (pipeline, *_) = await api.field("{ pipelines { id } }")
    return ids | {"Pipeline": pipeline["id"]}


def marks(answer: Any) -> set[str]:
    """The marks in an answer, also in what its cursors stand for."""
    text = orjson.dumps(answer).decode()
    cursors = (base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in _CURSOR.findall(text))
    return set(MARK.findall(" ".join((text, *(one.decode(errors="replace") for one in cursors)))))


async def answer(api: Api, query: str, **variables: Any) -> Any:
    """The answer, or why there is none."""
    try:
        return await api.answer(query, **variables)
    except RequestRefused as refused:
        return {"refused": refused.errors}


@pytest.fixture(scope="module")
async def shown(graph: Graph, services: Services, there: dict[str, str]) -> dict[str, Any]:
    """What who may see everything is answered, by the names of documents."""
    api = Api(graph, services, compiled=False)
    return {name: await answer(api, query) for name, query in documents(schema._schema, there)}


async def test_no_mark_is_in_any_answer_though_each_is_there(
    masked: Api, there: dict[str, str], shown: dict[str, Any]
) -> None:
    seen, lengths = set[str](), {}
    for name, query in documents(schema._schema, there):
        found, open_ = await answer(masked, query), shown[name]
        assert not marks(found), f"{name}: {marks(found)}"
        assert "data" in open_, (name, open_)
        assert "errors" not in open_, open_["errors"]
        seen |= {one.lower() for one in marks(open_)}
        if name != "searchCustomers":
            assert "errors" not in found, found["errors"]
            lengths[name] = len(str(found)), len(str(open_))
    assert {f"zq{n:02}" for n in range(1, 61)} - seen == set()
    # What is not personal is there all the same.
    assert all(masked_ > open_ / 3 for masked_, open_ in lengths.values()), lengths


async def test_what_a_masked_profile_looks_like(masked: Api, there: dict[str, str]) -> None:
    query = """query ($by: CustomerBy!) { customer(by: $by) { id displayName identifiers { kind value rawValue }
      attributes { name value candidates { value } } touchpoints { nodes {
        properties page { url title referrer } } }
      notes { nodes { text by } } deals { nodes { title lostReason owner } }
      tickets { nodes { subject text } } } }"""
    found = await masked.field(query, by={"cookie": COOKIE[1]})
    assert found["id"] == there["Customer"]
    assert found["displayName"] == "Z… Z…"
    values = {
        one["kind"]: (one["value"], one["rawValue"]) for one in found["identifiers"] if one["value"] != "•••"
    }
    assert values == {
        "email": ("z…@z….com", "z…@z….com"),
        "phone": ("•••42", "•••42"),
        "loyalty_card": ("•••66", "•••66"),
        "user_id": ("z…@z….com", "z…@z….com"),
        "external:crm": ("z…@z….com", "z…@z….com"),
        "facebook_id": ("•••ne", "•••ne"),
        "cookie": ("masking-1", "masking-1"),
    } | {kind: value for kind, value in values.items() if kind == "cookie"}
    attributes = {one["name"]: one["value"] for one in found["attributes"] if one["name"] != "note"}
    assert attributes == {
        "birthDate": "•••",
        "city": None,
        "email": "z…@z….com",
        "first_name": "Z…",
        "name": "Z… Z…",
        "phone": "•••42",
        "shoes": None,
        "street": None,
        "tags": None,
        "z…@z….com": None,
    }
    names = next(one for one in found["attributes"] if one["name"] == "name")["candidates"]
    assert {one["value"] for one in names} <= {"Z… Z…", "Z…"}
    (touchpoint,) = found["touchpoints"]["nodes"]
    assert touchpoint == {"properties": {}, "page": {"url": None, "title": None, "referrer": None}}
    assert {(one["text"], one["by"]) for one in found["notes"]["nodes"]} >= {("•••", "z…@z….com")}
    assert found["deals"]["nodes"][-1] == {"title": "•••", "lostReason": None, "owner": "z…@z….com"}
    assert found["tickets"]["nodes"][-1] == {"subject": "•••", "text": None}


async def test_who_has_an_identifier_finds_its_customer(masked: Api, there: dict[str, str]) -> None:
    for by in lookups():
        found = await masked.field(WITHOUT_PROFILE, by=by)
        assert (found["id"], found["displayName"]) == (there["Customer"], "Z… Z…")


async def test_nothing_personal_can_be_asked_by(masked: Api) -> None:
    range_ = {"from": "2024-01-01T00:00:00Z", "to": "2024-12-31T00:00:00Z"}
    funnel = "query ($i: FunnelInput!) { funnel(input: $i) { steps { count } } }"
    listed = "query ($f: CustomerFilter) { customers(filter: $f) { nodes { id } } }"
    asked: list[tuple[str, dict[str, Any], str]] = [
        ('{ searchCustomers(text: "Zq10Jane") { score } }', {}, "Query.searchCustomers"),
        (
            listed,
            {"f": {"attribute": {"name": "city", "equals": "Zq14ville"}}},
            "CustomerFilter.attribute of Query.customers",
        ),
        (funnel, {"i": range_ | {"steps": [{"pageContains": "zq22"}]}}, "StepInput.pageContains of Query.funnel"),
    ]
    for query, variables, field in asked:
        with pytest.raises(RequestRefused) as refused:
            await masked.answer(query, **variables)
        (error,) = refused.value.errors
        assert error == {
            "message": f"{field} needs the scope profiles:pii.",
            "extensions": {"code": "FORBIDDEN"},
        }
        assert refused.value.status == 403


async def test_payloads_and_what_they_refuse_are_masked(
    api: Api, masked: Api, there: dict[str, str], unique: str
) -> None:
    below = """customer { id displayName attributes { value } identifiers { value }
      identityHistory { nodes { reason } } } conflicts { name values chosen } userErrors { code message field }"""
    merge = f"mutation ($i: MergeCustomersInput!) {{ mergeCustomers(input: $i) {{ {below} }} }}"
    twin = await api.customer(cookie=TWIN[1])
    assert twin is not None
    ids = [there["Customer"], twin["id"]]
    rehearsed = await masked.field(merge, i={"customerIds": ids, "reason": "zq62 said so", "dryRun": True})
    assert {one["name"]: one["values"] for one in rehearsed["conflicts"]}["name"] == ["Z… Z…", "Z… Z…"]
    assert not marks(rehearsed)
    await forbid(api, *ids)
    refused = await masked.field(merge, i={"customerIds": ids, "reason": "zq63"})
    assert refused["userErrors"][0]["message"].startswith("customerIds: They must not be merged: '•••' (")
    explained = (
        """query ($a: IdentifierInput!, $b: IdentifierInput!) { explainIdentity(a: $a, b: $b) { reasons } }"""
    )
    pair = {"a": {"kind": "cookie", "value": COOKIE[1]}, "b": {"kind": "cookie", "value": TWIN[1]}}
    reasons = (await masked.field(explained, **pair))["reasons"]
    assert reasons[0].startswith("Merging them was forbidden by ")
    assert reasons[0].endswith(": '•••'")
    allow = "mutation ($i: ForbidMergeInput!) { allowMerge(input: $i) { userErrors { message } } }"
    await api.done(allow, i={"customerIds": ids, "reason": "for other tests"})
    # One card too many of a kind that a person has one of.
    twice = touch(f"{unique}-m", EMAIL, ("user_id", "zq64other@zq64.com"), ("email", "zq65 is none"))
    recorded = await masked.field(RECORD, input=twice)
    assert not marks(recorded)
    assert sorted(one["identifier"]["value"] for one in recorded["refused"]) == ["z…@z….com", "•••"]
    for query, given in [
        (IDENTIFY, identify(f"{unique}-i", "crm", ATTRIBUTES | {"note": "zq66"}, EMAIL)),
        (UPDATE, {"customerId": there["Customer"], "attributes": {"name": "Zq67Jane"}, "expectedVersion": 1}),
        (CREATE_DEAL, {"by": {"phone": PHONE[1]}, "title": "zq68"}),
        (CREATE_DEAL, {"by": {"email": "zq69 is none"}, "title": "x"}),
        (OPEN_TICKET, {"by": {"email": EMAIL[1]}, "subject": "zq70", "text": "zq71", "channel": "mail"}),
        (ADD_NOTE, {"subjectId": "zq72 is none", "text": "zq73", "by": "zq74@zq74.com"}),
    ]:
        found = await answer(masked, query, input=given)
        assert not marks(found), found


async def test_errors_do_not_quote_values(masked: Api) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("query ($by: CustomerBy!) { customer(by: $by) { id } }", {"by": {"email": "zq80 is none"}}),
        ("query ($by: CustomerBy!) { customer(by: $by) { id } }", {"by": {"phone": "zq81"}}),
        ("query ($by: CustomerBy!) { customer(by: $by) { id } }", {"by": {"id": "zq82"}}),
        ("query ($by: CustomerBy!) { customer(by: $by) { id } }", {"by": {"nobody": "zq83@zq83.com"}}),
        ("query ($n: Int!) { customers(first: $n) { nodes { id } } }", {"n": "zq84@zq84.com"}),
        ("query ($f: DealFilter) { deals(filter: $f) { nodes { id } } }", {"f": {"stageId": "zq85"}}),
        (
            'query ($a: IdentifierInput!) { explainIdentity(a: $a, b: {kind: "zq86", value: ""}) { reasons } }',
            {"a": {"kind": "email", "value": "zq88 is none"}},
        ),
    ]
    for query, variables in asked:
        found = await answer(masked, query, **variables)
        assert "errors" in found or "refused" in found
        assert not marks(found), found


async def test_a_subscriber_is_told_masked_and_of_what_they_may_read(
    api: Api, masked: Api, graph: Graph, services: Services, there: dict[str, str], unique: str
) -> None:
    newest = (await api.field("{ changes { newestCursor } }"))["newestCursor"]
    changed = identify(f"{unique}-s", "crm", ATTRIBUTES | {"name": f"Zq75{unique}"}, EMAIL)
    await api.done(IDENTIFY, input=changed)
    told = """subscription ($after: String!) { changes(after: $after, filter: {kinds: [CUSTOMER_UPDATED]}) { kind
      changedFields customer { displayName identifiers { value } attributes { name value } } } }"""
    event = await masked.event(told, after=newest)
    assert event["data"]["changes"]["customer"]["displayName"] in ("Z…", "Z… Z…")
    assert not marks(event)
    newest = (await api.field("{ changes { newestCursor } }"))["newestCursor"]
    await api.done(ADD_NOTE, input={"subjectId": there["Deal"], "text": "zq76", "by": "Otto"})
    subject = """subscription ($after: String!) { changes(after: $after, filter: {kinds: [NOTE_ADDED]}) { kind
      subject { id __typename } } }"""
    assert (await api.event(subject, after=newest))["data"]["changes"]["subject"]["__typename"] == "Note"
    shop = Caller("shop", frozenset({"changes:read"}))
    event = await Api(graph, services, caller=shop).event(subject, after=newest)
    assert event["data"]["changes"] == {"kind": "NOTE_ADDED", "subject": None}


async def test_what_is_denied_changes_nothing(
    api: Api, graph: Graph, services: Services, there: dict[str, str]
) -> None:
    by = {"cookie": COOKIE[1]}
    before = await api.field(WITHOUT_PROFILE, by=by), await api.field("{ changes { newestCursor } }")
    shop = Api(graph, services, caller=Caller("shop", frozenset({"record", "profiles:read", "sales:read"})))
    for query, given, needed in [
        (UPDATE, {"customerId": there["Customer"], "attributes": {"name": "x"}}, "identity:write"),
        (ADD_NOTE, {"subjectId": there["Deal"], "text": "x", "by": "x"}, "sales:write"),
        # What was allowed of a document that is denied is not carried out either.
        (
            "mutation ($input: IdentifyCustomerInput!) { identifyCustomer(input: $input) { duplicate customer "
            "{ orders { nodes { id } } } } }",
            identify("masking-denied", "crm", {"name": "x"}, COOKIE),
            "journeys:read",
        ),
    ]:
        with pytest.raises(RequestRefused) as refused:
            await shop.answer(query, input=given)
        assert needed in refused.value.errors[0]["message"]
    assert (await api.field(WITHOUT_PROFILE, by=by), await api.field("{ changes { newestCursor } }")) == before


async def test_what_is_there_and_what_is_not_are_denied_alike(
    graph: Graph, services: Services, there: dict[str, str]
) -> None:
    reader = Api(graph, services, caller=Caller("reader", frozenset({"profiles:read"})))
    refusals = []
    for one in (there["Deal"], f"deal_{7:032x}"):
        with pytest.raises(RequestRefused) as refused:
            await reader.answer("query ($id: ID!) { node(id: $id) { id } }", id=one)
        refusals.append(refused.value.errors)
    assert refusals[0] == refusals[1]
