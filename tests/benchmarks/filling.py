"""Fills a graph with customers whose facts lie on all of their identifiers, by the raw driver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from service import ids
from service.ids import Mint
from tests.benchmarks import forms
from tests.benchmarks.forms import Batch
from tests.benchmarks.measuring import Engine

KINDS = ("user_id", "email", "cookie", "device", "phone")
_ROWS_A_TRANSACTION = 3000
_FIRST = 1_750_000_000_000
_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class People:
    """Customers alike. `name` tells their identifiers from those of others, also of an earlier run."""

    name: str
    count: int
    touchpoints: int
    identifiers: int = 4
    orders: int = 3
    deals: int = 1
    since: int = _FIRST
    """When the first of them was seen (epoch ms), each of the others a millisecond after the one before."""

    def cookie(self, number: int) -> str:
        """The cookie of one of them."""
        return self._value("cookie", number)

    def batch(self, number: int) -> Batch:
        """All that is known of one of them."""
        mint = Mint(time.time_ns() // 1_000_000)
        batch: Batch = {name: [] for name in forms.STATEMENTS}
        keys = self._identify(number, mint, batch)
        first = self.since + number
        for index in range(self.touchpoints):
            at, key = first + index * _DAY // 4, keys[index % len(keys)]
            told = self._told(number, index, at)
            batch["touchpoints"].append(forms.touchpoint(mint(ids.TOUCHPOINT), (key,), told, at, mint.millis))
        for index in range(self.orders):
            order_number = f"{self.name}-{number}-{index}"
            batch["orders"].append(
                forms.order(mint(ids.ORDER), keys[0], order_number, "49.90", first + index * _DAY)
            )
        for index in range(self.deals):
            batch["deals"].append(forms.deal(mint(ids.DEAL), keys[1], "Licences", "1200", first + index * _DAY))
        return batch

    def _identify(self, number: int, mint: Mint, batch: Batch) -> list[str]:
        """A customer with its identifiers; returns their keys."""
        at = self.since + number
        customer_id = mint(ids.CUSTOMER)
        batch["customers"].append(forms.customer(customer_id, at, at, at))
        values = {"customer": customer_id} | {
            kind: self._value(kind, number) for kind in KINDS[: self.identifiers]
        }
        for kind, value in values.items():
            row = {
                "customerId": customer_id,
                "properties": forms.identifier(mint(ids.IDENTIFIER), kind, value, at, at),
            }
            batch[{"cookie": "cookies", "device": "devices"}.get(kind, "identifiers")].append(row)
        own, *keys = (f"{kind}:{value}" for kind, value in values.items())
        for key, rule in ((own, "born_with"), *((key, "same_event") for key in keys[1:])):
            batch["links"].append(forms.link(mint(ids.LINK), keys[0], key, rule, f"{self.name}-{number}-0", at))
        return keys

    def _value(self, kind: str, number: int) -> str:
        if kind == "email":
            return f"{self.name}-{number}@example.com"
        return f"{self.name}-{kind}-{number}"

    def _told(self, number: int, index: int, at: int) -> dict[str, Any]:
        return {
            "messageId": f"{self.name}-{number}-{index}",
            "source": "web",
            "occurredAt": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
            "type": "page_view",
            "channel": ("web", "email", "paid_search", "social")[index % 4],
            "page": {"url": f"https://shop.example/products/{index % 500}", "title": f"Product {index % 500}"},
            "properties": {"sku": f"SKU-{index % 500}"},
        }


async def fill(engine: Engine, people: People) -> None:
    """Writes them all."""
    batches = (people.batch(number) for number in range(people.count))
    at_once = max(_ROWS_A_TRANSACTION // max(people.touchpoints, 1), 1)
    while several := list(islice(batches, at_once)):
        for batch in _parts({name: [row for one in several for row in one[name]] for name in forms.STATEMENTS}):
            await forms.write(engine.driver, engine.address.database, batch)


def _parts(batch: Batch) -> Iterator[Batch]:
    """The identifiers first, then the facts, no more at once than a transaction should have."""
    facts = ("touchpoints", "orders", "deals")
    yield {name: rows for name, rows in batch.items() if name not in facts}
    for name in facts:
        for start in range(0, len(batch[name]), _ROWS_A_TRANSACTION):
            yield {name: batch[name][start : start + _ROWS_A_TRANSACTION]}


def unique_name(name: str) -> str:
    """A name that no earlier run on the same graph has."""
    return f"{name}{time.time_ns() // 1_000_000}"
