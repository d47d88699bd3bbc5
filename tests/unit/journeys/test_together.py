"""The questions of one operation that share a read: who gives up takes it from nobody."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from service.journeys.service import Together


class Analyst:
    def __init__(self) -> None:
        self.reads: list[int] = []

    async def journeys(self, wanted: int) -> str:
        self.reads.append(wanted)
        await asyncio.sleep(0.01)
        return f"journeys with {wanted}"


async def test_those_that_come_together_are_read_together() -> None:
    analyst = Analyst()
    together = Together(cast("Any", analyst))
    asked = [together.journeys(cast("Any", wanted)) for wanted in (1, 2, 4)]
    assert [str(one) for one in await asyncio.gather(*asked)] == ["journeys with 7"] * 3
    assert analyst.reads == [7]


@pytest.mark.parametrize("turns", range(6))
async def test_one_that_comes_after_all_gave_up_is_read_anew(turns: int) -> None:
    together = Together(cast("Any", Analyst()))
    first = asyncio.create_task(together.journeys(cast("Any", 1)))
    for _ in range(turns):
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait((first,))
    assert str(await together.journeys(cast("Any", 2))) == "journeys with 2"
