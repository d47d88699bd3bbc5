"""Finding customers by a text: keys, then what they find, then scores. Bounded, however many customers there are.

Four reads of the graph, one after the other: which of the text's keys there are and how many each finds; what the
most promising keys find, the rarest first, until there are enough candidates; whom; and for those who would be
shown, what the sources say of them now, since a source may have said something else of another identifier later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from service import ids
from service.customers.models import statements_of
from service.customers.search_keys import Index, pages
from service.customers.searched import latest, said_of_identifier, said_of_names
from service.graph.client import Graph
from service.graph.committer import Committer
from service.identity import kinds
from service.identity.blocking import wanted_keys, wanted_prefixes
from service.identity.models import RawIdentifier
from service.identity.normalising import Unusable, normalise
from service.identity.scoring import Match, Text, best, match
from service.settings import Settings

MIN_ENOUGH: Final = 50
"""Candidates that are enough for a short list; for a longer one, twice as many as it shows."""
_MAX_PREFIXED: Final = 20
"""Keys that one beginning leads to."""
_OF_IDENTIFIERS: Final = ("e:", "p:", "x:")
_ONLY_OF_IDENTIFIERS: Final = "x:"
_KINDS: Final = [name for name in kinds.known_names() if not name.startswith(kinds.EXTERNAL)]


@dataclass(frozen=True, slots=True)
class Found:
    """A customer who was found, how well they answer, and on what."""

    customer_id: str
    score: float
    on: tuple[str, ...]


class Finder:
    """Finds customers by text."""

    def __init__(self, graph: Graph, committer: Committer, settings: Settings) -> None:
        self._graph = graph
        self._committer = committer
        regions = [settings.region, *(source.region for source in settings.sources.values())]
        self._regions = list(dict.fromkeys(regions))

    async def find(self, given: str, first: int) -> list[Found]:
        """The customers who answer a text best, the best first; those who answer alike by id."""
        text = Text(given)
        ranks, prefixes = wanted_keys(text.text), wanted_prefixes(text.text)
        named, known, *begun = await asyncio.gather(
            self._graph.rows("search/named", keys=exact_keys(text.text, self._regions)),
            self._graph.rows("search/keys", keys=[key for rank in ranks for key in rank]),
            *(self._graph.rows("search/keys_from", prefix=one, limit=_MAX_PREFIXED) for one in prefixes),
        )
        rows = [*known, *(row for some in begun for row in some)]
        enough = max(MIN_ENOUGH, 2 * first)
        profiles, identifiers = await self._read(chosen_keys(ranks, dict(rows), enough), enough)
        certain = _by_customer((one, Match(1.0, frozenset({_shown(kind)}))) for one, kind, _ in named)
        certain = _merged(
            certain, _by_customer((one, match(text, [said_of_identifier(*thing)])) for one, *thing in identifiers)
        )
        # Many have the same name.
        scored = cache(lambda names: match(text, said_of_names(names)))
        likely = _by_customer((one, scored(tuple(names or ()))) for one, _, names in profiles)
        return await self._best(text, certain, likely, first)

    async def _read(self, keys: Sequence[str], limit: int) -> tuple[list[list[Any]], list[list[Any]]]:
        """What keys find, so many of each at most: of profiles, and of identifiers."""
        of_identifiers = [key for key in keys if key.startswith(_OF_IDENTIFIERS)]
        of_profiles = [key for key in keys if not key.startswith(_ONLY_OF_IDENTIFIERS)]
        profiles, identifiers = await asyncio.gather(
            self._rows("search/profiles", of_profiles, limit),
            self._rows("search/identifiers", of_identifiers, limit),
        )
        return profiles, identifiers

    async def _rows(self, query: str, keys: Sequence[str], limit: int) -> list[list[Any]]:
        return await self._graph.rows(query, keys=keys, limit=limit) if keys else []

    async def _best(
        self, text: Text, certain: dict[str, Match], likely: dict[str, Match], first: int
    ) -> list[Found]:
        """The best of all, those found by what sources say looked at again; no more than it takes are."""
        scores = _merged(certain, likely)
        waiting = sorted(scores, key=lambda one: (-scores[one].score, one))
        shown: dict[str, Match] = {}
        while waiting and len(shown) < first:
            part, waiting = waiting[:first], waiting[first:]
            now = await self._now(text, [one for one in part if one in likely])
            shown |= _merged({one: certain[one] for one in part if one in certain}, now)
        ranked = sorted(shown.items(), key=lambda item: (-item[1].score, item[0]))
        return [Found(one, found.score, tuple(sorted(found.on))) for one, found in ranked[:first]]

    async def _now(self, text: Text, customer_ids: list[str]) -> dict[str, Match]:
        """How well customers answer by what the sources say of them now."""
        if not customer_ids:
            return {}
        profiles: dict[str, list[tuple[str, Any]]] = {}
        for one, source, statements in await self._graph.rows("search/said", ids=customer_ids):
            profiles.setdefault(one, []).append((source, statements_of(statements)))
        return _by_customer(
            (one, match(text, things)) for one, those in profiles.items() for things in latest(those)
        )

    async def rebuild(self, show: Callable[[int, int], None]) -> tuple[int, int]:
        """Gives everything the search keys that it should have; how many were looked at, and how many changed.

        What is as it should be is left alone, so it may be broken off and started again, also while others write.
        """
        seen = changed = 0
        async for page in pages(self._graph):
            changed += await self._committer.submit(Index(page))
            seen += len(page.profile_keys) + len(page.identifier_keys)
            show(seen, changed)
        return seen, changed


def exact_keys(text: str, regions: Iterable[str | None]) -> list[str]:
    """The keys of the identifiers that a text may be: of any kind, or of the one that it begins with."""
    if ids.prefix_of(text) == ids.CUSTOMER:
        return [f"{kinds.OWN}:{text}"]
    found = dict.fromkeys(key for name in _KINDS if _can_be(name, text) for key in _spellings(name, text, regions))
    head, colon, rest = text.partition(":")
    if head + colon == kinds.EXTERNAL:
        source, _, rest = rest.partition(":")
        head += colon + source
    if rest:
        found |= dict.fromkeys(_spellings(head, rest, regions))
    return list(found)


def _can_be(kind: str, text: str) -> bool:
    """Whether a text is worth the trouble of normalising it as one of a kind."""
    return {"email": "@" in text, "phone": any(map(str.isdigit, text))}.get(kind, True)


def _spellings(kind: str, text: str, regions: Iterable[str | None]) -> Iterable[str]:
    """The keys of an identifier of a kind, whatever is set about case; none if it cannot be one."""
    for region in regions if kind == "phone" else (None,):
        try:
            normal = normalise(RawIdentifier(kind, text), region)
        except Unusable:
            continue
        yield normal.key
        yield f"{kind}:{normal.value.casefold()}"


def chosen_keys(ranks: Sequence[set[str]], many: dict[str, int], enough: int) -> list[str]:
    """The keys to follow, the most promising first: by rank, and in each the rarest first.

    Once enough are found, no further rank is begun, and once twice as many are, no further key. Of a key of very
    many only enough are read. Keys that are in no rank come last: those that the text is the beginning of.
    """
    rank_of = {key: place for place, rank in enumerate(ranks) for key in rank}
    ordered = sorted(many, key=lambda key: (rank_of.get(key, len(ranks)), many[key], key))
    chosen: list[str] = []
    candidates, begun = 0, 0
    for key in ordered:
        rank = rank_of.get(key, len(ranks))
        if candidates >= (enough if rank > begun else 2 * enough):
            break
        begun = rank
        chosen.append(key)
        candidates += min(many[key], enough)
    return chosen


def _shown(kind: str) -> str:
    return "id" if kind == kinds.OWN else kind


def _by_customer(found: Iterable[tuple[str, Match | None]]) -> dict[str, Match]:
    """Several matches of a customer as one."""
    matches: dict[str, list[Match | None]] = {}
    for customer_id, one in found:
        matches.setdefault(customer_id, []).append(one)
    joined = {customer_id: best(those) for customer_id, those in matches.items()}
    return {customer_id: one for customer_id, one in joined.items() if one is not None}


def _merged(one: dict[str, Match], other: dict[str, Match]) -> dict[str, Match]:
    return _by_customer([*one.items(), *other.items()])
