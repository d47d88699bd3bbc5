from __future__ import annotations

from typing import Any

import pytest

from service.errors import Unavailable, UserErrorCode
from service.settings import Settings, Source
from service.touchpoints.service import too_many
from tests.unit.examples import event
from tests.unit.graph.memory import MemoryGraph, recording

TOUCH = {"type": "page_view", "channel": "web"}


def touch(*keys: str, **fields: Any) -> dict[str, Any]:
    return TOUCH | event(*keys, **fields)


async def test_items_stand_or_fall_alone_and_answer_in_their_order() -> None:
    graph = MemoryGraph()
    items = [
        touch("cookie:a", message_id="m1"),
        touch("cookie:b", message_id="m2", type=""),
        touch("cookie:a", message_id="m1"),
        touch("fax:1", message_id="m4"),
        touch("cookie:null", message_id="m5"),
    ]
    async with recording(graph) as recorder:
        first, wrong, again, no_kind, blocked = await recorder.touchpoints(items)
    assert (first.anchor, first.duplicate, first.errors) == ("cookie:a", False, ())
    assert [error.field for error in wrong.errors] == [("type",)]
    assert (again.subject_id, again.duplicate) == (first.subject_id, True)
    assert [error.field for error in no_kind.errors] == [("identifiers", "0", "kind")]
    assert [one.code for one in blocked.refused] == [UserErrorCode.IDENTIFIER_BLOCKED]
    (written,) = graph.rows("touchpoints/create_touchpoints")
    assert [row["messageId"] for row in written] == ["m1", "m5"]
    assert graph.begun == 1


async def test_only_wrong_items_ask_nothing_of_the_graph() -> None:
    graph = MemoryGraph()
    async with recording(graph) as recorder:
        assert [bool(one.errors) for one in await recorder.touchpoints([{}, {}])] == [True, True]
    assert graph.begun == 0


async def test_a_single_wrong_recording_answers_with_its_errors() -> None:
    graph = MemoryGraph()
    async with recording(graph) as recorder:
        for record in (recorder.touchpoint, recorder.order, recorder.identify):
            recorded = await record(event("cookie:a", colour="red"))
            assert ("colour",) in [error.field for error in recorded.errors]
            assert recorded.subject_id is None
    assert graph.begun == 0


async def test_a_fault_of_the_graph_is_raised() -> None:
    graph = MemoryGraph()
    graph.failures.extend(Unavailable() for _ in range(1000))
    async with recording(graph, patience_seconds=0.05) as recorder:
        with pytest.raises(Unavailable):
            await recorder.touchpoint(touch("cookie:a"))
        with pytest.raises(Unavailable):
            await recorder.touchpoints([touch("cookie:a")])


async def test_a_phone_number_is_read_in_the_region_of_its_source() -> None:
    settings = Settings(region="DE", sources={"crm": Source(region="RU")})
    async with recording(MemoryGraph(), settings) as recorder:
        number = "phone:8 916 123-45-67"
        russian = await recorder.touchpoint(touch(number, source="crm"))
        german = await recorder.touchpoint(touch("phone:030 123456", source="shop"))
    assert (russian.anchor, german.anchor) == ("phone:+79161234567", "phone:+4930123456")


def test_too_many_items_are_told_with_the_limit() -> None:
    error = too_many(501)
    assert (error.code, error.field) == (UserErrorCode.TOO_MANY, ("items",))
    assert error.message == "items: 501 at once; at most 500, so send them in parts"
