"""Mutations of stewardship, and what tests look at after them."""

from __future__ import annotations

from typing import Any

from service.graph.client import Graph
from tests.integration.asking import Api
from tests.integration.forms import Key, identifiers
from tests.union_find import UnionFind

_ERRORS = "userErrors { code message field }"
_EVENT = "event { id kind reason by customerIds messageId undone }"
_WHO = "id state version identifiers { kind value } previousIds"
MERGE = f"""mutation ($input: MergeCustomersInput!) {{ mergeCustomers(input: $input) {{
  {_ERRORS} {_EVENT} customer {{ {_WHO} }} conflicts {{ name values chosen }} }} }}"""
SPLIT = f"""mutation ($input: SplitCustomerInput!) {{ splitCustomer(input: $input) {{
  {_ERRORS} {_EVENT} customers {{ {_WHO} }} }} }}"""
UNDO = f"""mutation ($input: UndoIdentityEventInput!) {{ undoIdentityEvent(input: $input) {{
  {_ERRORS} {_EVENT} customers {{ {_WHO} }} }} }}"""
LINK = f"""mutation ($input: LinkIdentifiersInput!) {{ linkIdentifiers(input: $input) {{
  {_ERRORS} customer {{ {_WHO} }} }} }}"""
UNLINK = f"""mutation ($input: UnlinkIdentifiersInput!) {{ unlinkIdentifiers(input: $input) {{
  {_ERRORS} {_EVENT} customers {{ {_WHO} }} }} }}"""
FORBID = f"""mutation ($input: ForbidMergeInput!) {{ forbidMerge(input: $input) {{
  {_ERRORS} customers {{ {_WHO} }} }} }}"""
ALLOW = FORBID.replace("forbidMerge", "allowMerge")
SET_KIND = f"""mutation ($input: IdentifierKindInput!) {{ setIdentifierKind(input: $input) {{
  {_ERRORS} kind {{ name priority limit sharedBy blockedValues caseSensitive }} }} }}"""
SIMULATE = """query ($identifiers: [IdentifierInput!]!) { simulateIdentity(identifiers: $identifiers) {
  action customers { id } accepted { kind value } refused { identifier { kind value } code } } }"""
HISTORY = """query ($by: CustomerBy!) { customer(by: $by) { identityHistory {
  nodes { id kind reason by customerIds messageId undone } } } }"""
REASON = "a test"


async def history(api: Api, **by: Any) -> list[dict[str, Any]]:
    """What happened to a customer, newest first."""
    nodes: list[dict[str, Any]] = (await api.field(HISTORY, by=by))["identityHistory"]["nodes"]
    return nodes


async def merge(api: Api, *customer_ids: str, **more: Any) -> dict[str, Any]:
    """Merges customers."""
    return await api.done(MERGE, input={"customerIds": list(customer_ids), "reason": REASON, **more})


async def split(api: Api, customer_id: str, *keys: Key) -> dict[str, Any]:
    """Splits identifiers off a customer."""
    form = {"customerId": customer_id, "identifiers": identifiers(*keys), "reason": REASON}
    return await api.done(SPLIT, input=form)


async def undo(api: Api, event_id: str) -> dict[str, Any]:
    """Takes an event back."""
    return await api.done(UNDO, input={"eventId": event_id, "reason": REASON})


def keys_of(customer: dict[str, Any]) -> set[Key]:
    """A customer's identifiers."""
    return {(one["kind"], one["value"]) for one in customer["identifiers"]}


async def partition(graph: Graph, keys: list[str]) -> set[frozenset[str]]:
    """How the graph groups these identifiers; a generic one is in no group."""
    rows = await graph.run(
        "UNWIND $keys AS key MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer) RETURN c.id, i.key",
        keys=keys,
    )
    groups: dict[str, set[str]] = {}
    for customer_id, key in rows:
        groups.setdefault(customer_id, set()).add(key)
    return {frozenset(group) for group in groups.values()}


async def check_invariants(graph: Graph, keys: list[str]) -> None:
    """Each customer of these identifiers is one component of the evidence that holds, and everybody resolves."""
    rows = await graph.run(
        """UNWIND $keys AS key MATCH (:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
           WITH DISTINCT c MATCH (c)<-[:IDENTIFIES]-(i:Identifier) RETURN c.id, i.key, i.kind, i.generic""",
        keys=keys,
    )
    groups: dict[str, set[str]] = {}
    for customer_id, key, _, generic in rows:
        assert not generic
        groups.setdefault(customer_id, set()).add(key)
    assert sum(map(len, groups.values())) == len(rows), "an identifier identifies two"
    links = await graph.run(
        """UNWIND $keys AS key MATCH (a:Identifier {key: key})-[l:LINKED_TO]->(b:Identifier)
           WHERE l.active RETURN a.key, b.key""",
        keys=sorted({key for group in groups.values() for key in group}),
    )
    expected = UnionFind()
    for group in groups.values():
        for key in group:
            expected.join([key])
    for one, other in links:
        expected.join([one, other])
    assert {frozenset(group) for group in groups.values()} == expected.groups()
    for customer_id, group in groups.items():
        assert f"customer:{customer_id}" in group, "a customer without its own identifier"
