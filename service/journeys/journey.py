"""One customer's journey: sessions, and what touchpoints deserve of a deal. Bounded reads, the newest first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np

from service.deals.repository import DEAL_VALUES
from service.errors import BadInput
from service.identity.repository import CUSTOMER_OF
from service.journeys.attribution import AttributionModel, is_direct, touch_weights
from service.journeys.paths import Paths
from service.positions import END, FIRST_MILLIS, position
from service.reads.connections import PAGE_INFO, cursor
from service.reads.ordinary import Reader
from service.touchpoints.repository import NEWEST_INBOUND, ORDER_VALUES

MAX_TOUCHES: Final = 1_000
"""Of one deal: more than anybody looks through."""
_CHUNK: Final = 500
"""Touchpoints that are read at once."""
_COLUMNS: Final = ("id", "position", "occurredAt", "channel", "pageUrl")

Touch = Mapping[str, Any]


async def sessions_page(
    reader: Reader, customer_id: str, pause: int, size: int, before: str | None
) -> dict[str, Any]:
    """A page of a customer's sessions, newest first: a connection of mappings.

    A cursor is the place of a session's first touchpoint. Read no further back than the page needs. `pause`, in
    milliseconds: a longer one begins a new session.
    """
    orders, found = await asyncio.gather(
        reader.rows(ORDER_VALUES, ("occurredAt",), {}, customer_id),
        _runs(reader, customer_id, pause, size, before or END),
    )
    runs, more = found
    ordered = np.sort(np.array([row["occurredAt"] for row in orders], dtype=np.int64))
    edges = [{"cursor": cursor(run[-1]["position"]), "node": _session(run, ordered, pause)} for run in runs]
    page = (
        more,
        before is not None,
        edges[0]["cursor"] if edges else None,
        edges[-1]["cursor"] if edges else None,
    )
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": dict(zip(PAGE_INFO, page, strict=True)),
    }


async def _runs(
    reader: Reader, customer_id: str, pause: int, size: int, before: str
) -> tuple[list[list[Touch]], bool]:
    """Touchpoints of so many sessions, newest first, and whether there is another session before them."""
    runs: list[list[Touch]] = []
    async for touch in _back(reader, customer_id, before):
        if runs and runs[-1][-1]["occurredAt"] - touch["occurredAt"] <= pause:
            runs[-1].append(touch)
        elif len(runs) == size:
            return runs, True
        else:
            runs.append([touch])
    return runs, False


async def _back(reader: Reader, customer_id: str, before: str) -> AsyncIterator[Touch]:
    """A customer's inbound touchpoints, newest first, read as they are needed."""
    while True:
        parameters = {"from": "", "before": before, "limit": _CHUNK}
        rows = await reader.rows(NEWEST_INBOUND, _COLUMNS, parameters, customer_id)
        for row in rows:
            yield row
        if len(rows) < _CHUNK:
            return
        before = rows[-1]["position"]


def _session(run: Sequence[Touch], orders: np.typing.NDArray[np.int64], pause: int) -> dict[str, Any]:
    """A session of its touchpoints, newest first."""
    first, last = run[-1], run[0]
    since = np.searchsorted(orders, first["occurredAt"], side="left")
    until = np.searchsorted(orders, last["occurredAt"] + pause, side="right")
    return {
        "startedAt": first["occurredAt"],
        "endedAt": last["occurredAt"],
        "touchpoints": len(run),
        "entryChannel": first["channel"],
        "landingPage": next((touch["pageUrl"] for touch in reversed(run) if touch["pageUrl"]), None),
        "converted": bool(until > since),
        "touchpointIds": [touch["id"] for touch in reversed(run)],
    }


async def deal_credits(
    reader: Reader, deal: Mapping[str, Any], model: AttributionModel, lookback: timedelta
) -> list[dict[str, Any]]:
    """The share of each touchpoint on the path to a deal, oldest first.

    The path is that of the report: inbound touchpoints within the lookback before the closing (of an open deal:
    before now), behind the customer's won deal before. A chain of this one path alone loses all without any of
    its channels, so MARKOV shares it alike among them, as SHAPLEY does.
    """
    customers = await reader.rows(CUSTOMER_OF, ("id",), {}, deal["identifierKey"])
    if not customers:
        return []
    customer_id = customers[0]["id"]
    closed_at: int | None = deal["closedAt"]
    end = time.time_ns() // 1_000_000 if closed_at is None else closed_at
    start = max(end - round(lookback / timedelta(milliseconds=1)), FIRST_MILLIS)
    behind = position(end, deal["id"]) if closed_at is not None else position(end + 1)
    bounds = {"from": position(start), "before": behind, "limit": MAX_TOUCHES + 1}
    rows, deals = await asyncio.gather(
        reader.rows(NEWEST_INBOUND, ("id", "position", "occurredAt", "channel"), bounds, customer_id),
        reader.rows(DEAL_VALUES, ("id", "state", "closedAt"), {}, customer_id),
    )
    won = [one for one in deals if one["state"] == "WON" and one["closedAt"] is not None]
    places = [position(one["closedAt"], one["id"]) for one in won]
    previous = max((place for place in places if place < behind), default="")
    touches = [row for row in reversed(rows) if row["position"] > previous]
    if len(touches) > MAX_TOUCHES:
        raise BadInput("lookback", f"more than {MAX_TOUCHES:,} touchpoints; ask for a shorter time")
    return [
        {"touchpointId": touch["id"], "share": share}
        for touch, share in zip(touches, _shares(touches, end, model), strict=True)
    ]


def _shares(touches: Sequence[Touch], end: int, model: AttributionModel) -> list[float]:
    """What each touchpoint of one path deserves, told apart by channel."""
    channels = sorted({touch["channel"] for touch in touches})
    count = len(touches)
    path = Paths(
        offsets=np.array([0, count]),
        keys=np.array([channels.index(touch["channel"]) for touch in touches], dtype=np.int64),
        age=np.array([end - touch["occurredAt"] for touch in touches], dtype=np.int64),
        direct=np.array([is_direct(touch["channel"]) for touch in touches], dtype=bool),
        touch=np.arange(count),
        converted=np.array([True]),
        conversion=np.array([count]),
    )
    if model is AttributionModel.MARKOV:
        model = AttributionModel.SHAPLEY
    shares: list[float] = touch_weights(path, model).tolist()
    return shares
