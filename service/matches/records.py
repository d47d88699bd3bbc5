"""Reading customers' records, and keeping them with the keys by which they are found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from service.customers.matched import record, record_of, text_of
from service.customers.models import SourceProfile
from service.customers.recording import source_profile
from service.customers.rules import Survivorship
from service.graph.client import Graph, Transaction
from service.identity import kinds
from service.identity.matching.keys import keys
from service.identity.matching.tables import Person
from service.identity.records import own_key


async def records(graph: Graph, customer_ids: Sequence[str], survivorship: Survivorship) -> dict[str, Person]:
    """The record of each customer, of what the sources say of them now."""
    told, contacts = await asyncio.gather(
        graph.rows("customers/source_profiles", ids=customer_ids),
        graph.rows("matches/contacts", ids=customer_ids, kinds=list(kinds.CONTACTS)),
    )
    profiles: dict[str, list[SourceProfile]] = {}
    for customer_id, *columns in told:
        profiles.setdefault(customer_id, []).append(source_profile(columns))
    reached: dict[str, list[tuple[str, str]]] = {}
    for customer_id, kind, value in contacts:
        reached.setdefault(customer_id, []).append((kind, value))
    return {one: record(profiles.get(one, ()), reached.get(one, ()), survivorship) for one in customer_ids}


async def keep(
    transaction: Transaction, people: Mapping[str, Person], wanted: Mapping[str, Sequence[str]]
) -> None:
    """Keeps records at customers' own identifiers, found by the keys that are wanted and by no others.

    Keys hang on own identifiers, as everything does: merges and splits leave them, and their counts, as they are.
    """
    present: dict[str, set[tuple[str, str]]] = {one: set() for one in people}
    for customer_id, own, key in await transaction.rows("matches/keys_of", ids=list(people)):
        present[customer_id].add((own, key))
    added, removed = [], []
    for customer_id, has in present.items():
        should = {(own_key(customer_id), key) for key in wanted[customer_id]}
        added += [{"own": own, "key": key} for own, key in sorted(should - has)]
        removed += [{"own": own, "key": key} for own, key in sorted(has - should)]
    rows = [{"own": own_key(one), "record": text_of(person)} for one, person in people.items()]
    for query, some in (
        ("matches/set_records", rows),
        ("matches/add_keys", added),
        ("matches/remove_keys", removed),
    ):
        if some:
            await transaction.write(query, rows=some)


def keys_of(people: Mapping[str, Person]) -> dict[str, list[str]]:
    """The keys by which each is found."""
    return {one: keys(person) if person else [] for one, person in people.items()}


async def kept(graph: Graph, customer_ids: Iterable[str]) -> dict[str, Person]:
    """The records that are kept of customers; those who have none are left out."""
    own = {own_key(one): one for one in customer_ids}
    rows = await graph.rows("matches/records", keys=list(own)) if own else []
    return {own[key]: record_of(text) for key, text in rows}
