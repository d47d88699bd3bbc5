"""Making, listing and revoking API keys: from an input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from service import ids
from service.access import keys, repository
from service.access.models import Rights, Scope
from service.access.repository import Listed
from service.errors import Refused, UserError, UserErrorCode
from service.graph.client import Graph, Transaction
from service.graph.insisting import insist, now_millis
from service.ids import Mint
from service.inputs import Input, Invalid, Moment, Name, parsed
from service.positions import millis

MAX_KEYS: Final = 1_000
"""That were not revoked: every process knows them all."""


def _later(at: Moment) -> Moment:
    if millis(at) <= now_millis():
        raise ValueError("this time is over already")
    return at


class CreateKeyInput(Input):
    """A new key."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1)]
    expires_at: Annotated[Moment, AfterValidator(_later)] | None = None


@dataclass(frozen=True, slots=True)
class KeyDone:
    """The outcome: the key's id, or what is wrong with the input."""

    key_id: str | None = None
    key: str | None = None
    """The text of a new one: it is not shown again."""
    errors: tuple[UserError, ...] = ()


class KeyDesk:
    """Makes and revokes keys. Every outcome is final: committed, or it changed nothing."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.changed = asyncio.Event()
        """Set when this process changed them."""

    async def create(self, raw: Mapping[str, Any], rights: Rights) -> KeyDone:
        """Makes a key (form: CreateKeyInput); nobody gives what they do not have themselves: `rights`."""
        try:
            given = parsed(CreateKeyInput, raw)
            scopes = sorted({scope.value for scope in given.scopes})
            _check_scopes(scopes, rights)
            secret, now = keys.new_secret(), now_millis()
            key_id = Mint(now)(ids.API_KEY)
            properties = {
                "id": key_id,
                "createdAt": now,
                "name": given.name,
                "scopes": scopes,
                "digest": keys.digest_of(secret).hex(),
                "expiresAt": millis(given.expires_at) if given.expires_at else None,
            }
            await insist(self._graph, lambda transaction: _create(transaction, properties))
        except Invalid as invalid:
            return KeyDone(errors=invalid.errors)
        except Refused as no:
            return KeyDone(errors=(no.error,))
        self.changed.set()
        return KeyDone(key_id, keys.written(key_id, secret))

    async def revoke(self, key_id: str) -> KeyDone:
        """Ends a key for good."""
        try:
            if ids.prefix_of(key_id) != ids.API_KEY:
                text = f"{key_id[:64]!r} is not a key's id; those begin with {ids.API_KEY}"
                raise Refused(UserErrorCode.INVALID, "keyId", text)
            await insist(self._graph, lambda transaction: _revoke(transaction, key_id))
        except Refused as no:
            return KeyDone(errors=(no.error,))
        self.changed.set()
        return KeyDone(key_id)

    async def listed(self) -> list[Listed]:
        """All keys, the oldest first."""
        return await repository.listed(self._graph)


def _check_scopes(scopes: list[str], rights: Rights) -> None:
    lacking = [scope for scope in scopes if scope not in rights]
    if lacking:
        text = f"you do not have {', '.join(lacking)} yourself, and cannot give it to others"
        raise Refused(UserErrorCode.INVALID, "scopes", text)


async def _create(transaction: Transaction, properties: dict[str, Any]) -> None:
    await repository.change_revision(transaction, properties["createdAt"])
    if await repository.count(transaction) >= MAX_KEYS:
        text = f"there are {MAX_KEYS} keys, which is the most; revoke those that are not needed any more"
        raise Refused(UserErrorCode.TOO_MANY, "name", text)
    await repository.create(transaction, properties)


async def _revoke(transaction: Transaction, key_id: str) -> None:
    now = now_millis()
    await repository.change_revision(transaction, now)
    if not await repository.revoke(transaction, key_id, now):
        raise Refused(UserErrorCode.NOT_FOUND, "keyId", "there is no such key; see apiKeys")
