"""Trying out what an event would do to who is who: the same loading and decisions, and nothing written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.errors import UserError, UserErrorCode
from service.graph.books import Books, Needs
from service.graph.client import Graph
from service.identity import kinds
from service.identity.book import Identities, IdentityNeed
from service.identity.events import MAX_IDENTIFIERS
from service.identity.models import Evidence, NormalIdentifier, RawIdentifier, Refusal
from service.identity.normalising import normalise_all
from service.identity.rules import Rules
from service.ids import Mint


@dataclass(frozen=True, slots=True)
class Simulated:
    """What would be done, to whom, with which identifiers; or what is wrong with them."""

    action: str = ""
    """CREATE, ATTACH or MERGE."""
    customer_ids: tuple[str, ...] = ()
    """Present customers; of a merge the survivor first."""
    accepted: tuple[NormalIdentifier, ...] = ()
    refused: tuple[Refusal, ...] = ()
    errors: tuple[UserError, ...] = field(default=())


async def simulated(
    graph: Graph, rules: Rules, raw: Sequence[RawIdentifier], region: str | None, source: str
) -> Simulated:
    """What an event with these identifiers would do now."""
    if wrong := _wrong(raw):
        return Simulated(errors=(wrong,))
    await rules.refresh(graph)
    usable, unusable = normalise_all(raw, region, rules.current)
    now = time.time_ns() // 1_000_000
    claim = Evidence(usable, unusable, source, "", now)
    books = Books(Mint(now), [Identities(rules)], rules.current.version)
    # A transaction that only reads: all is of one moment, as far as the engine keeps that.
    async with graph.transaction() as transaction:
        await books.load(transaction, Needs([IdentityNeed(evidence=claim)]))
    partition = books[Identities].partition
    present = set(partition.customers)
    resolution = partition.resolve(claim, books.mint)
    accepted = tuple(one for one in usable if one.key in resolution.accepted)
    absorbed = [one for one in partition.absorbed if one in present]
    customer_ids = () if resolution.created else (resolution.customer_id, *absorbed)
    action = "CREATE" if resolution.created else "MERGE" if absorbed else "ATTACH"
    return Simulated(action, customer_ids, accepted, resolution.refused)


def _wrong(raw: Sequence[RawIdentifier]) -> UserError | None:
    if not 1 <= len(raw) <= MAX_IDENTIFIERS:
        text = f"1 to {MAX_IDENTIFIERS} identifiers are needed"
        return UserError(UserErrorCode.INVALID, text, ("identifiers",))
    for place, one in enumerate(raw):
        if one.kind != kinds.OWN and kinds.by_name(one.kind) is None:
            text = f"there is no kind {one.kind[:64]!r}; use one of {', '.join(kinds.known_names())}"
            return UserError(UserErrorCode.INVALID, text, ("identifiers", str(place), "kind"))
    return None
