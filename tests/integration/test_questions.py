"""The questions of the README, asked of the demo's world: its answers are true."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from service import demo_world
from service.app import open_services
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import CLOSE_DEAL, CREATE_DEAL, IDENTIFY, ORDER, RECORD_MANY, Api

README = Path(__file__).resolve().parents[2] / "README.md"
SECTION = README.read_text(encoding="utf-8").partition("## Questions an analyst asks")[2].partition("\n## ")[0]
ASKED = re.findall(r"```graphql\n(.*?)```\n+```json\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture(scope="module")
async def demo(alone: Engine) -> AsyncIterator[Api]:
    """The demo's world, as `customer-graph demo` records it."""
    world = demo_world.generate(datetime.combine(datetime.now(UTC).date() - timedelta(days=30), time(), UTC))
    async with alone.migrated() as graph, open_services(Settings(), graph) as services:
        api = Api(graph, services)
        for start in range(0, len(world.touchpoints), 500):
            await api.field(RECORD_MANY, input={"items": world.touchpoints[start : start + 500]})
        for order in world.orders:
            await api.done(ORDER, input=order)
        for identity in world.identities:
            await api.done(IDENTIFY, input=identity)
        made = await api.done(CREATE_DEAL, input=demo_world.IVANOVS_DEAL)
        await api.done(CLOSE_DEAL, input={"dealId": made["deal"]["id"], "outcome": "WON", "by": "Olga"})
        yield api


def test_there_are_six() -> None:
    assert len(ASKED) == 6


@pytest.mark.parametrize("number", range(6))
async def test_the_answer_is_true(demo: Api, number: int) -> None:
    query, told = ASKED[number]
    assert rounded(await demo.answer(query)) == {"data": orjson.loads(told)}


def rounded(value: Any) -> Any:
    """An answer with its numbers as the README shows them."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value
