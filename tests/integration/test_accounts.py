"""Accounts: members by hand and by domain, through merges and splits; whatever is refused changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import CREATE_DEAL, RECORD, UPSERT_ACCOUNT, Api
from tests.integration.forms import touch

MEMBERS = """query ($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Account {
  customers(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } }"""
DEALS = """query ($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Account {
  deals(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } }"""
ACCOUNT_OF = "query ($id: ID!) { node(id: $id) { ... on Customer { account { name } } } }"
ACCOUNT_OF_DEAL = "query ($id: ID!) { node(id: $id) { ... on Deal { account { name } } } }"


async def somebody(api: Api, *keys: tuple[str, str]) -> str:
    """The id of the customer of identifiers."""
    payload = await api.done(RECORD, input=touch(f"m-{keys}", *keys))
    return str(payload["customer"]["id"])


async def account(api: Api, name: str, **form: Any) -> str:
    """The id of an account after an upsert."""
    return str((await api.done(UPSERT_ACCOUNT, input={"name": name, **form}))["account"]["id"])


async def walk(api: Api, query: str, account_id: str, first: int = 2) -> list[str]:
    """The ids on all pages of the only connection."""
    found: list[str] = []
    after = None
    while True:
        (page,) = (await api.field(query, id=account_id, first=first, after=after)).values()
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert len(page["nodes"]) == first
        after = page["pageInfo"]["endCursor"]


async def account_of(api: Api, customer_id: str) -> str | None:
    """The name of a customer's account."""
    found = (await api.field(ACCOUNT_OF, id=customer_id))["account"]
    return found and str(found["name"])


async def test_members_by_hand_come_and_go(api: Api, graph: Graph, unique: str) -> None:
    people = [await somebody(api, ("cookie", f"{unique}-{n}")) for n in range(4)]
    one = await account(api, "Acme", customerIds=people[:3])
    assert set(await walk(api, MEMBERS, one)) == set(people[:3])
    # The same again changes nothing; a name alone leaves the members.
    await account(api, "Acme", id=one, customerIds=people[:3])
    await account(api, "Acme Ltd", id=one)
    assert set(await walk(api, MEMBERS, one)) == set(people[:3])
    await account(api, "Acme Ltd", id=one, customerIds=[people[3], people[0]])
    assert await walk(api, MEMBERS, one) == [people[3], people[0]]
    assert [await account_of(api, person) for person in people] == ["Acme Ltd", None, None, "Acme Ltd"]
    read = "MATCH (c:Change) WHERE c.subjectId = $id RETURN collect([c.kind, c.customerId, c.fields])"
    ((log,),) = await graph.run(read, id=one)
    expected = [*people[:3], people[3], people[1], people[2]]
    assert sorted(log) == sorted([["CUSTOMER_UPDATED", person, ["account"]] for person in expected])
    await account(api, "Acme Ltd", id=one, customerIds=None)
    assert await walk(api, MEMBERS, one) == []


async def test_who_has_an_address_at_the_domain_belongs_also_later(api: Api, unique: str) -> None:
    domain = f"{unique}.example".lower()
    first = await somebody(api, ("email", f"ann@{domain}"))
    one = await account(api, "By domain", domain=f" @{domain.upper()} ")
    second = await somebody(api, ("email", f"bob@{domain}"), ("cookie", unique))
    third = await somebody(api, ("email", f"cid@{domain}"), ("email", f"cid.2@{domain}"))
    await somebody(api, ("email", f"dan@sub.{domain}"))
    assert await walk(api, MEMBERS, one) == [third, second, first]
    assert await walk(api, MEMBERS, one, first=1) == [third, second, first]
    assert await account_of(api, first) == "By domain"
    # By hand before by domain, and the latest by hand.
    other = await account(api, "By hand", customerIds=[second])
    assert await account_of(api, second) == "By hand"
    assert await walk(api, MEMBERS, one) == [third, first]
    await account(api, "Latest", customerIds=[second])
    assert await account_of(api, second) == "Latest"
    assert await walk(api, MEMBERS, other) == []
    # Both in one.
    await account(api, "By domain", id=one, customerIds=[first, second])
    assert set(await walk(api, MEMBERS, one)) == {first, second, third}
    assert (await walk(api, MEMBERS, one))[-1] == third
    await account(api, "By domain", id=one, domain=None, customerIds=None)
    assert [await account_of(api, person) for person in (first, second, third)] == [None, "Latest", None]


async def test_memberships_follow_merges_and_splits(api: Api, unique: str) -> None:
    domain = f"{unique}.example".lower()
    one, other = await somebody(api, ("cookie", unique)), await somebody(api, ("email", f"ann@{domain}"))
    hand, by_domain = await account(api, "Hand", customerIds=[one]), await account(api, "Domain", domain=domain)
    assert (await account_of(api, one), await account_of(api, other)) == ("Hand", "Domain")
    merge = """mutation ($ids: [ID!]!) { mergeCustomers(input: {customerIds: $ids, reason: "same"}) {
      event { id } userErrors { code } } }"""
    event = (await api.done(merge, ids=[other, one]))["event"]["id"]
    assert await account_of(api, other) == "Hand"
    assert (await walk(api, MEMBERS, hand), await walk(api, MEMBERS, by_domain)) == ([other], [])
    undo = """mutation ($id: ID!) { undoIdentityEvent(input: {eventId: $id, reason: "no"}) {
      userErrors { code } } }"""
    await api.done(undo, id=event)
    assert (await account_of(api, one), await account_of(api, other)) == ("Hand", "Domain")
    assert (await walk(api, MEMBERS, hand), await walk(api, MEMBERS, by_domain)) == ([one], [other])


async def test_a_deal_is_with_its_own_account_else_its_customers(api: Api, unique: str) -> None:
    person = await somebody(api, ("cookie", unique))
    stranger = await somebody(api, ("cookie", f"{unique}-2"))
    one = await account(api, "Customer's", customerIds=[person])
    other = await account(api, "Own")

    async def deal(**form: Any) -> str:
        made = await api.done(CREATE_DEAL, input={"by": {"id": person}, "title": "Sedan", **form})
        return str(made["deal"]["id"])

    plain = [await deal() for _ in range(3)]
    own = await deal(accountId=other)
    strange = await deal(by={"id": stranger}, accountId=one)
    assert (await api.field(ACCOUNT_OF_DEAL, id=plain[0]))["account"] == {"name": "Customer's"}
    assert (await api.field(ACCOUNT_OF_DEAL, id=own))["account"] == {"name": "Own"}
    assert await walk(api, DEALS, one) == [strange, *reversed(plain)]
    assert await walk(api, DEALS, other) == [own]
    await account(api, "Customer's", id=one, customerIds=None)
    assert (await api.field(ACCOUNT_OF_DEAL, id=plain[0]))["account"] is None
    assert await walk(api, DEALS, one) == [strange]
    missing = {"by": {"id": person}, "title": "Sedan", "accountId": "acc_" + "0" * 32}
    payload = await api.field(CREATE_DEAL, input=missing)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("NOT_FOUND", ["accountId"])]


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"name": ""}, "INVALID", ["name"]),
        ({"name": "x" * 201}, "INVALID", ["name"]),
        ({"id": "acc_" + "0" * 32}, "NOT_FOUND", ["id"]),
        ({"domain": "no domain"}, "INVALID", ["domain"]),
        ({"domain": "ann@acme.example"}, "INVALID", ["domain"]),
        ({"domain": "GMail.com"}, "INVALID", ["domain"]),
        ({"domain": "mail.ru"}, "INVALID", ["domain"]),
        ({"domain": "outlook.com"}, "INVALID", ["domain"]),
        ({"domain": "taken.example"}, "ALREADY_EXISTS", ["domain"]),
        ({"customerIds": ["nobody"]}, "INVALID", ["customerIds", "0"]),
        ({"customerIds": ["cus_" + "0" * 32]}, "NOT_FOUND", ["customerIds", "0"]),
        ({"customerIds": ["cus_" + "0" * 32] * 501}, "TOO_MANY", ["customerIds"]),
    ],
)
async def test_a_wrong_account_is_not_made(
    api: Api, graph: Graph, form: dict[str, Any], code: str, field: list[str]
) -> None:
    count = "MATCH (a:Account) RETURN count(a)"
    if form.get("domain") == "taken.example":
        await api.field(UPSERT_ACCOUNT, input={"name": "Taken", "domain": "taken.example"})
    before = await graph.run(count)
    payload = await api.field(UPSERT_ACCOUNT, input={"name": "Acme"} | form)
    assert payload["account"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await graph.run(count) == before
