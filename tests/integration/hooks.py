"""Documents about webhooks, and what tests do with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from service.app import open_services
from service.graph.client import Graph
from service.settings import Settings
from service.webhooks.models import Timing
from tests.integration.asking import RECORD, Api
from tests.integration.forms import touch
from tests.integration.test_changes import since
from tests.receiver import Got, Receiver

_FIELDS = "id url filter state lastCursor failures lastError"
_ERRORS = "userErrors { code message field }"
REGISTER = f"""mutation ($input: RegisterWebhookInput!) {{ registerWebhook(input: $input) {{
  webhook {{ {_FIELDS} }} secret {_ERRORS} }} }}"""
UPDATE = f"""mutation ($input: UpdateWebhookInput!) {{ updateWebhook(input: $input) {{
  webhook {{ {_FIELDS} }} {_ERRORS} }} }}"""
DELETE = f"mutation ($input: DeleteWebhookInput!) {{ deleteWebhook(input: $input) {{ deletedId {_ERRORS} }} }}"
HOOK = f"query ($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ {_FIELDS} }} }} }}"
HOOKS = f"{{ webhooks {{ {_FIELDS} }} }}"

SETTINGS = Settings(matching=False, webhook_loopback=True)
QUICK = Timing(look=0.05, renew=0.1, hold=0.5, lease=0.7, answer=1, first_retry=0.02, longest_retry=0.05, end=10)


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


@asynccontextmanager
async def running(graph: Graph, timing: Timing = QUICK) -> AsyncIterator[Api]:
    """A process of the service, which delivers."""
    async with open_services(SETTINGS, graph, reminding=False, delivering=timing) as services:
        yield Api(graph, services)


async def seen(api: Api, message: str, cookie: str) -> str:
    """Records a touchpoint: of somebody new two changes."""
    payload = await api.field(RECORD, input=touch(message, ("cookie", cookie)))
    customer_id: str = payload["customer"]["id"]
    return customer_id


async def seen_all(api: Api, unique: str, many: int) -> None:
    """Records touchpoints of so many new people at once."""
    await asyncio.gather(*(seen(api, f"{unique}-{n}", f"{unique}-{n}") for n in range(many)))


def told(got: list[Got]) -> list[str]:
    """The cursors of what came."""
    return [one.data["cursor"] for one in got]


async def cursors(api: Api, after: str | None, **chosen: Any) -> list[str]:
    """What the log holds behind a cursor."""
    return [one["cursor"] for one in await since(api, after, **chosen)]
