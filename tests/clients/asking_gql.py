"""Python's gql over HTTP, by httpx; asks what the other clients ask."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport

RECORD = """mutation ($input: RecordTouchpointInput!) {
  recordTouchpoint(input: $input) { duplicate customer { id } userErrors { code field } } }"""
CUSTOMER = "query ($by: CustomerBy!) { customer(by: $by) { id displayName identifiers { kind value } } }"
TOUCHPOINTS = """query ($by: CustomerBy!, $first: Int!, $after: String) {
  customer(by: $by) { id touchpoints(first: $first, after: $after) {
    edges { cursor node { id occurredAt } } pageInfo { hasNextPage endCursor } } } }"""
UPDATE = """mutation ($input: UpdateCustomerInput!) {
  updateCustomer(input: $input) { customer { id displayName } userErrors { code field } } }"""


class Asking:
    """One session, in the way that a user of gql would have it."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def data(self, text: str, **variables: Any) -> Any:
        """The only root field."""
        document = gql(text)
        document.variable_values = variables
        (value,) = (await self._session.execute(document)).values()
        return value

    async def codes(self, text: str, **variables: Any) -> list[str]:
        """Of the errors that it must have."""
        try:
            await self.data(text, **variables)
        except TransportQueryError as error:
            return [one["extensions"]["code"] for one in error.errors or ()]
        return []


def form(unique: str, number: int, *more: dict[str, str]) -> dict[str, Any]:
    return {
        "messageId": f"{unique}-{number}",
        "type": "page_view",
        "channel": "web",
        "occurredAt": f"2024-05-0{number}T00:00:00Z",
        "identifiers": [{"kind": "cookie", "value": unique}, *more],
    }


async def exercise(asking: Asking, unique: str) -> dict[str, Any]:
    """As `exercise` in asking.mjs."""
    recorded: list[Any] = []
    for number in range(1, 8):
        payload = await asking.data(RECORD, input=form(unique, number))
        recorded += [payload["duplicate"], *payload["userErrors"]]
    shoe = await asking.data(RECORD, input=form(unique, 8, {"kind": "shoe_size", "value": "44"}))
    by = {"cookie": unique}
    customer = await asking.data(CUSTOMER, by=by)
    pages: list[list[str]] = []
    more: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while more["hasNextPage"]:
        page = (await asking.data(TOUCHPOINTS, by=by, first=3, after=more["endCursor"]))["touchpoints"]
        pages.append([edge["node"]["occurredAt"] for edge in page["edges"]])
        more = page["pageInfo"]
    attributes = {"name": f"Ann {unique}"}
    update = await asking.data(UPDATE, input={"customerId": customer["id"], "attributes": attributes})
    return {
        "recorded": recorded,
        "refused": shoe["userErrors"],
        "identifiers": customer["identifiers"],
        "pages": pages,
        "updated": update["customer"]["displayName"],
        "wrong": await asking.codes(CUSTOMER, by={}),
        "invalid": await asking.codes("query Invalid { nothing }"),
        "methods": ["POST"],
    }


async def main(given: dict[str, Any]) -> dict[str, Any]:
    """What it got."""
    transport = HTTPXAsyncTransport(url=given["url"], headers=given["headers"])
    async with Client(transport=transport) as session:
        asking, unique = Asking(session), given["unique"]
        if given["refused"]:
            return {"refused": await asking.codes(RECORD, input=form(unique, 1))}
        return await exercise(asking, unique)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
