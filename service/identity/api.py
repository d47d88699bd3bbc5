"""GraphQL: identifiers, the evidence between them and their history, and how a customer is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from pydantic.alias_generators import to_camel

from service.api.fields import asked, column, related
from service.api.nodes import Node
from service.api.pagination import Connection
from service.errors import BadInput
from service.identity import repository, weak_links
from service.identity.evidence import StoredLink
from service.identity.explanation import explained
from service.identity.kinds import Kinds
from service.identity.lookup import NotACustomer, key_of
from service.identity.models import IdentityEventKind, LinkMethod, RawIdentifier
from service.identity.records import own_key
from service.reads.connections import page_before
from service.reads.relations import KEY, Bound
from service.surroundings import Surroundings

if TYPE_CHECKING:
    from service.api.context import Context
    from service.customers.api import Customer

strawberry.enum(LinkMethod, description="How it is known that two identifiers are one person's.")
strawberry.enum(IdentityEventKind, description="What happened to who is who.")


@strawberry.input
class IdentifierInput:
    """A kind (user_id, email, phone, cookie, device, …, or external:<source>) and a value in any spelling."""

    kind: str
    """user_id, email, phone, loyalty_card, wechat_openid, facebook_id, app_id, advertising_id, cookie, device,
    or external:<source>."""
    value: str
    """In any spelling: e-mails and phones are normalised."""


@strawberry.input(one_of=True)
class CustomerBy:
    """Exactly one way to name a customer. A former id, and every identifier it ever had, still finds it."""

    id: strawberry.ID | None = strawberry.UNSET
    """A customer's id, a former one too."""
    email: str | None = strawberry.UNSET
    """An e-mail address in any spelling."""
    phone: str | None = strawberry.UNSET
    """A phone number in any spelling; without country code it needs a region in the settings."""
    cookie: str | None = strawberry.UNSET
    """A cookie."""
    device: str | None = strawberry.UNSET
    """A device."""
    user_id: str | None = strawberry.UNSET
    """The tenant's own log-in."""
    identifier: IdentifierInput | None = strawberry.UNSET
    """An identifier of any kind."""


def named(by: Mapping[str, Any]) -> tuple[str, str, str]:
    """The field of a look-up that was given, with the kind and value that it says."""
    ((field, value),) = by.items()
    if field == "identifier":
        if value["kind"] == "id":
            raise BadInput("by.identifier.kind", "there is no kind 'id'; name a customer's id with by: {id: …}")
        return field, value["kind"], value["value"]
    return field, "user_id" if field == "userId" else field, value


def named_customer(around: Surroundings, by: CustomerBy) -> Bound:
    """Whom a look-up names."""
    given = {to_camel(name): value for name, value in vars(by).items() if value is not strawberry.UNSET}
    if isinstance(by.identifier, IdentifierInput):
        given["identifier"] = vars(by.identifier)
    field, kind, value = named(given)
    try:
        return Bound(repository.CUSTOMER_OF, {KEY: key_of(kind, value, around.region, around.kinds)})
    except NotACustomer as error:
        raise BadInput(f"by.{field}", str(error)) from None


def of_kinds(_around: Surroundings, kinds: list[str] | None = None) -> Bound:
    """A customer's identifiers, or those of some kinds."""
    return Bound(repository.OF_CUSTOMER, {"kinds": kinds})


@strawberry.type
class Identifier(Node):
    """What a person was seen with: a cookie, an address, a number, an account."""

    id: strawberry.ID = column("id")
    kind: str = column("kind")
    """user_id, email, phone, cookie, …"""
    value: str = column("value")
    """Normalised."""
    raw_value: str = column("rawValue")
    """As first received, before normalising."""
    generic: bool = column("generic")
    """Too many people share it: it identifies nobody, until set by hand."""
    first_seen_at: datetime = column("firstSeenAt")
    """When an event with it first occurred."""
    last_seen_at: datetime = column("lastSeenAt")
    """When an event with it last occurred."""
    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] | None = related(
        repository.CUSTOMER_OF, "key"
    )
    """Whom it identifies now."""
    links: list[IdentityLink] = related(repository.LINKS_OF_IDENTIFIER)
    """The evidence that it is one person's with others, newest first; what was refused or cut too."""


@strawberry.type
class IdentityLink:
    """Evidence that two identifiers are one person's."""

    id: strawberry.ID = column("id")
    from_: Identifier = related(repository.BY_KEY, "from", name="from")
    """The one identifier: as a rule the stronger."""
    to: Identifier = related(repository.BY_KEY, "to")
    """The other identifier."""
    method: LinkMethod = column("method")
    """How it is known."""
    rule: str = column("rule")
    """By which rule: same_event, by_hand, born_with (a customer's own identifier, and what it was first seen
    with), …"""
    probability: float = column("probability")
    """How sure it is, from 0 to 1."""
    message_id: str | None = column("messageId")
    """The message that told it."""
    source: str | None = column("source")
    """Who told it."""
    at: datetime = column("at")
    """When it was observed."""
    active: bool = column("active")
    """Whether it holds. It does not where it was refused (a limit, a forbidden merge, a generic value) or cut."""


@strawberry.type
class IdentityGraph:
    """A customer as the graph of their identifiers."""

    identifiers: list[Identifier] = related(repository.ALL_OF_CUSTOMER)
    """All identifiers, first seen first; those of kind customer too, which stand for this and former ids."""
    links: list[IdentityLink] = related(repository.LINKS_OF_CUSTOMER)
    """All evidence among them, oldest first; what was refused or cut too."""


@strawberry.type
class IdentityEvent(Node):
    """What happened to who is who; merges and splits, automatic ones too, are undone by its id."""

    id: strawberry.ID = column("id")
    kind: IdentityEventKind = column("kind")
    """What happened."""
    at: datetime = column("at")
    """When it was recorded."""
    reason: str = column("reason")
    """Why: what somebody gave as reason, or the rule."""
    by: str = column("by")
    """Who did it: a person, or the source of the event that led to it."""
    customer_ids: list[strawberry.ID] = column("customerIds")
    """Whom it concerned, by the ids of then: of a merge the survivor first, of a split who kept the id."""
    message_id: str | None = column("messageId")
    """The message that led to it."""
    undone: bool = column("undone")
    """Whether it was taken back."""


@strawberry.type
class IdentityExplanation:
    """Why two identifiers are one customer, or why they are not."""

    same_customer: bool
    """Whether they identify the same customer now."""
    path: list[IdentityLink]
    """The evidence that leads from one to the other: the fewest links; of such chains the most probable, then
    that over the strongest kinds, then the oldest. Empty for two customers."""
    reasons: list[str]
    """For two customers, why they are two: no evidence, a limit, a blocked or generic value, a merge that was
    forbidden, a split."""


@strawberry.type
class WeakLink:
    """A link that alone holds a customer together: without it they would be two."""

    customer: Annotated[Customer, strawberry.lazy("service.customers.api")] = related(
        repository.CUSTOMER_OF, "customerKey"
    )
    """Whom it holds together."""
    link: IdentityLink
    """The link."""
    side_a: list[Identifier] = related(repository.BY_KEY, "sideA")
    """What hangs on the link's from; those of kind customer left out."""
    side_b: list[Identifier] = related(repository.BY_KEY, "sideB")
    """What hangs on the link's to; those of kind customer left out."""


def event_page(_around: Surroundings, first: int = 50, after: str | None = None) -> Bound:
    """A page of a customer's history, newest first."""
    return page_before(repository.HISTORY, first, after)


async def _explained(context: Context, a: IdentifierInput, b: IdentifierInput) -> dict[str, Any]:
    given = {"a": RawIdentifier(a.kind, a.value), "b": RawIdentifier(b.kind, b.value)}
    found = await explained(context.graph, given, await _rules(context), context.settings.region)
    return {
        "sameCustomer": found.same_customer,
        "path": [_link(link) for link in found.path],
        "reasons": found.reasons,
    }


async def _weak_links(context: Context, first: int = 20, after: str | None = None) -> dict[str, Any]:
    page = await weak_links.page(context, await _rules(context), first, after)
    edges = [{"cursor": weak_links.cursor_of(weak.place), "node": _weak_link(weak)} for weak in page.links]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": {
            "hasNextPage": page.more,
            "hasPreviousPage": after is not None,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": weak_links.cursor_of(page.end) if page.end else None,
        },
    }


async def _rules(context: Context) -> Kinds:
    """The rules in force, whichever process changed them."""
    rules = context.services.rules
    await rules.refresh(context.graph)
    return rules.current


def _link(link: StoredLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "from": link.from_key,
        "to": link.to_key,
        "method": link.method,
        "rule": link.rule,
        "probability": link.probability,
        "messageId": link.message_id,
        "source": link.source,
        "at": link.at,
        "active": link.active,
    }


def _weak_link(weak: weak_links.WeakLink) -> dict[str, Any]:
    return {
        "customerKey": own_key(weak.customer_id),
        "link": _link(weak.link),
        "sideA": weak.side_a,
        "sideB": weak.side_b,
    }


@strawberry.type
class IdentityQuery:
    """Questions about who is who."""

    explain_identity: IdentityExplanation = asked(_explained)
    """Why two identifiers are one customer: the chain of evidence. Or why they are not."""
    weak_links: Connection[WeakLink] = asked(_weak_links)
    """Links that alone hold a customer together, weakest first: those on which two people may hang, who each gave
    something of themselves, before all others; then the less probable, then those of weaker kinds. Where there are
    very many customers, those seen last are gone through first: a page may be short, or empty, and have a next."""
