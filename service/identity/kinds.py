"""The kinds of identifier and their rules: strength, limits and blocked values, each default with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

OWN: Final = "customer"
"""The reserved kind of a customer's own identifier; its value is the customer's id."""

EXTERNAL: Final = "external:"
"""Prefix of kinds for ids that other systems gave: `external:crm`."""

_LONGEST_NAME: Final = len(EXTERNAL) + 64
_EXTERNAL_KIND = re.compile(r"external:[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of identifier behaves."""

    name: str
    priority: int
    """Lower is stronger."""
    limit: int
    """How many of this kind one customer may have."""
    personal: bool
    """A person gives it of themselves: a customer who has one is KNOWN."""
    case_sensitive: bool = True


_DEFAULTS: Final = (
    # The tenant's own log-in: one person has one, so two of them are two people.
    Kind("user_id", 10, 1, personal=True),
    # A card is handed over by its holder; people lose cards and get new ones.
    Kind("loyalty_card", 30, 5, personal=True, case_sensitive=False),
    # Private, work, old: five addresses or numbers are a person, fifty are a shared list.
    Kind("email", 40, 5, personal=True, case_sensitive=False),
    Kind("phone", 50, 5, personal=True),
    # One account in a network each, some people keep a few.
    Kind("wechat_openid", 60, 5, personal=False),
    Kind("facebook_id", 60, 5, personal=False),
    # An installation or an advertising id is reset at will, far less often than a cookie.
    Kind("app_id", 70, 100, personal=False),
    Kind("advertising_id", 80, 100, personal=False, case_sensitive=False),
    # Browsers renew cookies weekly: two years of one person are a hundred.
    Kind("cookie", 90, 100, personal=False),
    # Weakest: families and kiosks share a device.
    Kind("device", 100, 100, personal=False),
)
_BY_NAME: Final = {kind.name: kind for kind in _DEFAULTS}

# Ids of other systems: stronger than contact data; a CRM often holds a person more than once.
_EXTERNAL_PRIORITY: Final = 20
_EXTERNAL_LIMIT: Final = 5

# What programs write where they know nothing.
_BLOCKED: Final = frozenset(
    {
        *("null", "(null)", "nil", "none", "(none)", "nan", "undefined", "[object object]"),
        *("unknown", "anonymous", "anon", "guest", "n/a", "na", "not set", "(not set)", "not_set"),
        *("-1", "true", "false"),
    }
)
_BLOCKED_FORM = re.compile(r"[0-]*")


def known_names() -> list[str]:
    """The names of all kinds that can be recorded, strongest first."""
    return [kind.name for kind in _DEFAULTS[:1]] + ["external:<source>"] + [k.name for k in _DEFAULTS[1:]]


def by_name(name: str) -> Kind | None:
    """The kind with this name, or None where there is no such kind. The reserved kind is not found."""
    return _BY_NAME.get(name) or (_external(name) if len(name) <= _LONGEST_NAME else None)


@lru_cache(maxsize=1024)
def _external(name: str) -> Kind | None:
    if _EXTERNAL_KIND.fullmatch(name):
        return Kind(name, _EXTERNAL_PRIORITY, _EXTERNAL_LIMIT, personal=True)
    return None


def is_blocked(value: str) -> bool:
    """Whether a trimmed value says that nothing is known, in any case: `null`, `N/A`, `0000-0000`, empty."""
    return value.casefold() in _BLOCKED or _BLOCKED_FORM.fullmatch(value) is not None
