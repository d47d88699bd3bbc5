"""GraphQL: changing who is who by hand, the rules of kinds, and trying out what evidence would do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry

from service.access.models import Caller
from service.api.fields import asked, computed, related, written, written_by
from service.api.inputs import IdentifierRef, IdentifierRefusal, UserError, identifier_refusal, user_error
from service.api.profiles import CustomerPayload
from service.customers.api import AttributeConflict, Customer
from service.errors import BadInput
from service.identity.api import IdentifierInput, IdentityEvent
from service.identity.commands import Stewarded
from service.identity.kinds import Kinds
from service.identity.models import RawIdentifier
from service.identity.records import own_key
from service.identity.repository import CUSTOMER_OF, EVENT_BY_ID, KINDS
from service.identity.rules import changed_kinds, columns
from service.identity.service import IdentityDesk
from service.reads.fields import Input

if TYPE_CHECKING:
    from service.api.context import Context
    from service.services import Services


@strawberry.type
class IdentifierKind:
    """How one kind of identifier behaves: email, phone, cookie, device, user_id, loyalty_card, wechat_openid, …"""

    name: str
    """What identifiers of this kind are called."""
    priority: int
    """Lower is stronger: when a limit is hit, the weakest identifier of the event is left out."""
    limit: int
    """How many of this kind one customer may have; above it, no merge."""
    shared_by: int
    """How many people one value may be seen with before it is generic and stops linking."""
    blocked_values: list[str]
    """Values that say nothing, in any case; between slashes a regular expression (RE2) for all of a value."""
    case_sensitive: bool
    """Whether A and a are different values."""


@strawberry.enum
class IdentityAction(Enum):
    """What recording identifiers does."""

    CREATE = "CREATE"
    """Makes a new customer."""
    ATTACH = "ATTACH"
    """Belongs to a customer who is known."""
    MERGE = "MERGE"
    """Makes one of several customers."""


@strawberry.type
class IdentityPlan:
    """Who identifiers would be, and what recording them would do."""

    action: IdentityAction
    """What would be done."""
    customers: list[Customer] = related(CUSTOMER_OF, "customerKeys")
    """Whom they would belong to; of a merge, the survivor first."""
    accepted: list[IdentifierRef]
    """The identifiers that would be kept, strongest first."""
    refused: list[IdentifierRefusal]
    """Those that would be left out, and why."""


@strawberry.input
class IdentifierKindInput:
    """New rules of a kind, for all that is recorded from then on. What is left out stays as it is."""

    name: str
    """Which kind: user_id, email, …, external:<source>."""
    priority: int | None = strawberry.UNSET
    """Lower is stronger; 1 to 1000."""
    limit: int | None = strawberry.UNSET
    """How many of this kind one customer may have; 1 to 1000."""
    shared_by: int | None = strawberry.UNSET
    """How many people one value may be seen with; 1 or more."""
    blocked_values: list[str] | None = strawberry.UNSET
    """All values that say nothing; one between slashes is a regular expression (RE2) for all of a value."""
    case_sensitive: bool | None = strawberry.UNSET
    """Whether A and a are different values."""


@strawberry.input
class LinkIdentifiersInput:
    """Two identifiers that are one person's."""

    a: IdentifierInput
    """One identifier."""
    b: IdentifierInput
    """The other."""
    reason: str
    """Why; the history shows it."""


@strawberry.input
class UnlinkIdentifiersInput:
    """Two identifiers of which the evidence is to hold no longer."""

    a: IdentifierInput
    """One identifier."""
    b: IdentifierInput
    """The other."""
    reason: str
    """Why; the history shows it."""


@strawberry.input
class MergeCustomersInput:
    """Customers that are one person; the first keeps its id."""

    customer_ids: list[strawberry.ID]
    """Two to twenty; former ids do."""
    reason: str
    """Why; the history shows it."""
    dry_run: bool = False
    """Only say what would be settled."""


@strawberry.input
class SplitCustomerInput:
    """The identifiers named leave, with every fact that hangs on them."""

    customer_id: strawberry.ID
    """Whom to split."""
    identifiers: list[IdentifierInput]
    """What leaves; at least one must stay."""
    reason: str
    """Why; the history shows it."""
    dry_run: bool = False
    """Only say whether it can be done."""


@strawberry.input
class UndoIdentityEventInput:
    """A merge or split, or a link, to take back."""

    event_id: strawberry.ID
    """Of the customer's identityHistory."""
    reason: str
    """Why; the history shows it."""


@strawberry.input
class ForbidMergeInput:
    """Customers that are different people, each of them."""

    customer_ids: list[strawberry.ID]
    """Two to twenty; former ids do."""
    reason: str
    """Why; the history shows it."""


@strawberry.type
class _Concerning:
    user_errors: list[UserError]
    """What is wrong with the input; then nothing was changed."""


@strawberry.type
class MergePayload(_Concerning):
    """The customer that others were merged into."""

    customer: Customer | None = related(CUSTOMER_OF, "anchor")
    """Who they are now."""
    event: IdentityEvent | None = related(EVENT_BY_ID, "eventId")
    """What was done; undoIdentityEvent takes it back by its id."""
    conflicts: list[AttributeConflict]
    """The attributes that they had different golden values of, and which is golden now."""


@strawberry.type
class SplitPayload(_Concerning):
    """The customers that one became."""

    customers: list[Customer] = related(CUSTOMER_OF, "customerKeys")
    """Who kept the id first."""
    event: IdentityEvent | None = related(EVENT_BY_ID, "eventId")
    """What was done; undoIdentityEvent takes it back by its id."""


@strawberry.type
class UndoIdentityEventPayload(_Concerning):
    """The customers that the event concerned."""

    customers: list[Customer] = related(CUSTOMER_OF, "customerKeys")
    """As they are now."""
    event: IdentityEvent | None = related(EVENT_BY_ID, "eventId")
    """What was done; it can be taken back too."""


@strawberry.type
class ForbidMergePayload(_Concerning):
    """The customers that must not be merged, or may be again."""

    customers: list[Customer] = related(CUSTOMER_OF, "customerKeys")
    """As they are now."""


@strawberry.type
class IdentifierKindPayload(_Concerning):
    """The kind with its rules."""

    kind: IdentifierKind | None
    """As it is now."""


def _payload(done: Stewarded) -> dict[str, Any]:
    return {
        "anchor": own_key(done.customer_ids[0]) if done.customer_ids else None,
        "customerKeys": [own_key(one) for one in done.customer_ids],
        "eventId": done.event_id,
        "conflicts": list(done.conflicts),
        "userErrors": [user_error(one) for one in done.errors],
    }


def _by(
    act: Callable[[IdentityDesk, Mapping[str, Any], str], Awaitable[Stewarded]],
) -> Callable[[Services, Mapping[str, Any], Caller], Coroutine[Any, Any, Mapping[str, Any]]]:
    """The mutation that does this, in the name of the caller."""

    async def write(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
        return _payload(await act(services.identity, given, caller.name))

    return write


async def _set_kind(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.identity.set_kind(given)
    errors = [user_error(one) for one in done.errors]
    return {"kind": columns(done.kind) if done.kind else None, "userErrors": errors}


def _kinds(changed: list[list[Any]]) -> list[dict[str, Any]]:
    return [columns(kind) for kind in Kinds(0, changed_kinds(changed)).all()]


async def _simulated(context: Context, identifiers: list[IdentifierInput], source: str = "api") -> dict[str, Any]:
    raw = [RawIdentifier(one.kind, one.value) for one in identifiers]
    plan = await context.services.identity.simulate(raw, source)
    if plan.errors:
        raise BadInput(".".join(plan.errors[0].field), plan.errors[0].message)
    return {
        "action": plan.action,
        "customerKeys": [own_key(one) for one in plan.customer_ids],
        "accepted": [{"kind": one.kind, "value": one.value} for one in plan.accepted],
        "refused": [identifier_refusal(one) for one in plan.refused],
    }


@strawberry.type
class StewardshipQuery:
    """What evidence does, and by which rules."""

    identifier_kinds: list[IdentifierKind] = computed(
        _kinds,
        Input(KINDS, ("name", "priority", "limit", "sharedBy", "blockedValues", "caseSensitive")),
    )
    """The kinds of identifier with their rules, strongest first; external:<source> once its rules were changed."""
    simulate_identity: IdentityPlan = asked(_simulated)
    """Who these identifiers would be, and what recording them would do, without doing it."""


@strawberry.type
class StewardshipMutation:
    """Changing who is who by hand. All of it can be undone, and the history says why it was done."""

    link_identifiers: CustomerPayload = written_by(_by(IdentityDesk.link), LinkIdentifiersInput)
    """Says that two identifiers are one person's. A generic one identifies somebody again."""
    unlink_identifiers: SplitPayload = written_by(_by(IdentityDesk.unlink), UnlinkIdentifiersInput)
    """Takes back the evidence between two identifiers; if nothing else holds them together, they part for good."""
    merge_customers: MergePayload = written_by(_by(IdentityDesk.merge), MergeCustomersInput)
    """Makes one customer of several."""
    split_customer: SplitPayload = written_by(_by(IdentityDesk.split), SplitCustomerInput)
    """Makes two customers of one, for good: the same evidence does not join them again."""
    undo_identity_event: UndoIdentityEventPayload = written_by(_by(IdentityDesk.undo), UndoIdentityEventInput)
    """Takes back a merge or a split, made by hand or by an event; the same evidence does not make it again."""
    forbid_merge: ForbidMergePayload = written_by(_by(IdentityDesk.forbid), ForbidMergeInput)
    """These are different people, whatever the evidence says."""
    allow_merge: ForbidMergePayload = written_by(_by(IdentityDesk.allow), ForbidMergeInput)
    """Takes back that these are different people, whoever or whatever said so."""
    set_identifier_kind: IdentifierKindPayload = written(_set_kind, IdentifierKindInput)
    """Changes the rules of a kind, for all that is recorded from then on."""
