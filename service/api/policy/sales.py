"""Rules for accounts, leads, deals, tasks, tickets and notes, and for reports on them.

Companies are no persons: their names are shown. Nor are those who work with the service masked to one another, but
for an address that their name is.
"""

from __future__ import annotations

from typing import Final

from service.access.models import Scope
from service.api.policy.rules import (
    GONE,
    HIDDEN,
    SCRUBBED,
    TypeRules,
    connection,
    masked,
    rules,
    shown,
    under,
)

_DEALS: Final = (
    rules("Account", Scope.SALES_READ, shown("id customers deals"), masked(SCRUBBED, "name domain")),
    rules(
        "Deal",
        Scope.SALES_READ,
        shown("id state version amount weightedAmount probability forecastCategory expectedCloseOn createdAt"),
        shown("closedAt pipeline stage customer account stageHistory tasks notes"),
        under(Scope.JOURNEYS_READ, "attribution"),
        masked(HIDDEN, "title"),
        masked(GONE, "lostReason"),
        masked(SCRUBBED, "owner source"),
    ),
    *connection("Deal"),
    rules(
        "DealStageChange",
        Scope.SALES_READ,
        shown("id occurredAt deal from to timeInStage"),
        masked(SCRUBBED, "by"),
    ),
    rules("Pipeline", Scope.SALES_READ, shown("id stages"), masked(SCRUBBED, "name")),
    rules("Stage", Scope.SALES_READ, shown("id position probability kind"), masked(SCRUBBED, "name")),
    rules(
        "Lead",
        Scope.SALES_READ,
        shown("id status createdAt customer deal duplicateOf notes"),
        under(Scope.JOURNEYS_READ, "history"),
        masked(HIDDEN, "title"),
        masked(SCRUBBED, "source owner"),
    ),
    *connection("Lead"),
)

_SERVICE: Final = (
    rules(
        "Task",
        Scope.SALES_READ,
        shown("id dueAt state overdue customer deal createdAt completedAt version"),
        masked(HIDDEN, "title"),
        masked(SCRUBBED, "owner"),
    ),
    *connection("Task"),
    rules(
        "Ticket",
        Scope.SALES_READ,
        shown(
            "id occurredAt state priority firstRespondedAt resolvedAt responseDueAt responseTime resolutionTime"
        ),
        shown("version customer notes"),
        masked(HIDDEN, "subject"),
        masked(GONE, "text"),
        masked(SCRUBBED, "channel owner"),
    ),
    *connection("Ticket"),
    rules(
        "Note",
        Scope.SALES_READ,
        shown("id occurredAt kind customer"),
        # A note may be on a customer, of whom the interface shows the id.
        under(Scope.PROFILES_READ, "subject"),
        masked(HIDDEN, "text"),
        masked(SCRUBBED, "by"),
    ),
    *connection("Note"),
)

_REPORTS: Final = (
    rules("PipelineReport", Scope.SALES_READ, shown("stages won lost winRate averageTimeToWin lostReasons")),
    rules(
        "StageReport",
        Scope.SALES_READ,
        shown("stage entered moved conversionRate averageTime openDeals openAmount"),
    ),
    rules("ReasonCount", Scope.SALES_READ, shown("deals"), masked(HIDDEN, "reason")),
    rules("Forecast", Scope.SALES_READ, shown("groups")),
    rules(
        "ForecastRow",
        Scope.SALES_READ,
        shown("currency deals total weighted won byCategory"),
        masked(SCRUBBED, "key"),
    ),
    rules("CategoryAmount", Scope.SALES_READ, shown("category amount")),
)

RULES: Final[tuple[TypeRules, ...]] = (*_DEALS, *_SERVICE, *_REPORTS)
