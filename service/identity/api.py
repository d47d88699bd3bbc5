"""GraphQL: identifiers, and how a customer is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from pydantic.alias_generators import to_camel

from service.api.fields import column, related
from service.api.nodes import Node
from service.errors import BadInput
from service.identity import repository
from service.identity.lookup import NotACustomer, key_of
from service.reads.relations import KEY, Bound
from service.settings import Settings

if TYPE_CHECKING:
    from service.customers.api import Customer


@strawberry.input
class IdentifierInput:
    """A kind (user_id, email, phone, cookie, device, …, or external:<source>) and a value in any spelling."""

    kind: str
    """user_id, email, phone, loyalty_card, wechat_openid, facebook_id, app_id, advertising_id, cookie, device,
    or external:<source>."""
    value: str
    """In any spelling: e-mails and phones are normalised."""


@strawberry.input(one_of=True)
class CustomerBy:
    """Exactly one way to name a customer. A former id, and every identifier it ever had, still finds it."""

    id: strawberry.ID | None = strawberry.UNSET
    """A customer's id, a former one too."""
    email: str | None = strawberry.UNSET
    """An e-mail address in any spelling."""
    phone: str | None = strawberry.UNSET
    """A phone number in any spelling; without country code it needs a region in the settings."""
    cookie: str | None = strawberry.UNSET
    """A cookie."""
    device: str | None = strawberry.UNSET
    """A device."""
    user_id: str | None = strawberry.UNSET
    """The tenant's own log-in."""
    identifier: IdentifierInput | None = strawberry.UNSET
    """An identifier of any kind."""


def named(by: Mapping[str, Any]) -> tuple[str, str, str]:
    """The field of a look-up that was given, with the kind and value that it says."""
    ((field, value),) = by.items()
    if field == "identifier":
        if value["kind"] == "id":
            raise BadInput("by.identifier.kind", "there is no kind 'id'; name a customer's id with by: {id: …}")
        return field, value["kind"], value["value"]
    return field, "user_id" if field == "userId" else field, value


def named_customer(settings: Settings, by: CustomerBy) -> Bound:
    """Whom a look-up names."""
    given = {to_camel(name): value for name, value in vars(by).items() if value is not strawberry.UNSET}
    if isinstance(by.identifier, IdentifierInput):
        given["identifier"] = vars(by.identifier)
    field, kind, value = named(given)
    try:
        return Bound(repository.CUSTOMER_OF, {KEY: key_of(kind, value, settings.region)})
    except NotACustomer as error:
        raise BadInput(f"by.{field}", str(error)) from None


def of_kinds(_settings: Settings, kinds: list[str] | None = None) -> Bound:
    """A customer's identifiers, or those of some kinds."""
    return Bound(repository.OF_CUSTOMER, {"kinds": kinds})


@strawberry.type
class Identifier(Node):
    """What a person was seen with: a cookie, an address, a number, an account."""

    id: strawberry.ID = column("id")
    kind: str = column("kind")
    """user_id, email, phone, cookie, …"""
    value: str = column("value")
    """Normalised."""
    raw_value: str = column("rawValue")
    """As first received, before normalising."""
    generic: bool = column("generic")
    """Too many people share it: it identifies nobody, until set by hand."""
    first_seen_at: datetime = column("firstSeenAt")
    """When an event with it first occurred."""
    last_seen_at: datetime = column("lastSeenAt")
    """When an event with it last occurred."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] | None = related(
        repository.CUSTOMER_OF, "key"
    )
    """Whom it identifies now."""
