"""Webhooks that cannot be: each input is told what is wrong with it, and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from service.app import open_services
from service.changes.models import place
from service.graph.client import Graph
from service.ids import Mint
from service.reads.connections import cursor
from service.settings import Settings
from service.webhooks import service
from service.webhooks.service import WebhookDesk
from tests.integration.asking import Api
from tests.integration.hooks import DELETE, HOOKS, REGISTER, UPDATE, removed

NAMES = {
    "crm.example": ["8.8.8.8"],
    "inside.example": ["10.1.2.3"],
    "both.example": ["8.8.8.8", "192.168.0.1"],
    "metadata.example": ["169.254.169.254"],
    "six.example": ["fd00::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
}


async def resolve(host: str, _port: int) -> Sequence[str]:
    """What names lead to, without a network."""
    if host == "slow.example":
        await asyncio.sleep(60)
    if host not in NAMES:
        raise OSError("no such name")
    return NAMES[host]


@pytest.fixture
async def api(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """The API of a process without the setting for development, which delivers nothing."""
    monkeypatch.setattr(service, "_RESOLVE_SECONDS", 0.05)
    async with open_services(Settings(matching=False), graph, reminding=False) as services:
        desk = WebhookDesk(graph, loopback=False, changed=lambda: None, resolve=resolve)
        one = Api(graph, replace(services, webhooks=desk))
        yield one
        await removed(one)


async def refused(api: Api, mutation: str, **form: Any) -> tuple[str, list[str], str]:
    """The code, the field and the message of the only error, of an input that changed nothing."""
    before = await api.field(HOOKS)
    payload = await api.field(mutation, input=form)
    assert payload[next(iter(payload))] is None
    assert payload.get("secret") is None
    (error,) = payload["userErrors"]
    assert await api.field(HOOKS) == before
    return error["code"], error["field"], error["message"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://169.254.169.254/", "only https: what is delivered must not be read on its way"),
        ("https://169.254.169.254/", "a link-local address; webhooks go to public addresses only"),
        ("https://[::ffff:10.0.0.1]/", "a private address; webhooks go to public addresses only"),
        ("https://2130706433/", "a loopback address; webhooks go to public addresses only"),
        ("https://localhost/", None),
        ("https://127.0.0.1:8000/", "a loopback address; webhooks go to public addresses only"),
        ("https://[::1]/", "a loopback address; webhooks go to public addresses only"),
        ("https://0.0.0.0/", "the unspecified address; webhooks go to public addresses only"),
        (
            "https://inside.example/",
            "the name inside.example leads to a private address; webhooks go to public addresses only",
        ),
        (
            "https://both.example/",
            "the name both.example leads to a private address; webhooks go to public addresses only",
        ),
        (
            "https://metadata.example/",
            "the name metadata.example leads to a link-local address; webhooks go to public addresses only",
        ),
        (
            "https://six.example/",
            "the name six.example leads to a private address; webhooks go to public addresses only",
        ),
        (
            "https://mapped.example/",
            "the name mapped.example leads to a loopback address; webhooks go to public addresses only",
        ),
        ("http://crm.example/", "only https: what is delivered must not be read on its way"),
        ("crm.example", "an https URL is needed, such as https://crm.example/changes"),
        (
            "https://me:secret@crm.example/",
            "it must not have a user or a password; the signature tells who delivers",
        ),
        ("https://crm.example/#changes", "it must not have a fragment (#…), which is never sent"),
        (f"https://crm.example/{'x' * 2000}", "String should have at most 2000 characters"),
    ],
)
async def test_where_a_webhook_cannot_lead(
    api: Api, monkeypatch: pytest.MonkeyPatch, url: str, why: str | None
) -> None:
    monkeypatch.setitem(NAMES, "localhost", ["127.0.0.1", "::1"])
    why = why or "the name localhost leads to a loopback address; webhooks go to public addresses only"
    assert await refused(api, REGISTER, url=url) == ("INVALID", ["url"], f"url: {why}")


@pytest.mark.parametrize("host", ["crm.example", "not-yet.example", "slow.example"])
async def test_a_name_that_is_not_set_up_yet_is_judged_when_it_is_delivered_to(api: Api, host: str) -> None:
    made = await api.done(REGISTER, input={"url": f"https://{host}/"})
    assert (made["webhook"]["url"], made["webhook"]["state"]) == (f"https://{host}/", "ACTIVE")


@pytest.mark.parametrize(
    ("form", "field", "why"),
    [
        ({"after": "x"}, "after", "not a cursor of this list; use a pageInfo.endCursor of the same list"),
        ({"after": cursor(place(10**15))}, "after", "the log does not go so far; is the cursor of another graph?"),
        (
            {"filter": {"customerIds": ["cus_0"]}},
            "filter.customerIds",
            "no customer has the id 'cus_0'",
        ),
        (
            {"filter": {"customerIds": [f"cus_{n}" for n in range(101)]}},
            "filter.customerIds",
            "at most 100 at once",
        ),
        (
            {"filter": {"pipelineId": "pip_0"}},
            "filter.pipelineId",
            "no pipeline has the id 'pip_0'; query pipelines for all",
        ),
        ({"filter": {"owner": " "}}, "filter.owner", "String should have at least 1 character"),
    ],
)
async def test_what_a_webhook_cannot_be_told_of(api: Api, form: dict[str, Any], field: str, why: str) -> None:
    expected = ("INVALID", field.split("."), f"{field}: {why}")
    assert await refused(api, REGISTER, url="https://crm.example/", **form) == expected
    made = (await api.done(REGISTER, input={"url": "https://crm.example/"}))["webhook"]
    if "after" in form:
        renamed = ("INVALID", ["redeliverAfter"], f"redeliverAfter: {why}")
        assert await refused(api, UPDATE, webhookId=made["id"], redeliverAfter=form["after"]) == renamed
    else:
        assert await refused(api, UPDATE, webhookId=made["id"], **form) == expected


async def test_how_a_webhook_cannot_be_changed(api: Api) -> None:
    made = (await api.done(REGISTER, input={"url": "https://crm.example/"}))["webhook"]
    assert await refused(api, UPDATE, webhookId=made["id"], state="FAILING") == (
        "INVALID",
        ["state"],
        "state: a webhook fails by itself; set ACTIVE or PAUSED",
    )
    assert await refused(api, UPDATE, webhookId=made["id"], state=None) == (
        "INVALID",
        ["state"],
        "state: it cannot be cleared; leave it out to keep it as it is",
    )
    for mutation in (UPDATE, DELETE):
        assert await refused(api, mutation, webhookId="deal_1") == (
            "INVALID",
            ["webhookId"],
            "webhookId: 'deal_1' is not a webhook's id; those begin with whk_",
        )
        assert await refused(api, mutation, webhookId=Mint(0)("whk_")) == (
            "NOT_FOUND",
            ["webhookId"],
            "webhookId: there is no such webhook; see webhooks",
        )
    assert (await api.done(UPDATE, input={"webhookId": made["id"]}))["webhook"] == made


async def test_there_are_only_so_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_WEBHOOKS", 3)
    form = {"url": "https://crm.example/"}
    made = await asyncio.gather(*(api.field(REGISTER, input=form) for _ in range(6)))
    errors = [error for one in made for error in one["userErrors"]]
    assert len(await api.field(HOOKS)) == 3
    assert len({one["secret"] for one in made if one["secret"]}) == 3
    message = "url: there are 3 webhooks, which is the most; deleteWebhook removes one"
    assert errors == [{"code": "TOO_MANY", "message": message, "field": ["url"]}] * 3
