"""Recording what a source knows about somebody: the command and the rows that it writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service import ids
from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.customers.matched import says_who
from service.customers.models import IdentifyInput, SourceProfile, statements_of
from service.customers.rules import DEFAULTS, Survivorship
from service.customers.survivorship import Golden, display_name, golden_values, search_key, spelling, told
from service.errors import UserError, UserErrorCode
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.messages import Message, Messages, recording_key
from service.identity.book import Identities
from service.identity.models import Evidence
from service.identity.recording import Recorded, needs, record_once
from service.identity.records import Resolution
from service.identity.resolution import Partition


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
        is_new = books[Messages][recording_key(self.evidence.source, self.evidence.message_id)] is None
        if is_new and (excess := excess_of(self.evidence, self.identify.attributes or {}, books)):
            return Recorded(errors=(excess,))
        return record_once(books, self.evidence, "profile", lambda *args: self._write(books, *args))

    def _write(self, books: Books, resolution: Resolution, draft: Message) -> Message:
        profile_id = describe(self.evidence, self.identify.attributes or {}, resolution, books)
        message = replace(draft, subject_id=profile_id)
        books[Messages].enter(message, has_node=False)
        return message


def excess_of(claim: Evidence, attributes: dict[str, Any], books: Books) -> UserError | None:
    """Why it may be too much, whichever of its identifiers an event will be resolved to."""
    for identifier in claim.identifiers:
        stored = books[Profiles].by_key.get(recording_key(claim.source, identifier.key))
        if stored and (excess := told(stored, attributes, claim.at).excess()):
            return too_much(excess)
    return None


def describe(claim: Evidence, attributes: dict[str, Any], resolution: Resolution, books: Books) -> str:
    """Enters what an event says of its customer, as said of the identifier that it hangs on; the profile's id."""
    profiles = books[Profiles]
    stored = profiles.of_source(claim.source, resolution.anchor, books)
    before = shown(profiles.golden(resolution.customer_id, books))
    profiles.enter(told(stored, attributes, claim.at), resolution.customer_id)
    # What the event that made the customer said belongs to its first version.
    if not resolution.created:
        log_golden(before, resolution.customer_id, books)
    return stored.id


def shown(golden: dict[str, Golden]) -> dict[str, list[tuple[bytes, str]]]:
    """What a customer shows of golden values: the same said again, later, is no change."""
    return {
        name: [(spelling(one.value), one.source) for one in value.candidates] for name, value in golden.items()
    }


def log_golden(before: Mapping[str, Sequence[object]], customer_id: str, books: Books) -> None:
    """Enters that a customer shows other golden values than before, if it does; a version more."""
    after = shown(books[Profiles].golden(customer_id, books))
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not changed:
        return
    customer = books[Identities].partition.customers[customer_id]
    customer.version += 1
    customer.updated_at = books.now
    fields = [f"attributes.{name}" for name in changed]
    books[Changes].enter(ChangeKind.CUSTOMER_UPDATED, customer_id, fields=fields)


def too_much(excess: str) -> UserError:
    """Why attributes are refused, all of them."""
    return UserError(UserErrorCode.TOO_MANY, f"attributes: {excess}", ("attributes",))


class Profiles:
    """What the sources say about the customers that a batch may change."""

    def __init__(self, survivorship: Survivorship = DEFAULTS, *, matched: bool = False) -> None:
        """`matched`: whether customers are marked whose records are to be matched."""
        self._matched = matched
        self.by_key: dict[str, SourceProfile] = {}
        self._survivorship = survivorship
        self._keys_of: dict[str, dict[str, None]] = {}
        """The keys of the profiles of each customer, as loaded or entered."""
        self._found_at: dict[str, str] = {}
        """The customer that each profile was loaded or entered for, by key."""
        self._loaded: dict[str, SourceProfile] = {}
        self._described: set[str] = set()

    def of_source(self, source: str, anchor: str, books: Books) -> SourceProfile:
        """What a source said of an identifier; nothing yet, if it is not there."""
        key = recording_key(source, anchor)
        return self.by_key.get(key) or SourceProfile(books.mint(ids.SOURCE_PROFILE), key, source, anchor, {})

    def enter(self, profile: SourceProfile, customer_id: str) -> None:
        """Enters a new or changed profile of a customer."""
        if profile.key not in self.by_key:
            self._find(profile.key, customer_id)
        self.by_key[profile.key] = profile
        self._described.add(customer_id)

    def _find(self, key: str, customer_id: str) -> None:
        self._keys_of.setdefault(customer_id, {})[key] = None
        self._found_at[key] = customer_id

    def of_customer(self, customer_id: str, books: Books) -> list[SourceProfile]:
        """What the sources say of a customer, by the groups of identifiers as the batch has them now."""
        partition = books[Identities].partition
        keys: Iterable[str] = self.by_key
        if not partition.regrouped:
            # Then all of it was found at this customer or has come by a merge; a batch may hold that of hundreds.
            places = partition.merged_into(customer_id)
            keys = (key for place in places for key in self._keys_of.get(place, ()))
        present = partition.survivor(customer_id)
        return [self.by_key[key] for key in keys if self._owner(key, partition) == present]

    def _owner(self, key: str, partition: Partition) -> str | None:
        """Whose a profile is now; None where its identifier identifies nobody any more."""
        anchor = self.by_key[key].anchor
        if anchor in partition.identifiers:
            return partition.owner_of(anchor)
        return partition.survivor(self._found_at[key])

    def golden(self, customer_id: str, books: Books) -> dict[str, Golden]:
        """The golden values of a customer, as the batch has it now."""
        return golden_values(self.of_customer(customer_id, books), self._survivorship)

    def golden_together(self, customer_ids: Iterable[str], books: Books) -> dict[str, Golden]:
        """The golden values that customers would have if they were one."""
        every = [profile for one in customer_ids for profile in self.of_customer(one, books)]
        return golden_values(every, self._survivorship)

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the source profiles of the customers that may change."""
        del needs
        opened = sorted(books[Identities].open)
        if not opened:
            return
        for customer_id, *columns in await transaction.rows("customers/source_profiles", ids=opened):
            self._load(source_profile(columns), customer_id)
        # What was said of those that identify nobody counts again once they are somebody's.
        partition = books[Identities].partition
        nobodys = sorted(key for key in partition.identifiers if partition.owner_of(key) is None)
        if nobodys:
            for columns in await transaction.rows("customers/profiles_of_identifiers", keys=nobodys):
                self._load(source_profile(columns), "")

    def _load(self, profile: SourceProfile, customer_id: str) -> None:
        self.by_key[profile.key] = self._loaded[profile.key] = profile
        self._find(profile.key, customer_id)

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes profiles, then the golden values of all customers of whom something was said or taken."""
        partition = books[Identities].partition
        changed = [p for key, p in self.by_key.items() if self._loaded.get(key) != p]
        rows = [_profile_row(profile) for profile in changed]
        yield Statement("customers/create_profiles", [r for r in rows if r["key"] not in self._loaded])
        yield Statement("customers/update_profiles", [r for r in rows if r["key"] in self._loaded])
        # Where nobody said anything, a merge has nothing to recompute.
        merged = set(partition.absorbed.values()) if self.by_key else set()
        concerned = self._described | merged | partition.regrouped
        customers = sorted({partition.survivor(customer_id) for customer_id in concerned})
        yield Statement("customers/set_golden", [self._golden_row(one, books) for one in customers])

    def _golden_row(self, customer_id: str, books: Books) -> dict[str, Any]:
        profiles = self.of_customer(customer_id, books)
        golden = golden_values(profiles, self._survivorship)
        row = {
            "id": customer_id,
            "displayName": display_name(golden),
            "attributeKeys": [search_key(one.name, one.chosen.value) for one in golden.values()],
        }
        # What was withdrawn counts too: it may have been matched by.
        if self._matched and any(says_who(name) for profile in profiles for name in profile.statements):
            row["matchDue"] = books.due(customer_id)
        return row


def source_profile(columns: list[Any]) -> SourceProfile:
    """A profile from its columns: id, key, source, anchor, statements and first statements as JSON."""
    profile_id, key, source, anchor, statements, firsts = columns
    return SourceProfile(profile_id, key, source, anchor, statements_of(statements), statements_of(firsts))


def _profile_row(profile: SourceProfile) -> dict[str, Any]:
    statements, firsts = profile.texts()
    return {
        "id": profile.id,
        "key": profile.key,
        "source": profile.source,
        "identifierKey": profile.anchor,
        "statements": statements,
        "firstStatements": firsts,
    }
