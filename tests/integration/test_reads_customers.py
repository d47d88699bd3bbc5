"""Lists of customers: both orders, every filter, every page once."""

from __future__ import annotations

from typing import Any

import pytest

from service.graph.client import Graph
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, IDENTIFY, ORDER, RECORD, RECORD_MANY, Api
from tests.integration.forms import identify, order, touch
from tests.integration.paging import CUSTOMERS, itself, walk

BOTH = ("LAST_SEEN_DESC", "CREATED_DESC")


def moment(year: int, day: int, hour: int = 0) -> str:
    return f"{year:04d}-01-{day:02d}T{hour:02d}:00:00.000Z"


@pytest.fixture(scope="module")
async def people(api: Api, graph: Graph) -> dict[str, str]:
    """Customers by name, in the order of creation, each unlike the others; all last seen in the year 1500."""
    del graph
    seen = {"ann": 5, "bob": 3, "cat": 3, "dan": 3, "eve": 9, "fay": 1}
    created = {}
    for name, day_seen in seen.items():
        kind = "email" if name in ("ann", "eve") else "cookie"
        value = f"{name}@of-1500.example" if kind == "email" else f"{name}-of-1500"
        form = touch(f"{name}-1500", (kind, value), at=moment(1500, day_seen))
        created[name] = (await api.done(RECORD, input=form))["customer"]["id"]

    async def buy(name: str, number: int, status: str) -> None:
        key = ("cookie", f"{name}-of-1500")
        form = order(f"{name}-{number}", f"{name}-{number}", "1 EUR", key, at=moment(1500, 1), status=status)
        await api.done(ORDER, input=form)

    for number, status in enumerate(("PLACED", "PAID", "CANCELLED")):
        await buy("bob", number, status)
    await buy("cat", 0, "FULFILLED")
    await buy("dan", 0, "RETURNED")
    for name in ("cat", "dan"):
        form = {"by": {"cookie": f"{name}-of-1500"}, "title": name, "idempotencyKey": f"{name}-1500"}
        deal = (await api.done(CREATE_DEAL, input=form))["deal"]["id"]
    await api.done(CLOSE_DEAL, input={"dealId": deal, "outcome": "WON"})
    attributes: dict[str, dict[str, Any]] = {"ann": {"size": 44, "vip": True}, "eve": {"size": "44", "vip": False}}
    for name, values in attributes.items():
        form = identify(f"i-{name}-1500", "crm", values, ("email", f"{name}@of-1500.example"), at=moment(1500, 1))
        await api.done(IDENTIFY, input=form)
    return created


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"ann", "bob", "cat", "dan", "eve", "fay"}),
    ({"state": "KNOWN"}, {"ann", "eve"}),
    ({"state": "ANONYMOUS"}, {"bob", "cat", "dan", "fay"}),
    ({"seenFrom": moment(1500, 3)}, {"ann", "bob", "cat", "dan", "eve"}),
    ({"seenTo": moment(1500, 3)}, {"fay"}),
    ({"seenFrom": moment(1500, 3), "seenTo": moment(1500, 9)}, {"ann", "bob", "cat", "dan"}),
    ({"seenFrom": moment(1500, 3), "seenTo": moment(1500, 3)}, set()),
    ({"attribute": {"name": "size", "equals": "44"}}, {"ann", "eve"}),
    ({"attribute": {"name": "vip", "equals": "true"}}, {"ann"}),
    ({"attribute": {"name": "vip", "equals": "1"}}, set()),
    ({"hasIdentifierKind": "email"}, {"ann", "eve"}),
    ({"hasIdentifierKind": "external:crm"}, set()),
    ({"hasOpenDeal": True}, {"cat"}),
    ({"hasOpenDeal": False}, {"ann", "bob", "dan", "eve", "fay"}),
    ({"ordersAtLeast": 0}, {"ann", "bob", "cat", "dan", "eve", "fay"}),
    ({"ordersAtLeast": 1}, {"bob", "cat"}),
    ({"ordersAtLeast": 2}, {"bob"}),
    ({"ordersAtLeast": 3}, set()),
    ({"state": "ANONYMOUS", "hasOpenDeal": False, "ordersAtLeast": 1}, {"bob"}),
]


@pytest.mark.parametrize(("where", "expected"), FILTERS)
async def test_each_filter_in_both_orders(
    api: Api, people: dict[str, str], where: dict[str, Any], expected: set[str]
) -> None:
    where = {"seenFrom": moment(1500, 1), "seenTo": moment(1501, 1)} | where
    by_age = [name for name in people if name in expected][::-1]
    by_sight = [name for name in ("eve", "ann", "dan", "cat", "bob", "fay") if name in expected]
    for listed, names in (("CREATED_DESC", by_age), ("LAST_SEEN_DESC", by_sight)):
        for first in (2, 100):
            found = await walk(api, CUSTOMERS, first, itself, filter=where, orderBy=listed)
            assert found == [people[name] for name in names]


@pytest.mark.parametrize("listed", BOTH)
async def test_all_customers_are_walked_exactly_once(api: Api, graph: Graph, unique: str, listed: str) -> None:
    """Also those last seen long before 1970 and, by a source's clock, tomorrow."""
    items = [touch(f"{n}-{unique}", ("cookie", f"{n}-{unique}"), at=moment(2 + n * 300, 1)) for n in range(7)]
    await api.field(RECORD_MANY, input={"items": items})
    rows = await graph.run("MATCH (c:Customer) RETURN c.id, c.lastSeenAt")
    place = (lambda row: (row[1], row[0])) if listed == "LAST_SEEN_DESC" else (lambda row: row[0])
    expected = [row[0] for row in sorted(rows, key=place, reverse=True)]
    assert len(expected) >= 7
    assert await walk(api, CUSTOMERS, 100, itself, filter=None, orderBy=listed) == expected


@pytest.mark.parametrize("listed", BOTH)
@pytest.mark.parametrize("years", [range(3, 8), range(1965, 1975)])
async def test_small_pages_around_the_year_1970(api: Api, unique: str, listed: str, years: range) -> None:
    items = [touch(f"{year}-{unique}", ("cookie", f"{year}-{unique}"), at=moment(year, 2)) for year in years]
    answer = await api.field(RECORD_MANY, input={"items": items})
    mine = [one["customer"]["id"] for one in answer["results"]][::-1]
    # Bounded by the filter on one side only: the list goes on beyond it in one of the two cases.
    where = {"seenTo": moment(years.stop, 1)}
    found = await walk(api, CUSTOMERS, 2, itself, filter=where, orderBy=listed)
    assert [one for one in found if one in mine] == mine
    assert len(found) == len(set(found))


@pytest.mark.parametrize("listed", BOTH)
async def test_a_cursor_of_customers_stays_valid_after_a_merge(api: Api, unique: str, listed: str) -> None:
    year = 1600 + BOTH.index(listed)  # Years that no other test uses.
    keys = [("cookie", f"{n}-{unique}") for n in range(6)]
    ids = [
        (await api.done(RECORD, input=touch(f"{n}-{unique}", key, at=moment(year, 1 + n))))["customer"]["id"]
        for n, key in enumerate(keys)
    ]
    where = {"seenFrom": moment(year, 1), "seenTo": moment(year + 1, 1)}
    page = await api.field(CUSTOMERS, filter=where, orderBy=listed, first=2, after=None)
    assert [node["id"] for node in page["nodes"]] == [ids[5], ids[4]]
    # The page's last customer, where the cursor points, is merged away into one of the next page.
    await api.done(RECORD, input=touch(f"join-{unique}", keys[4], keys[1], at=moment(year, 1)))
    assert await api.customer(id=ids[4]) == await api.customer(id=ids[1])
    rest = await api.field(CUSTOMERS, filter=where, orderBy=listed, first=10, after=page["pageInfo"]["endCursor"])
    # The survivor was last seen when the absorbed one was: in that order it now stands just at the cursor's
    # time, behind the other's larger id.
    expected = [ids[1], ids[3], ids[2], ids[0]] if listed == BOTH[0] else [ids[3], ids[2], ids[1], ids[0]]
    assert [node["id"] for node in rest["nodes"]] == expected


@pytest.mark.parametrize(
    ("where", "field"),
    [({"hasIdentifierKind": "shoe"}, "filter.hasIdentifierKind"), ({"ordersAtLeast": -1}, "filter.ordersAtLeast")],
)
async def test_a_wrong_filter_is_named(api: Api, where: dict[str, Any], field: str) -> None:
    answer = await api.answer(CUSTOMERS, filter=where, orderBy=BOTH[0], first=1, after=None)
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"].startswith(f"{field}: ")
