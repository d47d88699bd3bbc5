"""Documents about webhooks, and what tests do with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.integration.asking import Api
from tests.receiver import Receiver

_FIELDS = "id url filter state lastCursor failures lastError"
_ERRORS = "userErrors { code message field }"
REGISTER = f"""mutation ($input: RegisterWebhookInput!) {{ registerWebhook(input: $input) {{
  webhook {{ {_FIELDS} }} secret {_ERRORS} }} }}"""
UPDATE = f"""mutation ($input: UpdateWebhookInput!) {{ updateWebhook(input: $input) {{
  webhook {{ {_FIELDS} }} {_ERRORS} }} }}"""
DELETE = f"mutation ($input: DeleteWebhookInput!) {{ deleteWebhook(input: $input) {{ deletedId {_ERRORS} }} }}"
HOOK = f"query ($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ {_FIELDS} }} }} }}"
HOOKS = f"{{ webhooks {{ {_FIELDS} }} }}"


async def register(api: Api, receiver: Receiver, **form: Any) -> dict[str, Any]:
    """A new webhook that leads to a receiver, with its secret."""
    made = await api.done(REGISTER, input={"url": receiver.url, **form})
    return {**made["webhook"], "secret": made["secret"]}


async def until(api: Api, webhook_id: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """A webhook, as soon as something is true of it."""
    async with asyncio.timeout(10):
        while not condition(one := await api.field(HOOK, id=webhook_id)):  # noqa: ASYNC110 -- of the graph
            await asyncio.sleep(0.02)
    return dict(one)


async def removed(api: Api) -> None:
    """Removes all webhooks."""
    for one in await api.field(HOOKS):
        await api.done(DELETE, input={"webhookId": one["id"]})
