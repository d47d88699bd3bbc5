"""What the demo records: 298 generated customers, and the stories of the runner and of Ivanov. Deterministic."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

_CUSTOMERS: Final = 298
_SEED: Final = 20_260_101
_CHANNELS: Final = ("organic_search", "paid_search", "social_ad", "email", "direct")
_PAGES: Final = ("home", "category", "product", "cart", "checkout")

IVANOVS_PHONE: Final = "+7 916 123-45-67"
IVANOVS_DEAL: Final[dict[str, Any]] = {
    "by": {"phone": IVANOVS_PHONE},
    "title": "Ivanov: sedan, automatic",
    "amount": {"amount": "24900.00", "currency": "EUR"},
    "owner": "Olga",
    "source": "phone",
}


@dataclass(slots=True)
class World:
    """Inputs of recordTouchpoints, recordOrder and identifyCustomer, in the order to record them."""

    touchpoints: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    identities: list[dict[str, Any]] = field(default_factory=list)


def generate(start: datetime) -> World:
    """The world, from a day on."""
    world, chance = World(), random.Random(_SEED)
    for number in range(_CUSTOMERS):
        _visitor(world, chance, number, start)
    _runner(world, start)
    _ivanov(world, start)
    return world


def _visitor(world: World, chance: random.Random, number: int, start: datetime) -> None:
    """Somebody who browses on one or two devices; many sign in, some of those buy."""
    cookies = [f"v{number}-{device}" for device in range(chance.choice((1, 1, 2)))]
    account = {"kind": "user_id", "value": f"user-{number}"} if chance.random() < 0.7 else None
    # Of those who never sign in, a second device stays a second customer: nothing tells.
    at = start + timedelta(minutes=chance.randrange(60 * 24 * 20))
    for cookie in cookies if account else cookies[:1]:
        channel = chance.choice(_CHANNELS)
        identifiers = [{"kind": "cookie", "value": cookie}]
        for page in _PAGES[: chance.randint(1, len(_PAGES))]:
            world.touchpoints.append(_touch(world, identifiers, "page_view", channel, at, page))
            at += timedelta(seconds=chance.randint(20, 400))
        if account:
            world.touchpoints.append(_touch(world, [account, *identifiers], "sign_in", channel, at))
        at += timedelta(hours=chance.randint(2, 90))
    if account and chance.random() < 0.4:
        _buy(world, chance, number, account, at)


def _buy(world: World, chance: random.Random, number: int, account: dict[str, str], at: datetime) -> None:
    amount = f"{chance.randint(15, 240)}.{chance.choice(('00', '50', '90'))}"
    world.orders.append(
        {
            "messageId": f"order-{number}",
            "identifiers": [account, {"kind": "email", "value": f"customer{number}@example.com"}],
            "orderNumber": f"W-{1000 + number}",
            "total": {"amount": amount, "currency": "EUR"},
            "channel": "web",
            "occurredAt": at.isoformat(),
            "source": "demo",
        }
    )


def _touch(
    world: World,
    identifiers: list[dict[str, str]],
    type_: str,
    channel: str,
    at: datetime,
    page: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    touch: dict[str, Any] = {
        "messageId": f"touch-{len(world.touchpoints)}",
        "identifiers": identifiers,
        "type": type_,
        "channel": channel,
        "occurredAt": at.isoformat(),
        "source": "demo",
        **more,
    }
    return touch | ({"page": {"url": f"https://shop.example/{page}", "title": page}} if page else {})


def _runner(world: World, start: datetime) -> None:
    """Page, ad in WeChat, size form, then an order by phone at a call centre that knows no cookie."""
    day = start + timedelta(days=10, hours=12)
    cookie = {"kind": "cookie", "value": "c1"}
    openid = {"kind": "wechat_openid", "value": "oX7runner"}
    phone = {"kind": "phone", "value": "+8613800138000"}
    campaign = {"name": "spring-run", "source": "wechat", "medium": "paid_social"}
    add = world.touchpoints.append
    add(_touch(world, [cookie], "page_view", "web", day, "running-shoes"))
    add(_touch(world, [openid, cookie], "ad_click", "social_ad", day + timedelta(days=2), campaign=campaign))
    add(_touch(world, [cookie, phone], "form", "web", day + timedelta(days=3), "size-form"))
    world.orders.append(
        {
            "messageId": "runner-order",
            "identifiers": [phone],
            "orderNumber": "P-7001",
            "total": {"amount": "899.00", "currency": "CNY"},
            "channel": "phone",
            "occurredAt": (day + timedelta(days=5)).isoformat(),
            "source": "call_centre",
        }
    )


def _ivanov(world: World, start: datetime) -> None:
    """Two devices, two anonymous visitors; one call back, one message, one call, one deal."""
    day = start + timedelta(days=5, hours=9)
    first, second = {"kind": "cookie", "value": "a"}, {"kind": "cookie", "value": "b"}
    phone = {"kind": "phone", "value": IVANOVS_PHONE}
    campaign = {"source": "facebook", "medium": "paid_social", "clickId": "fb.1.1699"}
    add = world.touchpoints.append
    add(_touch(world, [first], "page_view", "organic_search", day, "sedans"))
    add(_touch(world, [second], "ad_click", "social_ad", day + timedelta(days=6), campaign=campaign))
    add(_touch(world, [second], "bookmark", "web", day + timedelta(days=6, minutes=4), "sedan-automatic"))
    add(_touch(world, [second, phone], "call_back_request", "web", day + timedelta(days=8), "call-back"))
    add(_touch(world, [first, phone], "page_view", "message", day + timedelta(days=8, hours=1), "confirmation"))
    add(_touch(world, [phone], "call", "phone", day + timedelta(days=9)))
    world.identities.append(
        {
            "messageId": "ivanov-card",
            "identifiers": [phone],
            "attributes": {"name": "Pyotr Ivanov", "city": "Moscow"},
            "source": "crm",
        }
    )
