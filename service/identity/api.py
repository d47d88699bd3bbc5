"""GraphQL: identifiers, and how a customer is named."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from service.api.context import Info
from service.api.nodes import Node
from service.api.scalars import moment
from service.errors import BadInput
from service.identity import repository
from service.identity.lookup import NotACustomer, key_of
from service.identity.repository import IdentifierRow

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

    def named(self) -> tuple[str, str, str]:
        """The field that was given, with the kind and value that it says."""
        if isinstance(self.identifier, IdentifierInput):
            if self.identifier.kind == "id":
                raise BadInput(
                    "by.identifier.kind", "there is no kind 'id'; name a customer's id with by: {id: …}"
                )
            return "identifier", self.identifier.kind, self.identifier.value
        for field in ("id", "email", "phone", "cookie", "device", "user_id"):
            value = getattr(self, field)
            if isinstance(value, str):
                return ("userId" if field == "user_id" else field), field, value
        raise BadInput("by", "name the customer by exactly one field")


def lookup_key(by: CustomerBy, info: Info) -> str:
    """The key of the identifier that names a customer."""
    field, kind, value = by.named()
    try:
        return key_of(kind, value, info.context.services.settings.region)
    except NotACustomer as error:
        raise BadInput(f"by.{field}", str(error)) from None


@strawberry.type
class Identifier(Node):
    """What a person was seen with: a cookie, an address, a number, an account."""

    row: strawberry.Private[IdentifierRow]
    kind: str
    """user_id, email, phone, cookie, …"""
    value: str
    """Normalised."""
    raw_value: str = strawberry.field(description="As first received, before normalising.")
    generic: bool = strawberry.field(
        description="Too many people share it: it identifies nobody, until set by hand."
    )

    @classmethod
    def of(cls, row: IdentifierRow) -> Identifier:
        """The API's form of an identifier."""
        return cls(
            id=strawberry.ID(row.id),
            row=row,
            kind=row.kind,
            value=row.value,
            raw_value=row.raw_value,
            generic=row.generic,
        )

    @strawberry.field(description="When an event with it first occurred.")
    def first_seen_at(self) -> datetime:
        return moment(self.row.first_seen_at)

    @strawberry.field(description="When an event with it last occurred.")
    def last_seen_at(self) -> datetime:
        return moment(self.row.last_seen_at)

    @strawberry.field(description="Whom it identifies now.")
    async def customer(self, info: Info) -> Annotated[Customer, strawberry.lazy("service.customers.api")] | None:
        from service.customers.api import customer_by_key

        return await customer_by_key(self.row.key, info)


async def identifiers_by_ids(ids: list[str], info: Info) -> list[Node | None]:
    """Identifiers by global id; a customer's own one is not shown."""
    rows = await info.context.many(repository.identifiers_by_ids, ids)
    return [Identifier.of(row) if row and row.kind != "customer" else None for row in rows]
