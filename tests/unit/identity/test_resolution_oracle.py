"""Resolution against an oracle that decides over plain sets, and against a union-find that replays the links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.identity import kinds
from service.identity.models import CustomerState, Evidence
from service.identity.records import own_key
from service.identity.resolution import Partition
from service.ids import Mint
from tests.union_find import UnionFind
from tests.unit.examples import AT, NOW, claim
from tests.unit.identity.oracle import Oracle, exceeds
from tests.unit.identity.store import Store

LIMITS = {"user_id": 1, "email": 2, "phone": 1, "cookie": 3, "device": 4}
POOL = [
    *("user_id:u", "user_id:v", "user_id:w"),
    *("email:a@example.com", "email:b@example.com", "email:c@example.com"),
    *("phone:+79161234567", "phone:+8613800138000"),
    *(f"cookie:{name}" for name in "abcdef"),
    *(f"device:{name}" for name in "abcd"),
    "cookie:null",
]

events = st.lists(
    st.tuples(st.lists(st.sampled_from(POOL), min_size=1, max_size=4), st.integers(-5, 5)),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module", autouse=True)
def _small_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in LIMITS.items():
            patch.setitem(kinds._BY_NAME, name, replace(kinds._BY_NAME[name], limit=limit))
        yield


def evidence_of(drawn: Sequence[tuple[list[str], int]]) -> list[Evidence]:
    """Drawn events as claims; their times come in any order."""
    return [claim(*keys, at=AT + hours, message_id=f"m{n}") for n, (keys, hours) in enumerate(drawn)]


def groups_of(partition: Partition) -> set[frozenset[str]]:
    """The identifiers of each customer."""
    members: dict[str, set[str]] = {}
    for key in partition.identifiers:
        customer = partition.customer_of(key)
        assert customer is not None
        members.setdefault(customer.id, set()).add(key)
    return {frozenset(group) for group in members.values()}


@given(events)
def test_every_event_is_decided_as_the_oracle_decides(drawn: list[tuple[list[str], int]]) -> None:
    partition, mint, oracle = Partition(), Mint(NOW), Oracle()
    born: dict[str, int] = {}
    for number, event in enumerate(evidence_of(drawn)):
        keys = [one.key for one in event.identifiers]
        group, accepted = oracle.take(number, keys, event.at)
        resolved = partition.resolve(event, mint)
        if resolved.created:
            born[resolved.customer_id] = number
        assert list(resolved.accepted) == accepted
        assert len(resolved.accepted) + len(resolved.refused) == len(keys) + len(event.unusable)
        assert resolved.anchor == (accepted[0] if accepted else own_key(resolved.customer_id))
        assert born[resolved.customer_id] == group.born
        assert resolved.created == (group.born == number)


@given(events)
def test_after_all_events_the_customers_are_those_of_the_oracle(drawn: list[tuple[list[str], int]]) -> None:
    partition, mint, oracle = Partition(), Mint(NOW), Oracle()
    for number, event in enumerate(evidence_of(drawn)):
        oracle.take(number, [one.key for one in event.identifiers], event.at)
        partition.resolve(event, mint)
    present = [one for one in partition.customers.values() if one.id not in partition.absorbed]
    for customer, group in zip(present, oracle.groups, strict=True):
        keys = {key for key in group.keys if partition.customer_of(key) is customer}
        assert keys == group.keys
        assert partition.customer_of(own_key(customer.id)) is customer
        assert customer.kinds == Counter(key.rpartition(":")[0] for key in group.keys)
        assert (customer.state is CustomerState.KNOWN) == group.known
        assert (customer.first_seen, customer.last_seen) == (min(group.times), max(group.times))
        assert not exceeds(group.keys)
    made = {key for key in partition.identifiers if not key.startswith("customer:")}
    assert made == set(oracle.group_of)


@given(events)
def test_a_customer_is_a_component_of_the_accepted_links(drawn: list[tuple[list[str], int]]) -> None:
    partition, mint, replayed = Partition(), Mint(NOW), UnionFind()
    for event in evidence_of(drawn):
        partition.resolve(event, mint)
    for key in partition.identifiers:
        replayed.find(key)
    for link in partition.links:
        if link.refused is None:
            replayed.join((link.from_key, link.to_key))
    assert groups_of(partition) == replayed.groups()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is stored at the end, customers named by the event that made them."""

    customer_of: dict[str, int]
    customers: dict[int, tuple[str, int, int, int]]
    seen: dict[str, tuple[int, int]]
    links: list[tuple[str, str, str]]
    """From, to, and why it was refused, if it was."""
    seen_on: dict[tuple[str, str], int]
    history: list[tuple[str, str, list[int]]]
    """Kind, message and customers of what happened."""


async def stored(batches: list[list[Evidence]]) -> Outcome:
    """Resolves each batch in a transaction of its own, with nothing between them but what was written."""
    store, born = Store(), dict[str, int]()
    number = 0
    for index, batch in enumerate(batches):
        for resolved in await store.resolve(batch, NOW + index):
            if resolved.created:
                born[resolved.customer_id] = number
            number += 1

    def name(key: str) -> str:
        return f"own:{born[key.removeprefix('customer:')]}" if key.startswith("customer:") else key

    assert set(store.customer_of.values()) == set(store.customers)
    assert set(store.customer_of) == set(store.identifiers)
    return Outcome(
        {name(key): born[owner] for key, owner in store.customer_of.items()},
        {
            born[key]: (one["state"], one["version"], one["firstSeenAt"], one["lastSeenAt"])
            for key, one in store.customers.items()
        },
        {name(key): (one["firstSeenAt"], one["lastSeenAt"]) for key, one in store.identifiers.items()},
        sorted((name(one["from"]), name(one["to"]), one["properties"]["refused"] or "") for one in store.links),
        store.seen_on,
        [(one["kind"], one["messageId"], [born[key] for key in one["customerIds"]]) for one in store.events],
    )


@given(events, st.data())
async def test_how_events_fall_into_batches_does_not_matter(
    drawn: list[tuple[list[str], int]], data: st.DataObject
) -> None:
    claims = evidence_of(drawn)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(claims)))) | {0, len(claims)})
    batches = [claims[start:end] for start, end in pairwise(cuts)]
    assert await stored(batches) == await stored([claims])


@settings(max_examples=30)
@given(events)
async def test_what_one_batch_writes_is_the_oracles_partition(drawn: list[tuple[list[str], int]]) -> None:
    oracle, claims = Oracle(), evidence_of(drawn)
    for number, event in enumerate(claims):
        oracle.take(number, [one.key for one in event.identifiers], event.at)
    outcome = await stored([claims])
    given_keys = {key: owner for key, owner in outcome.customer_of.items() if not key.startswith("own:")}
    assert given_keys == {key: group.born for key, group in oracle.group_of.items()}
    assert set(outcome.customers) == {group.born for group in oracle.groups}
