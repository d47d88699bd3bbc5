"""Changing deals: from inputs in their JSON form to outcomes, after the commit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from service.deals.book import Dealt, refused
from service.deals.commands import CloseDeal, CreateDeal, MoveDeal
from service.deals.models import CloseDealInput, CreateDealInput, MoveDealInput
from service.errors import UserErrorCode
from service.graph.books import Command
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.lookup import NotACustomer, key_of
from service.identity.rules import Rules
from service.inputs import Invalid, parsed
from service.settings import Settings


class DealDesk:
    """Opens, moves and closes deals."""

    def __init__(self, committer: Committer, settings: Settings, rules: Rules) -> None:
        self._committer = committer
        self._settings = settings
        self._rules = rules

    async def create(self, raw: Mapping[str, Any], by: tuple[str, str, str]) -> Dealt:
        """Opens a deal (form: CreateDealInput) with the customer named by a field, its kind and value."""
        field, kind, value = by
        try:
            deal = parsed(CreateDealInput, raw)
            region = self._settings.region_of(deal.source or "")
            key = key_of(kind, value, region, self._rules.current)
        except Invalid as invalid:
            return Dealt(errors=invalid.errors)
        except NotACustomer as error:
            return refused(UserErrorCode.INVALID, f"by.{field}", str(error))
        message = command_key("createDeal", deal.idempotency_key or _token())
        return await self._submit(CreateDeal(deal, message, key))

    async def move(self, raw: Mapping[str, Any]) -> Dealt:
        """Moves a deal (form: MoveDealInput)."""
        try:
            return await self._submit(MoveDeal(parsed(MoveDealInput, raw), command_key("deal", _token())))
        except Invalid as invalid:
            return Dealt(errors=invalid.errors)

    async def close(self, raw: Mapping[str, Any]) -> Dealt:
        """Closes a deal (form: CloseDealInput)."""
        try:
            return await self._submit(CloseDeal(parsed(CloseDealInput, raw), command_key("deal", _token())))
        except Invalid as invalid:
            return Dealt(errors=invalid.errors)

    async def _submit(self, command: Command) -> Dealt:
        outcome: Dealt = await self._committer.submit(command)
        return outcome


def _token() -> str:
    """Tells one command from all others, so that a commit whose answer was lost is not made twice."""
    return secrets.token_hex(16)
