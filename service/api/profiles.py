"""GraphQL: correcting what is known of a customer. Inputs, payloads and mutations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import strawberry

from service.api.fields import related, written
from service.api.inputs import UserError, user_error
from service.api.scalars import Json
from service.customers.api import Customer
from service.identity.repository import CUSTOMER_OF

if TYPE_CHECKING:
    from service.services import Services


@strawberry.input
class UpdateCustomerInput:
    """Golden values set by hand. An attribute left out stays as it is; null withdraws what was set by hand."""

    customer_id: strawberry.ID
    """Whom; a former id of a merged customer does."""
    attributes: Json
    """A JSON object: name, city, …"""
    expected_version: int | None = strawberry.UNSET
    """Refuse it if the customer has another version by now."""


@strawberry.type
class CustomerPayload:
    """The customer as it is now; absent where the input was wrong, and then nothing was changed."""

    customer: Customer | None = related(CUSTOMER_OF, "anchor")
    """The customer as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


async def _update_customer(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    updated = await services.profiles.update(given)
    return {"anchor": updated.anchor, "userErrors": [user_error(one) for one in updated.errors]}


@strawberry.type
class ProfileMutation:
    """Correcting customers."""

    update_customer: CustomerPayload = written(_update_customer, UpdateCustomerInput)
    """Sets golden values by hand: before what any source says, until they are withdrawn with null."""
