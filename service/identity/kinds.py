"""The kinds of identifier and their rules: strength, limits and blocked values, each default with its reason.

What an operator changed of them is kept in the graph; `Kinds` is the defaults with these changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol, cast

import re2

OWN: Final = "customer"
"""The reserved kind of a customer's own identifier; its value is the customer's id."""

EXTERNAL: Final = "external:"
"""Prefix of kinds for ids that other systems gave: `external:crm`."""

CONTACTS: Final = ("email", "phone")
"""Kinds whose values tell something of a person: by them, too, records are matched."""

_LONGEST_NAME: Final = len(EXTERNAL) + 64
_EXTERNAL_KIND = re.compile(r"external:[a-z0-9][a-z0-9_.-]{0,63}")


# What programs write where they know nothing; between slashes a regular expression for the whole value.
BLOCKED: Final = (
    *("/[0-]*/", "-1", "null", "(null)", "nil", "none", "(none)", "nan", "undefined", "[object object]"),
    *("unknown", "anonymous", "anon", "guest", "n/a", "na", "not set", "(not set)", "not_set", "true", "false"),
)

SHARED_BY: Final = 5
"""People. A family's phone, tablet or mailbox is theirs together; a sixth makes it a shop's or a kiosk's."""
ACCOUNT_SHARED_BY: Final = 20
"""Of ids that a system gives out itself: above it, the system writes one id for all."""
ANONYMOUS_A_PERSON: Final = 100
"""Anonymous groups that may still be one person: browsers renew cookies weekly, so two years are a hundred."""

MAX_IDENTIFIERS: Final = 1000
"""Of one customer, in all: what the limits of single kinds would let through is no person either."""


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
    shared_by: int = SHARED_BY
    """How many people one value may be seen with before it is generic."""
    blocked: tuple[str, ...] = BLOCKED
    """Values that say nothing, in any case; between slashes a regular expression for the whole value."""

    def blocks(self, value: str) -> bool:
        """Whether a trimmed value says that nothing is known: `null`, `N/A`, `0000-0000`, or nothing at all."""
        return (
            not value
            or value.casefold() in _exact(self.blocked)
            or any(pattern.fullmatch(value) is not None for pattern in _patterns(self.blocked))
        )


class Pattern(Protocol):
    """A compiled regular expression."""

    def fullmatch(self, text: str) -> object | None:
        """The match of the whole text, if it is one."""


@lru_cache(maxsize=256)
def _exact(blocked: tuple[str, ...]) -> frozenset[str]:
    return frozenset(one.casefold() for one in blocked if not is_pattern(one))


@lru_cache(maxsize=256)
def _patterns(blocked: tuple[str, ...]) -> tuple[Pattern, ...]:
    # RE2, whose time is linear in the value: an operator's expression must not stop recording.
    return tuple(compiled(one) for one in blocked if is_pattern(one))


def is_pattern(blocked: str) -> bool:
    """Whether a blocked value is a regular expression: between two slashes."""
    return len(blocked) > 2 and blocked.startswith("/") and blocked.endswith("/")


def compiled(blocked: str) -> Pattern:
    """The regular expression between two slashes; raises re2.error where it is none."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    return cast("Pattern", re2.compile(blocked[1:-1], options))


_DEFAULTS: Final = (
    # The tenant's own log-in: one person has one, so two of them are two people.
    Kind("user_id", 10, 1, personal=True, shared_by=ACCOUNT_SHARED_BY),
    # A card is handed over by its holder; people lose cards and get new ones. Families share one.
    Kind("loyalty_card", 30, 5, personal=True, case_sensitive=False),
    # Private, work, old: five addresses or numbers are a person, fifty are a shared list.
    Kind("email", 40, 5, personal=True, case_sensitive=False),
    Kind("phone", 50, 5, personal=True),
    # One account in a network each, some people keep a few.
    Kind("wechat_openid", 60, 5, personal=False, shared_by=ACCOUNT_SHARED_BY),
    Kind("facebook_id", 60, 5, personal=False, shared_by=ACCOUNT_SHARED_BY),
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


def known_names() -> list[str]:
    """The names of all kinds that can be recorded, strongest first."""
    return [kind.name for kind in _DEFAULTS[:1]] + ["external:<source>"] + [k.name for k in _DEFAULTS[1:]]


def by_name(name: str) -> Kind | None:
    """The default of a kind, or None where there is no such kind. The reserved kind is not found."""
    return _BY_NAME.get(name) or (_external(name) if len(name) <= _LONGEST_NAME else None)


@lru_cache(maxsize=1024)
def _external(name: str) -> Kind | None:
    if _EXTERNAL_KIND.fullmatch(name):
        return Kind(name, _EXTERNAL_PRIORITY, _EXTERNAL_LIMIT, personal=True, shared_by=ACCOUNT_SHARED_BY)
    return None


@dataclass(frozen=True, slots=True)
class Kinds:
    """The rules in force: the defaults, with what an operator changed."""

    version: int = 0
    """Grows with every change."""
    changed: Mapping[str, Kind] = field(default_factory=dict)

    def by_name(self, name: str) -> Kind | None:
        """The kind with this name, or None where there is no such kind. The reserved kind is not found."""
        return self.changed.get(name) or by_name(name)

    def all(self) -> list[Kind]:
        """The kinds that have a default of their own and those that were changed, strongest first."""
        named = {kind.name: kind for kind in _DEFAULTS} | dict(self.changed)
        return sorted(named.values(), key=lambda kind: (kind.priority, kind.name))

    @property
    def fewest_sharers(self) -> int:
        """Up to so many people no value of any kind is generic."""
        return min(kind.shared_by for kind in self.all())


DEFAULTS: Final = Kinds()
