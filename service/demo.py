"""The demo: a small world, two stories, and one query for each of the three users, over real HTTP."""

from __future__ import annotations

import asyncio
import tempfile
import urllib.request
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError

import orjson
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax

from service import demo_world
from service.errors import ServiceError
from service.serving import listen, serving, url
from service.settings import Auth, Settings

_BATCH = 500

_RECORD = """mutation ($input: RecordTouchpointsInput!) {
  recordTouchpoints(input: $input) { userErrors { message } results { userErrors { message } } }
}"""
_ORDER = """mutation ($input: RecordOrderInput!) { recordOrder(input: $input) { userErrors { message } } }"""
_IDENTIFY = (
    """mutation ($input: IdentifyCustomerInput!) { identifyCustomer(input: $input) { userErrors { message } } }"""
)
_DEAL = (
    """mutation ($input: CreateDealInput!) { createDeal(input: $input) { deal { id } userErrors { message } } }"""
)
_WIN = """mutation ($input: CloseDealInput!) { closeDeal(input: $input) { userErrors { message } } }"""

FRONTEND = """{ # A frontend asks: who is on this cookie?
  customer(by: {cookie: "c1"}) {
    state
    identifiers { kind value }
    summary { touchpoints orders revenue { amount currency } timeToFirstConversion }
  }
}"""
ANALYST = """{ # A journey analyst asks: how did the runner come to his order?
  customer(by: {phone: "+86 138 0013 8000"}) {
    journey { nodes { __typename occurredAt ... on Touchpoint { channel type } ... on Order { orderNumber } } }
  }
}"""
CRM = """{ # A CRM asks: where does the buyer on the phone come from?
  customer(by: {phone: "+7 (916) 123-45-67"}) {
    displayName
    previousIds
    deals { nodes { title state amount { amount currency } } }
    journey {
      nodes { __typename occurredAt ... on Touchpoint { channel type } ... on DealStageChange { to { name } } }
    }
  }
}"""


class Client:
    """GraphQL over HTTP with nothing but the standard library, as a newcomer would try it."""

    def __init__(self, address: str) -> None:
        self._address = f"{address}graphql"
        # Not by a proxy of the environment: this is loopback.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    async def __call__(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer.

        Raises:
            ServiceError: the answer has errors.
        """
        return await asyncio.to_thread(self._ask, query, variables)

    def _ask(self, query: str, variables: dict[str, Any] | None) -> dict[str, Any]:
        body = orjson.dumps({"query": query, "variables": variables})
        request = urllib.request.Request(self._address, body, {"Content-Type": "application/json"})
        with self._open(request, timeout=60) as response:
            answer = orjson.loads(response.read())
        payloads = list((answer.get("data") or {}).values())
        wrong = [one for payload in payloads if isinstance(payload, dict) for one in payload.get("userErrors", [])]
        if answer.get("errors") or wrong:
            raise ServiceError(f"The demo's request failed: {answer.get('errors') or wrong}")
        data: dict[str, Any] = answer["data"]
        return data


async def run(out: Console, *, port: int, once: bool) -> None:
    """Starts the service in a temporary folder, records the world, and shows it; ends at Ctrl-C, or at once."""
    with (
        tempfile.TemporaryDirectory(prefix="customer-graph-demo-") as folder,
        listen("127.0.0.1", port) as listener,
    ):
        settings = Settings(data=Path(folder) / "data", neo4j_uri=None, auth=Auth.NONE, webhook_loopback=True)
        out.print("Starting the service with its embedded graph …")
        async with serving(settings, listener) as stopped:
            ask = Client(url(listener))
            try:
                await _record(ask, out)
                await _show(ask, out, url(listener))
            except URLError:
                if not stopped.done():
                    raise
                return  # Ctrl-C came before the end.
            if not once:
                out.print("Ctrl-C ends it.")
                await stopped


async def _record(ask: Client, out: Console) -> None:
    start = datetime.combine(datetime.now(UTC).date() - timedelta(days=30), time(), UTC)
    world = demo_world.generate(start)
    for index in range(0, len(world.touchpoints), _BATCH):
        await ask(_RECORD, {"input": {"items": world.touchpoints[index : index + _BATCH]}})
    for order in world.orders:
        await ask(_ORDER, {"input": order})
    for identify in world.identities:
        await ask(_IDENTIFY, {"input": identify})
    await _sell(ask)
    out.print(f"Recorded {len(world.touchpoints)} touchpoints and {len(world.orders)} orders.")


async def _sell(ask: Client) -> None:
    """The manager's part of the second story: the deal of the caller, won."""
    created = await ask(_DEAL, {"input": demo_world.IVANOVS_DEAL})
    await ask(_WIN, {"input": {"dealId": created["createDeal"]["deal"]["id"], "outcome": "WON", "by": "Olga"}})


async def _show(ask: Client, out: Console, home: str) -> None:
    for title, query, story in (
        (
            "Frontends",
            FRONTEND,
            "The runner looked at shoes, came back by an ad in WeChat, and ordered by phone.",
        ),
        ("Journey analysts", ANALYST, "His journey is one, though no two channels knew the same about him."),
        ("CRMs", CRM, "Ivanov was two anonymous visitors on two devices, then a caller, then a buyer."),
    ):
        customer = (await ask(query))["customer"]
        out.print()
        out.rule(title)
        out.print(story)
        out.print(Syntax(query, "graphql", background_color="default"))
        out.print(Panel("\n".join(_lines(customer)), title="Answer", expand=False))
    out.print(f"\nGraphiQL is at [bold]{home}[/bold], the API at [bold]{home}graphql[/bold]")


def _lines(customer: dict[str, Any]) -> list[str]:
    """An answer as lines that a person reads."""
    lines = []
    for name, value in customer.items():
        if name == "journey":
            lines.append("journey:")
            lines += [f"  {_step(step)}" for step in value["nodes"]]
        elif isinstance(value, dict) and "nodes" in value:
            lines.append(f"{name}: {', '.join(_plain(node) for node in value['nodes'])}")
        elif isinstance(value, list):
            lines.append(f"{name}: {', '.join(_plain(one) for one in value)}")
        else:
            lines.append(f"{name}: {_plain(value)}")
    return lines


def _step(step: dict[str, Any]) -> str:
    what = " ".join(
        _plain(value) for name, value in step.items() if name not in ("__typename", "occurredAt") and value
    )
    return f"{step['occurredAt'][:16].replace('T', ' ')}  {step['__typename']:<16} {what}"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(
            f"{_plain(one)}" if name in _OBVIOUS else f"{name} {_plain(one)}" for name, one in value.items()
        )
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return str(value)


_OBVIOUS = {"kind", "value", "amount", "currency", "title", "state", "name"}
