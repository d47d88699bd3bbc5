"""What a global id names."""

from __future__ import annotations

from typing import Final

from service import ids
from service.access import repository as access
from service.accounts import repository as accounts
from service.deals import repository as deals
from service.identity import repository as identity
from service.identity.records import own_key
from service.leads import repository as leads
from service.matches import repository as matches
from service.notes import repository as notes
from service.reads.relations import KEY, Bound, Relation
from service.tasks import repository as tasks
from service.tickets import repository as tickets
from service.touchpoints import repository as touchpoints
from service.webhooks import repository as webhooks

_BY_PREFIX: Final[dict[str, Relation]] = {
    ids.CUSTOMER: identity.CUSTOMER_OF,
    ids.IDENTIFIER: identity.BY_ID,
    ids.IDENTITY_EVENT: identity.EVENT_BY_ID,
    ids.TOUCHPOINT: touchpoints.TOUCHPOINT_BY_ID,
    ids.ORDER: touchpoints.ORDER_BY_ID,
    ids.DEAL: deals.DEAL_BY_ID,
    ids.STAGE_CHANGE: deals.STAGE_CHANGE_BY_ID,
    ids.PIPELINE: deals.PIPELINE_BY_ID,
    ids.STAGE: deals.STAGE_BY_ID,
    ids.MATCH: matches.BY_ID,
    ids.ACCOUNT: accounts.ACCOUNT_BY_ID,
    ids.LEAD: leads.LEAD_BY_ID,
    ids.TASK: tasks.TASK_BY_ID,
    ids.TICKET: tickets.TICKET_BY_ID,
    ids.NOTE: notes.NOTE_BY_ID,
    ids.WEBHOOK: webhooks.WEBHOOK_BY_ID,
    ids.API_KEY: access.KEY_BY_ID,
}


def named_by(global_id: str) -> Bound:
    """What leads to what an id names; a former customer's id to the customer that it was merged into."""
    relation = _BY_PREFIX.get(ids.prefix_of(global_id) or "")
    if relation is None:
        return Bound()
    return Bound(relation, {KEY: own_key(global_id) if relation is identity.CUSTOMER_OF else global_id})
