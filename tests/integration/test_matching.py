"""Customers who may be one person: found as they are recorded, shown with evidence, through merges and splits."""

from __future__ import annotations

from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import IDENTIFY, RECORD, UPDATE, Api
from tests.integration.candidates import (
    LIST,
    NODE,
    alike,
    born,
    duplicates,
    known,
    name_of,
    proposed,
    settle,
)
from tests.integration.forms import day, identifiers, identify, touch
from tests.integration.stewarding import ALLOW, FORBID, REASON, UNLINK, history, merge, split, undo


async def test_julia_is_found_across_scripts(api: Api, graph: Graph, unique: str) -> None:
    crm = {"name": "Юлия Пищальникова", "birthDate": "12.03.1990", "city": "Киев"}
    shop = {"firstName": "Julia", "lastName": "Pishchalnikova", "dateOfBirth": "1990-03-12", "city": "Kyiv"}
    one = await known(api, f"{unique}-1", "crm", crm, ("external:crm", unique))
    other = await known(api, f"{unique}-2", "shop", shop, ("cookie", unique))
    await settle(graph)
    (candidate,) = [each for each in await duplicates(api, one) if other in (each["a"]["id"], each["b"]["id"])]
    assert (candidate["a"]["id"], candidate["b"]["id"], candidate["status"]) == (one, other, "OPEN")
    assert 0.9 < candidate["probability"] <= 1
    evidence = candidate["evidence"]
    assert ("12.03.1990", "1990-03-12") in {(each["a"], each["b"]) for each in evidence}
    bits = sum(each["weight"] for each in evidence)
    assert candidate["probability"] == pytest.approx(1 / (1 + 2**-bits))
    assert candidate in await duplicates(api, other)


async def test_a_candidate_is_a_node(api: Api, graph: Graph, unique: str) -> None:
    candidate, _ = await proposed(api, graph, unique)
    assert candidate["id"].startswith("match_")
    assert await api.field(NODE, id=candidate["id"]) == candidate
    assert (candidate["decidedAt"], candidate["decidedBy"]) == (None, None)


async def test_those_who_are_not_alike_are_not_proposed(api: Api, graph: Graph, unique: str) -> None:
    one = await known(api, f"{unique}-1", "crm", {"name": name_of(unique, 1)}, ("cookie", f"{unique}-1"))
    await known(api, f"{unique}-2", "crm", {"name": "Bob Quite-Another"}, ("cookie", f"{unique}-2"))
    await settle(graph)
    assert await duplicates(api, one) == []


async def test_who_has_cookies_alone_costs_nothing(api: Api, graph: Graph, unique: str) -> None:
    await api.done(RECORD, input=touch(unique, ("cookie", unique), ("device", unique)))
    key = f"cookie:{unique}"
    who = "MATCH (:Identifier {key: $key})-[:IDENTIFIES]->(c:Customer)<-[:IDENTIFIES]-(o {kind: 'customer'}) "
    assert await graph.run(who + "RETURN c.matchDue, o.matchRecord", key=key) == [[None, None]]


async def test_who_changes_is_judged_again(api: Api, graph: Graph, unique: str) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    # Another birth date, and then another person altogether.
    was = born(unique)
    other_day = was.replace(day=was.day % 27 + 1)
    await api.done(UPDATE, input={"customerId": other, "attributes": {"birthDate": str(other_day)}})
    await settle(graph)
    (changed,) = await duplicates(api, one)
    assert (changed["id"], changed["foundAt"]) == (candidate["id"], candidate["foundAt"])
    assert changed["probability"] < candidate["probability"]
    assert str(other_day) in {each["b"] for each in changed["evidence"]}
    gone = {"name": "Bob Quite-Another", "birthDate": "1955-11-30", "city": "Ulm"}
    await api.done(UPDATE, input={"customerId": other, "attributes": gone})
    await settle(graph)
    assert await duplicates(api, one) == []
    assert await api.field(NODE, id=candidate["id"]) is None


async def test_who_is_known_by_nothing_any_more_is_no_candidate(api: Api, graph: Graph, unique: str) -> None:
    _, (one, other) = await proposed(api, graph, unique)
    nothing = dict.fromkeys(("name", "birthDate", "city"))
    form = identify(f"{unique}-gone", "source1", nothing, ("cookie", f"{unique}-0-1"), at=day(1))
    await api.done(IDENTIFY, input=form)
    await settle(graph)
    assert await duplicates(api, one) == await duplicates(api, other) == []
    left = "MATCH (:Identifier {key: $own})-[f:MATCHED_BY]->() RETURN count(f)"
    assert await graph.run(left, own=f"customer:{other}") == [[0]]


async def test_a_candidate_follows_merges_and_splits(api: Api, graph: Graph, unique: str) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    third = await known(api, f"{unique}-3", "web", {"nickname": "x"}, ("cookie", f"{unique}-third"))
    merged = await merge(api, third, one)
    (followed,) = await duplicates(api, third)
    assert followed["id"] == candidate["id"]
    assert {followed["a"]["id"], followed["b"]["id"]} == {third, other}
    await settle(graph)
    (followed,) = await duplicates(api, third)
    assert followed["id"] == candidate["id"]
    await undo(api, merged["event"]["id"])
    await settle(graph)
    (back,) = await duplicates(api, one)
    assert back["id"] == candidate["id"]
    assert {back["a"]["id"], back["b"]["id"]} == {one, other}


async def test_who_was_merged_by_other_evidence_is_shown_again_once_parted(
    api: Api, graph: Graph, unique: str
) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    keys = ("cookie", f"{unique}-0-0"), ("cookie", f"{unique}-0-1")
    await api.done(RECORD, input=touch(f"{unique}-both", *keys))
    for _ in range(2):  # Before and after the matcher looked at it.
        assert await duplicates(api, one) == []
        assert candidate["id"] not in await listed(api)
        shown = await api.field(NODE, id=candidate["id"])
        assert (shown["status"], shown["a"]["id"], shown["b"]["id"]) == ("SAME", one, one)
        await settle(graph)
    (event,) = [event for event in await history(api, id=one) if event["kind"] == "MERGED"]
    a, b = identifiers(*keys)
    await api.done(UNLINK, input={"a": a, "b": b, "reason": REASON})
    await settle(graph)
    # Whoever parts them says that they are two; allowMerge opens the question again.
    assert (await api.field(NODE, id=candidate["id"]))["status"] == "DIFFERENT"
    await api.done(ALLOW, input={"customerIds": [one, other], "reason": REASON})
    (again,) = await duplicates(api, one)
    assert (again["id"], again["status"]) == (candidate["id"], "OPEN")
    await settle(graph)
    assert candidate["id"] in await listed(api)
    assert event["reason"] == "same_event"


async def test_two_of_a_merge_are_asked_about_once(api: Api, graph: Graph, unique: str) -> None:
    one, two, three = await alike(api, unique, 3)
    await settle(graph)
    assert len(await duplicates(api, three)) == 2
    await merge(api, one, two)
    await settle(graph)
    (left,) = await duplicates(api, three)
    assert {left["a"]["id"], left["b"]["id"]} == {one, three}
    assert [each["id"] for each in await duplicates(api, one)] == [left["id"]]


async def test_who_must_not_be_merged_is_not_proposed(api: Api, graph: Graph, unique: str) -> None:
    one = await known(api, f"{unique}-1", "crm", {}, ("cookie", f"{unique}-0-0"))
    other = await known(api, f"{unique}-2", "crm", {}, ("cookie", f"{unique}-0-1"))
    await api.done(FORBID, input={"customerIds": [one, other], "reason": REASON})
    await alike(api, unique)
    await settle(graph)
    assert await duplicates(api, one) == []
    await api.done(ALLOW, input={"customerIds": [one, other], "reason": REASON})
    await settle(graph)
    (candidate,) = await duplicates(api, one)
    await api.done(FORBID, input={"customerIds": [one, other], "reason": REASON})
    for _ in range(2):  # At once, and after the matcher looked at it.
        assert await duplicates(api, one) == []
        assert candidate["id"] not in await listed(api)
        assert (await api.field(NODE, id=candidate["id"]))["status"] == "DIFFERENT"
        await settle(graph)


async def test_identifiers_that_leave_take_what_is_known_along(api: Api, graph: Graph, unique: str) -> None:
    one, other = await alike(api, unique)
    keys = ("cookie", f"{unique}-0-1"), ("cookie", f"{unique}-third")
    await api.done(RECORD, input=touch(f"{unique}-t", *keys))
    await settle(graph)
    parted = await split(api, other, keys[0])
    left, gone = (each["id"] for each in parted["customers"])
    await settle(graph)
    (candidate,) = await duplicates(api, one)
    assert {candidate["a"]["id"], candidate["b"]["id"]} == {one, gone}
    assert await duplicates(api, left) == []


async def listed(api: Api, **more: Any) -> list[str]:
    """The ids of all candidates of a list, gone through in pages."""
    found: list[str] = []
    after = None
    while True:
        page = await api.field(LIST, after=after, **more)
        found += [each["id"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_the_most_probable_come_first_page_by_page(api: Api, graph: Graph, unique: str) -> None:
    made = [(await proposed(api, graph, unique, number=number))[0]["id"] for number in range(5)]
    every = await listed(api)
    assert len(set(every)) == len(every) >= 5
    assert set(made) <= set(every)
    for size in (1, 2, 3):
        assert await listed(api, first=size) == every
    page = await api.field(LIST, first=100)
    shown = [each["probability"] for each in page["nodes"]]
    assert shown == sorted(shown, reverse=True)
    least = shown[len(shown) // 2]
    assert await listed(api, least=least) == [each["id"] for each in page["nodes"] if each["probability"] >= least]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"least": 0.4}, "minProbability: from 0.5 to 1; less probable ones are not kept"),
        ({"least": 1.5}, "minProbability: from 0.5 to 1; less probable ones are not kept"),
        ({"first": 0}, "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ({"after": "x"}, "after: not a cursor of this list; use a pageInfo.endCursor of the same list"),
    ],
)
async def test_a_bad_list_says_what_is_wrong(api: Api, variables: dict[str, Any], message: str) -> None:
    answer = await api.answer(LIST, **variables)
    assert [error["message"] for error in answer["errors"]] == [message]
