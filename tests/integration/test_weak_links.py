"""Links that alone hold a customer together, on an engine with nobody but this module's people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from service.app import open_services
from service.graph.client import counting_round_trips
from service.identity import weak_links
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import RECORD, Api
from tests.integration.evidence import Writer, told
from tests.integration.forms import Key, day, touch

WEAK = """query ($first: Int!, $after: String) { weakLinks(first: $first, after: $after) {
  edges { cursor node { link { id } } } nodes { customer { id } sideA { kind value } sideB { kind value }
    link { id rule method probability active from { kind value } to { kind value } } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


@dataclass(frozen=True)
class World:
    """People by name."""

    api: Api
    customers: dict[str, str]


def email(name: str) -> Key:
    return ("email", f"{name}@example.org")


def cookie(name: str) -> Key:
    return ("cookie", f"{name}-cookie")


def device(name: str) -> Key:
    return ("device", f"{name}-device")


PEOPLE: dict[str, list[tuple[Key, ...]]] = {
    # Two people who used one tablet.
    "tablet": [(email("tom"), device("tablet")), (email("ann"), device("tablet"))],
    # The same, and a cookie of one of them.
    "kiosk": [(email("eve"), cookie("eve")), (email("eve"), device("kiosk")), (email("kim"), device("kiosk"))],
    # An account and its addresses: a link of strong kinds.
    "account": [(("user_id", "u"), email("work"))],
    "browser": [(email("bob"), cookie("bob"))],
    "phone": [(cookie("max"), device("max"))],
    # A circle: each link has another beside it.
    "circle": [(email("zoe"), cookie("zoe")), (email("zoe"), device("zoe"))],
    "single": [(cookie("single"),)],
}


@pytest.fixture(scope="module")
async def world(alone: Engine) -> AsyncIterator[World]:
    async with alone.migrated() as graph, open_services(Settings(), graph) as services:
        api, writer = Api(graph, services), Writer(graph)
        customers = {}
        for number, (name, events) in enumerate(PEOPLE.items()):
            for n, keys in enumerate(events):
                done = await api.done(RECORD, input=touch(f"{name}-{n}", *keys, at=day(number)))
            customers[name] = done["customer"]["id"]
        await writer.link("cookie:zoe-cookie", "device:zoe-device")
        # Evidence that does not hold is no second way.
        await writer.link("email:bob@example.org", "cookie:bob-cookie", active=False)
        await writer.change_link("cookie:max-cookie", "device:max-device", probability=0.75)
        yield World(api, customers)


EXPECTED = [
    # Two people may hang on these. Of a device's links, first that of which the smaller side is the larger.
    ("kiosk", "eve@example.org", "kiosk-device"),
    ("tablet", "tom@example.org", "tablet-device"),
    ("tablet", "ann@example.org", "tablet-device"),
    ("kiosk", "kim@example.org", "kiosk-device"),
    # On these hangs one person. The less probable first, then weaker kinds.
    ("phone", "max-cookie", "max-device"),
    ("kiosk", "eve@example.org", "eve-cookie"),
    ("browser", "bob@example.org", "bob-cookie"),
    ("account", "u", "work@example.org"),
]
PEOPLE_FIRST = 4


async def walked(world: World, first: int) -> list[dict[str, Any]]:
    """All weak links, page by page. Checks on the way that each page is well formed."""
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = await world.api.field(WEAK, first=first, after=after)
        edges, info = page["edges"], page["pageInfo"]
        assert [edge["node"]["link"]["id"] for edge in edges] == [node["link"]["id"] for node in page["nodes"]]
        assert info["hasPreviousPage"] is (after is not None)
        assert info["startCursor"] == (edges[0]["cursor"] if edges else None)
        assert len(edges) <= first
        nodes += page["nodes"]
        if not info["hasNextPage"]:
            assert info["endCursor"] == (edges[-1]["cursor"] if edges else None)
            return nodes
        after = info["endCursor"]


def shown(key: Key) -> dict[str, str]:
    return {"kind": key[0], "value": key[1]}


def named(world: World, nodes: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Customer and the values at the ends of the link, of each."""
    names = {customer_id: name for name, customer_id in world.customers.items()}
    return [
        (names[node["customer"]["id"]], node["link"]["from"]["value"], node["link"]["to"]["value"])
        for node in nodes
    ]


async def test_they_come_weakest_first_each_with_its_customer_and_sides(world: World) -> None:
    nodes = await walked(world, 100)
    assert named(world, nodes) == EXPECTED
    kiosk, account = nodes[0], nodes[7]
    assert kiosk["link"] == {
        "id": kiosk["link"]["id"],
        "rule": "same_event",
        "method": "DETERMINISTIC",
        "probability": 1.0,
        "active": True,
        "from": shown(email("eve")),
        "to": shown(device("kiosk")),
    }
    assert [sorted(one["value"] for one in kiosk[side]) for side in ("sideA", "sideB")] == [
        ["eve-cookie", "eve@example.org"],
        ["kim@example.org", "kiosk-device"],
    ]
    assert (account["sideA"], account["sideB"]) == ([{"kind": "user_id", "value": "u"}], [shown(email("work"))])


async def test_removed_each_would_leave_its_customer_in_two(world: World) -> None:
    nodes = await walked(world, 100)
    for node in nodes:
        both = [{(one["kind"], one["value"]) for one in node[side]} for side in ("sideA", "sideB")]
        assert all(both)
        name = next(name for name, one in world.customers.items() if one == node["customer"]["id"])
        assert both[0] | both[1] == {key for keys in PEOPLE[name] for key in keys}
        assert not both[0] & both[1]


@pytest.mark.parametrize("first", [1, 2, 3, 7, 8])
async def test_pages_of_any_size_are_full_and_make_up_the_whole(world: World, first: int) -> None:
    assert named(world, await walked(world, first)) == EXPECTED
    page = await world.api.field(WEAK, first=first)
    assert len(page["nodes"]) == first
    assert page["pageInfo"]["hasNextPage"] is (first < len(EXPECTED))


@pytest.mark.parametrize("stretch", [1, 2, 3, 4])
@pytest.mark.parametrize("first", [1, 3, 100])
async def test_in_stretches_what_may_be_two_people_comes_first_and_each_link_once(
    world: World, monkeypatch: pytest.MonkeyPatch, stretch: int, first: int
) -> None:
    for one in weak_links.STRETCHES:
        monkeypatch.setitem(weak_links.STRETCHES, one, stretch)
    found = named(world, await walked(world, first))
    assert sorted(found) == sorted(EXPECTED)
    assert sorted(found[:PEOPLE_FIRST]) == sorted(EXPECTED[:PEOPLE_FIRST])
    # The last seen first, as long as they are in stretches of their own.
    if stretch == 1:
        people = ["kiosk", "kiosk", "tablet", "tablet"]
        assert [name for name, *_ in found] == [*people, "phone", "browser", "account", "kiosk"]


async def test_a_request_looks_at_two_stretches_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in weak_links.STRETCHES:
        monkeypatch.setitem(weak_links.STRETCHES, one, 2)
    with counting_round_trips() as names:
        page = await world.api.field("{ weakLinks { nodes { link { id } } pageInfo { hasNextPage endCursor } } }")
    assert names.count("identity/holding") == 2
    # Known are the circle and the browser, who were seen last, then the account and the kiosk, who has two links.
    assert [len(page["nodes"]), page["pageInfo"]["hasNextPage"]] == [2, True]


async def test_what_is_not_selected_is_not_read(world: World) -> None:
    with counting_round_trips() as names:
        await world.api.field("{ weakLinks(first: 3) { nodes { link { id } } } }")
    # On the embedded engine customers are found in several steps.
    assert list(dict.fromkeys(names)) == [
        "identity/changed_kinds",
        "customers/last_seen",
        "identity/holding",
        "identity/evidence",
    ]
    assert [names.count(one) for one in ("identity/holding", "identity/evidence")] == [1, 1]


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("first: 0", "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ("first: 101", "first: from 1 to 100 at once; page on with after: pageInfo.endCursor"),
        ('after: ""', "after: not a cursor of this list; use a pageInfo.endCursor of the same list"),
        ('after: "fiAyOg"', "after: not a cursor of this list; use a pageInfo.endCursor of the same list"),
    ],
)
async def test_a_page_is_checked(world: World, page: str, message: str) -> None:
    answer = await world.api.answer(f"{{ weakLinks({page}) {{ nodes {{ link {{ id }} }} }} }}")
    assert told(answer) == [message]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
