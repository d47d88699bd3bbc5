"""The Starlette application, and the only place where everything is wired together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from starlette.types import ASGIApp

from service.access.authenticator import Authenticator
from service.access.models import OPERATOR
from service.access.service import KeyDesk
from service.accounts.commands import Accounts
from service.accounts.service import AccountDesk
from service.api.admission import Admission
from service.api.browsers import allowing
from service.api.context import Context
from service.api.documents import Documents
from service.api.execution import Executor, explanation
from service.api.metrics import scraped
from service.api.observing import Observing
from service.api.pages import pages
from service.api.rates import Rates
from service.api.schema import types
from service.api.transport import GraphQLEndpoint
from service.api.trusted import manifest
from service.changes.book import Changes
from service.changes.feed import Feed
from service.changes.retention import Retention
from service.customers.finding import Finder
from service.customers.merging import merge_conflicts
from service.customers.recording import Profiles
from service.customers.search_keys import SearchKeys
from service.customers.service import ProfileDesk
from service.deals.book import Deals
from service.deals.service import DealDesk
from service.errors import ServiceError
from service.exports.service import Exports
from service.forecasts.service import Forecaster
from service.graph.books import Book
from service.graph.client import Graph
from service.graph.committer import Committer
from service.graph.messages import Messages
from service.graph.readiness import trouble
from service.identity.book import Identities
from service.identity.chores import chore
from service.identity.facts import Moves
from service.identity.kind_rules import KindRules
from service.identity.rules import Rules
from service.identity.service import IdentityDesk
from service.identity.stewardship import Stewardship
from service.journeys.service import Analyst
from service.leads.book import Leads
from service.leads.service import LeadDesk
from service.matches.book import Matches
from service.matches.everyone import Everyone
from service.matches.matcher import Matcher
from service.matches.service import MatchDesk
from service.notes.book import Notes
from service.notes.service import NoteDesk
from service.notes.subjects import Subjects
from service.observing.standing import standing
from service.observing.watch import Watch
from service.opening import open_graph
from service.reads.compiled import Compiled
from service.reads.gathering import Gatherer
from service.reminders import Reminders
from service.services import Services
from service.settings import Auth, Settings
from service.surroundings import Surroundings
from service.tasks.book import Tasks
from service.tasks.service import TaskDesk
from service.tickets.book import Tickets
from service.tickets.service import TicketDesk
from service.touchpoints.recording import Facts
from service.touchpoints.service import Recorder
from service.webhooks.addresses import target
from service.webhooks.delivery import Delivery
from service.webhooks.endpoint import Endpoint
from service.webhooks.leases import Deliver, Leases
from service.webhooks.models import Standing, Timing
from service.webhooks.service import WebhookDesk

_PATIENCE: Final = 0.8
"""Part of a request's time that its writes are tried for: so the answer says what became of them."""
_SWEEP_SECONDS: Final = 60.0
_CHORES: Final = 100

log = logging.getLogger(__name__)


def _books(settings: Settings, rules: Rules) -> list[Book]:
    """The books of one transaction, in the order of loading and writing."""
    matched = settings.matching
    identity: list[Book] = [Identities(rules, matched=matched), Stewardship(), Moves(), KindRules()]
    profiles: list[Book] = [Profiles(settings.golden_rules, matched=matched), SearchKeys()]
    sales: list[Book] = [Accounts(), Deals(), Leads()]
    service: list[Book] = [Subjects(), Tasks(), Tickets(), Notes()]
    return [Messages(), *identity, Facts(), *profiles, *sales, *service, Matches(matched=matched), Changes()]


@asynccontextmanager
async def open_services(
    settings: Settings,
    graph: Graph,
    *,
    matching: bool = True,
    reminding: bool = True,
    delivering: Timing | None = None,
    watch: Watch | None = None,
) -> AsyncIterator[Services]:
    """The domains' services over a graph; what waits to be written is committed at the end.

    Without `matching` who is recorded is left to another process to match; without `reminding` what becomes due,
    to be told of. Webhooks are delivered to with `delivering` only.
    """
    rules, marked, feed = Rules(), asyncio.Event(), Feed(graph)
    committer = Committer(
        graph,
        lambda: _books(settings, rules),
        chore=chore,
        max_waiting=settings.max_waiting_writes,
        patience_seconds=_PATIENCE * settings.request_timeout_seconds,
        marked=marked.set,
        committed=feed.wake,
        watch=watch,
    )
    matcher = Matcher(graph, committer, settings, marked)
    reminders = Reminders(graph, committer)
    committer.start()
    retention = Retention(graph, days=settings.changes_kept_days, most=settings.changes_kept)
    running = _sweep(graph, committer), feed.run(), retention.run()
    beside = [asyncio.create_task(one) for one in running]
    if settings.matching and matching:
        beside.append(asyncio.create_task(matcher.run()))
    if reminding:
        beside.append(asyncio.create_task(reminders.run()))
    timing = delivering or Timing()
    leases = Leases(graph, _deliver(settings, graph, feed, timing), timing)
    if delivering:
        beside.append(asyncio.create_task(leases.run()))
    try:
        yield Services(
            settings,
            Recorder(committer, settings, rules),
            DealDesk(committer, settings, rules),
            AccountDesk(committer),
            lambda kind: Exports(kind, graph, committer, settings, rules),
            LeadDesk(committer, settings, rules),
            ProfileDesk(committer),
            IdentityDesk(graph, committer, settings, rules, merge_conflicts),
            rules,
            Finder(graph, committer, settings),
            Analyst(graph, settings.report_timeout_seconds),
            Forecaster(graph, settings.report_timeout_seconds),
            MatchDesk(graph, committer),
            Everyone(graph, matcher, settings),
            TaskDesk(committer, reminders.expect),
            TicketDesk(committer, settings, rules, reminders.expect),
            NoteDesk(committer),
            feed,
            WebhookDesk(graph, loopback=settings.webhook_loopback, changed=leases.look),
            committer,
            KeyDesk(graph),
        )
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        await committer.close(settings.shutdown_timeout_seconds)


def _deliver(settings: Settings, graph: Graph, feed: Feed, timing: Timing) -> Deliver:
    """What makes the delivery of a webhook that this process holds."""

    def deliver(standing: Standing, renewed: float, news: Callable[[], None]) -> Delivery:
        # The setting may be another one than when it was registered: connections are judged by what it is now.
        where = target(standing.url, loopback=True)
        endpoint = Endpoint(where, loopback=settings.webhook_loopback, answer_seconds=timing.answer)
        return Delivery(standing, endpoint, graph, feed, timing, renewed=renewed, news=news)

    return deliver


async def _sweep(graph: Graph, committer: Committer) -> None:
    """Takes up the chores that a process left behind that ended in the middle."""
    while True:
        try:
            committer.take_up(key for (key,) in await graph.rows("identity/chores", limit=_CHORES))
        except ServiceError:
            pass  # The graph is away: it is asked again.
        except Exception:
            log.exception("taking up chores goes on later")
        await asyncio.sleep(_SWEEP_SECONDS)


def create_app(
    settings: Settings,
    graph: Graph,
    services: Services,
    watch: Watch,
    authenticator: Authenticator,
    documents: Documents,
) -> tuple[ASGIApp, Callable[[], None]]:
    """The application over an open graph, and what tells its streams that it ends."""
    compiled = None
    if settings.compiled_reads:
        gatherer = Gatherer(graph, together=settings.coalesced_reads)
        compiled = Compiled(types, gatherer, services.surroundings)
    rates = Rates(settings.cost_per_minute) if settings.cost_per_minute else None
    endpoint = GraphQLEndpoint(
        Executor(
            types,
            lambda caller: Context(graph, services, caller),
            compiled,
            Admission(settings.request_timeout_seconds, settings.limits.cost, rates),
            documents,
        ),
        authenticator,
        max_body_bytes=settings.max_body_bytes,
        timeout_seconds=settings.request_timeout_seconds,
    )
    metrics = scraped(
        watch.metrics,
        lambda: standing(graph, services.committer, services.feed, watch.open),
        authenticator,
    )
    # Where who asks must show a key, a page that has its own name lead here gets nothing by it.
    hosts = settings.allowed_hosts or (("*",) if settings.auth is Auth.REQUIRED else ())
    # In front of the framework: its routing and middleware are a tenth of what a read costs this process.
    application = allowing(
        Observing(endpoint, watch),
        pages(partial(trouble, graph, services.committer), metrics),
        path="/graphql",
        hosts=hosts,
        origins=settings.cors_origins,
    )
    return application, endpoint.close


def documents_of(settings: Settings) -> Documents:
    """What documents are answered, by the settings; raises ServiceError where the manifest of them is wrong."""
    trusted = manifest(settings.trusted_documents) if settings.trusted_documents else None
    return Documents(
        types,
        settings.limits,
        trusted=trusted,
        introspection=settings.introspection,
        suggestions=settings.suggestions,
    )


def explain_document(settings: Settings, query: str, variables: dict[str, Any]) -> str:
    """How a document would be answered, without a graph."""
    return explanation(types, Compiled(types, None, Surroundings(settings, Rules())), query, variables)


async def answer_once(settings: Settings, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The answer to one document, on a graph that is opened for it; raises RequestRefused."""
    async with open_graph(settings) as graph, open_services(settings, graph) as services:
        executor = Executor(
            types,
            lambda caller: Context(graph, services, caller),
            None,
            Admission(settings.request_timeout_seconds),
        )
        return await executor.run(
            query=query, variables=variables, operation_name=None, caller=OPERATOR, may_write=False
        )
