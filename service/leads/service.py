"""Leads: from inputs in their JSON form to outcomes, after the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from service.graph.books import Command
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.events import evidence
from service.identity.recording import Recorded
from service.identity.rules import Rules
from service.inputs import Invalid, parsed
from service.leads.commands import ConvertLead, CreateLead, Led, UpdateLead
from service.leads.models import ConvertLeadInput, CreateLeadInput, UpdateLeadInput
from service.settings import Settings


class LeadDesk:
    """Creates, changes and converts leads. Every outcome is final: it is committed, or it changed nothing."""

    def __init__(self, committer: Committer, settings: Settings, rules: Rules) -> None:
        self._committer = committer
        self._settings = settings
        self._rules = rules

    async def create(self, raw: Mapping[str, Any]) -> Recorded:
        """Creates a lead (form: CreateLeadInput)."""
        try:
            outcome: Recorded = await self._committer.submit(self._creation(raw))
        except Invalid as invalid:
            return Recorded(errors=invalid.errors)
        return outcome

    def _creation(self, raw: Mapping[str, Any]) -> Command:
        lead = parsed(CreateLeadInput, raw)
        region = self._settings.region_of(lead.source)
        claim = evidence(lead.event(), region, datetime.now(UTC), self._rules.current)
        return CreateLead(lead, claim, command_key("createLead", lead.idempotency_key))

    async def update(self, raw: Mapping[str, Any]) -> Led:
        """Changes a lead's status or owner (form: UpdateLeadInput)."""
        return await self._submit(lambda: UpdateLead(parsed(UpdateLeadInput, raw), command_key("updateLead")))

    async def convert(self, raw: Mapping[str, Any]) -> Led:
        """Makes a deal of a lead (form: ConvertLeadInput)."""
        return await self._submit(lambda: ConvertLead(parsed(ConvertLeadInput, raw)))

    async def _submit(self, command: Callable[[], Command]) -> Led:
        try:
            outcome: Led = await self._committer.submit(command())
        except Invalid as invalid:
            return Led(errors=invalid.errors)
        return outcome
