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
from service.positions import position


class Store:
    """Two customers with a touchpoint each; counts what is read, and can fail or hang."""

    def __init__(self) -> None:
        self.clock = 1
        self.read: list[str] = []
        self.error: Exception | None = None
        self.hangs = False
        self.cancelled = False

    async def rows(self, name: str, /, **given: Any) -> list[list[Any]]:
        self.read.append(name)
        match name:
            case "graph/clock":
                return [[self.clock]]
            case "journeys/customers":
                return [["cus_a"], ["cus_b"]] if not given["after"] else []
            case "journeys/known_values":
                return [["view", "web", None, None, None]]
            case "deals/pipelines":
                return [["pip", "Sales", [["stg", "Won", 1, 1.0, "WON"]]]]
        if self.error is not None:
            raise self.error
        if self.hangs:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        places = [position(1, f"tp_{number:032x}") for number in range(2)]
        return [["view", "web", "INBOUND", ["cus_a", "cus_b"], places]] if "touchpoints" in name else []

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
    assert (store.count("touchpoints"), store.count("orders")) == (1, 1)


async def test_what_was_read_serves_until_something_is_written(store: Store) -> None:
    analyst = analyst_of(store)
    for clock, reads in ((1, 1), (1, 1), (2, 2), (2, 2)):
        store.clock = clock
        assert await analyst.answer(Together(analyst), question()) == 2
        assert store.count("touchpoints") == reads


async def test_what_was_written_while_it_was_read_is_read_again(store: Store) -> None:
    analyst = analyst_of(store)
    rows = store.rows

    async def writing(name: str, /, **given: Any) -> list[list[Any]]:
        store.clock += name == "journeys/touchpoints"
        return await rows(name, **given)

    store.rows = writing  # type: ignore[method-assign]
    for reads in (1, 2):
        await analyst.answer(Together(analyst), question())
        assert store.count("touchpoints") == reads


async def test_what_is_wanted_more_is_read_with_what_was_wanted_before(store: Store) -> None:
    analyst = analyst_of(store)
    for wanted in (Wanted(), Wanted(kinds=frozenset({StepKind.ORDER})), Wanted()):
        await analyst.answer(Together(analyst), question(wanted))
    assert (store.count("touchpoints"), store.count("orders")) == (2, 1)


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
