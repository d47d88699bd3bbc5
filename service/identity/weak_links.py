"""Links that alone hold a customer together, weakest first: a page at a time, at any number of customers.

How weak a link is follows from all of its customer's links, and no index has it. So customers are gone through
in stretches, the last seen first, and within a stretch links are ordered by weakness. The first pass, over all
customers, takes only the links that may have made one of two people, the second pass the others. Where all
customers are one stretch, that is weakest first; where they are more, it is so within each stretch, and what may
be two people comes before all else everywhere.

A request looks at two stretches at most, whatever there is: so a page may be short, or empty, and not be the last.
"""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from service.customers.repository import LAST_SEEN
from service.identity import kinds
from service.identity.evidence import StoredLink, bridges, sides, weakness
from service.identity.explanation import evidence_within
from service.identity.kinds import Kinds
from service.identity.models import CustomerState
from service.positions import END
from service.reads.connections import cursor, page_size, place_of
from service.reads.relations import Parameters, Relation

FIRST_PASS, SECOND_PASS = "0", "1"
"""How the weakness of the links of each begins."""
STRETCHES: Final = {FIRST_PASS: 5_000, SECOND_PASS: 2_000}
"""Customers of a stretch. Of the first pass the database leaves out most (of 4,000 known ones it took 65 ms of the
process's time); of the second, where hardly any are left out, 2,000 took 235 ms."""
_SLICE: Final = 250
"""Customers whose links are looked at while nothing else is."""
_AT_ONCE: Final = 2

_PLACE = re.compile(r"(~|\d{15}:[^ ]*) ([01]:(?:\d{7}:\d:\d{5}:\d{4}:lnk_[0-9a-f]{32})?)")


class Reader(Protocol):
    """Who reads: an operation's context."""

    graph: Any

    async def rows(
        self, relation: Relation, columns: tuple[str, ...], parameters: Parameters, key: str
    ) -> list[dict[str, Any]]:
        """The rows that a relation leads to from a key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind a weakness, in the stretch of the customers who were seen before a position."""

    before: str = END
    weakness: str = f"{FIRST_PASS}:"

    def __str__(self) -> str:
        return f"{self.before} {self.weakness}"

    @property
    def is_first_pass(self) -> bool:
        """Whether only known customers are of interest: of others none can be two people."""
        return self.weakness.startswith(FIRST_PASS)

    @property
    def stretch(self) -> int:
        """How many customers are looked at for what is behind this place."""
        return STRETCHES[self.weakness[0]]


@dataclass(frozen=True, slots=True)
class WeakLink:
    """A link that alone holds a customer together, with the keys of what hangs on its ends."""

    place: Place
    customer_id: str
    link: StoredLink
    side_a: list[str]
    side_b: list[str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of weak links; `end` is where to go on, `more` whether there may be something."""

    links: list[WeakLink]
    end: Place | None
    more: bool


def is_place(text: str) -> bool:
    """Whether a text, say from a cursor, is a place."""
    return _PLACE.fullmatch(text) is not None


def place_after(after: str | None) -> Place:
    """The place that a cursor stands for; without one, the beginning."""
    return Place() if after is None else Place(*place_of(after, is_place).split(" "))


async def page(reader: Reader, rules: Kinds, first: int, after: str | None) -> Page:
    """A page of weak links behind a cursor."""
    size, place = page_size(first), place_after(after)
    found: list[tuple[Place, str, str]] = []
    onward: Place | None = place
    for _ in range(2):
        onward, more = await _of_stretch(reader, rules, place, size + 1 - len(found))
        found += more
        if onward is None or len(found) > size:
            break
        place = onward
    shown = await _shown(reader, found[:size])
    if len(found) > size:
        return Page(shown, found[size - 1][0], more=True)
    if onward is not None:
        return Page(shown, onward, more=True)
    return Page(shown, found[-1][0] if found else None, more=False)


async def _of_stretch(
    reader: Reader, rules: Kinds, place: Place, many: int
) -> tuple[Place | None, list[tuple[Place, str, str]]]:
    """The weakest links of a stretch as (place, customer id, link id), and where the next one begins."""
    seen = {"from": "", "before": place.before, "limit": place.stretch}
    state = CustomerState.KNOWN.value if place.is_first_pass else None
    customers = await reader.rows(LAST_SEEN, ("id", "lastSeenPosition"), _UNFILTERED | seen | {"state": state}, "")
    ids = [row["id"] for row in customers]
    beside = [kinds.OWN, *(kind.name for kind in rules.all() if place.is_first_pass and not kind.personal)]
    slices = [ids[start : start + _SLICE] for start in range(0, len(ids), _SLICE)]
    weakest: list[tuple[str, str, str]] = []
    for start in range(0, len(slices), _AT_ONCE):
        some = slices[start : start + _AT_ONCE]
        read = (reader.graph.rows("identity/holding", ids=one, beside=beside) for one in some)
        for rows in await asyncio.gather(*read):
            weakest = heapq.nsmallest(many, [*weakest, *_behind(place, rows, rules)])
    return _next(place, customers), [
        (Place(place.before, weak), customer_id, link_id) for weak, customer_id, link_id in weakest
    ]


_UNFILTERED: Final[dict[str, Any]] = dict.fromkeys(
    ("attributeKey", "identifierKind", "hasOpenDeal", "ordersAtLeast")
)


def _next(place: Place, customers: list[dict[str, Any]]) -> Place | None:
    """Where the stretch behind this one begins, or the next pass; None at the end of the last."""
    if len(customers) == place.stretch:
        return Place(customers[-1]["lastSeenPosition"], f"{place.weakness[0]}:")
    return Place(END, f"{SECOND_PASS}:") if place.is_first_pass else None


def _behind(place: Place, rows: Iterable[list[Any]], rules: Kinds) -> Iterator[tuple[str, str, str]]:
    """The weak links of a pass that are behind a place, as (weakness, customer id, link id)."""
    links: dict[str, list[StoredLink]] = {}
    for customer_id, *columns in rows:
        links.setdefault(customer_id, []).append(StoredLink(*columns))
    for customer_id, of_customer in links.items():
        for bridge in bridges(of_customer, rules):
            weak = weakness(bridge, rules) if bridge.holds else ""
            if weak > place.weakness and weak[0] == place.weakness[0]:
                yield weak, customer_id, bridge.link.id


async def _shown(reader: Reader, found: list[tuple[Place, str, str]]) -> list[WeakLink]:
    """What is shown of weak links; one that is gone meanwhile is left out."""
    customers = list(dict.fromkeys(customer_id for _, customer_id, _ in found))
    evidence = await evidence_within(reader.graph, customers) if customers else {}
    active = {customer_id: [one for one in links if one.active] for customer_id, links in evidence.items()}
    return [
        WeakLink(place, customer_id, link, *sides(active[customer_id], link))
        for place, customer_id, link_id in found
        for link in active.get(customer_id, ())
        if link.id == link_id
    ]


def cursor_of(place: Place) -> str:
    """The cursor of a place."""
    return cursor(str(place))
