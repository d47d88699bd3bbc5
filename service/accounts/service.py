"""Changing accounts: from the input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

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
            command = account_command(raw, command_key("account"))
        except Invalid as invalid:
            return Accounted(errors=invalid.errors)
        outcome: Accounted = await self._committer.submit(command)
        return outcome


def account_command(raw: Mapping[str, Any], message_key: str) -> UpsertAccount:
    """The command that makes or changes an account (form: UpsertAccountInput); raises Invalid."""
    account = parsed(UpsertAccountInput, raw)
    wrong = next((n for n, one in enumerate(account.customer_ids or ()) if not _is_customer(one)), None)
    if wrong is not None:
        message = f"not a customer's id; those begin with {ids.CUSTOMER}"
        raise Invalid(refused(UserErrorCode.INVALID, f"customerIds.{wrong}", message).errors)
    if account.domain is not None:
        account = account.model_copy(update={"domain": _domain(account.domain)})
    return UpsertAccount(account, message_key)


def _domain(text: str) -> str:
    try:
        domain = normal_domain(text)
    except Unusable as unusable:
        raise Invalid(refused(unusable.code, "domain", unusable.message).errors) from None
    if domain in FREE_MAIL:
        message = f"anybody can have an address at {domain}; name the customers instead: customerIds"
        raise Invalid(refused(UserErrorCode.INVALID, "domain", message).errors)
    return domain


def _is_customer(text: str) -> bool:
    return ids.prefix_of(text) == ids.CUSTOMER
