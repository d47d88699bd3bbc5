"""Who is who: each identifier is one customer's, and each customer is one component of accepted evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from service.doctor.findings import RESTORE, Found, Patient, Tally
from service.graph.client import Graph
from service.identity.components import Sets
from service.identity.kinds import OWN, Kinds
from service.identity.models import CustomerState
from service.identity.records import own_key
from service.identity.rules import Rules

IDENTIFIERS: Final = 2_000
CUSTOMERS: Final = 200
"""Each has a thousand identifiers at most."""


async def identifiers(patient: Patient) -> Found:
    """Whether each identifier identifies exactly one customer, and a generic one nobody."""
    tally, after = Tally("identifiers"), ""
    while rows := await patient.graph.rows("doctor/identifiers", after=after, limit=IDENTIFIERS):
        after = max(key for key, *_ in rows)
        for key, identifier_id, generic, owners in rows:
            if len(owners) > 1:
                tally.add("identifiers identify several customers", RESTORE, identifier_id)
            elif generic and owners:
                tally.add("generic identifiers identify somebody", RESTORE, identifier_id)
            elif not generic and not owners and key.startswith(f"{OWN}:"):
                tally.add("former ids of customers lead nowhere", RESTORE, identifier_id)
            elif not generic and not owners:
                tally.add("identifiers identify nobody", RESTORE, identifier_id)
    for finding in tally.findings():
        yield finding


@dataclass(slots=True)
class Group:
    """A customer, with what makes them one."""

    id: str
    state: str
    kinds: dict[str, str] = field(default_factory=dict)
    """By the keys of their identifiers."""
    links: list[tuple[str, str]] = field(default_factory=list)
    across: list[str] = field(default_factory=list)
    """Ids of accepted links that lead elsewhere."""


async def customers(patient: Patient) -> Found:
    """Whether each customer is what its identifiers and the evidence between them make of it."""
    rules, tally, after = Rules(), Tally("customers"), ""
    await rules.refresh(patient.graph)
    while rows := await patient.graph.rows("matches/customer_page", after=after, limit=CUSTOMERS):
        after = max(customer_id for customer_id, *_ in rows)
        groups = {customer_id: Group(customer_id, state) for customer_id, state, _ in rows}
        await _fill(patient.graph, groups)
        for group in groups.values():
            judge(group, rules.current, tally)
    for finding in tally.findings():
        yield finding


async def _fill(graph: Graph, groups: dict[str, Group]) -> None:
    ids = list(groups)
    for customer_id, key, _, kind in await graph.rows("doctor/identifiers_of", ids=ids):
        groups[customer_id].kinds[key] = kind
    for customer_id, one, other, link_id, elsewhere in await graph.rows("doctor/links_of", ids=ids):
        group = groups[customer_id]
        if elsewhere == customer_id:
            group.links.append((one, other))
        else:
            group.across.append(link_id)


def judge(group: Group, kinds: Kinds, tally: Tally) -> None:
    """Counts what is wrong with a customer. Pure but for the tally."""
    if not group.kinds:
        tally.add("customers have no identifier", RESTORE, group.id)
        return
    if own_key(group.id) not in group.kinds:
        tally.add("customers have not their own identifier: their id leads to somebody else", RESTORE, group.id)
    for _ in group.across:
        tally.add("accepted links lead to another customer, or to nobody", RESTORE, group.id)
    if pieces(group.kinds, group.links) > 1:
        tally.add("customers hang together by no accepted link", RESTORE, group.id)
    visible = [kind for kind in group.kinds.values() if kind != OWN]
    personal = any((kind := kinds.by_name(name)) is not None and kind.personal for name in visible)
    if (group.state == CustomerState.KNOWN.value) is not personal:
        said = CustomerState.KNOWN.value if personal else CustomerState.ANONYMOUS.value
        tally.add(f"customers should be {said}", RESTORE, group.id)


def pieces(keys: Sequence[str] | dict[str, str], links: Sequence[tuple[str, str]]) -> int:
    """Into how many pieces identifiers fall that hang together by links. Pure."""
    sets = Sets(keys)
    for one, other in links:
        if one in sets and other in sets:
            sets.unite(one, other)
    return len(sets.all())
