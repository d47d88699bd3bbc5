"""Scopes, and callers who have some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Scope(Enum):
    """What a caller may be let do."""

    PROFILES_READ = "profiles:read"
    """Read customers, identifiers, attributes and matches, personal data masked."""
    PROFILES_PII = "profiles:pii"
    """See personal data as it is, and search, filter and sort by it."""
    JOURNEYS_READ = "journeys:read"
    """Read touchpoints, orders, journeys and reports on them."""
    RECORD = "record"
    """Record touchpoints, orders and attributes."""
    IDENTITY_WRITE = "identity:write"
    """Merge, split, link, decide on candidates, correct attributes by hand."""
    SALES_READ = "sales:read"
    """Read accounts, leads, deals, tasks, tickets, notes, and reports on them."""
    SALES_WRITE = "sales:write"
    """Write them."""
    CHANGES_READ = "changes:read"
    """Follow the log of changes."""
    METRICS_READ = "metrics:read"
    """Read the metrics of a process."""
    ADMIN = "admin"
    """Webhooks (to register or change one, with changes:read), identifier kinds, pipelines, API keys."""


Rights = frozenset[str]
"""The values of the scopes that a caller has; plans are kept by it."""

ALL_RIGHTS: Final[Rights] = frozenset(scope.value for scope in Scope)


def is_masked(rights: Rights) -> bool:
    """Whether personal data is masked for who has these rights."""
    return Scope.PROFILES_PII.value not in rights


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    """What `by` is in what they write."""
    rights: Rights
    ends_at: float | None = None
    """When they must prove again who they are, in seconds since the epoch."""
    id: str = ""
    """Tells callers apart: the id of an API key, or a token's subject. Empty: nobody proved who they are."""


OPERATOR: Final = Caller("operator", ALL_RIGHTS)
"""Who asks where there is no authentication."""


def signed(given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    """An input whose `by` is the caller, whatever it says; without authentication it stays what it says."""
    return {**given, "by": caller.name} if caller.id else given
