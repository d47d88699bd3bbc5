"""GraphQL: API keys, so that they can be made and revoked while a service runs, on the embedded engine too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry

from service.access import repository
from service.access.models import Caller, Scope
from service.api.fields import column, computed, related, written, written_by
from service.api.inputs import UserError, user_error
from service.api.nodes import Node

if TYPE_CHECKING:
    from service.services import Services

strawberry.enum(Scope, description="What a caller may be let do; tokens write profiles:read and so on.")


def _names(values: list[str]) -> list[str]:
    return [Scope(value).name for value in values]


@strawberry.type
class ApiKey(Node):
    """A key by which callers prove who they are. Its text is kept nowhere: only a hash of its secret is."""

    id: strawberry.ID = column("id")
    name: str = column("name")
    """Whose it is: what `by` is in what they write."""
    scopes: list[Scope] = computed(_names, "scopes")
    """What it lets do."""
    created_at: datetime = column("createdAt")
    """When it was made."""
    expires_at: datetime | None = column("expiresAt")
    """When it ends; absent: when it is revoked."""
    revoked_at: datetime | None = column("revokedAt")
    """When it was revoked, if it was."""


@strawberry.input
class CreateApiKeyInput:
    """A new key."""

    name: str
    """Whose it is: what `by` is in what they write."""
    scopes: list[Scope]
    """What it lets do: at least one, and none that you do not have yourself."""
    expires_at: datetime | None = strawberry.UNSET
    """When it ends; absent: when it is revoked."""


@strawberry.type
class CreateApiKeyPayload:
    """The key with its text; absent where the input was wrong, and then nothing was changed."""

    api_key: ApiKey | None = related(repository.KEY_BY_ID, "apiKeyId")
    """The key."""
    key: str | None
    """What is sent as Authorization: Bearer …. It is shown here once and never again."""
    user_errors: list[UserError]
    """What is wrong with the input."""


@strawberry.input
class RevokeApiKeyInput:
    """A key that must not open anything any more."""

    key_id: strawberry.ID
    """Which key."""


@strawberry.type
class RevokeApiKeyPayload:
    """The key as it is now; absent where the input was wrong, and then nothing was changed."""

    api_key: ApiKey | None = related(repository.KEY_BY_ID, "apiKeyId")
    """The key as it is now."""
    user_errors: list[UserError]
    """What is wrong with the input."""


async def _create(services: Services, given: Mapping[str, Any], caller: Caller) -> Mapping[str, Any]:
    done = await services.keys.create(given, caller.rights)
    return {"apiKeyId": done.key_id, "key": done.key, "userErrors": [user_error(one) for one in done.errors]}


async def _revoke(services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    done = await services.keys.revoke(given["keyId"])
    return {"apiKeyId": done.key_id, "userErrors": [user_error(one) for one in done.errors]}


@strawberry.type
class KeyQuery:
    """API keys."""

    api_keys: list[ApiKey] = related(repository.ALL_KEYS)
    """All keys, the oldest first, those that were revoked too."""


@strawberry.type
class KeyMutation:
    """Making and revoking API keys."""

    create_api_key: CreateApiKeyPayload = written_by(_create, CreateApiKeyInput)
    """Makes a key. At most 1,000 that were not revoked."""
    revoke_api_key: RevokeApiKeyPayload = written(_revoke, RevokeApiKeyInput)
    """Ends a key for good: nobody is let in with it after 5 seconds, and what is open with it is closed."""
