"""Rules for the log of changes, for webhooks and for API keys.

A change tells what happened, to whom by id, and which fields are others since, of all domains: that is what
changes:read lets see. What it leads to needs the scope of what it is; its subject is null without (see
`service.api.changes`).
"""

from __future__ import annotations

from typing import Final

from service.access import masking
from service.access.models import Scope
from service.api.policy.rules import SCRUBBED, SCRUBBED_LIST, TypeRules, masked, rules, shown, under
from service.reads.fields import Mask

RULES: Final[tuple[TypeRules, ...]] = (
    rules(
        "Change",
        Scope.CHANGES_READ,
        shown("cursor kind at customerId previousCustomerIds subject"),
        under(Scope.PROFILES_READ, "customer"),
        masked(SCRUBBED_LIST, "changedFields"),
    ),
    rules("ChangePage", Scope.CHANGES_READ, shown("nodes endCursor hasNextPage newestCursor")),
    rules(
        "Webhook",
        Scope.ADMIN,
        shown("id state lastCursor failures"),
        masked(SCRUBBED, "url lastError"),
        masked(Mask(masking.json), "filter"),
    ),
    rules(
        "ApiKey",
        Scope.ADMIN,
        shown("id scopes createdAt expiresAt revokedAt"),
        masked(SCRUBBED, "name"),
    ),
)
