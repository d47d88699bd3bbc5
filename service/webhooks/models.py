"""Webhooks as they are kept, and the inputs that make and change them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import StringConstraints

from service.changes.models import ChangeFilter, ChangeKind
from service.inputs import NEVER_NULL, Input, Name

MAX_WEBHOOKS: Final = 1_000
"""Each has a task and a connection in the process that holds it."""
MAX_URL: Final = 2_000
_MAX_ID: Final = 100


class WebhookState(Enum):
    """How a webhook stands."""

    ACTIVE = "ACTIVE"
    """Changes are delivered."""
    PAUSED = "PAUSED"
    """Nothing is delivered, by updateWebhook or because the endpoint answered 410 Gone."""
    FAILING = "FAILING"
    """Nothing is delivered any more: see lastError. updateWebhook with the state ACTIVE lets it go on."""


_Id = Annotated[str, StringConstraints(max_length=_MAX_ID)]


class FilterInput(Input):
    """Which changes are delivered (form: ChangeFilter)."""

    kinds: list[ChangeKind] | None = None
    customer_ids: list[_Id] | None = None
    pipeline_id: _Id | None = None
    owner: Name | None = None

    def stored(self) -> dict[str, Any]:
        """The conditions that are given, as JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def wanted(self, names: frozenset[str] | None) -> ChangeFilter:
        """The filter; customers by all of their ids."""
        kinds = frozenset(self.kinds) if self.kinds is not None else None
        return ChangeFilter(kinds, names, self.pipeline_id, self.owner)


class RegisterWebhookInput(Input):
    """An endpoint, and what it is told of."""

    url: Annotated[str, StringConstraints(max_length=MAX_URL)]
    filter: FilterInput | None = None
    after: str | None = None


class UpdateWebhookInput(Input):
    """What is another of a webhook; what is left out stays."""

    webhook_id: str
    state: Annotated[WebhookState | None, NEVER_NULL] = None
    filter: FilterInput | None = None
    redeliver_after: Annotated[str | None, NEVER_NULL] = None


@dataclass(slots=True)
class Standing:
    """A webhook as the process that holds it knows it; the columns of `webhooks/held`."""

    id: str
    url: str
    secret: str
    filter: str | None
    """JSON: the form of a ChangeFilter."""
    state: WebhookState
    at: int
    """The number of the last change that was delivered or left out."""
    failures: int
    last_error: str | None
    failing_since: int | None
    """When the first try failed of the change that it stands at, in epoch milliseconds."""
    revision: int
    """Grows with every change by updateWebhook: what a holder says of an older one does not count."""
    epoch: int
    """Grows when it is put elsewhere in the log: how far a holder came before does not count."""

    def row(self) -> dict[str, Any]:
        """What a holder keeps."""
        return {
            "id": self.id,
            "revision": self.revision,
            "epoch": self.epoch,
            "state": self.state.value,
            "at": self.at,
            "failures": self.failures,
            "lastError": self.last_error,
            "failingSince": self.failing_since,
        }


@dataclass(frozen=True, slots=True)
class Timing:
    """How long deliveries and leases take, in seconds."""

    look: float = 1.0
    """Between two looks at which webhooks there are; how far deliveries came is kept as often."""
    renew: float = 3.0
    """Between two renewals of what is held."""
    hold: float = 8.0
    """After which a holder that could not renew delivers nothing more."""
    lease: float = 10.0
    """After which another process takes what nobody renewed; longer than `hold`."""
    answer: float = 10.0
    """For one delivery in all."""
    first_retry: float = 1.0
    """The longest pause after the first failure; it doubles with each."""
    longest_retry: float = 3_600.0
    give_up: float = 24 * 3_600.0
    """After which a webhook whose endpoint takes nothing is FAILING."""
    end: float = 3.0
    """For giving back what is held when the process ends."""
