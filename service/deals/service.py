"""Changing deals: from inputs in their JSON form to outcomes, after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from service.deals.book import Dealt
from service.deals.commands import CloseDeal, CreateDeal, MoveDeal, ReopenDeal, UpdateDeal
from service.deals.models import (
    CloseDealInput,
    CreateDealInput,
    MoveDealInput,
    ReopenDealInput,
    UpdateDealInput,
)
from service.deals.pipelines import Piped, UpsertPipeline, UpsertPipelineInput
from service.errors import Refused, UserErrorCode
from service.graph.books import Command
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.lookup import NotACustomer, key_of
from service.identity.rules import Rules
from service.inputs import Input, Invalid, parsed
from service.settings import Settings

F = TypeVar("F", bound=Input)


class DealDesk:
    """Opens, changes, moves, closes and reopens deals."""

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
            return Dealt(errors=(Refused(UserErrorCode.INVALID, f"by.{field}", str(error)).error,))
        message = command_key("createDeal", deal.idempotency_key)
        return await self._submit(CreateDeal(deal, message, key))

    async def upsert_pipeline(self, raw: Mapping[str, Any]) -> Piped:
        """Makes or changes a pipeline (form: UpsertPipelineInput)."""
        try:
            command = UpsertPipeline(parsed(UpsertPipelineInput, raw), command_key("pipeline"))
        except Invalid as invalid:
            return Piped(errors=invalid.errors)
        # Alone: which stages deals are in is looked up before other commands of a batch would move them.
        outcome: Piped = await self._committer.submit(command, alone=True)
        return outcome

    async def update(self, raw: Mapping[str, Any]) -> Dealt:
        """Changes a deal's own properties (form: UpdateDealInput)."""
        return await self._changed(UpdateDealInput, UpdateDeal, raw)

    async def move(self, raw: Mapping[str, Any]) -> Dealt:
        """Moves a deal (form: MoveDealInput)."""
        return await self._changed(MoveDealInput, MoveDeal, raw)

    async def close(self, raw: Mapping[str, Any]) -> Dealt:
        """Closes a deal (form: CloseDealInput)."""
        return await self._changed(CloseDealInput, CloseDeal, raw)

    async def reopen(self, raw: Mapping[str, Any]) -> Dealt:
        """Lets a closed deal go on (form: ReopenDealInput)."""
        return await self._changed(ReopenDealInput, ReopenDeal, raw)

    async def _changed(self, form: type[F], command: Callable[[F, str], Command], raw: Mapping[str, Any]) -> Dealt:
        try:
            return await self._submit(command(parsed(form, raw), command_key("deal")))
        except Invalid as invalid:
            return Dealt(errors=invalid.errors)

    async def _submit(self, command: Command) -> Dealt:
        outcome: Dealt = await self._committer.submit(command)
        return outcome
