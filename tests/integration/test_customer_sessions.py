"""One customer's sessions and lifecycle stage, and what touchpoints deserve of a deal."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, ORDER, RECORD_MANY, Api
from tests.integration.forms import Key, day, order, shown, touch

MINUTE = 1 / 24 / 60

SESSIONS = """query ($by: CustomerBy!, $timeout: Duration! = "PT30M", $first: Int! = 20, $after: String) {
  customer(by: $by) { sessions(timeout: $timeout, first: $first, after: $after) {
    edges { cursor node { startedAt } }
    nodes { startedAt endedAt touchpoints entryChannel landingPage converted steps(first: 2) { messageId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def record(api: Api, *items: dict[str, Any]) -> None:
    answer = await api.field(RECORD_MANY, input={"items": list(items)})
    assert [one["userErrors"] for one in answer["results"]] == [[]] * len(items)


@pytest.fixture
async def visitor(api: Api, unique: str) -> Key:
    """Sessions at day 1 (three touches, 30 minutes apart), day 2 (an order behind it) and 31 minutes later."""
    cookie: Key = ("cookie", unique)
    await record(
        api,
        touch(f"1-{unique}", cookie, at=day(1), channel="email"),
        touch(f"2-{unique}", cookie, at=day(1 + 30 * MINUTE), page={"url": "https://shop.example/a"}),
        touch(f"3-{unique}", cookie, at=day(1 + 40 * MINUTE), page={"url": "https://shop.example/b"}),
        # We reached out: that is no visit, and does not join two of them.
        touch(f"o-{unique}", cookie, at=day(1 + 65 * MINUTE), direction="OUTBOUND"),
        touch(f"4-{unique}", cookie, at=day(2)),
        touch(f"5-{unique}", cookie, at=day(2 + 31 * MINUTE)),
    )
    await api.done(ORDER, input=order(f"b-{unique}", unique, "5 EUR", cookie, at=day(2 + 30 * MINUTE)))
    return cookie


async def sessions(api: Api, cookie: Key, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.field(SESSIONS, by={"cookie": cookie[1]}, **more))["sessions"]
    return found


async def test_a_session_ends_with_a_pause_longer_than_the_timeout(api: Api, visitor: Key, unique: str) -> None:
    page = await sessions(api, visitor)
    last, ordered, first = page["nodes"]
    assert first == {
        "startedAt": day(1),
        "endedAt": day(1 + 40 * MINUTE),
        "touchpoints": 3,
        "entryChannel": "email",
        "landingPage": "https://shop.example/a",
        "converted": False,
        "steps": [{"messageId": f"1-{unique}"}, {"messageId": f"2-{unique}"}],
    }
    assert (ordered["startedAt"], ordered["touchpoints"], ordered["converted"]) == (day(2), 1, True)
    assert (last["touchpoints"], last["converted"], last["landingPage"]) == (1, False, None)
    assert page["pageInfo"]["hasNextPage"] is False
    longer = await sessions(api, visitor, timeout="PT31M")
    assert [one["touchpoints"] for one in longer["nodes"]] == [2, 3]


async def test_pages_of_sessions_are_the_whole(api: Api, visitor: Key) -> None:
    whole = (await sessions(api, visitor))["nodes"]
    found, after = [], None
    for number in range(3):
        page = await sessions(api, visitor, first=1, after=after)
        found += page["nodes"]
        assert page["pageInfo"]["hasPreviousPage"] is (number > 0)
        assert page["pageInfo"]["hasNextPage"] is (number < 2)
        assert page["pageInfo"]["startCursor"] == page["pageInfo"]["endCursor"] == page["edges"][0]["cursor"]
        after = page["pageInfo"]["endCursor"]
    assert found == whole


@pytest.mark.parametrize("longest", ["PT0S", "P8D"])
async def test_a_timeout_must_be_one(api: Api, visitor: Key, longest: str) -> None:
    answer = await api.answer(SESSIONS, by={"cookie": visitor[1]}, timeout=longest)
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"].startswith("timeout: ")


STAGE = "query ($by: CustomerBy!) { customer(by: $by) { lifecycleStage } }"


def ago(days: float) -> str:
    return shown(datetime.fromtimestamp(int(time.time()), UTC) - timedelta(days=days))


@pytest.mark.parametrize(
    ("visits", "orders", "stage"),
    [
        ([1], [], "AWARENESS"),
        ([3, 2, 1], [], "INTEREST"),
        ([0.1 * n for n in range(1, 11)], [], "CONSIDERATION"),
        ([4], [3], "PURCHASE"),
        ([4], [3, 2], "LOYALTY"),
        ([91, 92, 93], [95], "DORMANT"),
        ([89], [], "AWARENESS"),
        ([366], [400, 390], "CHURNED"),
        ([366], [20], "PURCHASE"),
    ],
)
async def test_the_stage_follows_from_what_was_done(
    api: Api, unique: str, visits: list[float], orders: list[float], stage: str
) -> None:
    cookie: Key = ("cookie", unique)
    await record(api, *(touch(f"{n}-{unique}", cookie, at=ago(days)) for n, days in enumerate(visits)))
    # What we sent counts for nothing.
    await record(api, *(touch(f"s{n}-{unique}", cookie, at=ago(0.1), direction="OUTBOUND") for n in range(12)))
    for n, days in enumerate(orders):
        await api.done(ORDER, input=order(f"o{n}-{unique}", f"{n}-{unique}", "1 EUR", cookie, at=ago(days)))
    before = api.compiled_answers
    assert (await api.field(STAGE, by={"cookie": unique}))["lifecycleStage"] == stage
    assert api.compiled_answers == before + 1


async def test_the_stage_of_a_document_that_was_asked_before_is_that_of_now(
    api: Api, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(api, touch(f"1-{unique}", ("cookie", unique), at=ago(1)))
    document = f'{{ customer(by: {{cookie: "{unique}"}}) {{ lifecycleStage }} }}'
    assert (await api.field(document))["lifecycleStage"] == "AWARENESS"
    later = time.time_ns() + 100 * 86_400 * 10**9
    monkeypatch.setattr("service.customers.api.time", SimpleNamespace(time_ns=lambda: later))
    assert (await api.field(document))["lifecycleStage"] == "DORMANT"


async def test_an_open_deal_is_consideration_even_after_a_long_time(api: Api, unique: str) -> None:
    await record(api, touch(f"1-{unique}", ("cookie", unique), at=ago(200)))
    await api.done(CREATE_DEAL, input={"by": {"cookie": unique}, "title": "Sedan"})
    assert (await api.field(STAGE, by={"cookie": unique}))["lifecycleStage"] == "CONSIDERATION"


DEALS = """query ($by: CustomerBy!, $model: AttributionModel! = LINEAR, $lookback: Duration! = "P90D") {
  customer(by: $by) { deals { nodes { title attribution(model: $model, lookback: $lookback) {
    share touchpoint { messageId } } } } } }"""


@pytest.fixture
async def buyer(api: Api, unique: str) -> str:
    """A deal won behind two touches, another behind three; each deal is closed when it is made."""
    cookie: Key = ("cookie", unique)
    await record(
        api,
        touch(f"a-{unique}", cookie, at=ago(100), channel="email"),
        touch(f"b-{unique}", cookie, at=ago(8), channel="email"),
        touch(f"c-{unique}", cookie, at=ago(1), channel="direct"),
        touch(f"out-{unique}", cookie, at=ago(1), direction="OUTBOUND"),
    )
    await win(api, unique, "first")
    await record(api, touch(f"d-{unique}", cookie, channel="phone", at=shown(datetime.now(UTC))))
    return unique


async def win(api: Api, cookie: str, title: str) -> None:
    made = await api.done(CREATE_DEAL, input={"by": {"cookie": cookie}, "title": title})
    await api.done(CLOSE_DEAL, input={"dealId": made["deal"]["id"], "outcome": "WON"})


async def credited(api: Api, cookie: str, **more: Any) -> dict[str, list[tuple[str, float]]]:
    deals = (await api.field(DEALS, by={"cookie": cookie}, **more))["deals"]["nodes"]
    return {
        deal["title"]: [
            (one["touchpoint"]["messageId"].partition("-")[0], round(one["share"], 6))
            for one in deal["attribution"]
        ]
        for deal in deals
    }


async def test_a_deal_is_credited_to_what_came_before_it(api: Api, buyer: str) -> None:
    assert await credited(api, buyer) == {"first": [("b", 0.5), ("c", 0.5)]}
    longer = await credited(api, buyer, lookback="P120D")
    assert longer == {"first": [(name, 0.333333) for name in "abc"]}
    first = {"LAST_NON_DIRECT": [1.0, 0.0], "FIRST_TOUCH": [1.0, 0.0], "LAST_TOUCH": [0.0, 1.0]}
    first |= {"MARKOV": [0.5, 0.5], "PARTICIPATION": [1.0, 1.0], "J_SHAPED": [0.25, 0.75]}
    for model, shares in first.items():
        found = await credited(api, buyer, model=model)
        assert [share for _, share in found["first"]] == shares, model
    decayed = [share for _, share in (await credited(api, buyer, model="TIME_DECAY"))["first"]]
    assert decayed == pytest.approx([1 / 3, 2 / 3], abs=1e-4)


async def test_an_open_deal_is_credited_up_to_now_and_not_before_the_last_that_was_won(
    api: Api, buyer: str
) -> None:
    await api.done(CREATE_DEAL, input={"by": {"cookie": buyer}, "title": "open"})
    assert (await credited(api, buyer))["open"] == [("d", 1.0)]
