"""What is read of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.graph.client import Graph
from service.reads.relations import Relation
from service.webhooks.models import Standing, WebhookState

ALL_WEBHOOKS: Final = Relation("webhooks/all", end="w", type="Webhook")
WEBHOOK_BY_ID: Final = Relation("webhooks/by_id", end="w", type="Webhook")


async def held(graph: Graph, webhook_ids: Sequence[str]) -> list[Standing]:
    """Webhooks as who delivers needs them."""
    rows = await graph.rows("webhooks/held", ids=list(webhook_ids))
    return [
        Standing(webhook_id, url, secret, wanted, WebhookState(state), at, failures, error, since, revision, epoch)
        for webhook_id, url, secret, wanted, state, at, failures, error, since, revision, epoch in rows
    ]
