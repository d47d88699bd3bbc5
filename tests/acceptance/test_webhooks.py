"""Webhooks of a service process: it delivers as it is started, with nothing but the setting for development."""

from __future__ import annotations

from tests.acceptance.conftest import Client, touch
from tests.receiver import receiving

REGISTER = """mutation ($input: RegisterWebhookInput!) { registerWebhook(input: $input) {
  webhook { id } secret userErrors { message } } }"""
DELETE = "mutation ($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { deletedId } }"
RECORD = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  touchpoint { id } customer { id } } }"""


async def test_what_is_recorded_is_delivered_and_verified(client: Client, unique: str) -> None:
    async with receiving() as receiver:
        form = {"url": receiver.url, "filter": {"kinds": ["TOUCHPOINT_RECORDED"]}}
        made = await client.field(REGISTER, input=form)
        assert made["userErrors"] == []
        given = touch(unique, "page_view", "web", "2024-03-01T00:00:00Z", ("cookie", unique))
        recorded = await client.field(RECORD, input=given)
        await receiver.until(lambda: len(receiver.taken) > 0, 20)
        await client.field(DELETE, input={"webhookId": made["webhook"]["id"]})
    event = receiver.taken[0].verified(made["secret"])
    assert event["type"] == "touchpoint.recorded"
    assert (event["data"]["customerId"], event["data"]["subjectId"]) == (
        recorded["customer"]["id"],
        recorded["touchpoint"]["id"],
    )
