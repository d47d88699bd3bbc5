"""Changing accounts: from the input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from service import ids
from service.accounts.commands import Accounted, UpsertAccount, refused
from service.accounts.domains import FREE_MAIL, normal_domain
from service.accounts.models import UpsertAccountInput
from service.errors import UserErrorCode
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.normalising import Unusable
from service.inputs import Invalid, parsed


class AccountDesk:
    """Makes and changes accounts. Every outcome is final: committed, or it changed nothing."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer

    async def upsert(self, raw: Mapping[str, Any]) -> Accounted:
        """Makes or changes an account (form: UpsertAccountInput)."""
        try:
            account = parsed(UpsertAccountInput, raw)
        except Invalid as invalid:
            return Accounted(errors=invalid.errors)
        wrong = next((n for n, one in enumerate(account.customer_ids or ()) if not _is_customer(one)), None)
        if wrong is not None:
            message = f"not a customer's id; those begin with {ids.CUSTOMER}"
            return refused(UserErrorCode.INVALID, f"customerIds.{wrong}", message)
        if account.domain is not None:
            try:
                domain = normal_domain(account.domain)
            except Unusable as unusable:
                return refused(unusable.code, "domain", unusable.message)
            if domain in FREE_MAIL:
                message = f"anybody can have an address at {domain}; name the customers instead: customerIds"
                return refused(UserErrorCode.INVALID, "domain", message)
            account = account.model_copy(update={"domain": domain})
        # The token tells it from all others, so that a commit whose answer was lost is not made twice.
        command = UpsertAccount(account, command_key("account", secrets.token_hex(16)))
        outcome: Accounted = await self._committer.submit(command)
        return outcome


def _is_customer(text: str) -> bool:
    return ids.prefix_of(text) == ids.CUSTOMER
