"""Golden values over the engine: by the rules of the settings, and by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.app import open_services
from service.customers.rules import SurvivorshipRule
from service.graph.client import Graph
from service.settings import Settings, Source
from tests.integration.asking import IDENTIFY, RECORD, UPDATE, Api
from tests.integration.forms import Key, day, identify, touch

NOBODY = "cus_" + "0" * 32


@pytest.fixture(scope="module")
async def ruled(graph: Graph) -> AsyncIterator[Api]:
    """The API of a service with rules and ranks of its own."""
    settings = Settings(
        survivorship={
            "default": SurvivorshipRule.MOST_TRUSTED_SOURCE,
            "city": SurvivorshipRule.MOST_FREQUENT,
            "since": SurvivorshipRule.OLDEST,
            "size": SurvivorshipRule.MOST_RECENT,
        },
        sources={"crm": Source(trust=90), "ads": Source(trust=10)},
    )
    async with open_services(settings, graph) as services:
        yield Api(graph, services)


async def tell(api: Api, unique: str, *told: tuple[str, int, dict[str, Any]], key: Key | None = None) -> str:
    """Lets sources tell attributes on a day each; the id of whom they tell of."""
    for number, (source, on, attributes) in enumerate(told):
        form = identify(f"{number}-{unique}", source, attributes, key or ("cookie", unique), at=day(on))
        payload = await api.done(IDENTIFY, input=form)
    return str(payload["customer"]["id"])


async def shown(api: Api, **by: str) -> dict[str, tuple[Any, str, str]]:
    """Value, source and rule of each attribute."""
    customer = await api.customer(**by)
    assert customer is not None
    return {one["name"]: (one["value"], one["source"], one["rule"]) for one in customer["attributes"]}


async def found(api: Api, name: str, value: str) -> list[str]:
    """Who is found by a golden value."""
    query = "query ($filter: CustomerFilter!) { customers(filter: $filter) { nodes { id } } }"
    listed = await api.field(query, filter={"attribute": {"name": name, "equals": value}})
    return [node["id"] for node in listed["nodes"]]


async def update(api: Api, customer: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The customer after an update that was accepted."""
    payload = await api.done(UPDATE, input={"customerId": customer, "attributes": attributes, **more})
    after: dict[str, Any] = payload["customer"]
    return after


TOLD = (
    ("crm", 1, {"name": "Ann Crm", "city": "Ulm", "since": 2019, "size": 1}),
    ("web", 2, {"name": "Ann Web", "city": "Ulm", "since": 2020, "size": 2}),
    ("ads", 3, {"name": "Ann Ads", "city": "Bonn", "since": 2021, "size": 3}),
    ("crm", 4, {"since": 2022}),
)


async def test_each_rule_chooses_and_the_losers_follow(ruled: Api, unique: str) -> None:
    await tell(ruled, unique, *TOLD)
    customer = await ruled.customer(cookie=unique)
    assert customer is not None
    identifier = {"kind": "cookie", "value": unique}

    def attribute(name: str, rule: str, *said: tuple[Any, str, int]) -> dict[str, Any]:
        candidates = [{"value": value, "source": source, "observedAt": day(at)} for value, source, at in said]
        listed = [one | {"identifier": identifier} for one in candidates]
        return {"name": name, "rule": rule, **candidates[0], "candidates": listed}

    assert customer["attributes"] == [
        attribute("city", "MOST_FREQUENT", ("Ulm", "web", 2), ("Ulm", "crm", 1), ("Bonn", "ads", 3)),
        attribute(
            "name", "MOST_TRUSTED_SOURCE", ("Ann Crm", "crm", 1), ("Ann Web", "web", 2), ("Ann Ads", "ads", 3)
        ),
        attribute("since", "OLDEST", (2019, "crm", 1), (2020, "web", 2), (2021, "ads", 3)),
        attribute("size", "MOST_RECENT", (3, "ads", 3), (2, "web", 2), (1, "crm", 1)),
    ]


async def test_what_is_stored_of_golden_values_follows_the_same_rules(ruled: Api, unique: str) -> None:
    city = f"Ulm {unique}"
    told = [(source, on, attributes | {"city": city}) for source, on, attributes in TOLD[:2]]
    customer_id = await tell(ruled, unique, *told, *TOLD[2:])
    customer = await ruled.customer(cookie=unique)
    assert customer is not None
    assert customer["displayName"] == "Ann Crm"
    assert await found(ruled, "city", city) == [customer_id]


async def test_the_same_data_is_read_by_the_rules_of_the_service(api: Api, ruled: Api, unique: str) -> None:
    await tell(ruled, unique, *TOLD)
    assert await shown(api, cookie=unique) == {
        "city": ("Bonn", "ads", "MOST_RECENT"),
        "name": ("Ann Ads", "ads", "MOST_RECENT"),
        "since": (2022, "crm", "MOST_RECENT"),
        "size": (3, "ads", "MOST_RECENT"),
    }


async def test_what_is_set_by_hand_wins_until_it_is_withdrawn(api: Api, unique: str) -> None:
    ann = await tell(api, unique, ("crm", 1, {"name": "Ann", "city": f"Ulm {unique}"}))
    after = await update(api, ann, {"name": "Anna", "vip": True})
    own = {"kind": "customer", "value": ann}
    assert after["attributes"][1:] == [
        {
            "name": "name",
            "value": "Anna",
            "source": "by_hand",
            "rule": "SET_BY_HAND",
            "candidates": [
                {"value": "Anna", "source": "by_hand", "identifier": own},
                {"value": "Ann", "source": "crm", "identifier": {"kind": "cookie", "value": unique}},
            ],
        },
        {
            "name": "vip",
            "value": True,
            "source": "by_hand",
            "rule": "SET_BY_HAND",
            "candidates": [{"value": True, "source": "by_hand", "identifier": own}],
        },
    ]
    assert (after["id"], after["version"], after["displayName"]) == (ann, 2, "Anna")
    # Sources go on telling, and lose.
    await tell(api, f"2{unique}", ("web", 9, {"name": "Annika"}), key=("cookie", unique))
    assert (await shown(api, id=ann))["name"] == ("Anna", "by_hand", "SET_BY_HAND")
    withdrawn = await update(api, ann, {"name": None})
    assert (withdrawn["version"], withdrawn["displayName"]) == (4, "Annika")
    assert await shown(api, id=ann) == {
        "city": (f"Ulm {unique}", "crm", "MOST_RECENT"),
        "name": ("Annika", "web", "MOST_RECENT"),
        "vip": (True, "by_hand", "SET_BY_HAND"),
    }
    customer = await api.customer(id=ann)
    assert customer is not None
    # What it hangs on is not shown among the identifiers.
    assert customer["identifiers"] == [{"kind": "cookie", "value": unique}]


async def test_who_is_set_by_hand_is_found_by_it(api: Api, unique: str) -> None:
    ann = await tell(api, unique, ("crm", 1, {"city": f"Ulm {unique}"}))
    await update(api, ann, {"city": f"Bonn {unique}"})
    assert (await found(api, "city", f"Ulm {unique}"), await found(api, "city", f"Bonn {unique}")) == ([], [ann])
    await update(api, ann, {"city": None})
    assert (await found(api, "city", f"Ulm {unique}"), await found(api, "city", f"Bonn {unique}")) == ([ann], [])


async def test_an_update_that_changes_nothing_is_no_new_version(api: Api, unique: str) -> None:
    ann = await tell(api, unique, ("crm", 1, {"city": "Ulm"}))
    before = await update(api, ann, {"city": "Bonn"})
    for attributes in ({}, {"city": "Bonn"}, {"age": None}):
        assert await update(api, ann, attributes, expectedVersion=2) == before


async def test_of_updates_with_the_same_version_exactly_one_wins(api: Api, ruled: Api, unique: str) -> None:
    ann = await tell(api, unique, ("crm", 1, {"city": "Ulm"}))
    forms = [{"customerId": ann, "attributes": {"city": n}, "expectedVersion": 1} for n in range(20)]
    # From two services at once.
    services = [api, ruled] * 10
    payloads = await asyncio.gather(
        *(one.field(UPDATE, input=form) for one, form in zip(services, forms, strict=True))
    )
    (winner,) = (number for number, payload in enumerate(payloads) if payload["userErrors"] == [])
    message = "expectedVersion: the customer is at version 2 by now; read it again, then update that version"
    error = {"code": "VERSION_CONFLICT", "message": message, "field": ["expectedVersion"]}
    losers = [payload for number, payload in enumerate(payloads) if number != winner]
    assert losers == [{"customer": None, "userErrors": [error]}] * 19
    assert (await shown(api, id=ann))["city"] == (winner, "by_hand", "SET_BY_HAND")


async def test_updates_without_a_version_all_count(api: Api, unique: str) -> None:
    ann = await tell(api, unique, ("crm", 1, {"city": "Ulm"}))
    await asyncio.gather(*(update(api, ann, {f"a{n}": n}) for n in range(20)))
    customer = await api.customer(id=ann)
    assert customer is not None
    assert customer["version"] == 21
    assert {one["name"]: one["value"] for one in customer["attributes"]} == {
        "city": "Ulm",
        **{f"a{n}": n for n in range(20)},
    }


async def merged(api: Api, unique: str) -> tuple[str, str]:
    """The id and the former id of two who were set by hand, told of by a source, and then merged by an event."""
    ids = []
    for number, city in enumerate(("Bonn", "Ulm")):
        told = ("crm", number, {"city": "Mainz", "size": number})
        ids.append(await tell(api, f"{number}-{unique}", told))
        await update(api, ids[number], {"city": city})
    joined = touch(f"join-{unique}", *(("cookie", f"{number}-{unique}") for number in range(2)))
    survivor = (await api.done(RECORD, input=joined))["customer"]["id"]
    (former,) = (one for one in ids if one != survivor)
    return survivor, former


async def test_after_a_merge_by_an_event_the_most_recent_hand_wins(api: Api, unique: str) -> None:
    survivor, former = await merged(api, unique)
    expected = {"city": ("Ulm", "by_hand", "SET_BY_HAND"), "size": (1, "crm", "MOST_RECENT")}
    assert await shown(api, id=survivor) == await shown(api, id=former) == expected
    withdrawn = await update(api, survivor, {"city": None})
    assert [one["value"] for one in withdrawn["attributes"]] == ["Mainz", 1]


async def test_a_former_id_updates_whom_it_was_merged_into(api: Api, graph: Graph, unique: str) -> None:
    survivor, former = await merged(api, unique)
    after = await update(api, former, {"city": "Köln"}, expectedVersion=3)
    assert (after["id"], after["version"], after["attributes"][0]["value"]) == (survivor, 4, "Köln")
    # It hangs on the own identifier of the id that was given.
    assert after["attributes"][0]["candidates"][0]["identifier"] == {"kind": "customer", "value": former}
    # The last one wins, whichever id it names.
    assert (await update(api, survivor, {"city": "Trier"}))["attributes"][0]["value"] == "Trier"
    query = "MATCH (i:Identifier {key: $k})-[:DESCRIBED_BY]->(p:SourceProfile) RETURN count(p)"
    assert await graph.run(query, k=f"customer:{former}") == [[1]]


async def test_a_merge_in_the_transaction_of_the_updates_counts_too(api: Api, unique: str) -> None:
    ids = [await tell(api, f"{number}-{unique}", ("crm", number, {"size": number})) for number in range(2)]
    keys = [("cookie", f"{number}-{unique}") for number in range(2)]
    await asyncio.gather(
        update(api, ids[0], {"name": "First"}),
        api.done(RECORD, input=touch(f"join-{unique}", *keys)),
        update(api, ids[1], {"name": "Second"}),
    )
    customer = await api.customer(id=ids[1])
    assert customer is not None
    assert (customer["displayName"], customer["previousIds"]) == ("Second", [ids[1]])


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"customerId": NOBODY}, "NOT_FOUND", ["customerId"]),
        ({"customerId": "deal_" + "0" * 32}, "INVALID", ["customerId"]),
        ({"customerId": ""}, "INVALID", ["customerId"]),
        ({"expectedVersion": 2}, "VERSION_CONFLICT", ["expectedVersion"]),
        ({"expectedVersion": 0}, "VERSION_CONFLICT", ["expectedVersion"]),
        ({"attributes": []}, "INVALID", ["attributes"]),
        ({"attributes": "city"}, "INVALID", ["attributes"]),
        ({"attributes": {" ": 1}}, "INVALID", ["attributes"]),
        ({"attributes": {"city": "x" * 40_000}}, "INVALID", ["attributes"]),
        ({"attributes": {f"a{n}": 1 for n in range(201)}}, "INVALID", ["attributes"]),
    ],
)
async def test_a_wrong_update_changes_nothing(
    api: Api, graph: Graph, unique: str, changed: dict[str, Any], code: str, field: list[str]
) -> None:
    ann = await tell(api, unique, ("crm", 1, {"city": "Ulm"}))
    before = await api.customer(id=ann)
    count = "MATCH (n) WHERE n:SourceProfile OR n:Message OR n:Identifier OR n:Customer RETURN count(n)"
    nodes = await graph.run(count)
    payload = await api.field(UPDATE, input={"customerId": ann, "attributes": {"city": "Bonn"}} | changed)
    assert payload["customer"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [(code, field)]
    assert await api.customer(id=ann) == before
    assert await graph.run(count) == nodes


async def test_what_is_recorded_cannot_pass_for_set_by_hand(api: Api, unique: str) -> None:
    form = identify(f"1-{unique}", "by_hand", {"city": "Bonn"}, ("cookie", unique))
    payload = await api.field(IDENTIFY, input=form)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID", ["source"])]
    assert await api.customer(cookie=unique) is None
