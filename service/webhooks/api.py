"""GraphQL: webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
import strawberry

from service.api.changes import ChangeFilter
from service.api.fields import column, computed, related, written
from service.api.inputs import UserError, user_error
from service.api.nodes import Node
from service.api.scalars import Json
from service.changes.models import place
from service.reads.connections import cursor
from service.webhooks import repository
from service.webhooks.models import WebhookState

if TYPE_CHECKING:
    from service.services import Services

strawberry.enum(WebhookState, description="How a webhook stands.")


def _filter(text: str | None) -> Any:
    return orjson.loads(text) if text is not None else None


def _cursor(at: int) -> str | None:
    return cursor(place(at)) if at else None


@strawberry.type
class Webhook(Node):
    """Where changes are delivered to, by the Standard Webhooks specification: signed, at least once, in order."""

    id: strawberry.ID = column("id")
    url: str = column("url")
    """Where to."""
    filter: Json | None = computed(_filter, "filter")
    """Which changes, in the form of a ChangeFilter; absent: all."""
    state: WebhookState = column("state")
    """Whether changes are delivered."""
    last_cursor: str | None = computed(_cursor, "at")
    """Up to where in the log changes were delivered, or left out by the filter; it may be a second behind."""
    failures: int = column("failures")
    """How often in a row the change that it stands at was not taken."""
    last_error: str | None = column("lastError")
    """Why not, the last time: a status, or what went wrong on the way. Of a FAILING webhook, why it is."""


@strawberry.input
class RegisterWebhookInput:
    """An endpoint, and what it is told of."""

    url: str
    """https, to a public address, up to 2,000 characters; redirects are not followed."""
    filter: ChangeFilter | None = strawberry.UNSET
    """Which changes; absent: all."""
    after: str | None = strawberry.UNSET
    """Begin behind this cursor of the log; absent: with what is committed from now on."""


@strawberry.type
class RegisterWebhookPayload:
    """The webhook with its secret; absent where the input was wrong, and then nothing was changed."""

    webhook: Webhook | None = related(repository.WEBHOOK_BY_ID, "webhookId")
    """The webhook."""
    secret: str | None
    """What signatures are verified with. It is shown here once and never again."""
    user_errors: list[UserError]
    """What is wrong with the input."""


@strawberry.input
class UpdateWebhookInput:
    """What is another of a webhook; what is left out stays."""

    webhook_id: strawberry.ID
    """Which webhook."""
    state: WebhookState | None = strawberry.UNSET
    """PAUSED, or ACTIVE: then it goes on where it stands, at once, also if it was FAILING."""
    filter: ChangeFilter | None = strawberry.UNSET
    """Which changes from now on; null: all."""
    redeliver_after: str | None = strawberry.UNSET
    """Go on behind this cursor of the log: an older one delivers again, with the same webhook-id for the same
    change; a newer one leaves out what is between, which is the way on where lastError says CURSOR_EXPIRED."""


@strawberry.type
class WebhookPayload:
    """The webhook as it is now; absent where the input was wrong, and then nothing was changed."""

    webhook: Webhook | None = related(repository.WEBHOOK_BY_ID, "webhookId")
    """The webhook as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


@strawberry.input
class DeleteWebhookInput:
    """A webhook that is not needed any more."""

    webhook_id: strawberry.ID
    """Which webhook."""


@strawberry.type
class DeleteWebhookPayload:
    """What was removed; absent where the input was wrong, and then nothing was changed."""

    deleted_id: strawberry.ID | None
    """The id of the webhook that was."""
    user_errors: list[UserError]
    """What is wrong with the input."""


async def _register(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.webhooks.register(given)
    errors = [user_error(one) for one in done.errors]
    return {"webhookId": done.webhook_id, "secret": done.secret, "userErrors": errors}


async def _update(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.webhooks.update(given)
    return {"webhookId": done.webhook_id, "userErrors": [user_error(one) for one in done.errors]}


async def _delete(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.webhooks.delete(given["webhookId"])
    return {"deletedId": done.webhook_id, "userErrors": [user_error(one) for one in done.errors]}


@strawberry.type
class WebhookQuery:
    """Webhooks."""

    webhooks: list[Webhook] = related(repository.ALL_WEBHOOKS)
    """All webhooks, the oldest first; secrets are not among what can be read."""


@strawberry.type
class WebhookMutation:
    """Registering, changing and removing webhooks."""

    register_webhook: RegisterWebhookPayload = written(_register, RegisterWebhookInput)
    """Delivers changes to an endpoint from now on. At most 1,000 webhooks."""
    update_webhook: WebhookPayload = written(_update, UpdateWebhookInput)
    """Pauses a webhook, lets it go on, changes its filter or its place in the log. Seen within about a second."""
    delete_webhook: DeleteWebhookPayload = written(_delete, DeleteWebhookInput)
    """Removes a webhook; what is under way may still arrive."""
