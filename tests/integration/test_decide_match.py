"""Deciding who is one person: once, with reasons, taken back like anything else."""

from __future__ import annotations

import asyncio

import pytest

from service.graph.client import Graph
from tests.integration.asking import RECORD, UPDATE, Api
from tests.integration.candidates import (
    DECIDE,
    NODE,
    decide,
    duplicates,
    known,
    proposed,
    refused,
    settle,
    who,
)
from tests.integration.forms import touch
from tests.integration.stewarding import FORBID, MERGE, REASON, history, merge, undo

LINKS = """query ($by: CustomerBy!) { customer(by: $by) { identityGraph {
  links { method rule probability active source } } } }"""
NOBODY = "match_00000000000070008000000000000000"


async def test_one_person_is_merged_with_evidence_of_the_hand(api: Api, graph: Graph, unique: str) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    done = await decide(api, candidate["id"], same=True, reason="the same face")
    assert done["customer"] == {"id": one, "previousIds": [other]}
    event = {"kind": "MERGED", "reason": "the same face", "by": "operator", "undone": False}
    assert done["event"] == event | {"id": done["event"]["id"], "customerIds": [one, other]}
    assert (done["match"]["status"], done["match"]["decidedBy"]) == ("SAME", "operator")
    assert done["match"]["decidedAt"] is not None
    assert done["match"]["evidence"] == candidate["evidence"]
    assert (await history(api, id=other))[0]["id"] == done["event"]["id"]
    assert await duplicates(api, one) == []
    links = (await api.field(LINKS, by={"id": one}))["identityGraph"]["links"]
    assert ("BY_HAND", "by_hand", 1.0, True) in {
        (each["method"], each["rule"], each["probability"], each["active"]) for each in links
    }
    await settle(graph)
    assert (await api.field(NODE, id=candidate["id"]))["status"] == "SAME"


async def test_different_people_are_never_asked_about_again(api: Api, graph: Graph, unique: str) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    done = await decide(api, candidate["id"], same=False)
    assert done["customer"]["id"] == one
    assert (done["event"]["kind"], done["event"]["reason"]) == (
        "MERGE_FORBIDDEN",
        "a match was decided: different people",
    )
    assert (done["match"]["status"], done["match"]["decidedBy"]) == ("DIFFERENT", "operator")
    # Nor when the records change, nor when either is merged with a third.
    await api.done(UPDATE, input={"customerId": other, "attributes": {"city": "Kyiv", "postcode": "01001"}})
    third = await known(api, f"{unique}-3", "web", {}, ("cookie", f"{unique}-third"))
    await merge(api, third, one)
    await settle(graph)
    assert await duplicates(api, third) == await duplicates(api, other) == []
    assert (await api.field(NODE, id=candidate["id"]))["status"] == "DIFFERENT"
    payload = await api.field(MERGE, input={"customerIds": [third, other], "reason": REASON})
    assert [error["code"] for error in payload["userErrors"]] == ["MERGE_FORBIDDEN"]


@pytest.mark.parametrize("same", [True, False])
async def test_a_decision_that_is_undone_is_a_question_again(
    api: Api, graph: Graph, unique: str, same: bool
) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    done = await decide(api, candidate["id"], same=same)
    await undo(api, done["event"]["id"])
    (again,) = await duplicates(api, one)
    assert again == candidate
    await settle(graph)
    (again,) = await duplicates(api, other)
    assert again["id"] == candidate["id"]
    redone = await decide(api, candidate["id"], same=not same)
    assert redone["match"]["status"] == ("DIFFERENT" if same else "SAME")


async def test_who_took_an_undone_decision_back_is_not_asked(api: Api, graph: Graph, unique: str) -> None:
    for number, same in enumerate((True, False)):
        candidate, (one, _) = await proposed(api, graph, unique, number=number)
        done = await decide(api, candidate["id"], same=same)
        undone = await undo(api, done["event"]["id"])
        await undo(api, undone["event"]["id"])
        await settle(graph)
        assert await duplicates(api, one) == []
        assert (await api.field(NODE, id=candidate["id"]))["status"] == ("SAME" if same else "DIFFERENT")


async def test_what_is_decided_is_decided_once(api: Api, graph: Graph, unique: str) -> None:
    candidate, _ = await proposed(api, graph, unique)
    done = await decide(api, candidate["id"], same=True)
    for same in (True, False):
        error = await refused(api, candidate["id"], same=same)
        assert error == {
            "code": "INVALID",
            "message": "matchId: it was decided already: SAME, by operator; undoIdentityEvent takes that back, "
            f"by its event {done['event']['id']}",
            "field": ["matchId"],
        }


async def test_of_two_who_decide_at_once_one_is_told(api: Api, graph: Graph, unique: str) -> None:
    candidate, _ = await proposed(api, graph, unique)
    forms = [{"matchId": candidate["id"], "same": same} for same in (True, False, True, False)]
    payloads = await asyncio.gather(*(api.field(DECIDE, input=form) for form in forms))
    accepted = [payload for payload in payloads if not payload["userErrors"]]
    assert len(accepted) == 1
    assert (await api.field(NODE, id=candidate["id"]))["status"] == accepted[0]["match"]["status"]


async def test_a_candidate_that_there_is_not(api: Api) -> None:
    error = await refused(api, NOBODY, same=True)
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["matchId"])
    assert error["message"] == "matchId: there is no such candidate; see matchCandidates"
    error = await refused(api, "cus_1", same=True)
    assert (error["code"], error["field"]) == ("INVALID", ["matchId"])
    assert error["message"] == "matchId: 'cus_1' is not a candidate's id; those begin with match_"


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("x" * 201, "reason: String should have at most 200 characters"),
        (" ", "reason: String should have at least 1 character"),
        ("a\nb", "reason: control characters are not allowed"),
    ],
)
async def test_a_bad_reason(api: Api, graph: Graph, unique: str, reason: str, message: str) -> None:
    candidate, (one, _) = await proposed(api, graph, unique)
    error = await refused(api, candidate["id"], same=True, reason=reason)
    assert error == {"code": "INVALID", "message": message, "field": ["reason"]}
    assert await duplicates(api, one) == [candidate]


async def test_limits_of_identifiers_hold_for_decisions_too(api: Api, graph: Graph, unique: str) -> None:
    candidate, both = await proposed(api, graph, unique)
    for place in range(2):
        keys = ("cookie", f"{unique}-0-{place}"), ("user_id", f"{unique}-{place}")
        await api.done(RECORD, input=touch(f"{unique}-u{place}", *keys))
    error = await refused(api, candidate["id"], same=True)
    assert error == {
        "code": "IDENTIFIER_LIMIT_EXCEEDED",
        "message": "same: Together they would have more than 1 of kind user_id; see identifierKinds.",
        "field": ["same"],
    }
    (again,) = await duplicates(api, both[0])
    assert (again["id"], again["status"]) == (candidate["id"], "OPEN")
    assert (await decide(api, candidate["id"], same=False))["match"]["status"] == "DIFFERENT"


async def test_what_was_forbidden_elsewhere_is_not_decided(api: Api, graph: Graph, unique: str) -> None:
    candidate, both = await proposed(api, graph, unique)
    await api.done(FORBID, input={"customerIds": both, "reason": "two sisters"})
    error = await refused(api, candidate["id"], same=True)
    assert error == {
        "code": "MERGE_FORBIDDEN",
        "message": "same: They must not be merged: 'two sisters' (operator). allowMerge lifts that.",
        "field": ["same"],
    }
    error = await refused(api, candidate["id"], same=False)
    assert (error["code"], error["field"]) == ("INVALID", ["matchId"])
    assert "forbidden" in error["message"]


async def test_who_is_one_by_now_is_not_decided(api: Api, graph: Graph, unique: str) -> None:
    candidate, both = await proposed(api, graph, unique)
    await merge(api, *both)
    error = await refused(api, candidate["id"], same=True)
    assert (error["code"], error["field"]) == ("INVALID", ["matchId"])
    assert error["message"].startswith("matchId: its customers are one by now")


async def test_a_decision_about_who_was_merged_since_is_about_who_they_are_now(
    api: Api, graph: Graph, unique: str
) -> None:
    candidate, (one, other) = await proposed(api, graph, unique)
    third = await known(api, f"{unique}-3", "web", {}, ("user_id", f"{unique}-third"))
    await merge(api, third, other)
    done = await decide(api, candidate["id"], same=True)
    # A known customer goes before an anonymous one.
    assert done["customer"]["id"] == third
    assert set(done["customer"]["previousIds"]) == {one, other}
    await undo(api, done["event"]["id"])
    (again,) = await duplicates(api, one)
    assert {again["a"]["id"], again["b"]["id"]} == {one, third}


async def test_without_the_setting_nothing_is_merged_by_rule(api: Api, graph: Graph, unique: str) -> None:
    candidate, both = await proposed(api, graph, unique)
    assert candidate["probability"] > 0.9
    assert await who(api, *both) == both
