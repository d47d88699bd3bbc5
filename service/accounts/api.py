"""GraphQL: accounts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from service.accounts import listing, repository
from service.accounts.models import BY_HAND
from service.api.fields import column, paged, related, written
from service.api.inputs import UserError, user_error
from service.api.nodes import Node
from service.api.pagination import Connection
from service.deals.repository import DEAL_BY_ID
from service.positions import END
from service.reads.connections import page_size, place_of
from service.reads.relations import Bound
from service.surroundings import Surroundings

if TYPE_CHECKING:
    from service.customers.api import Customer
    from service.deals.api import Deal
    from service.services import Services


def _customer_page(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of who belongs to an account."""
    size = page_size(first)
    before = place_of(after, listing.is_place) if after is not None else BY_HAND + END
    seek = partial(listing.customers, before=before, limit=size + 1)
    return Bound(repository.MEMBER, {}, size, after is not None, seek=seek)


def _deal_page(_around: Surroundings, first: int = 20, after: str | None = None) -> Bound:
    """A page of the deals of an account."""
    size = page_size(first)
    before = place_of(after) if after is not None else END
    seek = partial(listing.deals, before=before, limit=size + 1)
    return Bound(DEAL_BY_ID, {}, size, after is not None, seek=seek)


@strawberry.type
class Account(Node):
    """A company that customers belong to: by hand, or by an e-mail address at its domain."""

    id: strawberry.ID = column("id")
    name: str = column("name")
    """What it is called."""
    domain: str | None = column("domain")
    """Who has an e-mail address at it belongs to the account, unless they belong to another by hand."""
    customers: Connection[Annotated[Customer, strawberry.lazy("service.customers.api")]] = paged(_customer_page)
    """Who belongs to it: those by hand, the latest first, then those by domain, the latest address first."""
    deals: Connection[Annotated[Deal, strawberry.lazy("service.deals.api")]] = paged(_deal_page)
    """The deals that were made with it, and those of its customers that were made with no other, newest first."""


@strawberry.input
class UpsertAccountInput:
    """An account: what is left out stays, null clears."""

    id: strawberry.ID | None = strawberry.UNSET
    """Absent: a new account."""
    name: str
    """What it is called."""
    domain: str | None = strawberry.UNSET
    """Of e-mail addresses, such as acme.com: who has or will have one belongs to the account. Of one account only,
    and not that of a service where anybody has an address."""
    customer_ids: list[strawberry.ID] | None = strawberry.UNSET
    """All who belong to it by hand, 500 at most: others do not any more."""


@strawberry.type
class AccountPayload:
    """The account as it is now; absent where the input was wrong, and then nothing was changed."""

    account: Account | None = related(repository.ACCOUNT_BY_ID, "accountId")
    """The account as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


async def _upsert(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.accounts.upsert(given)
    return {"accountId": done.account_id, "userErrors": [user_error(one) for one in done.errors]}


@strawberry.type
class AccountMutation:
    """Changing accounts."""

    upsert_account: AccountPayload = written(_upsert, UpsertAccountInput)
    """Makes an account, or changes one."""
