"""Python's gql over a WebSocket: prints what comes as the other clients do."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

CHANGES = """subscription ($after: String) {
  changes(after: $after) { cursor kind customerId previousCustomerIds subject { id } } }"""


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


async def main(url: str, after: str) -> None:
    """Follows the log for ever."""
    while True:
        say({"after": after})
        try:
            async with Client(transport=WebsocketsTransport(url=url)) as session:
                document = gql(CHANGES)
                document.variable_values = {"after": after}
                async for result in session.subscribe(document):
                    after = result["changes"]["cursor"]
                    say(result["changes"])
            say({"end": "completed"})
        except Exception as error:
            say({"end": f"{type(error).__name__}: {error}"})
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    asyncio.run(main(given["ws"], given["after"]))
