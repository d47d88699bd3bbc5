"""Tickets: from inputs in their JSON form to outcomes, after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.errors import UserError, UserErrorCode
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.lookup import NotACustomer, key_of
from service.identity.rules import Rules
from service.inputs import Invalid, parsed
from service.settings import Settings
from service.tickets.commands import OpenTicket, TicketDone, UpdateTicket
from service.tickets.models import OpenTicketInput, UpdateTicketInput


class TicketDesk:
    """Opens, answers and updates tickets."""

    def __init__(
        self, committer: Committer, settings: Settings, rules: Rules, expect: Callable[[int | None], None]
    ) -> None:
        """`expect` is told when an answer is due next, in epoch milliseconds."""
        self._committer = committer
        self._settings = settings
        self._rules = rules
        self._expect = expect

    async def open(self, raw: Mapping[str, Any], by: tuple[str, str, str]) -> TicketDone:
        """Opens a ticket (form: OpenTicketInput) of the customer named by a field, its kind and value."""
        field, kind, value = by
        try:
            ticket = parsed(OpenTicketInput, raw)
            key = key_of(kind, value, self._settings.region, self._rules.current)
        except Invalid as invalid:
            return TicketDone(errors=invalid.errors)
        except NotACustomer as error:
            wrong = UserError(UserErrorCode.INVALID, f"by.{field}: {error}", ("by", field))
            return TicketDone(errors=(wrong,))
        message = command_key("openTicket", ticket.idempotency_key)
        return await self._submit(OpenTicket(ticket, message, key, self._settings.response_times))

    async def update(self, raw: Mapping[str, Any]) -> TicketDone:
        """Changes or answers a ticket (form: UpdateTicketInput)."""
        try:
            update = parsed(UpdateTicketInput, raw)
        except Invalid as invalid:
            return TicketDone(errors=invalid.errors)
        message = command_key("updateTicket")
        return await self._submit(UpdateTicket(update, message, self._settings.response_times))

    async def _submit(self, command: OpenTicket | UpdateTicket) -> TicketDone:
        outcome: TicketDone = await self._committer.submit(command)
        self._expect(outcome.reminder)
        return outcome
