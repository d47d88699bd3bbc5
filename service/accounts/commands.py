"""Making and changing accounts: the command, and the rows that it writes. Pure.

A customer belongs to an account by hand, which hangs on the customer's own identifier, or by an e-mail address at
its domain. Of several memberships the latest by hand counts, and without any, that of the latest address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from service import ids
from service.accounts.models import MAX_MEMBERS, UpsertAccountInput
from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.errors import UserError, UserErrorCode
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.graph.messages import Message, MessageNeed, Messages
from service.identity.book import Identities, IdentityNeed
from service.identity.records import own_key
from service.positions import position


@dataclass(frozen=True, slots=True)
class AccountNeed:
    """The command changes or names this account, or must know whose a domain is."""

    id: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Accounted:
    """The outcome: the account, or what is wrong with the input."""

    account_id: str | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(slots=True)
class Account:
    """An account as the graph has it, or will have it; members by hand, by the key of their own identifier."""

    id: str
    name: str
    domain: str | None = None
    members: dict[str, str] = field(default_factory=dict)
    """With the position of each membership."""


def refused(code: UserErrorCode, path: str, message: str) -> Accounted:
    """The outcome of a command that changes nothing; the path has dots."""
    return Accounted(errors=(UserError(code, f"{path}: {message}", tuple(path.split("."))),))


@dataclass(frozen=True, slots=True)
class UpsertAccount:
    """Makes an account, or changes one. Its domain is in its one spelling."""

    account: UpsertAccountInput
    message_key: str

    @property
    def _members(self) -> list[str]:
        return list(dict.fromkeys(own_key(one) for one in self.account.customer_ids or ()))

    def needs(self) -> Iterable[object]:
        """Its message, the account, whose its domain is, and its new members."""
        given = self.account
        return (
            MessageNeed(self.message_key),
            AccountNeed(given.id, given.domain),
            IdentityNeed(tuple(self._members)),
        )

    def decide(self, books: Books) -> Accounted:
        """The account as it is given."""
        stored = books[Messages][self.message_key]
        if stored is not None:
            return Accounted(stored.subject_id)
        accounts, given = books[Accounts], self.account
        before = accounts.by_id(given.id) if given.id is not None else None
        wrong = self._wrong(accounts, before, books)
        if wrong is not None:
            return wrong
        account = before or Account(books.mint(ids.ACCOUNT), given.name)
        domain = given.domain if "domain" in given.model_fields_set else account.domain
        members = dict(account.members)
        if "customer_ids" in given.model_fields_set:
            # Each has a place of its own: the first that is given is the latest.
            members = {
                key: account.members.get(key) or position(books.now, books.mint(ids.ACCOUNT))
                for key in reversed(self._members)
            }
        after = Account(account.id, given.name, domain, members)
        if after != before:
            accounts.enter(after, before, books)
            books[Messages].enter(Message(self.message_key, "account", account.id, "", "[]"), has_node=False)
        return Accounted(account.id)

    def _wrong(self, accounts: Accounts, before: Account | None, books: Books) -> Accounted | None:
        given = self.account
        if given.id is not None and before is None:
            return refused(
                UserErrorCode.NOT_FOUND, "id", "there is no such account; leave the id out for a new one"
            )
        if len(given.customer_ids or ()) > MAX_MEMBERS:
            message = f"at most {MAX_MEMBERS} by hand; give the account a domain for more"
            return refused(UserErrorCode.TOO_MANY, "customerIds", message)
        for number, one in enumerate(given.customer_ids or ()):
            if books[Identities].partition.owner_of(own_key(one)) is None:
                return refused(UserErrorCode.NOT_FOUND, f"customerIds.{number}", "there is no such customer")
        other = accounts.by_domain(given.domain) if given.domain is not None else None
        if other is not None and (before is None or other.id != before.id):
            message = f"{other.name} ({other.id}) has this domain; change that account"
            return refused(UserErrorCode.ALREADY_EXISTS, "domain", message)
        return None


class Accounts:
    """The accounts of one batch."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._joined: dict[tuple[str, str], dict[str, Any]] = {}
        self._left: dict[tuple[str, str], dict[str, Any]] = {}

    def by_id(self, account_id: str) -> Account | None:
        """An account that a command named."""
        return self._accounts.get(account_id)

    def by_domain(self, domain: str) -> Account | None:
        """The account that has a domain which a command named."""
        return next((one for one in self._accounts.values() if one.domain == domain), None)

    def enter(self, after: Account, before: Account | None, books: Books) -> None:
        """Enters how an account is from now on, with the changes of whoever came to it or left it by hand."""
        self._accounts[after.id] = after
        properties = {"id": after.id, "name": after.name, "domain": after.domain, "updatedAt": books.now}
        born = {"createdAt": books.now, "position": position(books.now, after.id)} if before is None else {}
        row = self._rows.setdefault(after.id, {"id": after.id, "properties": {}})
        row["properties"] |= properties | born
        members = before.members if before else {}
        for key in after.members.keys() - members.keys():
            self._joined[after.id, key] = {"id": after.id, "key": key, "position": after.members[key]}
            self._left.pop((after.id, key), None)
        for key in members.keys() - after.members.keys():
            self._left[after.id, key] = {"id": after.id, "key": key}
            self._joined.pop((after.id, key), None)
        owner_of = books[Identities].partition.owner_of
        changed = {owner_of(key) for key in members.keys() ^ after.members.keys()} - {None}
        for customer_id in sorted(map(str, changed)):
            books[Changes].enter(
                ChangeKind.CUSTOMER_UPDATED, customer_id, subject_id=after.id, fields=("account",)
            )

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Reads the accounts that are named, by id or by domain, with their members by hand."""
        wanted = needs.of(AccountNeed)
        named = sorted({need.id for need in wanted if need.id is not None})
        domains = sorted({need.domain for need in wanted if need.domain is not None})
        rows = await transaction.rows("accounts/known", ids=named) if named else []
        rows += await transaction.rows("accounts/with_domains", domains=domains) if domains else []
        for account_id, name, domain in rows:
            self._accounts[account_id] = Account(account_id, name, domain)
        if not named:
            return
        for account_id, key, place in await transaction.rows("accounts/members_by_hand", ids=named):
            self._accounts[account_id].members[key] = place
        keys = sorted({key for account in self._accounts.values() for key in account.members})
        await books[Identities].look_up(transaction, keys)

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes accounts, and who belongs to them by hand."""
        del books
        yield Statement("accounts/write_accounts", list(self._rows.values()))
        # What was left in a batch that joined it first finds nothing to cut.
        yield Statement("accounts/leave", list(self._left.values()))
        yield Statement("accounts/join", list(self._joined.values()))
