"""The analyst over a graph in memory: what is read together, again, and what becomes of faults."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.errors import BadInput, ReportTooLong, Unavailable
from service.graph.client import Graph
from service.journeys.models import StepKind, TouchpointDimension
from service.journeys.service import Analyst, Together
from service.journeys.steps import Named
from service.journeys.wanted import Wanted

ROWS: dict[str, list[list[Any]]] = {
    "journeys/known_values": [["view", "web", None, None, None]],
    "journeys/orders_and_deals": [[0, None, "", None, None, None, None, "deal_1", "OPEN", None, None]],
}


class Store:
    """Two customers with a touchpoint each; counts what is read, and can fail or hang."""

    def __init__(self) -> None:
        self.changed: list[tuple[str | None, list[str]]] = [("cus_a", [])]
        """The log: whose change it is, and whom it was of before."""
        self.read: list[str] = []
        self.asked: list[list[str]] = []
        """The customers of whom touchpoints were read."""
        self.trimmed = 0
        """Of a stretch of the log that is read: changes that it does not have any more."""
        self.error: Exception | None = None
        self.hangs = False
        self.stage = "Won"
        self.cancelled = False

    async def rows(self, name: str, /, **given: Any) -> list[list[Any]]:
        self.read.append(name)
        match name:
            case "changes/end" | "changes/begin":
                return [[len(self.changed) if name == "changes/end" or self.trimmed else 0]]
            case "changes/concerned":
                after, upto = int(given["after"]), int(given["upto"])
                return [list(one) for one in self.changed[after:upto][self.trimmed :]]
            case "journeys/customers":
                return [["cus_a"], ["cus_b"]] if not given["after"] else []
            case "deals/pipelines":
                return [["pip", "Sales", [["stg", self.stage, 1, 1.0, "WON"]]]]
            case "journeys/known_values" | "journeys/orders_and_deals":
                return ROWS[name]
        if self.error is not None:
            raise self.error
        if self.hangs:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        if "touchpoints" not in name:
            return []
        self.asked.append(list(given["ids"]))
        places = list(range(len(given["ids"])))
        return [["view", "web", "INBOUND", places, [1 for _ in places]]]

    def count(self, name: str) -> int:
        return self.read.count(f"journeys/{name}")


TOUCHPOINTS = Wanted()


def question(wanted: Wanted = TOUCHPOINTS, names: tuple[Named, ...] = ()) -> Any:
    """A question whose answer is how many steps there are."""
    return SimpleNamespace(wanted=wanted, names=names, answer=len)


@pytest.fixture
def store() -> Store:
    return Store()


def analyst_of(store: Store, seconds: float = 5) -> Analyst:
    return Analyst(cast("Graph", store), seconds)


async def test_questions_of_one_operation_share_a_read(store: Store) -> None:
    analyst = analyst_of(store)
    together = Together(analyst)
    asked = [question(), question(Wanted(kinds=frozenset(StepKind))), question(Wanted(0, 1))]
    assert await asyncio.gather(*(analyst.answer(together, one) for one in asked)) == [2, 2, 0]
    assert (store.count("touchpoints"), store.count("orders_and_deals")) == (1, 1)


async def test_what_was_read_serves_until_something_changes_and_then_who_changed_is_read(store: Store) -> None:
    analyst, both = analyst_of(store), ["cus_a", "cus_b"]
    changes: list[tuple[tuple[str | None, list[str]] | None, list[list[str]], int]] = [
        (None, [both], 2),
        (None, [], 2),
        (("cus_b", []), [["cus_b"]], 2),
        ((None, []), [], 2),
        (("cus_c", ["cus_a"]), [["cus_a", "cus_c"]], 3),
    ]
    for change, asked, steps in changes:
        store.changed += [change] if change is not None else []
        store.asked.clear()
        assert await analyst.answer(Together(analyst), question()) == steps
        assert store.asked == asked


async def test_where_the_log_is_too_short_or_too_long_all_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = analyst_of(store)
    await analyst.answer(Together(analyst), question())
    store.changed += [("cus_b", []), ("cus_b", [])]
    store.trimmed = 1
    await analyst.answer(Together(analyst), question())
    store.trimmed = 0
    store.changed += [("cus_b", []), ("cus_b", [])]
    monkeypatch.setattr("service.journeys.service.MAX_CHANGES", 1)
    await analyst.answer(Together(analyst), question())
    assert store.asked == [["cus_a", "cus_b"]] * 3


async def test_who_changes_while_all_are_read_is_read_again_at_once(store: Store) -> None:
    analyst = analyst_of(store)
    rows = store.rows

    async def writing(name: str, /, **given: Any) -> list[list[Any]]:
        if name == "journeys/touchpoints" and len(store.asked) < 2:
            store.changed.append(("cus_b", []))
        return await rows(name, **given)

    store.rows = writing  # type: ignore[method-assign]
    await analyst.answer(Together(analyst), question())
    assert store.asked == [["cus_a", "cus_b"], ["cus_b"], ["cus_b"]]
    await analyst.answer(Together(analyst), question())
    assert len(store.asked) == 3


async def test_a_stage_that_is_renamed_has_its_new_name(store: Store) -> None:
    analyst, wanted = analyst_of(store), Wanted(kinds=frozenset({StepKind.STAGE_CHANGE}))
    for name, reads in (("Won", 1), ("Won", 1), ("Signed", 2)):
        store.stage = name
        await analyst.answer(Together(analyst), question(wanted))
        assert store.count("stage_changes") == reads


async def test_what_is_wanted_more_is_read_with_what_was_wanted_before(store: Store) -> None:
    analyst = analyst_of(store)
    for wanted in (Wanted(), Wanted(kinds=frozenset({StepKind.ORDER})), Wanted()):
        await analyst.answer(Together(analyst), question(wanted))
    assert (store.count("touchpoints"), store.count("orders_and_deals")) == (2, 1)


async def test_a_fault_of_the_graph_is_told_as_it_is(store: Store) -> None:
    store.error = Unavailable()
    analyst = analyst_of(store)
    with pytest.raises(Unavailable):
        await analyst.answer(Together(analyst), question())


async def test_a_report_has_a_limit_of_time_and_leaves_nothing_running(store: Store) -> None:
    store.hangs = True
    analyst = analyst_of(store, 0.05)
    with pytest.raises(ReportTooLong):
        await analyst.answer(Together(analyst), question())
    await asyncio.sleep(0.01)
    assert store.cancelled


async def test_one_that_gives_up_does_not_end_the_others_read(store: Store) -> None:
    analyst = analyst_of(store)
    together = Together(analyst)
    first = asyncio.create_task(analyst.answer(together, question()))
    second = asyncio.create_task(analyst.answer(together, question()))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2
    assert first.cancelled()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (Named("steps.0.type", TouchpointDimension.TYPE, "vew"), "steps.0.type: no touchpoint has the type 'vew'"),
        (Named("f", TouchpointDimension.CAMPAIGN, "spring"), "f: no touchpoint has the campaign 'spring'"),
        (Named("f", None, "Wn"), "f: no pipeline has the stage 'Wn'; did you mean 'Won'?"),
    ],
)
async def test_what_is_nowhere_is_told(store: Store, named: Named, message: str) -> None:
    analyst = analyst_of(store)
    with pytest.raises(BadInput) as refused:
        await analyst.answer(Together(analyst), question(names=(named,)))
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize(
    "named", [Named("f", TouchpointDimension.TYPE, "view"), Named("f", None, "Won"), Named("f", None, "stg")]
)
async def test_what_is_somewhere_is_asked(store: Store, named: Named) -> None:
    analyst = analyst_of(store)
    assert await analyst.answer(Together(analyst), question(names=(named,))) == 2
