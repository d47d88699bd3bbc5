"""Stewardship's part of a write transaction: whole customers are loaded, and what was regrouped is written.

Commands that need it run alone in their transaction, so that what is loaded is what the graph has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity.book import Identities, customer_row, identifier_properties
from service.identity.history import IdentityEvent
from service.identity.kinds import Kinds
from service.identity.models import CustomerState, IdentityEventKind
from service.identity.neighbourhood import Forbidden, KnownIdentifier, KnownLink, Neighbourhood
from service.identity.records import CustomerRecord, IdentifierRecord, own_key
from service.identity.regrouping import Regrouping

MAX_LINKS: Final = 20_000
"""Read of one customer and those around it: its identifiers are a thousand at most."""
MAX_REFUSED: Final = 200
"""Customers that are read because evidence to join them was refused."""

SHARING: Final = "sharing:"
FACTS: Final = "facts:"
"""Prefixes of chores: to look whether a customer's values are shared, to move what hangs on a generic one."""


@dataclass(frozen=True, slots=True)
class WholeNeed:
    """The command changes the customers of these identifiers, or takes back an event."""

    keys: tuple[str, ...] = ()
    event_id: str | None = None
    refused_too: bool = False
    """Also those whom they were refused to join."""


class Stewardship:
    """Customers as a whole, and the changes to who is who."""

    def __init__(self) -> None:
        self.around = Neighbourhood()
        self.events: dict[str, IdentityEvent] = {}
        """That may be taken back, by id."""
        self.rules = Kinds()
        self._changes: list[Regrouping] = []
        self._history: list[IdentityEvent] = []
        self._undone: list[str] = []
        self._chores: list[str] = []
        self._done: list[str] = []
        self._present: set[str] = set()

    # --- for commands -----------------------------------------------------------------------------------------

    def change(self, books: Books, reason: str, by: str) -> Regrouping:
        """A change of who is who; it comes to something when it is entered."""
        return Regrouping(self.around, self.rules, books.mint, reason=reason, by=by)

    def enter(
        self, change: Regrouping, kind: IdentityEventKind, books: Books, *, first: str | None = None
    ) -> IdentityEvent:
        """Enters a change that is regrouped, with its event; `first` of those concerned is named first."""
        concerned = {*change.results} & {*change.moved.values(), *change.touched()}
        concerned |= {one for one in (first,) if one in change.results}
        named = sorted(concerned, key=lambda one: (one != first, one)) + change.gone()
        event = IdentityEvent(
            change.event_id,
            kind,
            change.now,
            change.reason,
            change.by,
            tuple(named),
            None,
            False,
            change.detail.as_json(),
        )
        self._changes.append(change)
        self._history.append(event)
        self._settle(change, books)
        return event

    def _settle(self, change: Regrouping, books: Books) -> None:
        """Lets what comes after see the groups as they are now, and enters them in the log."""
        partition = books[Identities].partition
        _log(change, books[Changes])
        for key, customer_id in change.moved.items():
            if key in partition.identifiers:
                partition.identifiers[key].customer_id = customer_id
                partition.identifiers[key].generic = not customer_id
        partition.regrouped -= set(change.gone())
        for record in change.customers():
            self.around.customers[record.id] = record
            partition.regrouped.add(record.id)
        for gone in change.gone():
            del self.around.customers[gone]

    def undone(self, event_id: str) -> None:
        """Enters that an event was taken back."""
        self._undone.append(event_id)

    def leave(self, chore: str) -> None:
        """Leaves something to be looked into once this is committed."""
        self._chores.append(chore)

    def looked_into(self, chore: str) -> None:
        """Enters that a chore is done."""
        self._done.append(chore)

    def concerned(self) -> set[str]:
        """The present customers that were changed, or of whom it was said whether they may be merged."""
        named = {one for event in self._history for one in event.customer_ids}
        return named & set(self.around.customers)

    def taken_back(self) -> list[str]:
        """The events that were undone, and those whose bans were lifted."""
        lifted = (ban.event_id for change in self._changes for ban in change.lifted)
        return list(dict.fromkeys((*self._undone, *lifted)))

    # --- loading ----------------------------------------------------------------------------------------------

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads whole customers, with the evidence and the bans among them."""
        self.rules = books[Identities].partition.rules
        wanted = needs.of(WholeNeed)
        if not wanted:
            return
        keys = {key for need in wanted for key in need.keys}
        event_ids = [need.event_id for need in wanted if need.event_id is not None]
        for event in await self._load_events(transaction, event_ids):
            keys |= _keys_of(event)
            # Whether what first forbade a merge was undone since.
            await self._load_events(transaction, [one[2] for one in event.detail.get("lifted", ())])
        await self._load_customers(transaction, keys)
        if any(need.refused_too for need in wanted):
            refused = {key for link in self.around.links.values() if link.refused for key in link.pair} - set(
                self.around.identifiers
            )
            await self._load_customers(transaction, set(sorted(refused)[:MAX_REFUSED]))
        identities = books[Identities]
        identities.open |= set(self.around.customers)
        self._present = set(self.around.customers)
        for known in self.around.identifiers.values():
            identities.partition.identifiers.setdefault(known.key, _record(known))

    async def _load_events(self, transaction: Transaction, event_ids: list[str]) -> list[IdentityEvent]:
        if not event_ids:
            return []
        rows = await transaction.rows("identity/event_to_undo", ids=event_ids)
        events = [_event(row) for row in rows]
        self.events |= {event.id: event for event in events}
        return events

    async def _load_customers(self, transaction: Transaction, keys: set[str]) -> None:
        if not keys:
            return
        named = sorted(keys)
        fresh = set()
        for row in await transaction.rows("identity/whole", keys=named):
            customer = CustomerRecord(row[7], CustomerState(row[8]), *row[9:14])
            self.around.customers.setdefault(customer.id, customer)
            self._take(row[:7], customer.id)
            fresh.add(customer.id)
        for row in await transaction.rows("identity/generic_of", keys=named):
            self._take([*row, False], "")
        await self._load_evidence(transaction, sorted(fresh))

    def _take(self, columns: list[Any], owner: str) -> None:
        identifier_id, key, kind, value, first_seen, last_seen, pinned = columns
        self.around.identifiers[key] = KnownIdentifier(
            identifier_id, key, kind, value, owner, first_seen, last_seen, not owner, pinned
        )

    async def _load_evidence(self, transaction: Transaction, customer_ids: list[str]) -> None:
        links = {link.id: link for link in self.around.links.values()}
        for query in ("identity/links_from", "identity/links_to"):
            for row in await transaction.rows(query, ids=customer_ids, limit=MAX_LINKS):
                links.setdefault(row[0], _link(row))
        self.around.links = {link.id: link for link in sorted(links.values(), key=lambda one: (one.at, one.id))}
        for row in await transaction.rows("identity/bans_of", ids=customer_ids):
            ban = Forbidden(*row)
            self.around.forbidden[ban.id] = ban

    # --- writing ----------------------------------------------------------------------------------------------

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes evidence, groups and history; notes what has to be looked into."""
        yield from self._groups()
        changed = {link_id: link for change in self._changes for link_id, link in change.links.items()}
        new = {link_id for change in self._changes for link_id in change.new_links}
        yield Statement("identity/create_links", [_new_link(one) for one in changed.values() if one.id in new])
        yield Statement(
            "identity/update_links", [_changed_link(one) for one in changed.values() if one.id not in new]
        )
        marked = {key: known for change in self._changes for key, known in change.marked.items()}
        yield Statement("identity/mark_identifiers", [_mark(one) for one in marked.values()])
        yield from self._bans()
        yield Statement("identity/create_events", [event.row() for event in self._history])
        yield Statement("identity/mark_undone", [{"id": one} for one in self._undone])
        partition = books[Identities].partition
        doubtful = {SHARING + own_key(partition.survivor(one)) for one in partition.doubtful}
        chores = sorted({*self._chores, *doubtful})
        yield Statement("identity/create_chores", [{"key": key} for key in chores])
        yield Statement("identity/remove_chores", [{"key": key} for key in self._done if key not in chores])
        books.chores += chores

    def _groups(self) -> Iterator[Statement]:
        moved = {key: owner for change in self._changes for key, owner in change.moved.items()}
        own = {key: (known, change.by) for change in self._changes for key, known in change.new_own.items()}
        records = {
            record.id: record for record in self.around.customers.values() if record.updated_at == self._now()
        }
        created = [record for record in records.values() if record.id not in self._present]
        yield Statement("identity/create_customers", [customer_row(record) for record in created])
        born = [
            {
                "customerId": known.owner,
                "properties": identifier_properties(replace(_record(known), born=(by, None))),
            }
            for known, by in own.values()
        ]
        yield Statement("identity/create_identifiers", born)
        yield Statement("identity/release_identifiers", [{"key": key} for key in moved if key not in own])
        pointed = [{"key": key, "customerId": owner} for key, owner in moved.items() if owner and key not in own]
        yield Statement("identity/point_identifiers", pointed)
        gone = sorted(self._present - set(self.around.customers))
        yield Statement("identity/remove_customers", [{"from": one} for one in gone])
        updated = [record for record in records.values() if record.id in self._present]
        yield Statement("identity/update_customers", [customer_row(record) for record in updated])

    def _now(self) -> int:
        return self._changes[-1].now if self._changes else -1

    def _bans(self) -> Iterator[Statement]:
        bans = {ban.id: ban for change in self._changes for ban in change.bans}
        lifted = {ban.id: ban for change in self._changes for ban in change.lifted}
        made = [_ban(ban) for ban in bans.values() if ban.id not in lifted]
        yield Statement("identity/create_bans", made)
        ended = [{"one": b.one, "other": b.other, "id": b.id} for b in lifted.values() if b.id not in bans]
        yield Statement("identity/remove_bans", ended)


def _log(change: Regrouping, changes: Changes) -> None:
    """Enters what a change made of customers."""
    gone = set(change.gone())
    # Who was there before comes first.
    for record in sorted(change.customers(), key=lambda one: one.is_new):
        before = change.came_from(record.id)
        if before & gone:
            kind = ChangeKind.CUSTOMERS_MERGED
        elif before or change.gave(record.id):
            kind = ChangeKind.CUSTOMER_SPLIT
        else:
            kind = ChangeKind.CUSTOMER_CREATED if record.is_new else ChangeKind.CUSTOMER_UPDATED
        changes.enter(kind, record.id, fields=("identifiers",), previous_ids=sorted(before))


def _event(row: list[Any]) -> IdentityEvent:
    event_id, kind, at, reason, by, customer_ids, message_id, undone, detail = row
    return IdentityEvent(
        event_id,
        IdentityEventKind(kind),
        at,
        reason,
        by,
        tuple(customer_ids),
        message_id,
        undone,
        orjson.loads(detail or "{}"),
    )


def _keys_of(event: IdentityEvent) -> set[str]:
    """The identifiers whose customers taking an event back may concern."""
    keys = {own_key(one) for one in event.customer_ids}
    for name in ("on", "off"):
        keys |= {key for _, *ends in event.detail.get(name, ()) for key in ends}
    keys |= {key for one, other, *_ in event.detail.get("forbade", ()) for key in (one, other)}
    keys |= {key for one, other, *_ in event.detail.get("lifted", ()) for key in (one, other)}
    return keys | {*event.detail.get("generic", ()), *event.detail.get("identified", ())}


def _link(row: list[Any]) -> KnownLink:
    link_id, from_key, to_key, method, rule, probability, source, message_id, at, refused, cut_by = row
    cut = tuple((cut_by or "").split())
    return KnownLink(link_id, from_key, to_key, method, rule, probability, source, message_id, at, refused, cut)


def _record(known: KnownIdentifier) -> IdentifierRecord:
    return IdentifierRecord(
        known.id,
        known.key,
        known.kind,
        known.value,
        known.value,
        known.owner,
        known.first_seen,
        known.last_seen,
        known.generic,
    )


def _new_link(link: KnownLink) -> dict[str, Any]:
    properties = {
        "id": link.id,
        "method": link.method,
        "rule": link.rule,
        "probability": link.probability,
        "source": link.source,
        "messageId": link.message_id,
        "at": link.at,
        "active": link.active,
        "refused": link.refused,
        "cutBy": _cut_by(link),
    }
    return {"from": link.from_key, "to": link.to_key, "properties": properties}


def _changed_link(link: KnownLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "from": link.from_key,
        "to": link.to_key,
        "active": link.active,
        "refused": link.refused,
        "cutBy": _cut_by(link),
    }


def _cut_by(link: KnownLink) -> str | None:
    return " ".join(link.cut_by) or None


def _mark(known: KnownIdentifier) -> dict[str, Any]:
    return {"key": known.key, "generic": known.generic, "pinned": known.pinned}


def _ban(ban: Forbidden) -> dict[str, Any]:
    properties = {
        "id": ban.id,
        "one": ban.one,
        "other": ban.other,
        "reason": ban.reason,
        "by": ban.by,
        "at": ban.at,
        "eventId": ban.event_id,
    }
    return {"one": ban.one, "other": ban.other, "properties": properties}
