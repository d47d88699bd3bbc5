"""A web site's events: each with a user_id and a cookie, most of them seen before, five cookies a user.

`Site` makes the events; `Prepared` makes of them what the raw driver has to write, keeping in memory what the
service reads from the graph.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service import ids
from service.ids import Mint
from tests.benchmarks import forms
from tests.benchmarks.forms import Batch, Properties

_CHANNELS = ("web", "email", "paid_search", "social")
_FIRST = 1_750_000_000_000
_GAP = 250


@dataclass(frozen=True, slots=True)
class Event:
    """A page view; `told` is what its source sends (form: TouchpointInput)."""

    user: str
    cookie: str
    at: int
    told: Mapping[str, Any]


class Site:
    """One population of visitors."""

    def __init__(self, name: str, users: int, cookies: int) -> None:
        self.name = name
        self._users = max(users, 1)
        self._cookies = max(cookies, 1)
        self._random = random.Random(name)
        self._run = time.time_ns() // 1_000_000
        """Tells this run's identifiers and messages from those of an earlier run on the same graph."""
        self.count = 0
        """Events made so far."""

    @property
    def message_prefix(self) -> str:
        """How the messageId of every event of this site begins."""
        return f"{self.name}-{self._run}-"

    def events(self, count: int) -> list[Event]:
        """The next events, each later than the ones before."""
        return [self._event() for _ in range(count)]

    def _event(self) -> Event:
        number, cookie = self.count, self._random.randrange(self._cookies)
        self.count += 1
        user_value = f"{self.name}-{self._run}-u{cookie % self._users}"
        cookie_value = f"{self.name}-{self._run}-c{cookie}"
        at = _FIRST + number * _GAP
        told = {
            "messageId": f"{self.message_prefix}{number}",
            "source": "web",
            "occurredAt": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
            "identifiers": [
                {"kind": "user_id", "value": user_value},
                {"kind": "cookie", "value": cookie_value},
            ],
            "type": "page_view",
            "channel": _CHANNELS[number % len(_CHANNELS)],
            "page": {
                "url": f"https://shop.example/products/{number % 500}",
                "title": f"Product {number % 500}",
                "referrer": "https://search.example/",
            },
            "properties": {"sku": f"SKU-{number % 500}", "scrolled": number % 100},
        }
        if number % 4 == 0:
            told["campaign"] = {"name": "spring", "source": "search", "medium": "cpc"}
        return Event(f"user_id:{user_value}", f"cookie:{cookie_value}", at, told)


class Prepared:
    """What the raw driver writes for the events of a site."""

    def __init__(self) -> None:
        self._customers: dict[str, Properties] = {}
        """By the user's key."""
        self._identifiers: dict[str, Properties] = {}

    def batch(self, events: Sequence[Event]) -> Batch:
        """The rows of one transaction, each node written once in it."""
        now = time.time_ns() // 1_000_000
        mint = Mint(now)
        batch: Batch = {name: [] for name in forms.STATEMENTS}
        new: set[str] = set()
        touched: dict[str, None] = {}
        for event in events:
            for key in (event.user, event.cookie):
                if key not in self._identifiers:
                    self._add(key, event, mint, batch)
                    new.add(key)
                self._see(key, event.at)
                touched[key] = None
            keys = (event.user, event.cookie)
            batch["touchpoints"].append(
                forms.touchpoint(mint(ids.TOUCHPOINT), keys, event.told, event.at, mint.millis)
            )
        known = [key for key in touched if key not in new]
        batch["seen"] = [self._seen(key) for key in known]
        batch["changed"] = [dict(self._customers[key]) for key in known if key in self._customers]
        # The driver takes what the rows are when it sends them; later batches change these.
        return {name: [_copied(row) for row in rows] for name, rows in batch.items()}

    def _add(self, key: str, event: Event, mint: Mint, batch: Batch) -> None:
        """A new identifier: with a user_id a new customer, with a cookie evidence of the user."""
        kind, _, value = key.partition(":")
        message_id = event.told["messageId"]
        if kind == "user_id":
            customer_id = mint(ids.CUSTOMER)
            self._customers[key] = forms.customer(customer_id, mint.millis, event.at, event.at)
            batch["customers"].append(self._customers[key])
            own = forms.identifier(mint(ids.IDENTIFIER), "customer", customer_id, event.at, event.at)
            batch["identifiers"].append({"customerId": customer_id, "properties": own})
            pair = (key, f"customer:{customer_id}", "born_with")
        else:
            pair = (event.user, key, "same_event")
        batch["links"].append(forms.link(mint(ids.LINK), *pair, message_id, event.at))
        self._identifiers[key] = forms.identifier(mint(ids.IDENTIFIER), kind, value, event.at, event.at)
        batch["cookies" if kind == "cookie" else "identifiers"].append(
            {"customerId": self._customers[event.user]["id"], "properties": self._identifiers[key]}
        )

    def _see(self, key: str, at: int) -> None:
        self._identifiers[key]["lastSeenAt"] = at
        if customer := self._customers.get(key):
            customer |= forms.customer(customer["id"], customer["createdAt"], customer["firstSeenAt"], at)

    def _seen(self, key: str) -> Properties:
        stored = self._identifiers[key]
        return {name: stored[name] for name in ("key", "firstSeenAt", "lastSeenAt")}


def _copied(row: Properties) -> Properties:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in row.items()}
