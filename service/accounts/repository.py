"""What is read of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service import ids
from service.identity.repository import CUSTOMER
from service.reads.relations import Node, Parameters, Relation
from service.reads.slices import back


def _slices(parameters: Parameters) -> Iterator[Parameters]:
    """Ranges of places at a domain, the latest first, up to the whole."""
    start, upper = parameters["from"], parameters["before"]
    for lower in back(ids.millis_of(upper.removeprefix(start))):
        since = start + ids.first_at(ids.IDENTIFIER, lower) if lower is not None else start
        yield {"from": since, "before": upper}
        upper = since


ACCOUNT: Final = Node("a", "Account")
"""The node that reads of an account start from."""

ACCOUNT_BY_ID: Final = Relation("accounts/by_id", end="a", type="Account")
OF_CUSTOMER: Final = Relation("accounts/of_customer", CUSTOMER, "a", "Account")
OF_DEAL: Final = Relation("accounts/of_deal", Node("d", "Deal"), "a", "Account")
MEMBERSHIPS: Final = Relation("accounts/memberships", CUSTOMER, values=("a", "p"))
BY_HAND: Final = Relation("accounts/by_hand", ACCOUNT, values=("c", "p"))
BY_DOMAIN: Final = Relation("accounts/by_domain", values=("c", "p"), slices=_slices)
DEALS_OF: Final = Relation("accounts/deals_of", end="d", type="Deal")
MEMBER: Final = Relation("customers/of_identifier", end="c", type="Customer", place="membership")
"""A customer in the list of an account's: the place is the membership's, which no customer has as a property."""
