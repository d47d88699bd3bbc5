"""Writing search keys: the book that keeps them in step with profiles and identifiers, and the rebuilding of them.

Keys hang on what sources say and on identifiers, never on customers: merges and splits leave them as they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from service.customers.models import SourceProfile, statements_of
from service.customers.recording import Profiles
from service.customers.searched import keys, names, said
from service.graph.books import Books, Needs, Statement
from service.graph.client import Graph, Transaction
from service.identity.blocking import has_keys, identifier_keys
from service.identity.book import Identities
from service.identity.scoring import Said

_PAGE: Final = 200
"""At once in a rebuilding: other writes wait for so many at most."""
_RANGES: Final = (("email:", "email;"), ("external:", "external;"), ("phone:", "phone;"))
"""Of identifier keys: the kinds that have search keys."""


@dataclass(frozen=True, slots=True)
class IndexNeed:
    """The command sees to it that these profiles and identifiers have their keys."""

    profile_keys: tuple[str, ...] = ()
    identifier_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Stored:
    """By which keys something is found, as the graph has it, and by which it should be."""

    present: set[str]
    wanted: set[str]
    names_present: list[str] | None = None
    names_wanted: list[str] | None = None


class SearchKeys:
    """The search keys that a batch writes."""

    def __init__(self) -> None:
        self.profiles: dict[str, Stored] = {}
        """Profiles whose keys are compared with the stored ones, by key."""
        self.identifiers: dict[str, Stored] = {}
        self._before: dict[str, SourceProfile] = {}

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Keeps what the profiles said before the batch; for a rebuilding, reads what there is."""
        self._before = dict(books[Profiles].by_key)
        wanted = needs.of(IndexNeed)
        profile_keys = [key for need in wanted for key in need.profile_keys]
        if profile_keys:
            for key, statements, shown, present in await transaction.rows(
                "search/profiles_with_keys", keys=profile_keys
            ):
                things = _said(statements_of(statements))
                self.profiles[key] = Stored(set(present), keys(things), shown or [], names(things))
        identifiers = [key for need in wanted for key in need.identifier_keys]
        if identifiers:
            for key, kind, value, present in await transaction.rows(
                "search/identifiers_with_keys", keys=identifiers
            ):
                self.identifiers[key] = Stored(set(present), identifier_keys(kind, value))

    def statements(self, books: Books) -> Iterator[Statement]:
        """What is found by new keys, and what by old ones no more."""
        self._compare(books)
        named = [
            {"profileKey": key, "names": stored.names_wanted}
            for key, stored in self.profiles.items()
            if stored.names_wanted != stored.names_present
        ]
        yield Statement("search/name_profiles", named)
        yield Statement("search/find_profiles", list(_rows("profileKey", self.profiles, added=True)))
        yield Statement("search/find_identifiers", list(_rows("identifierKey", self.identifiers, added=True)))
        yield Statement("search/forget_profiles", list(_rows("profileKey", self.profiles, added=False)))
        yield Statement("search/forget_identifiers", list(_rows("identifierKey", self.identifiers, added=False)))

    def _compare(self, books: Books) -> None:
        """Enters the profiles that the batch made or changed, and the identifiers that it made."""
        for key, profile in books[Profiles].by_key.items():
            before = self._before.get(key)
            if profile is before or key in self.profiles:
                continue
            was, now = _said(before.statements if before else {}), _said(profile.statements)
            if was != now:
                self.profiles[key] = Stored(keys(was), keys(now), names(was), names(now))
        for record in books[Identities].partition.identifiers.values():
            if record.is_new and has_keys(record.kind):
                self.identifiers[record.key] = Stored(set(), identifier_keys(record.kind, record.value))


def _said(statements: dict[str, tuple[Any, int]]) -> list[Said]:
    return said({name: value for name, (value, _) in statements.items()})


def _rows(name: str, found: dict[str, Stored], *, added: bool) -> Iterator[dict[str, str]]:
    for thing, stored in found.items():
        fresh, gone = stored.wanted - stored.present, stored.present - stored.wanted
        for key in sorted(fresh if added else gone):
            yield {name: thing, "key": key}


@dataclass(frozen=True, slots=True)
class Index:
    """Sees to it that profiles and identifiers are found by the keys that they should be, and by no others."""

    need: IndexNeed

    def needs(self) -> Iterable[object]:
        """What they are found by now."""
        return (self.need,)

    def decide(self, books: Books) -> int:
        """How many were not as they should be."""
        book = books[SearchKeys]
        entered = [book.profiles.get(key) for key in self.need.profile_keys]
        entered += [book.identifiers.get(key) for key in self.need.identifier_keys]
        return sum(
            one is not None and (one.present != one.wanted or one.names_present != one.names_wanted)
            for one in entered
        )


async def pages(graph: Graph) -> AsyncIterator[IndexNeed]:
    """All profiles, and all identifiers that have search keys, a page at a time."""
    async for found in _paged(graph, "search/profile_page", ""):
        yield IndexNeed(profile_keys=found)
    for start, end in _RANGES:
        async for found in _paged(graph, "search/identifier_page", start, before=end):
            yield IndexNeed(identifier_keys=found)


async def _paged(graph: Graph, query: str, after: str, **more: str) -> AsyncIterator[tuple[str, ...]]:
    while found := [key for (key,) in await graph.rows(query, after=after, limit=_PAGE, **more)]:
        yield tuple(found)
        after = max(found)
