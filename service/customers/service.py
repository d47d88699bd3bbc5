"""Correcting customers by hand: from the input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.customers.commands import UpdateCustomer, Updated, refused
from service.customers.models import UpdateCustomerInput
from service.errors import UserErrorCode
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.lookup import NotACustomer, key_of
from service.inputs import Invalid, parsed


class ProfileDesk:
    """Sets golden values by hand."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def update(self, raw: Mapping[str, Any]) -> Updated:
        """Sets or withdraws attributes of a customer (form: UpdateCustomerInput)."""
        try:
            update = parsed(UpdateCustomerInput, raw)
            key = key_of("id", update.customer_id, None)
        except Invalid as invalid:
            return Updated(errors=invalid.errors)
        except NotACustomer as error:
            return refused(UserErrorCode.INVALID, "customerId", str(error))
        token = command_key("updateCustomer")
        outcome: Updated = await self._committer.submit(UpdateCustomer(update, token, key))
        return outcome
