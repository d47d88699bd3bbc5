"""What a service process tells Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.acceptance.conftest import Client, service, touch
from tests.acceptance.streams import CHANGES, connected
from tests.conftest import Engine

pytestmark = pytest.mark.front

RECORD = """mutation Recorded($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  customer { id } userErrors { message } } }"""
ONE = "query ($id: ID!) { node(id: $id) { id ... on Customer { touchpoints(first: 1) { nodes { id } } } } }"
HOOK = """mutation ($input: RegisterWebhookInput!) { registerWebhook(input: $input) {
  webhook { id } userErrors { message } } }"""
UNHOOK = "mutation ($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { deletedId } }"

Samples = dict[tuple[str, ...], float]


@pytest.fixture(scope="module")
async def measured(
    engine: Engine, graph: object, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    del graph
    more = {"CUSTOMER_GRAPH_OPERATION_NAMES": '["Recorded"]', "CUSTOMER_GRAPH_MATCHING": "false"}
    with service(engine, tmp_path_factory.mktemp("measured") / "log", **more) as process:
        one = Client(process.address)
        yield one
        await one.http.aclose()


async def scraped(client: Client) -> Samples:
    """All samples, by name and the values of their labels in the order of these."""
    response = await client.http.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert response.headers["cache-control"] == "no-store"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


async def test_what_was_asked_and_written_is_counted(measured: Client, unique: str) -> None:
    before = await scraped(measured)
    form = touch(unique, "page_view", "web", "2026-03-02T09:00:00Z", ("cookie", unique))
    made = await measured.field(RECORD, input=form)
    await measured.field(ONE, id=made["customer"]["id"])
    assert (await measured.answer("{ nope }"))["errors"]
    after = await scraped(measured)

    def more(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    assert more("customer_graph_requests_total", "OK", "mutation", "Recorded") == 1
    assert more("customer_graph_requests_total", "OK", "query", "other") == 1
    assert more("customer_graph_requests_total", "GRAPHQL_VALIDATION_FAILED", "unknown", "other") == 1
    assert more("customer_graph_request_round_trips_sum", "query") == 1
    assert more("customer_graph_commit_batch_size_sum") >= 1
    assert more("customer_graph_log_end") == 2
    assert after["customer_graph_engine_up",] == 1
    assert after["customer_graph_log_newest_timestamp_seconds",] > 1_700_000_000
    assert after["customer_graph_pool_connections", "idle"] >= 1
    assert not [key for key in after if unique in "".join(key)]


async def test_subscribers_and_webhooks_are_told_of(measured: Client, unique: str) -> None:
    # All there are in the graph are counted: those that other files left are of nobody now.
    for left in await measured.field("{ webhooks { id } }"):
        await measured.field(UNHOOK, input={"webhookId": left["id"]})
    made = await measured.field(HOOK, input={"url": "http://127.0.0.1:9/nobody-listens"})
    form = touch(unique, "page_view", "web", "2026-03-02T09:00:00Z", ("cookie", unique))
    address = str(measured.http.base_url)
    async with connected(address) as socket:
        await socket.subscribe("one", CHANGES)
        await socket.begun()
        async with measured.http.stream(
            "POST", "/graphql", json={"query": CHANGES}, headers={"Accept": "text/event-stream"}
        ) as stream:
            assert stream.status_code == 200
            await measured.field(RECORD, input=form)
            await socket.changes(2)
            async with asyncio.timeout(10):
                while (seen := await scraped(measured))["customer_graph_subscribers", "sse"] < 1:  # noqa: ASYNC110 -- of another process
                    await asyncio.sleep(0.05)
            assert seen["customer_graph_subscribers", "websocket"] == 1
            assert seen["customer_graph_webhooks", "ACTIVE"] == 1
            assert seen["customer_graph_webhook_lag_changes", "ACTIVE"] == 2
    await measured.field(UNHOOK, input={"webhookId": made["webhook"]["id"]})
    async with asyncio.timeout(10):
        while (seen := await scraped(measured))["customer_graph_subscribers", "websocket"] > 0:  # noqa: ASYNC110 -- of another process
            await asyncio.sleep(0.05)
    assert seen["customer_graph_webhooks", "ACTIVE"] == 0


async def test_without_the_setting_there_are_none(engine: Engine, graph: object, tmp_path: Path) -> None:
    del graph
    with service(engine, tmp_path / "log", CUSTOMER_GRAPH_METRICS="false") as process:
        client = Client(process.address)
        assert (await client.http.get("/metrics")).status_code == 404
        await client.http.aclose()
