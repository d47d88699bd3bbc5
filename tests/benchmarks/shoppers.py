"""Customers with journeys worth a report: visits by several channels, some of which lead to an order or a deal."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from service import ids
from service.ids import Mint
from tests.benchmarks import forms
from tests.benchmarks.filling import People
from tests.benchmarks.forms import Batch

TYPES = ("view", "search", "product", "cart", "checkout", "purchase")
CHANNELS = ("web", "email", "paid_search", "social", "organic", "direct", "affiliate", "display")
_WEIGHTS = tuple(accumulate((40, 20, 20, 10, 6, 4)))
_MINUTE, _DAY = 60_000, 86_400_000
_SPAN_DAYS = 90


@dataclass(frozen=True, slots=True)
class Shoppers(People):
    """People whose touchpoints come in visits over three months; the same number makes the same journey."""

    def batch(self, number: int) -> Batch:
        """All that is known of one of them."""
        mint, chance = Mint(time.time_ns() // 1_000_000), random.Random(number)
        batch: Batch = {name: [] for name in forms.STATEMENTS}
        keys = self._identify(number, mint, batch)
        at = self.since + chance.randrange(_SPAN_DAYS * _DAY)
        channel = chance.choice(CHANNELS)
        for index in range(self.touchpoints):
            if chance.random() < 0.3:
                at += chance.randrange(_DAY, 10 * _DAY)
                channel = chance.choice(CHANNELS)
            at += chance.randrange(5_000, 10 * _MINUTE)
            kind = chance.choices(TYPES, cum_weights=_WEIGHTS)[0]
            told = self._visit(number, index, at, kind, channel)
            key = keys[index % len(keys)]
            batch["touchpoints"].append(forms.touchpoint(mint(ids.TOUCHPOINT), (key,), told, at, mint.millis))
        if chance.random() < 0.3:
            total = f"{chance.randrange(1000, 30000) / 100:.2f}"
            row = forms.order(mint(ids.ORDER), keys[0], f"{self.name}-{number}", total, at + _MINUTE)
            batch["orders"].append(row)
        if chance.random() < 0.05:
            deal = forms.deal(mint(ids.DEAL), keys[0], "Licences", "1200", at)
            won = {"state": "WON", "closedAt": at + _DAY, "stageId": "stg_00000000000070008000000000000005"}
            batch["deals"].append(deal | won)
        return batch

    def _visit(self, number: int, index: int, at: int, kind: str, channel: str) -> dict[str, Any]:
        told: dict[str, Any] = {
            "messageId": f"{self.name}-{number}-{index}",
            "source": "web",
            "occurredAt": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
            "type": kind,
            "channel": channel,
            "page": {"url": f"https://shop.example/{kind}/{index}", "title": kind},
            "properties": {},
        }
        if channel in ("paid_search", "social", "email", "display"):
            campaign = {"name": f"{channel}-{number % 5}", "source": channel, "medium": "cpc"}
            told["campaign"] = campaign
        return told
