"""What the service can do, as one value that the API is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.access.service import KeyDesk
from service.accounts.service import AccountDesk
from service.changes.feed import Feed
from service.customers.finding import Finder
from service.customers.service import ProfileDesk
from service.deals.service import DealDesk
from service.exports.service import Exports
from service.exports.values import ExportKind
from service.forecasts.service import Forecaster
from service.graph.committer import Committer
from service.identity.rules import Rules
from service.identity.service import IdentityDesk
from service.journeys.service import Analyst
from service.leads.service import LeadDesk
from service.matches.everyone import Everyone
from service.matches.service import MatchDesk
from service.notes.service import NoteDesk
from service.settings import Settings
from service.surroundings import Surroundings
from service.tasks.service import TaskDesk
from service.tickets.service import TicketDesk
from service.touchpoints.service import Recorder
from service.webhooks.service import WebhookDesk


@dataclass(frozen=True, slots=True)
class Services:
    """The domains' services, over one graph and one committer."""

    settings: Settings
    recorder: Recorder
    deals: DealDesk
    accounts: AccountDesk
    exports: Callable[[ExportKind], Exports]
    leads: LeadDesk
    profiles: ProfileDesk
    identity: IdentityDesk
    rules: Rules
    finder: Finder
    analyst: Analyst
    forecaster: Forecaster
    matches: MatchDesk
    everyone: Everyone
    tasks: TaskDesk
    tickets: TicketDesk
    notes: NoteDesk
    feed: Feed
    webhooks: WebhookDesk
    committer: Committer
    keys: KeyDesk

    @property
    def surroundings(self) -> Surroundings:
        """What reads depend on."""
        return Surroundings(self.settings, self.rules)
