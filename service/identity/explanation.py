"""Why two identifiers are one customer, or why they are not, in words.

The words name kinds, ids, sources and messages, never the values of identifiers: who may see those is decided
where identifiers are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from service import ids
from service.errors import BadInput, UserErrorCode
from service.identity import kinds
from service.identity.evidence import StoredLink, strongest_chain
from service.identity.kinds import Kinds
from service.identity.models import IdentityEventKind, RawIdentifier
from service.identity.normalising import Unusable, normalise
from service.identity.records import own_key
from service.identity.rules import Rows
from service.positions import instant

MAX_OF_A_SORT: Final = 10
"""Reasons of one sort that are told singly, the newest."""

_SPLITS: Final = (IdentityEventKind.SPLIT.value, IdentityEventKind.UNLINKED.value)


@dataclass(frozen=True, slots=True)
class End:
    """One of the two identifiers that are asked about."""

    name: str
    """What the question calls it."""
    kind: str
    key: str | None
    """None where the value is blocked: then no identifier can be of it."""
    is_known: bool = False
    generic: bool = False
    customer_id: str | None = None

    def objections(self) -> Iterator[str]:
        """Why it identifies nobody."""
        if self.key is None:
            yield f"{self.name}: this {self.kind} is a blocked value, which says nothing about who somebody is."
        elif not self.is_known:
            yield f"{self.name}: nobody was seen with this {self.kind}."
        elif self.generic:
            yield f"{self.name}: so many people share this {self.kind} that it identifies nobody."


class Barrier(NamedTuple):
    """That two customers must not be merged."""

    reason: str
    by: str
    at: int
    event_id: str | None


class Event(NamedTuple):
    """What happened to who is who."""

    id: str
    kind: str
    at: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The chain of evidence between two identifiers, or the reasons why there is none."""

    same_customer: bool
    path: Sequence[StoredLink] = ()
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Between:
    """All that was read of two customers."""

    links: Sequence[StoredLink]
    barriers: Sequence[Barrier] = ()
    events: Mapping[str, Event] = field(default_factory=dict)


async def explained(
    reader: Rows, given: Mapping[str, RawIdentifier], rules: Kinds, region: str | None
) -> Explanation:
    """Explains two identifiers, given by the names that the question has for them.

    Raises:
        BadInput: for a kind that does not exist, and a malformed value.
    """
    keys = {name: key_of(name, raw, rules, region) for name, raw in given.items()}
    a, b = await _ends(reader, given, keys)
    is_same = a.key is not None and a.key == b.key
    if a.customer_id is None or b.customer_id is None:
        return Explanation(False, (), [*a.objections(), *(() if is_same else b.objections())])
    if is_same:
        return Explanation(True)
    if a.customer_id == b.customer_id:
        links = (await evidence_within(reader, [a.customer_id])).get(a.customer_id, [])
        path = strongest_chain(str(a.key), str(b.key), [link for link in links if link.active], rules)
        return Explanation(True, path or ())
    return Explanation(False, (), list(reasons(await _between(reader, a.customer_id, b.customer_id))))


def key_of(name: str, raw: RawIdentifier, rules: Kinds, region: str | None) -> str | None:
    """The key of an identifier; None for a blocked value. A customer's own is named by its kind and their id."""
    if raw.kind == kinds.OWN:
        if ids.prefix_of(raw.value) != ids.CUSTOMER:
            raise BadInput(f"{name}.value", f"not a customer's id; those begin with {ids.CUSTOMER}")
        return own_key(raw.value)
    try:
        return normalise(raw, region, rules).key
    except Unusable as unusable:
        if unusable.code is UserErrorCode.IDENTIFIER_BLOCKED:
            return None
        wrong = "value" if rules.by_name(raw.kind) else "kind"
        raise BadInput(f"{name}.{wrong}", unusable.message) from None


async def _ends(reader: Rows, given: Mapping[str, RawIdentifier], keys: Mapping[str, str | None]) -> list[End]:
    wanted = sorted({key for key in keys.values() if key is not None})
    rows = await reader.rows("identity/ends", keys=wanted) if wanted else []
    known = {key: (True, bool(generic), customer_id) for key, generic, customer_id in rows}
    return [
        End(name, raw.kind, keys[name], *known.get(keys[name], (False, False, None)))
        for name, raw in given.items()
    ]


async def evidence_within(reader: Rows, customer_ids: Iterable[str]) -> dict[str, list[StoredLink]]:
    """All evidence among each customer's own identifiers, accepted or not."""
    return await _evidence(reader, [[customer_id, customer_id] for customer_id in customer_ids])


async def _evidence(reader: Rows, pairs: list[list[str]]) -> dict[str, list[StoredLink]]:
    found: dict[str, dict[str, StoredLink]] = {}
    for customer_id, *columns in await reader.rows("identity/evidence", pairs=pairs):
        link = StoredLink(*columns)
        found.setdefault(customer_id, {})[link.id] = link
    return {customer_id: list(links.values()) for customer_id, links in found.items()}


async def _between(reader: Rows, one: str, other: str) -> Between:
    """The evidence between two customers, and what stands between them."""
    evidence, barred = await asyncio.gather(
        _evidence(reader, [[one, other]]), reader.rows("identity/barriers", one=one, other=other)
    )
    links, barriers = evidence.get(one, []), [Barrier(*row) for row in barred]
    wanted = sorted(
        {event_id for link in links for event_id in link.cuts} | {one.event_id for one in barriers if one.event_id}
    )
    rows = await reader.rows("identity/events", ids=wanted) if wanted else []
    return Between(links, barriers, {row[0]: Event(*row) for row in rows})


# --- in words -------------------------------------------------------------------------------------------------


def reasons(between: Between) -> Iterator[str]:
    """Why two customers are two: what was made by hand first, then what was refused."""
    told = [*_splits(between), *_forbidden(between), *_refusals(between)]
    yield from told or ["No evidence links the two customers."]


def _splits(between: Between) -> list[str]:
    """The splits that parted them, the newest first, and links that were cut by what is not known any more."""
    cut: dict[str, int] = {}
    for event_id in (event_id for link in between.links if not link.active for event_id in link.cuts):
        cut[event_id] = cut.get(event_id, 0) + 1
    for barrier in between.barriers:
        if barrier.event_id and _is_split(between.events.get(barrier.event_id)):
            cut.setdefault(str(barrier.event_id), 0)
    known = [between.events[one] for one in cut if one in between.events]
    texts = [
        f"They were parted by {one.by} at {_time(one.at)} ({one.kind}, event {one.id}): {one.reason!r}"
        + _cut(cut[one.id])
        for one in sorted(known, key=lambda one: (-one.at, one.id))
    ]
    lost = sum(count for one, count in cut.items() if one not in between.events)
    return _some([*texts, *([f"Evidence between them was cut.{_cut(lost)}"] if lost else [])])


def _is_split(event: Event | None) -> bool:
    return event is not None and event.kind in _SPLITS


def _cut(links: int) -> str:
    return f" ({links} {'link was' if links == 1 else 'links were'} cut)" if links else ""


def _forbidden(between: Between) -> list[str]:
    by_hand = [one for one in between.barriers if not _is_split(between.events.get(one.event_id or ""))]
    return _some(
        f"Merging them was forbidden by {one.by} at {_time(one.at)}: {one.reason!r}"
        for one in sorted(by_hand, key=lambda one: -one.at)
    )


_REFUSALS: Final[Mapping[str, str]] = {
    UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED.value: "together they have more identifiers of a kind than one person",
    UserErrorCode.MERGE_FORBIDDEN.value: "merging them was forbidden",
    UserErrorCode.IDENTIFIER_BLOCKED.value: "a value was blocked, or is shared by too many",
}


def _refusals(between: Between) -> list[str]:
    refused = sorted((link for link in between.links if link.refused), key=lambda one: (-one.at, one.id))
    texts: dict[str, list[str]] = {}
    for link in refused:
        texts.setdefault(str(link.refused), []).append(
            f"The {link.from_kind} of one and the {link.to_kind} of the other were seen together at "
            f"{_time(link.at)} (source {link.source}, message {link.message_id}, link {link.id}), which was "
            f"refused: {_REFUSALS.get(str(link.refused), link.refused)}."
        )
    return [text for same in texts.values() for text in _some(same)]


def _some(texts: Iterable[str]) -> list[str]:
    """At most so many of a sort, and how many more there are."""
    all_ = list(texts)
    more = len(all_) - MAX_OF_A_SORT
    return [*all_[:MAX_OF_A_SORT], *([f"And {more} more of this sort."] if more > 0 else [])]


def _time(epoch_millis: int) -> str:
    return instant(epoch_millis).isoformat(timespec="seconds").replace("+00:00", "Z")
