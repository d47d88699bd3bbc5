"""What is asked by: arguments and input fields that tell as much as a field would.

A list that is filtered by a value tells who has it, so whoever filters needs what reading it needs. The exact
look-up of a customer by an identifier is no such thing: who asks has it already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service import ids
from service.access.models import Scope

InputField = tuple[str, str]
"""The names of an input type and of a field of it."""

INPUT_FIELDS: Final[Mapping[InputField, Scope]] = {
    ("CustomerFilter", "attribute"): Scope.PROFILES_PII,
    ("CustomerFilter", "hasOpenDeal"): Scope.SALES_READ,
    ("CustomerFilter", "ordersAtLeast"): Scope.JOURNEYS_READ,
    ("StepInput", "pageContains"): Scope.PROFILES_PII,
    ("StepInput", "dealStage"): Scope.SALES_READ,
    ("ConversionInput", "wonDeal"): Scope.SALES_READ,
}
"""What filters need that the field they are given to does not."""

FREE_INPUT_FIELDS: Final[Mapping[str, str]] = {
    "AttributeFilter": "name equals",
    "ChangeFilter": "customerIds pipelineId owner",
    "ConversionInput": "touchpointType",
    "CustomerFilter": "hasIdentifierKind",
    "DealFilter": "pipelineId stageId owner",
    "JourneyFilter": "channels",
    "JourneyFlowInput": "startAt endAt",
    "LeadFilter": "owner source",
    "LifecycleInput": "timeZone",
    "RetentionInput": "timeZone",
    "StepInput": "type channel campaign",
    "TaskFilter": "owner",
    "TicketFilter": "owner",
    "TouchpointFilter": "types channels campaign",
    # Whoever names a customer by an identifier has it already.
    "CustomerBy": "id email phone cookie device userId",
    "IdentifierInput": "kind value",
}
"""Texts that queries may be asked by without more: words of a vocabulary, ids, and who works on something."""

FREE_ARGUMENTS: Final = frozenset({"after", "id", "ids", "kinds", "names", "pipelineId", "source", "timeZone"})
"""The same of arguments, by name."""

SEARCHES: Final = frozenset({"Query.searchCustomers"})
"""Fields that themselves need to see personal data: any text may be asked by."""

ID_TYPES: Final[Mapping[str, Scope]] = {
    ids.CUSTOMER: Scope.PROFILES_READ,
    ids.IDENTIFIER: Scope.PROFILES_READ,
    ids.IDENTITY_EVENT: Scope.PROFILES_READ,
    ids.MATCH: Scope.PROFILES_READ,
    ids.TOUCHPOINT: Scope.JOURNEYS_READ,
    ids.ORDER: Scope.JOURNEYS_READ,
    ids.DEAL: Scope.SALES_READ,
    ids.STAGE_CHANGE: Scope.SALES_READ,
    ids.PIPELINE: Scope.SALES_READ,
    ids.STAGE: Scope.SALES_READ,
    ids.ACCOUNT: Scope.SALES_READ,
    ids.LEAD: Scope.SALES_READ,
    ids.TASK: Scope.SALES_READ,
    ids.TICKET: Scope.SALES_READ,
    ids.NOTE: Scope.SALES_READ,
    ids.WEBHOOK: Scope.ADMIN,
    ids.API_KEY: Scope.ADMIN,
}
"""What reading something needs, by what its id begins with: so nobody learns whether it is there."""

_STEPS_WITHOUT_SALES: Final = frozenset({"TOUCHPOINT", "ORDER"})


def scope_of_id(global_id: object) -> Scope | None:
    """What reading the thing with an id needs; None for what is no id."""
    return ID_TYPES.get(ids.prefix_of(str(global_id)) or "")


def _of_ids(given: Mapping[str, Any]) -> Iterator[Scope]:
    named = given.get("ids", [given.get("id")])
    for one in named if isinstance(named, list) else [named]:
        if scope := scope_of_id(one):
            yield scope


def _of_steps(given: Mapping[str, Any]) -> Iterator[Scope]:
    where = given.get("filter")
    kinds = where.get("kinds") if isinstance(where, Mapping) else None
    named = kinds if isinstance(kinds, list) else [kinds]
    if not _STEPS_WITHOUT_SALES.issuperset(str(one) for one in named):
        yield Scope.SALES_READ


@dataclass(frozen=True, slots=True)
class Decided:
    """What a field needs by its arguments."""

    possible: frozenset[Scope]
    """All that it may be."""
    scopes: Callable[[Mapping[str, Any]], Iterable[Scope]]
    """What it is for these arguments."""
    how: str = ""
    """Said behind the field's name to who lacks them."""


_NAMED = Decided(frozenset(ID_TYPES.values()), _of_ids)
FIELDS: Final[Mapping[str, Decided]] = {
    "Query.node": _NAMED,
    "Query.nodes": _NAMED,
    # Deal moves, tickets and notes are steps too, unless filter.kinds leaves them out.
    "Customer.journey": Decided(
        frozenset({Scope.SALES_READ}), _of_steps, " with steps other than TOUCHPOINT and ORDER"
    ),
}
"""Fields whose arguments decide what they need."""
