"""Rules for what everything begins with, for what writes answer with, and for what all types share.

Who may write may read what came of it: whether it was a repeat, what was refused, what was wrong. What it led to,
the customer above all, needs the scopes that reading it needs.
"""

from __future__ import annotations

from typing import Final

from service.access.models import Scope
from service.api.policy.customers import IDENTIFIER
from service.api.policy.rules import MESSAGE, SCRUBBED, SCRUBBED_LIST, TypeRules, masked, rules, shown, under

_ROOTS: Final = (
    rules(
        "Query",
        None,
        # What an id or a look-up leads to is decided by the id: see `arguments`.
        shown("node nodes"),
        under(
            Scope.PROFILES_READ, "customer customers explainIdentity weakLinks identifierKinds simulateIdentity"
        ),
        under(Scope.PROFILES_READ, "matchCandidates"),
        under({Scope.PROFILES_READ, Scope.PROFILES_PII}, "searchCustomers"),
        under(Scope.JOURNEYS_READ, "funnel timeToConvert customersOnPath attribution journeyFlow"),
        under(Scope.JOURNEYS_READ, "retention lifecycle"),
        under(Scope.SALES_READ, "pipelines deals leads tasks tickets pipelineReport forecast"),
        under(Scope.CHANGES_READ, "changes"),
        under(Scope.ADMIN, "webhooks apiKeys"),
    ),
    rules(
        "Mutation",
        None,
        under(Scope.RECORD, "recordTouchpoint recordTouchpoints recordOrder identifyCustomer"),
        under(
            Scope.IDENTITY_WRITE, "updateCustomer linkIdentifiers unlinkIdentifiers mergeCustomers splitCustomer"
        ),
        under(Scope.IDENTITY_WRITE, "undoIdentityEvent forbidMerge allowMerge decideMatch"),
        under(Scope.SALES_WRITE, "upsertAccount createDeal updateDeal moveDeal closeDeal reopenDeal createLead"),
        under(Scope.SALES_WRITE, "updateLead convertLead createTask updateTask openTicket updateTicket addNote"),
        under(Scope.ADMIN, "setIdentifierKind upsertPipeline deleteWebhook"),
        # What is delivered is what following the log shows.
        under({Scope.ADMIN, Scope.CHANGES_READ}, "registerWebhook updateWebhook"),
        under(Scope.ADMIN, "createApiKey revokeApiKey"),
    ),
    rules("Subscription", None, under(Scope.CHANGES_READ, "changes")),
)

_PAYLOADS: Final = (
    rules("RecordTouchpointPayload", None, shown("duplicate refused userErrors customer touchpoint")),
    rules("RecordTouchpointsPayload", None, shown("results userErrors")),
    rules("RecordOrderPayload", None, shown("duplicate refused userErrors customer order")),
    rules("IdentifyCustomerPayload", None, shown("duplicate refused userErrors customer")),
    rules("CustomerPayload", None, shown("customer userErrors")),
    rules("MergePayload", None, shown("userErrors customer event"), under(Scope.PROFILES_READ, "conflicts")),
    rules("SplitPayload", None, shown("userErrors customers event")),
    rules("UndoIdentityEventPayload", None, shown("userErrors customers event")),
    rules("ForbidMergePayload", None, shown("userErrors customers")),
    rules("DecideMatchPayload", None, shown("match customer event userErrors")),
    rules("IdentifierKindPayload", None, shown("userErrors kind")),
    rules("AccountPayload", None, shown("account userErrors")),
    rules("PipelinePayload", None, shown("pipeline userErrors")),
    rules("DealPayload", None, shown("deal userErrors")),
    rules("LeadPayload", None, shown("lead refused userErrors")),
    rules("ConvertLeadPayload", None, shown("lead deal userErrors")),
    rules("TaskPayload", None, shown("task userErrors")),
    rules("TicketPayload", None, shown("ticket userErrors")),
    rules("NotePayload", None, shown("note userErrors")),
    rules("RegisterWebhookPayload", None, shown("webhook secret userErrors")),
    rules("WebhookPayload", None, shown("webhook userErrors")),
    rules("DeleteWebhookPayload", None, shown("deletedId userErrors")),
    rules("CreateApiKeyPayload", None, shown("apiKey key userErrors")),
    rules("RevokeApiKeyPayload", None, shown("apiKey userErrors")),
)

_SHARED: Final = (
    rules("PageInfo", None, shown("hasNextPage hasPreviousPage startCursor endCursor")),
    rules("Money", None, shown("amount"), masked(SCRUBBED, "currency")),
    rules("UserError", None, shown("code"), masked(MESSAGE, "message"), masked(SCRUBBED_LIST, "field")),
    rules("IdentifierRef", None, masked(SCRUBBED, "kind"), masked(IDENTIFIER, "value")),
    rules("IdentifierRefusal", None, shown("identifier code"), masked(MESSAGE, "message")),
)

_INTERFACES: Final = (
    # What a value's own type needs is checked where it is asked for: by id, in a journey, in a change.
    rules("Node", None, shown("id")),
    rules("JourneyStep", None, shown("id occurredAt")),
)

RULES: Final[tuple[TypeRules, ...]] = (*_ROOTS, *_PAYLOADS, *_SHARED, *_INTERFACES)
