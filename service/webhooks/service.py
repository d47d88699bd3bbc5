"""Registering, changing and removing webhooks: from an input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from service import ids
from service.changes import log
from service.changes.asking import filter_of, number_of
from service.errors import BadInput, CursorExpired, NotMigrated, Refused, UserError, UserErrorCode
from service.graph.client import Graph, Transaction
from service.graph.insisting import insist, now_millis
from service.ids import Mint
from service.inputs import Invalid, parsed
from service.webhooks.addresses import BadUrl, Target, target
from service.webhooks.connecting import AddressRefused, Resolve, judged, resolved
from service.webhooks.messages import new_secret
from service.webhooks.models import (
    MAX_WEBHOOKS,
    FilterInput,
    RegisterWebhookInput,
    UpdateWebhookInput,
    WebhookState,
)

_RESOLVE_SECONDS: Final = 3.0
"""For a name at registration; one that cannot be resolved so soon is judged when it is delivered to."""


@dataclass(frozen=True, slots=True)
class WebhookDone:
    """The outcome: the webhook, or what is wrong with the input."""

    webhook_id: str | None = None
    secret: str | None = None
    """Of a new one: it is not shown again."""
    errors: tuple[UserError, ...] = ()


class WebhookDesk:
    """Registers, changes and removes webhooks. Every outcome is final: committed, or it changed nothing."""

    def __init__(
        self, graph: Graph, *, loopback: bool, changed: Callable[[], None], resolve: Resolve = resolved
    ) -> None:
        """`changed` is called when webhooks are others than they were."""
        self._graph = graph
        self._loopback = loopback
        self._changed = changed
        self._resolve = resolve

    async def register(self, raw: Mapping[str, Any]) -> WebhookDone:
        """Makes a webhook (form: RegisterWebhookInput)."""
        try:
            given = parsed(RegisterWebhookInput, raw)
            where = await self._checked_url(given.url)
            await self._check_filter(given.filter)
            at = await self._number("after", given.after) if given.after else await log.end(self._graph)
            secret, now = new_secret(), now_millis()
            properties = {
                "id": Mint(now)(ids.WEBHOOK),
                "createdAt": now,
                "url": where.url,
                "secret": secret,
                "filter": _stored(given.filter),
                "at": at,
                "state": WebhookState.ACTIVE.value,
                "failures": 0,
                "revision": 0,
                "epoch": 0,
                "owner": "",
                "beat": 0,
            }
            await insist(self._graph, lambda transaction: _create(transaction, properties))
        except Invalid as invalid:
            return WebhookDone(errors=invalid.errors)
        except Refused as no:
            return WebhookDone(errors=(no.error,))
        self._changed()
        return WebhookDone(str(properties["id"]), secret)

    async def update(self, raw: Mapping[str, Any]) -> WebhookDone:
        """Changes a webhook (form: UpdateWebhookInput)."""
        try:
            given = parsed(UpdateWebhookInput, raw)
            _check_id(given.webhook_id)
            if given.state is WebhookState.FAILING:
                raise _wrong("state", "a webhook fails by itself; set ACTIVE or PAUSED")
            await self._check_filter(given.filter)
            at = await self._number("redeliverAfter", given.redeliver_after) if given.redeliver_after else None
            await insist(self._graph, lambda transaction: _change(transaction, given, at))
        except Invalid as invalid:
            return WebhookDone(errors=invalid.errors)
        except Refused as no:
            return WebhookDone(errors=(no.error,))
        self._changed()
        return WebhookDone(given.webhook_id)

    async def delete(self, webhook_id: str) -> WebhookDone:
        """Removes a webhook."""
        try:
            _check_id(webhook_id)
            await insist(self._graph, lambda transaction: _remove(transaction, webhook_id))
        except Refused as no:
            return WebhookDone(errors=(no.error,))
        self._changed()
        return WebhookDone(webhook_id)

    async def _checked_url(self, text: str) -> Target:
        """The parts of a URL that may be delivered to, as far as is known now."""
        try:
            where = target(text, loopback=self._loopback)
            async with asyncio.timeout(_RESOLVE_SECONDS):
                await judged(
                    where.host, where.port, secure=where.secure, loopback=self._loopback, resolve=self._resolve
                )
        except BadUrl as bad:
            raise _wrong("url", str(bad)) from None
        except AddressRefused as refused:
            raise _wrong("url", f"{refused}; webhooks go to public addresses only") from None
        except (OSError, TimeoutError):
            pass  # It may be set up later: it is judged at every connection.
        return where

    async def _check_filter(self, given: FilterInput | None) -> None:
        if given is None:
            return
        try:
            await filter_of(
                self._graph,
                kinds=given.kinds,
                customer_ids=given.customer_ids,
                pipeline_id=given.pipeline_id,
                owner=given.owner,
            )
        except BadInput as bad:
            raise _wrong_as(bad, bad.field) from None

    async def _number(self, field: str, cursor: str) -> int:
        """The number of the change that a cursor is of, if what is behind it is still in the log."""
        try:
            number = await number_of(self._graph, cursor)
            await log.check(self._graph, number)
        except BadInput as bad:
            raise _wrong_as(bad, field) from None
        except CursorExpired as expired:
            raise _wrong(field, f"{expired.code}: {expired.message}") from None
        return number


def _stored(given: FilterInput | None) -> str | None:
    return orjson.dumps(given.stored()).decode() if given is not None else None


def _wrong(field: str, message: str) -> Refused:
    return Refused(UserErrorCode.INVALID, field, message)


def _wrong_as(bad: BadInput, field: str) -> Refused:
    return _wrong(field, bad.message.removeprefix(f"{bad.field}: "))


def _check_id(webhook_id: str) -> None:
    if ids.prefix_of(webhook_id) != ids.WEBHOOK:
        raise _wrong("webhookId", f"{webhook_id[:64]!r} is not a webhook's id; those begin with {ids.WEBHOOK}")


async def _create(transaction: Transaction, properties: dict[str, Any]) -> None:
    if not await transaction.rows("webhooks/lock", now=properties["createdAt"]):
        raise NotMigrated
    ((many,),) = await transaction.rows("webhooks/count")
    if many >= MAX_WEBHOOKS:
        text = f"there are {MAX_WEBHOOKS} webhooks, which is the most; deleteWebhook removes one"
        raise Refused(UserErrorCode.TOO_MANY, "url", text)
    await transaction.write("webhooks/create", properties=properties)


async def _change(transaction: Transaction, given: UpdateWebhookInput, at: int | None) -> None:
    rows = await transaction.rows("webhooks/to_change", id=given.webhook_id, now=now_millis())
    if not rows:
        raise _unknown()
    revision, epoch = rows[0]
    properties: dict[str, Any] = {"revision": revision + 1}
    if given.state is not None:
        properties["state"] = given.state.value
    if given.state is WebhookState.ACTIVE or at is not None:
        properties |= {"failures": 0, "lastError": None, "failingSince": None}
    if "filter" in given.model_fields_set:
        # How far its holder comes from here on by the filter before does not count: what is committed after this
        # is told by the new one.
        properties |= {"filter": _stored(given.filter), "epoch": epoch + 1}
    if at is not None:
        properties |= {"at": at, "epoch": epoch + 1}
    await transaction.write("webhooks/change", id=given.webhook_id, properties=properties)


async def _remove(transaction: Transaction, webhook_id: str) -> None:
    if not await transaction.rows("webhooks/to_change", id=webhook_id, now=now_millis()):
        raise _unknown()
    await transaction.write("webhooks/remove", id=webhook_id)


def _unknown() -> Refused:
    return Refused(UserErrorCode.NOT_FOUND, "webhookId", "there is no such webhook; see webhooks")
