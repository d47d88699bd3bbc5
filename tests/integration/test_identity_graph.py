"""Links, the graph of a customer, and the history of who they are, as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import RECORD, Api
from tests.integration.evidence import Writer
from tests.integration.forms import Key, day, touch
from tests.integration.paging import of_customer, walk

LINK = "id from { id key: value kind } to { key: value kind } method rule probability messageId source at active"
LINKS = f"query ($by: CustomerBy!) {{ customer(by: $by) {{ identifiers {{ kind links {{ {LINK} }} }} }} }}"
GRAPH = f"""query ($by: CustomerBy!) {{ customer(by: $by) {{ id identityGraph {{
  identifiers {{ id kind value generic customer {{ id }} links {{ id }} }} links {{ {LINK} }} }} }} }}"""
_EVENT = "id kind at reason by customerIds messageId undone"
HISTORY = f"""query ($by: CustomerBy!) {{ customer(by: $by) {{
  identityHistory {{ nodes {{ __typename {_EVENT} }} }} }} }}"""
NODE = f"query ($id: ID!) {{ node(id: $id) {{ __typename id ... on IdentityEvent {{ {_EVENT} }} }} }}"


@pytest.fixture
def writer(graph: Graph) -> Writer:
    return Writer(graph)


@pytest.fixture(scope="module", params=[True, False], ids=["compiled", "ordinary"])
def asked(request: pytest.FixtureRequest, graph: Graph, services: Services) -> Api:
    """The API by either executor."""
    return Api(graph, services, compiled=request.param)


async def two(api: Api, unique: str) -> tuple[Key, Key, str]:
    """A customer with an e-mail and a cookie."""
    email, cookie = ("email", f"{unique}@example.org"), ("cookie", unique)
    done = await api.done(RECORD, input=touch(f"1-{unique}", email, cookie, at=day(1), source="shop"))
    return email, cookie, done["customer"]["id"]


def key(pair: Key) -> str:
    return ":".join(pair)


def end(pair: Key) -> dict[str, str]:
    return {"key": pair[1], "kind": pair[0]}


async def test_an_identifier_has_its_links_active_or_not_the_newest_first(
    asked: Api, writer: Writer, unique: str
) -> None:
    email, cookie, customer = await two(asked, unique)
    stranger = ("cookie", f"stranger-{unique}")
    await asked.done(RECORD, input=touch(f"2-{unique}", stranger))
    refused = await writer.link(
        key(stranger), key(email), at=9_000_000_000_000, active=False, refused="IDENTIFIER_LIMIT_EXCEEDED"
    )
    await writer.change_link(key(email), key(cookie), active=None)  # As it was before links could be inactive.
    found = {one["kind"]: one["links"] for one in (await asked.field(LINKS, by={"id": customer}))["identifiers"]}
    newest, *others = found["email"]
    assert (newest["id"], newest["active"], newest["from"]["key"]) == (refused, False, stranger[1])
    assert {one["rule"] for one in others} == {"same_event", "born_with"}
    (only,) = found["cookie"]
    assert only.pop("id").startswith("lnk_")
    assert only["from"].pop("id").startswith("idn_")
    assert only == {
        "from": end(email),
        "to": end(cookie),
        "method": "DETERMINISTIC",
        "rule": "same_event",
        "probability": 1.0,
        "messageId": f"1-{unique}",
        "source": "shop",
        "at": day(1),
        "active": True,
    }


async def test_links_of_an_identifier_that_identifies_nobody(asked: Api, writer: Writer, unique: str) -> None:
    email, cookie, customer = await two(asked, unique)
    await writer.change_link(key(email), key(cookie), active=False)
    query = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Identifier {{
      generic customer {{ id }} links {{ {LINK} }} }} }} }}"""
    identifiers = (await asked.field(GRAPH, by={"id": customer}))["identityGraph"]["identifiers"]
    (its_id,) = [one["id"] for one in identifiers if one["kind"] == "cookie"]
    await writer.make_generic(key(cookie))
    node = await asked.field(query, id=its_id)
    assert (node["generic"], node["customer"]) == (True, None)
    assert [(one["from"]["key"], one["active"]) for one in node["links"]] == [(email[1], False)]


async def test_the_graph_of_a_customer_has_both_ends_of_every_link(
    asked: Api, writer: Writer, unique: str
) -> None:
    email, cookie, one = await two(asked, unique)
    stranger = ("cookie", f"stranger-{unique}")
    other = (await asked.done(RECORD, input=touch(f"2-{unique}", stranger)))["customer"]["id"]
    await writer.link(key(stranger), key(email), active=False, refused="IDENTIFIER_LIMIT_EXCEEDED")
    found = await asked.field(GRAPH, by={"id": one})
    identifiers, links = found["identityGraph"].values()
    assert {(x["kind"], x["value"]) for x in identifiers} == {email, cookie, ("customer", one)}
    assert {x["customer"]["id"] for x in identifiers} == {one}
    assert {(x["from"]["key"], x["to"]["key"], x["rule"]) for x in links} == {
        (email[1], one, "born_with"),
        (email[1], cookie[1], "same_event"),
    }
    assert {x["id"] for x in links} < {x["id"] for i in identifiers for x in i["links"]}
    # Every id that is shown can be asked for.
    shown = [await asked.field(NODE, id=x["id"]) for x in identifiers]
    assert shown == [{"__typename": "Identifier", "id": x["id"]} for x in identifiers]
    # Joined, the evidence that was refused before lies among the customer's own.
    merged = await asked.done(RECORD, input=touch(f"3-{unique}", email, stranger))
    found = await asked.field(GRAPH, by={"id": other})
    identifiers, links = found["identityGraph"].values()
    assert merged["customer"]["id"] == found["id"] == one
    assert {x["value"] for x in identifiers if x["kind"] == "customer"} == {one, other}
    assert len(identifiers) == 5
    assert sorted(x["active"] for x in links) == [False, True, True, True, *([True] * (len(links) - 4))]


def event(event_id: str, kind: str, at: str, customers: list[str], **more: Any) -> dict[str, Any]:
    """An identity event as the API shows it."""
    return {
        "id": event_id,
        "kind": kind,
        "at": at,
        "reason": "because",
        "by": "Olga",
        "customerIds": customers,
        "messageId": None,
        "undone": False,
    } | more


async def test_a_history_is_newest_first_with_each_event_once_and_the_births_too(
    asked: Api, writer: Writer, unique: str
) -> None:
    email, _, one = await two(asked, unique)
    stranger = ("cookie", f"stranger-{unique}")
    other = (await asked.done(RECORD, input=touch(f"2-{unique}", stranger)))["customer"]["id"]
    await asked.done(RECORD, input=touch(f"3-{unique}", email, stranger))
    await writer.clear(one, other)
    older = await writer.birth(one, 86_400_000, by="shop", message_id="m-1")
    younger = await writer.birth(other, 2 * 86_400_000, by="web", message_id=None)
    merged = await writer.event("MERGED", [one, other], 3 * 86_400_000, messageId=f"3-{unique}", by="api")
    refused = await writer.event("MERGE_REFUSED", [one], 4 * 86_400_000, undone=True)
    nodes = (await asked.field(HISTORY, by={"id": other}))["identityHistory"]["nodes"]
    first = {"reason": "first seen"}
    expected = [
        event(refused, "MERGE_REFUSED", "1970-01-05T00:00:00.000Z", [one], undone=True),
        event(merged, "MERGED", "1970-01-04T00:00:00.000Z", [one, other], messageId=f"3-{unique}", by="api"),
        event(younger, "CREATED", "1970-01-03T00:00:00.000Z", [other], by="web", **first),
        event(older, "CREATED", "1970-01-02T00:00:00.000Z", [one], by="shop", messageId="m-1", **first),
    ]
    expected = [{"__typename": "IdentityEvent"} | one for one in expected]
    assert nodes == expected
    for node in expected:
        assert await asked.field(NODE, id=node["id"]) == node
    assert await asked.field(NODE, id="iev_" + "0" * 32) is None
    pages = [await walk(asked, of_customer("identityHistory"), size, by={"id": one}) for size in (1, 2, 3, 4, 5)]
    assert pages == [[node["id"] for node in expected]] * 5


async def test_a_customer_of_whose_birth_nothing_is_known_has_no_such_event(
    asked: Api, writer: Writer, unique: str
) -> None:
    _, _, customer = await two(asked, unique)
    await writer.clear(customer)
    assert (await asked.field(HISTORY, by={"id": customer}))["identityHistory"]["nodes"] == []
    assert await asked.field(NODE, id=customer.replace("cus_", "iev_")) is None


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("first: 0", "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ("first: 101", "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ('after: "x"', "after: not a cursor of this list; use a pageInfo.endCursor of the same list"),
    ],
)
async def test_a_page_of_the_history_is_checked(asked: Api, unique: str, page: str, message: str) -> None:
    _, _, customer = await two(asked, unique)
    query = f"query ($id: ID!) {{ customer(by: {{id: $id}}) {{ identityHistory({page}) {{ nodes {{ id }} }} }} }}"
    answer = await asked.answer(query, id=customer)
    assert [(error["message"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (message, "BAD_USER_INPUT")
    ]
