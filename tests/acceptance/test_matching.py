"""Two records of one person without a shared key, over HTTP: proposed as they are recorded, decided, undone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.acceptance.conftest import Client, service
from tests.conftest import Engine

IDENTIFY = """mutation ($input: IdentifyCustomerInput!) { identifyCustomer(input: $input) {
  customer { id } userErrors { code message } } }"""
DUPLICATES = """query ($by: CustomerBy!) { customer(by: $by) { possibleDuplicates {
  id probability status a { id } b { id } evidence { field a b agreement weight } } } }"""
DECIDE = """mutation ($input: DecideMatchInput!) { decideMatch(input: $input) {
  match { status } customer { id previousIds } event { id } userErrors { code message field } } }"""
UNDO = """mutation ($input: UndoIdentityEventInput!) { undoIdentityEvent(input: $input) {
  customers { id } userErrors { code message } } }"""


async def identified(client: Client, source: str, value: str, attributes: dict[str, Any]) -> str:
    form = {
        "messageId": value,
        "source": source,
        "attributes": attributes,
        "identifiers": [{"kind": f"external:{source}", "value": value}],
    }
    payload = await client.field(IDENTIFY, input=form)
    assert payload["userErrors"] == []
    customer_id: str = payload["customer"]["id"]
    return customer_id


async def duplicate(client: Client, customer_id: str, seconds: float = 60) -> dict[str, Any]:
    """The candidate of a customer, as soon as there is one."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        found = (await client.field(DUPLICATES, by={"id": customer_id}))["possibleDuplicates"]
        if found:
            candidate: dict[str, Any] = found[0]
            return candidate
        await asyncio.sleep(0.02)
    raise AssertionError("nobody was proposed")


@pytest.fixture(scope="module")
async def fresh(alone: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A service on a graph of its own: Julia is in other tests, too."""
    async with alone.migrated():
        pass
    with service(alone, tmp_path_factory.mktemp("fresh") / "log") as process:
        client = Client(process.address)
        yield client
        await client.http.aclose()


async def test_julia_of_the_crm_and_of_the_shop(fresh: Client, unique: str) -> None:
    client = fresh
    crm = {"name": "Юлия Щербакова", "birthDate": "12.03.1990", "city": "Киев"}
    shop = {"name": "Julia Shcherbakova", "birthDate": "1990-03-12", "city": "Kyiv"}
    one = await identified(client, "crm", f"{unique}-1", crm)
    other = await identified(client, "shop", f"{unique}-2", shop)
    candidate = await duplicate(client, one)
    assert {candidate["a"]["id"], candidate["b"]["id"]} == {one, other}
    assert candidate["probability"] > 0.9
    assert ("12.03.1990", "1990-03-12") in {(each["a"], each["b"]) for each in candidate["evidence"]}
    done = await client.field(DECIDE, input={"matchId": candidate["id"], "same": True, "reason": "she said so"})
    assert (done["userErrors"], done["match"]) == ([], {"status": "SAME"})
    assert done["customer"] == {"id": one, "previousIds": [other]}
    undone = await client.field(UNDO, input={"eventId": done["event"]["id"], "reason": "her sister"})
    assert [each["id"] for each in undone["customers"]] == [one, other]
    assert (await duplicate(client, other))["id"] == candidate["id"]
