"""Setting attributes by hand: the command and what it decides. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.customers.models import UpdateCustomerInput
from service.customers.recording import Profiles, log_golden, shown, too_much
from service.customers.rules import SurvivorshipRule
from service.customers.survivorship import Golden, told
from service.errors import UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import Identities, IdentityNeed
from service.identity.events import BY_HAND
from service.identity.records import CustomerRecord


@dataclass(frozen=True, slots=True)
class Updated:
    """The outcome: the key of the identifier that names the customer, or what is wrong with the input."""

    anchor: str | None = None
    errors: tuple[UserError, ...] = ()


def refused(code: UserErrorCode, field: str, message: str) -> Updated:
    """The outcome of an update that changes nothing."""
    return Updated(errors=(UserError(code, f"{field}: {message}", (field,)),))


@dataclass(frozen=True, slots=True)
class UpdateCustomer:
    """Sets attributes of a customer by hand, or withdraws what was set.

    What is set hangs on the own identifier of the id that was given, as what a source says hangs on the identifier
    that it was said of: so after a split each side has what was set for it.
    """

    update: UpdateCustomerInput
    message_key: str
    customer_key: str
    """Of the own identifier that names the customer; a former one too."""

    def needs(self) -> Iterable[object]:
        """Its message, and the customer with all that the sources say."""
        return (MessageNeed(self.message_key), IdentityNeed((self.customer_key,), opens=True))

    def decide(self, books: Books) -> Updated:
        """The attributes as set; a version more only if the customer shows something else now."""
        if books[Messages][self.message_key] is not None:
            return Updated(self.customer_key)
        customer = books[Identities].partition.customer_of(self.customer_key)
        if customer is None:
            return refused(
                UserErrorCode.NOT_FOUND, "customerId", "there is no such customer; look it up by customer"
            )
        expected = self.update.expected_version
        if expected is not None and expected != customer.version:
            return refused(
                UserErrorCode.VERSION_CONFLICT,
                "expectedVersion",
                f"the customer is at version {customer.version} by now; read it again, then update that version",
            )
        return self._write(books, customer)

    def _write(self, books: Books, customer: CustomerRecord) -> Updated:
        profiles = books[Profiles]
        before = profiles.golden(customer.id, books)
        attributes = self._changes(before)
        if not attributes:
            return Updated(self.customer_key)
        stored = profiles.of_source(BY_HAND, self.customer_key, books)
        said = told(stored, attributes, _moment(before, attributes, books.now))
        if excess := said.excess():
            return Updated(errors=(too_much(excess),))
        profiles.enter(said, customer.id)
        log_golden(shown(before), customer.id, books)
        books[Messages].enter(Message(self.message_key, "update", said.id, said.anchor, "[]"), has_node=False)
        return Updated(self.customer_key)

    def _changes(self, before: Mapping[str, Golden]) -> dict[str, Any]:
        """What is set or withdrawn. Withdrawing what was never set says nothing, also not about later merges."""
        given = self.update.attributes or {}
        return {name: value for name, value in given.items() if value is not None or _is_set(before.get(name))}


def _is_set(golden: Golden | None) -> bool:
    return golden is not None and golden.rule is SurvivorshipRule.SET_BY_HAND


def _moment(before: Mapping[str, Golden], attributes: Iterable[str], now: int) -> int:
    """Now, but later than what was set by hand of these attributes: within one transaction all is now."""
    set_at = (before[name].chosen.observed_at for name in attributes if _is_set(before.get(name)))
    return max([now, *(at + 1 for at in set_at)])
