"""Whatever comes in, in whatever order and batches: who is who equals a union-find over the accepted links."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.graph.client import Graph
from service.identity import kinds
from tests.integration.asking import RECORD_MANY, Api
from tests.integration.forms import Key, touch
from tests.union_find import UnionFind

# Small enough that events overlap all the time, with limits (1 user_id, 5 phones) that are met.
POOL: list[tuple[str, int]] = (
    [("user_id", n) for n in range(3)]
    + [("phone", n) for n in range(7)]
    + [("cookie", n) for n in range(5)]
    + [("device", n) for n in range(2)]
)
Event = tuple[int, list[tuple[str, int]]]
"""The number of its message, and its identifiers by kind and number."""

events = st.lists(
    st.tuples(st.integers(0, 25), st.lists(st.sampled_from(POOL), min_size=1, max_size=4)), min_size=1, max_size=30
)
cuts = st.lists(st.integers(1, 8), min_size=1, max_size=6)
WHOLE_PERSON: list[Event] = [(n, [("user_id", 0), ("phone", n)]) for n in range(6)]
# Two customers with five phones together: joined, they have room for no sixth in the same batch.
FULL_TOGETHER: list[Event] = [
    *((n, [("cookie", n // 3), ("phone", n)]) for n in range(5)),
    (5, [("cookie", 0), ("cookie", 1)]),
    (6, [("cookie", 0), ("phone", 5)]),
]


def named(run: str, identifier: tuple[str, int]) -> Key:
    kind, number = identifier
    return kind, f"+4930{int(run, 16) % 10**7:07d}{number}" if kind == "phone" else f"{number}-{run}"


def batches(sent: list[dict[str, Any]], sizes: list[int]) -> list[list[dict[str, Any]]]:
    """The events in batches of these sizes, over and over."""
    cut, index = [], 0
    while sent:
        size = sizes[index % len(sizes)]
        cut.append(sent[:size])
        sent, index = sent[size:], index + 1
    return cut


@pytest.mark.timeout(300)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True
)
@given(sent=events, sizes=cuts, together=st.booleans())
@example(sent=WHOLE_PERSON, sizes=[1], together=False)
@example(sent=FULL_TOGETHER, sizes=[5, 2], together=False)
@example(sent=[*WHOLE_PERSON, *reversed(WHOLE_PERSON)], sizes=[12], together=True)
async def test_who_is_who_equals_the_union_of_accepted_links(
    api: Api, graph: Graph, sent: list[Event], sizes: list[int], *, together: bool
) -> None:
    run = uuid4().hex[:10]
    forms = [touch(f"{message}-{run}", *(named(run, one) for one in keys)) for message, keys in sent]
    calls = [api.field(RECORD_MANY, input={"items": items}) for items in batches(forms, sizes)]
    answers = await asyncio.gather(*calls) if together else [await call for call in calls]
    results = [result for answer in answers for result in answer["results"]]

    expected, seen = UnionFind(), set()
    for form, result in zip(forms, results, strict=True):
        assert result["userErrors"] == []
        assert result["duplicate"] is (form["messageId"] in seen)
        if result["duplicate"]:
            continue
        seen.add(form["messageId"])
        refused = [(one["identifier"]["kind"], one["identifier"]["value"]) for one in result["refused"]]
        assert {one["code"] for one in result["refused"]} <= {"IDENTIFIER_LIMIT_EXCEEDED"}
        accepted = {f"{one['kind']}:{one['value']}" for one in form["identifiers"]}
        accepted -= {f"{kind}:{value}" for kind, value in refused}
        assert accepted, "the strongest identifier is always accepted"
        expected.join(sorted(accepted))

    rows = await graph.run(
        """MATCH (i:Identifier)-[:IDENTIFIES]->(c:Customer) WHERE i.key IN $keys
           RETURN i.key, i.kind, collect(c.id)""",
        keys=[f"{kind}:{value}" for kind, value in (named(run, one) for one in POOL)],
    )
    groups: defaultdict[str, set[str]] = defaultdict(set)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, kind, customers in rows:
        (customer,) = customers
        groups[customer].add(key)
        counts[customer][kind] += 1
    assert {frozenset(group) for group in groups.values()} == expected.groups()
    for counted in counts.values():
        for name, count in counted.items():
            kind = kinds.by_name(name)
            assert kind is not None
            assert count <= kind.limit
    whole = await graph.run(
        """UNWIND $ids AS id MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
           RETURN id, c.state, collect(i.key), sum(COUNT { (i)-[:MADE]->() })""",
        ids=list(groups),
    )
    assert {customer: state for customer, state, _, _ in whole} == {
        customer: "KNOWN" if counted.keys() & {"user_id", "phone"} else "ANONYMOUS"
        for customer, counted in counts.items()
    }
    assert sum(made for *_, made in whole) == len(seen)
    assert await linked(graph, [key for _, _, keys, _ in whole for key in keys]) == {
        frozenset(keys) for _, _, keys, _ in whole
    }


async def linked(graph: Graph, keys: list[str]) -> set[frozenset[str]]:
    """The components of the links that hold, customers' own identifiers included."""
    components = UnionFind()
    for key in keys:
        components.join([key])
    pairs = await graph.run(
        """UNWIND $keys AS key MATCH (a:Identifier {key: key})-[l:LINKED_TO]->(b) WHERE l.active
           RETURN a.key, b.key""",
        keys=keys,
    )
    for pair in pairs:
        components.join(pair)
    return components.groups()
