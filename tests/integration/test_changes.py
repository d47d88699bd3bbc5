"""The log of changes: every commit's, in order, without a gap, read behind a cursor."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.changes import log
from service.changes.models import is_place
from service.graph.client import Graph
from service.reads.connections import place_of
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, IDENTIFY, ORDER, RECORD, UPDATE, Api
from tests.integration.forms import identify, order, touch
from tests.integration.stewarding import merge, split, undo

PAGE = """query ($after: String, $filter: ChangeFilter, $first: Int! = 100) {
  changes(after: $after, filter: $filter, first: $first) { endCursor hasNextPage
    nodes { cursor kind at customerId customer { id } previousCustomerIds changedFields
      subject { __typename id } } } }"""


async def end(api: Api) -> str | None:
    """Where the log ends."""
    after: str | None = None
    while True:
        # Of nobody's: so a page looks at very many changes.
        page = await api.field(PAGE, after=after, filter={"owner": "nobody at all"})
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return after


async def since(api: Api, after: str | None, **chosen: Any) -> list[dict[str, Any]]:
    """All changes behind a cursor."""
    found: list[dict[str, Any]] = []
    while True:
        page = await api.field(PAGE, after=after, filter=chosen or None)
        found += page["nodes"]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return found


def short(changes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["kind"], one["customerId"], one["previousCustomerIds"], one["changedFields"]) for one in changes]


async def seen(api: Api, message: str, *keys: tuple[str, str]) -> str:
    payload = await api.field(RECORD, input=touch(message, *keys))
    customer_id: str = payload["customer"]["id"]
    return customer_id


async def test_what_is_recorded_is_told_in_order(api: Api, unique: str) -> None:
    after = await end(api)
    cookie, email = ("cookie", unique), ("email", f"{unique}@log.example")
    one = await seen(api, f"{unique}-1", cookie)
    await seen(api, f"{unique}-2", cookie, email)
    await seen(api, f"{unique}-2", cookie, email)
    other = await seen(api, f"{unique}-3", ("cookie", f"{unique}-b"))
    survivor = await seen(api, f"{unique}-4", cookie, ("cookie", f"{unique}-b"))
    assert survivor == one
    await api.done(IDENTIFY, input=identify(f"{unique}-5", "crm", {"city": "Kyiv"}, cookie))
    await api.done(IDENTIFY, input=identify(f"{unique}-6", "crm", {"city": "Kyiv"}, cookie))
    await api.done(UPDATE, input={"customerId": one, "attributes": {"city": "Lviv", "name": "Ann"}})
    for number, total in enumerate(("9 EUR", "10 EUR")):
        await api.done(ORDER, input=order(f"{unique}-o{number}", unique, total, cookie))
    found = await since(api, after, customerIds=[other])
    assert short(found) == [
        ("CUSTOMER_CREATED", one, [], []),
        ("TOUCHPOINT_RECORDED", one, [], []),
        ("CUSTOMER_UPDATED", one, [], ["identifiers", "state"]),
        ("TOUCHPOINT_RECORDED", one, [], []),
        ("CUSTOMER_CREATED", other, [], []),
        ("TOUCHPOINT_RECORDED", other, [], []),
        ("CUSTOMERS_MERGED", one, [other], ["identifiers"]),
        ("TOUCHPOINT_RECORDED", one, [], []),
        ("CUSTOMER_UPDATED", one, [], ["attributes.city"]),
        ("CUSTOMER_UPDATED", one, [], ["attributes.city", "attributes.name"]),
        ("ORDER_RECORDED", one, [], []),
        ("ORDER_UPDATED", one, [], ["channel", "total"]),
    ]
    assert {one["customer"]["id"] for one in found} == {survivor}
    assert [one["subject"] and one["subject"]["__typename"] for one in found] == [
        *(None, "Touchpoint", None, "Touchpoint", None, "Touchpoint", None, "Touchpoint"),
        *(None, None, "Order", "Order"),
    ]
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)
    places = [place_of(one["cursor"], is_place) for one in found]
    assert places == sorted(places)


async def test_merges_and_splits_by_hand_name_who_they_were(api: Api, unique: str) -> None:
    cookies = [("cookie", f"{unique}-{number}") for number in range(2)]
    one, other = [await seen(api, f"{unique}-{number}", key) for number, key in enumerate(cookies)]
    after = await end(api)
    event = (await merge(api, one, other))["event"]["id"]
    await undo(api, event)
    await merge(api, one, other)
    (third,) = {customer["id"] for customer in (await split(api, one, cookies[1]))["customers"]} - {one}
    found = await since(api, after, customerIds=[one, other])
    changes = [one for one in short(found) if one[0].startswith("CUSTOMER")]
    assert changes == [
        ("CUSTOMERS_MERGED", one, [other], ["identifiers"]),
        ("CUSTOMER_SPLIT", one, [], ["identifiers"]),
        ("CUSTOMER_SPLIT", other, [one], ["identifiers"]),
        ("CUSTOMERS_MERGED", one, [other], ["identifiers"]),
        ("CUSTOMER_SPLIT", one, [], ["identifiers"]),
        ("CUSTOMER_SPLIT", third, [one], ["identifiers"]),
    ]


async def test_deals_are_told_by_pipeline_and_by_owner(api: Api, unique: str) -> None:
    customer = await seen(api, f"{unique}-1", ("cookie", unique))
    after = await end(api)
    form = {"by": {"id": customer}, "title": "Licences", "owner": f"ann-{unique}"}
    deal = (await api.done(CREATE_DEAL, input=form))["deal"]
    await api.done(CLOSE_DEAL, input={"dealId": deal["id"], "outcome": "WON"})
    for chosen in ({"owner": f"ann-{unique}"}, {"pipelineId": deal["pipeline"]["id"], "customerIds": [customer]}):
        found = await since(api, after, **chosen)
        assert [(one["kind"], one["customerId"], one["subject"]["id"]) for one in found] == [
            ("DEAL_CREATED", customer, deal["id"]),
            ("DEAL_CLOSED", customer, deal["id"]),
        ]
    assert await since(api, after, owner=f"ann-{unique}", kinds=["DEAL_UPDATED"]) == []


async def test_pages_go_on_without_a_gap_and_past_what_a_filter_leaves_out(api: Api, unique: str) -> None:
    after = await end(api)
    await asyncio.gather(*(seen(api, f"{unique}-{n}", ("cookie", f"{unique}-{n}")) for n in range(20)))
    whole = await since(api, after)
    paged: list[dict[str, Any]] = []
    at = after
    while True:
        page = await api.field(PAGE, after=at, first=3)
        paged, at = paged + page["nodes"], page["endCursor"]
        if not page["hasNextPage"]:
            break
    assert paged == whole
    page = await api.field(PAGE, after=after, filter={"owner": "nobody at all"})
    assert (page["nodes"], page["hasNextPage"]) == ([], False)
    assert page["endCursor"] >= whole[-1]["cursor"]


async def test_the_log_in_the_graph_has_every_number_once(api: Api, graph: Graph, unique: str) -> None:
    await seen(api, f"{unique}-1", ("cookie", unique))
    ((places,),) = await graph.run("MATCH (c:Change) RETURN collect(c.place)")
    ((last,),) = await graph.rows("changes/end")
    # Tests of retention delete the oldest.
    oldest = await log.begin(graph) + 1
    assert sorted(places) == [f"{number:016d}" for number in range(oldest, last + 1)]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"first": 0}, "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ({"after": "x"}, "after: not a cursor of this list; use a pageInfo.endCursor of the same list"),
        (
            {"after": "OTk5OTk5OTk5OTk5OTk5OQ"},
            "after: the log does not go so far; is the cursor of another graph?",
        ),
        ({"filter": {"customerIds": [f"cus_{number:032x}" for number in range(101)]}}, None),
    ],
)
async def test_what_cannot_be_asked(api: Api, asked: dict[str, Any], message: str | None) -> None:
    (error,) = (await api.answer(PAGE, **asked))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == (message or "filter.customerIds: at most 100 at once")


async def test_what_is_just_being_committed_is_waited_for(
    api: Api, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of the last change may be seen before the change is: that is no cursor that has expired."""
    after = await end(api)
    await seen(api, f"{unique}-1", ("cookie", unique))
    await seen(api, f"{unique}-2", ("cookie", unique))
    whole, rows, trimmed = await since(api, after), Graph.rows, [2, 1]

    async def appearing(self: Graph, name: str, /, **given: Any) -> list[list[Any]]:
        found = await rows(self, name, **given)
        return sorted(found)[: -trimmed.pop(0)] if name == "changes/between" and trimmed else found

    monkeypatch.setattr(Graph, "rows", appearing)
    assert await since(api, after) == whole
    assert len(whole) == 3
    assert trimmed == []
    trimmed += [1] * 100
    monkeypatch.setattr("service.changes.log._PAUSES", (0.001, 0.001))
    (error,) = (await api.answer(PAGE, after=after))["errors"]
    assert error["extensions"]["code"] == "CONFLICT"
