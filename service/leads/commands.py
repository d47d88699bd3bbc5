"""Creating, changing and converting leads: the commands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service import ids
from service.customers.recording import describe, excess_of
from service.deals.book import Deals, PipelinesNeed
from service.deals.models import NewDeal
from service.errors import Refused, UserError, UserErrorCode
from service.graph.books import Books
from service.graph.messages import Message, MessageNeed, Messages, command_key
from service.identity.book import Identities, IdentityNeed
from service.identity.events import under
from service.identity.models import Evidence
from service.identity.recording import Recorded, record_once
from service.identity.records import Resolution
from service.leads.book import LeadNeed, Leads
from service.leads.models import ConvertLeadInput, CreateLeadInput, LeadStatus, UpdateLeadInput
from service.positions import position


@dataclass(frozen=True, slots=True)
class Led:
    """The outcome: the lead and the deal that it became, or what is wrong with the input."""

    lead_id: str | None = None
    deal_id: str | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateLead:
    """Records that somebody might buy: who it is follows from the identifiers, as for any event."""

    lead: CreateLeadInput
    evidence: Evidence
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message and its identifiers; with attributes, their customers with all that the sources say."""
        opens = bool(self.lead.attributes)
        return (MessageNeed(self.message_key), IdentityNeed(opens=opens, evidence=self.evidence))

    def decide(self, books: Books) -> Recorded:
        """A new lead on the strongest of its identifiers, with what the source says of the customer."""
        if books[Messages][self.message_key] is None and (errors := self._objections(books)):
            return Recorded(errors=errors)
        lead_id = books.mint(ids.LEAD)
        # The evidence names the lead as what led to it.
        claim = replace(self.evidence, message_id=lead_id)

        def write(resolution: Resolution, draft: Message) -> Message:
            if self.lead.attributes:
                describe(claim, self.lead.attributes, resolution, books)
            message = replace(draft, subject_id=lead_id)
            books[Messages].enter(message, has_node=False)
            books[Leads].create(self._properties(lead_id, resolution, books.now), books)
            return message

        return record_once(books, claim, "lead", write, self.message_key)

    def _objections(self, books: Books) -> tuple[UserError, ...]:
        """Why nobody can be told by the identifiers, or why there are too many attributes."""
        claim = under(self.evidence, books[Identities].partition.rules)
        if not claim.identifiers:
            # None can be used, so the reasons are in the order of the identifiers.
            return tuple(
                UserError(one.code, f"identifiers.{place}: {one.message}", ("identifiers", str(place)))
                for place, one in enumerate(claim.unusable)
            )
        excess = excess_of(claim, self.lead.attributes or {}, books)
        return (excess,) if excess else ()

    def _properties(self, lead_id: str, resolution: Resolution, now: int) -> dict[str, Any]:
        return {
            "id": lead_id,
            "identifierKey": resolution.anchor,
            "identifierKeys": list(resolution.accepted or (resolution.anchor,)),
            "leftOutKeys": list(resolution.left_out) or None,
            "position": position(now, lead_id),
            "title": self.lead.title,
            "status": LeadStatus.NEW.value,
            "owner": self.lead.owner,
            "source": self.lead.source,
            "dealId": None,
            "createdAt": now,
            "updatedAt": now,
        }


@dataclass(frozen=True, slots=True)
class UpdateLead:
    """Gives a lead another status or owner."""

    update: UpdateLeadInput
    message_key: str

    def needs(self) -> Iterable[object]:
        """Its message and the lead."""
        return (MessageNeed(self.message_key), LeadNeed(self.update.lead_id))

    def decide(self, books: Books) -> Led:
        """The lead as it is then; what is so already is no change."""
        lead_id = self.update.lead_id
        if books[Messages][self.message_key] is not None:
            return Led(lead_id)
        try:
            lead = books[Leads].records.expected(lead_id)
            changes = self._changes(lead)
        except Refused as no:
            return Led(errors=(no.error,))
        if changes:
            fields = sorted(changes)
            if "status" in changes:
                changes["closedAt"] = None if LeadStatus(changes["status"]).is_open else books.now
            books[Leads].change(lead_id, changes, fields, books)
            message = Message(self.message_key, "lead", lead_id, lead["identifierKey"], "[]")
            books[Messages].enter(message, has_node=False)
        return Led(lead_id)

    def _changes(self, lead: Mapping[str, Any]) -> dict[str, Any]:
        asked: dict[str, Any] = {}
        if self.update.status is not None:
            asked["status"] = self.update.status.value
        if "owner" in self.update.model_fields_set:
            asked["owner"] = self.update.owner
        changes = {name: value for name, value in asked.items() if lead[name] != value}
        if "status" in changes and lead["status"] == LeadStatus.CONVERTED.value:
            raise Refused(
                UserErrorCode.INVALID, "status", "the lead became a deal; change that one, or create another lead"
            )
        return changes


@dataclass(frozen=True, slots=True)
class ConvertLead:
    """Makes a deal of a lead, with the same customer, once."""

    convert: ConvertLeadInput

    def needs(self) -> Iterable[object]:
        """The lead and the pipelines. That it became a deal is all that a repetition must know."""
        return (LeadNeed(self.convert.lead_id), PipelinesNeed())

    def decide(self, books: Books) -> Led:
        """The deal, on the lead's identifier; of a lead that is converted already, the one that it became."""
        lead_id = self.convert.lead_id
        try:
            lead = books[Leads].records.expected(lead_id)
            if lead["dealId"] is not None:
                return Led(lead_id, lead["dealId"])
            deal_id = self._open(lead, books)
        except Refused as no:
            return Led(errors=(no.error,))
        converted = {"status": LeadStatus.CONVERTED.value, "dealId": deal_id, "closedAt": books.now}
        books[Leads].change(lead_id, converted, ("deal", "status"), books)
        return Led(lead_id, deal_id)

    def _open(self, lead: Mapping[str, Any], books: Books) -> str:
        if not LeadStatus(lead["status"]).is_open:
            raise Refused(
                UserErrorCode.INVALID, "leadId", "the lead is disqualified; reopen it with updateLead first"
            )
        customer_id = books[Identities].partition.owner_of(lead["identifierKey"])
        if customer_id is None:
            raise Refused(UserErrorCode.NOT_FOUND, "leadId", "whose lead it is is being found out; try again")
        return books[Deals].open(
            self._deal(lead),
            identifier_key=lead["identifierKey"],
            customer_id=customer_id,
            message_key=command_key("convertLead", lead["id"]),
            books=books,
        )

    def _deal(self, lead: Mapping[str, Any]) -> NewDeal:
        given = self.convert
        return NewDeal(
            given.title or lead["title"],
            given.amount,
            given.pipeline_id,
            owner=lead["owner"],
            source=lead["source"],
            expected_close_on=given.expected_close_on,
        )
