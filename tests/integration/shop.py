"""The shop of the reference data, recorded as any source would, on an engine of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

from service.app import open_services
from service.settings import Settings
from tests.conftest import Engine
from tests.integration.asking import Api
from tests.reference import shop_events

RANGE = 'from: "2023-12-25T00:00:00Z", to: "2024-07-01T00:00:00Z"'
"""All of it."""


@asynccontextmanager
async def opened(engine: Engine) -> AsyncIterator[Api]:
    """The API over the shop's 600 users."""
    async with engine.migrated() as graph, open_services(Settings(), graph) as services:
        events = enumerate(shop_events())
        while rows := list(islice(events, 500)):
            commands = [services.recorder.touchpoint_command(touch(number, row)) for number, row in rows]
            for outcome in await services.recorder.commit(commands):
                assert not isinstance(outcome, Exception), outcome
        yield Api(graph, services)


def touch(number: int, row: dict[str, str]) -> dict[str, Any]:
    """The input of recordTouchpoint for an event."""
    return {
        "messageId": f"shop-{number}",
        "type": row["event"],
        "channel": row["acquisition_channel"],
        "occurredAt": row["timestamp"].replace(" ", "T") + "Z",
        "identifiers": [{"kind": "user_id", "value": row["user_id"]}],
    }
