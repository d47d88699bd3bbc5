"""Rules for customers: who they are, what is known of them, who may be the same."""

from __future__ import annotations

import re
from typing import Final

from service.access import masking
from service.access.models import Scope
from service.api.policy.rules import (
    NAME,
    SCRUBBED,
    SCRUBBED_LIST,
    TypeRules,
    connection,
    masked,
    rules,
    shown,
    under,
)
from service.identity.records import RULE_SAME_EVENT
from service.reads.fields import Mask

IDENTIFIER: Final = Mask(masking.identifier, "kind")
_ATTRIBUTE: Final = Mask(masking.attribute, "name")
_CONFLICTING: Final = Mask(
    lambda values, name: [masking.HIDDEN if one is None else one for one in _attributes(values, name)], "name"
)
_EVIDENCE: Final = Mask(masking.evidence, "field")
_RULE: Final = re.compile(rf"{RULE_SAME_EVENT}|match of probability [01]\.[0-9]+")
_REASON: Final = Mask(lambda reason: reason if _RULE.fullmatch(reason) else masking.HIDDEN)
"""Of an identity event: the rule that led to it, or what somebody wrote."""


def _attributes(values: list[object], name: str) -> list[object]:
    return [masking.attribute(one, name) for one in values]


RULES: Final[tuple[TypeRules, ...]] = (
    rules(
        "Customer",
        Scope.PROFILES_READ,
        shown("id state version createdAt updatedAt firstSeenAt lastSeenAt lifecycleStage previousIds summary"),
        shown("attributes identifiers identityGraph identityHistory possibleDuplicates"),
        masked(NAME, "displayName"),
        under(Scope.JOURNEYS_READ, "touchpoints orders journey sessions"),
        under(Scope.SALES_READ, "leads deals tasks tickets notes account"),
    ),
    *connection("Customer"),
    rules(
        "CustomerSummary",
        Scope.PROFILES_READ,
        under(Scope.JOURNEYS_READ, "touchpoints orders revenue firstTouchpoint lastTouchpoint channels"),
        under({Scope.JOURNEYS_READ, Scope.SALES_READ}, "timeToFirstConversion"),
        under(Scope.SALES_READ, "openDeals wonDeals wonAmount"),
    ),
    rules("ChannelCount", Scope.JOURNEYS_READ, shown("touchpoints"), masked(SCRUBBED, "channel")),
    rules(
        "Attribute",
        Scope.PROFILES_READ,
        shown("observedAt rule candidates"),
        masked(_ATTRIBUTE, "value"),
        masked(SCRUBBED, "name source"),
    ),
    rules(
        "AttributeCandidate",
        Scope.PROFILES_READ,
        shown("observedAt identifier"),
        masked(_ATTRIBUTE, "value"),
        masked(SCRUBBED, "source"),
    ),
    rules(
        "AttributeConflict",
        Scope.PROFILES_READ,
        masked(SCRUBBED, "name"),
        masked(_ATTRIBUTE, "chosen"),
        masked(_CONFLICTING, "values"),
    ),
    rules(
        "CustomerMatch",
        Scope.PROFILES_READ,
        shown("customer score"),
        masked(SCRUBBED_LIST, "matchedOn"),
    ),
    rules(
        "MatchCandidate",
        Scope.PROFILES_READ,
        shown("id a b probability status evidence foundAt decidedAt"),
        masked(SCRUBBED, "decidedBy"),
    ),
    *connection("MatchCandidate"),
    rules(
        "MatchEvidence",
        Scope.PROFILES_READ,
        shown("agreement weight"),
        masked(SCRUBBED, "field"),
        masked(_EVIDENCE, "a b"),
    ),
    rules(
        "Identifier",
        Scope.PROFILES_READ,
        shown("id generic firstSeenAt lastSeenAt customer links"),
        masked(SCRUBBED, "kind"),
        masked(IDENTIFIER, "value rawValue"),
    ),
    rules(
        "IdentityLink",
        Scope.PROFILES_READ,
        shown("id from to method rule probability at active"),
        masked(SCRUBBED, "messageId source"),
    ),
    rules("IdentityGraph", Scope.PROFILES_READ, shown("identifiers links")),
    rules(
        "IdentityEvent",
        Scope.PROFILES_READ,
        shown("id kind at customerIds undone"),
        masked(_REASON, "reason"),
        masked(SCRUBBED, "by messageId"),
    ),
    *connection("IdentityEvent"),
    rules(
        "IdentityExplanation",
        Scope.PROFILES_READ,
        shown("sameCustomer path"),
        masked(Mask(lambda reasons: [masking.message(one) for one in reasons]), "reasons"),
    ),
    rules("IdentityPlan", Scope.PROFILES_READ, shown("action customers accepted refused")),
    rules("WeakLink", Scope.PROFILES_READ, shown("customer link sideA sideB")),
    *connection("WeakLink"),
    rules(
        "IdentifierKind",
        None,
        shown("priority limit sharedBy caseSensitive"),
        masked(SCRUBBED, "name"),
        masked(SCRUBBED_LIST, "blockedValues"),
    ),
)
