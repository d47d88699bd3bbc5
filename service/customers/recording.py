"""Recording what a source knows about somebody: the command and the rows that it writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from service import ids
from service.customers.models import IdentifyInput, SourceProfile, statements_of
from service.customers.survivorship import Golden, display_name, golden_values, merged, search_key
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.messages import Message, Messages, recording_key
from service.identity.book import Identities
from service.identity.models import Evidence
from service.identity.recording import Recorded, needs, record_once
from service.identity.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Identify:
    """Records what a source knows about somebody."""

    identify: IdentifyInput
    evidence: Evidence

    def needs(self) -> Iterable[object]:
        """Its message, its identifiers, and their customers with all that the sources say."""
        return needs(self.evidence, opens=True)

    def decide(self, books: Books) -> Recorded:
        """The source's profile on the strongest identifier of the event, and the golden values that follow."""
        return record_once(books, self.evidence, "profile", lambda *args: self._write(books, *args))

    def _write(self, books: Books, resolution: Resolution, draft: Message) -> Message:
        profiles = books[Profiles]
        key = recording_key(self.evidence.source, resolution.anchor)
        stored = profiles.by_key.get(key) or SourceProfile(
            books.mint(ids.SOURCE_PROFILE), key, self.evidence.source, resolution.anchor, {}
        )
        before = _shown(profiles.golden(resolution.customer_id, books))
        statements = merged(stored.statements, self.identify.attributes or {}, self.evidence.at)
        profiles.enter(replace(stored, statements=statements), resolution.customer_id)
        # What the event that made the customer said belongs to its first version.
        if not resolution.created and before != _shown(profiles.golden(resolution.customer_id, books)):
            customer = books[Identities].partition.customers[resolution.customer_id]
            customer.version += 1
            customer.updated_at = books.now
        message = replace(draft, subject_id=stored.id)
        books[Messages].enter(message, has_node=False)
        return message


def _shown(golden: dict[str, Golden]) -> dict[str, list[tuple[object, str]]]:
    """What a customer shows of golden values: the same said again, later, is no change."""
    return {name: [(one.value, one.source) for one in value.candidates] for name, value in golden.items()}


class Profiles:
    """What the sources say about the customers that a batch may change."""

    def __init__(self) -> None:
        self.by_key: dict[str, SourceProfile] = {}
        self._keys_of: dict[str, dict[str, None]] = {}
        """The keys of the profiles of each customer, as loaded or entered."""
        self._loaded: dict[str, SourceProfile] = {}
        self._described: set[str] = set()

    def enter(self, profile: SourceProfile, customer_id: str) -> None:
        """Enters a new or changed profile of a customer."""
        if profile.key not in self.by_key:
            self._keys_of.setdefault(customer_id, {})[profile.key] = None
        self.by_key[profile.key] = profile
        self._described.add(customer_id)

    def golden(self, customer_id: str, books: Books) -> dict[str, Golden]:
        """The golden values of a customer, as the batch has it now."""
        owners = books[Identities].partition.merged_into(customer_id)
        return golden_values(self.by_key[key] for owner in owners for key in self._keys_of.get(owner, ()))

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the source profiles of the customers that may change."""
        del needs
        opened = sorted(books[Identities].open)
        if not opened:
            return
        for customer_id, *columns in await transaction.rows("customers/source_profiles", ids=opened):
            profile = source_profile(columns)
            self.by_key[profile.key] = self._loaded[profile.key] = profile
            self._keys_of.setdefault(customer_id, {})[profile.key] = None

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes profiles, then the golden values of described customers and survivors of merges."""
        partition = books[Identities].partition
        changed = [p for key, p in self.by_key.items() if self._loaded.get(key) != p]
        rows = [_profile_row(profile) for profile in changed]
        yield Statement("customers/create_profiles", [r for r in rows if r["key"] not in self._loaded])
        yield Statement("customers/update_profiles", [r for r in rows if r["key"] in self._loaded])
        described = self._described | (set(partition.absorbed.values()) if self.by_key else set())
        customers = sorted({partition.survivor(customer_id) for customer_id in described})
        yield Statement("customers/set_golden", [self._golden_row(one, books) for one in customers])

    def _golden_row(self, customer_id: str, books: Books) -> dict[str, Any]:
        golden = self.golden(customer_id, books)
        return {
            "id": customer_id,
            "displayName": display_name(golden),
            "attributeKeys": [search_key(one.name, one.chosen.value) for one in golden.values()],
        }


def source_profile(columns: list[Any]) -> SourceProfile:
    """A profile from its columns: id, key, source, anchor, statements as JSON."""
    profile_id, key, source, anchor, statements = columns
    return SourceProfile(profile_id, key, source, anchor, statements_of(statements))


def _profile_row(profile: SourceProfile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "key": profile.key,
        "source": profile.source,
        "identifierKey": profile.anchor,
        "statements": orjson.dumps(profile.statements).decode(),
    }
