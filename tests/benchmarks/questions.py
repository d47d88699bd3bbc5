"""What `reads` asks of the service and of its peer, in the words of each, and both answers in one form.

The peer's answers are the flatter ones and have times as plain numbers: that is how its type definitions map the
graph (see peer/typedefs.graphql), and it costs it nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.benchmarks import profile

Answer = dict[str, Any]
Person = dict[str, Any]
"""A customer in the form of both: fields of facts on one level, times as epoch milliseconds."""

FACTS = ("touchpoints", "orders", "deals")
PROFILE_HAS = {"identifiers": 4, "touchpoints": 50, "orders": 3, "deals": 1}
LISTED = 20


@dataclass(frozen=True, slots=True)
class Question:
    """One question in both dialects, and where in the data the customers are."""

    name: str
    of_service: str
    of_peer: str
    service_customers: Callable[[Answer], list[Person]]
    peer_customers: Callable[[Answer], list[Person]]
    has: dict[str, int]
    """How many of what each customer has to come with."""

    def check(self, customers: list[Person]) -> None:
        """Each customer is there, with all that belongs to it."""
        for customer in customers:
            found = {name: len(customer[name]) for name in self.has}
            assert found == self.has, (self.name, found)


def _flat(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact of the service's in the common form."""
    told = dict(fact)
    if page := told.pop("page", None):
        told |= {"pageUrl": page["url"], "pageTitle": page["title"]}
    for name in ("total", "amount"):
        if money := told.pop(name, None):
            told |= {name: money["amount"], "currency": money["currency"]}
    if "occurredAt" in told:
        told["occurredAt"] = _millis(told["occurredAt"])
    return told


def _millis(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def _of_service(customer: Person) -> Person:
    told = dict(customer)
    for name in FACTS:
        if name in told:
            told[name] = [_flat(fact) for fact in told[name]["nodes"]]
    told["identifiers"] = [
        one | {"lastSeenAt": _millis(one["lastSeenAt"])} if "lastSeenAt" in one else one
        for one in told.get("identifiers", ())
    ]
    return _ordered(told)


def _ordered(customer: Person) -> Person:
    """The identifiers by kind: the peer gives them in no order, and ordering them would cost it something."""
    return customer | {"identifiers": sorted(customer.get("identifiers", ()), key=lambda one: str(one["kind"]))}


def _found_by_service(answer: Answer) -> list[Person]:
    return [_of_service(answer["customer"])]


def _found_by_peer(answer: Answer) -> list[Person]:
    return [_ordered(answer["customerByKey"])]


PROFILE = Question(
    "profile",
    profile.QUERY,
    """query ($key: String!) {
      customerByKey(key: $key) {
        id
        state
        identifiers { kind value lastSeenAt }
        touchpoints(first: 50) { id type channel occurredAt pageUrl pageTitle }
        orders(first: 20) { id orderNumber status total currency }
        deals(first: 20) { id title state amount currency }
      }
    }""",
    _found_by_service,
    _found_by_peer,
    PROFILE_HAS,
)
ONE = Question(
    "customer by one identifier",
    "query ($cookie: String!) { customer(by: { cookie: $cookie }) { id displayName } }",
    "query ($key: String!) { customerByKey(key: $key) { id displayName } }",
    _found_by_service,
    _found_by_peer,
    {},
)
LIST = Question(
    f"{LISTED} customers with identifiers",
    f"{{ customers(first: {LISTED}) {{ nodes {{ id displayName identifiers {{ kind value }} }} }} }}",
    f"""{{
      customers(limit: {LISTED}, sort: [{{ lastSeenPosition: DESC }}]) {{
        id
        displayName
        identifiers {{ kind value }}
      }}
    }}""",
    lambda answer: [_of_service(customer) for customer in answer["customers"]["nodes"]],
    lambda answer: [_ordered(customer) for customer in answer["customers"]],
    {"identifiers": 4},
)
