"""Rules of kinds: shown, changed, and in force for what is recorded from then on."""

from __future__ import annotations

from typing import Any

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import RECORD, Api
from tests.integration.forms import touch
from tests.integration.stewarding import SET_KIND

KINDS = "{ identifierKinds { name priority limit sharedBy blockedValues caseSensitive } }"
LOOKUP = "query ($by: CustomerBy!) { customer(by: $by) { id } }"


async def kinds(api: Api) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in await api.field(KINDS)}


async def set_kind(api: Api, name: str, **rules: Any) -> dict[str, Any]:
    kind: dict[str, Any] = (await api.done(SET_KIND, input={"name": name, **rules}))["kind"]
    return kind


async def refused(api: Api, message: str, *keys: tuple[str, str]) -> list[tuple[str, str]]:
    payload = await api.field(RECORD, input=touch(message, *keys))
    assert payload["userErrors"] == []
    return [(one["identifier"]["value"], one["code"]) for one in payload["refused"]]


async def test_the_defaults_are_shown_strongest_first(api: Api) -> None:
    shown = await api.field(KINDS)
    assert [one["priority"] for one in shown] == sorted(one["priority"] for one in shown)
    told = await kinds(api)
    assert told["email"] | {"blockedValues": []} == {
        "name": "email",
        "priority": 40,
        "limit": 5,
        "sharedBy": 5,
        "blockedValues": [],
        "caseSensitive": False,
    }
    assert "n/a" in told["email"]["blockedValues"]
    assert (told["user_id"]["limit"], told["cookie"]["limit"]) == (1, 100)


async def test_changed_rules_hold_from_then_on_and_what_is_left_out_stays(api: Api, unique: str) -> None:
    name = f"external:{unique}"
    assert name not in await kinds(api)
    await refused(api, f"1-{unique}", (name, "Test-7"))
    changed = await set_kind(api, name, limit=1, blockedValues=["/test-.*/", "Demo"], caseSensitive=False)
    assert changed == {
        "name": name,
        "priority": 20,
        "limit": 1,
        "sharedBy": 20,
        "blockedValues": ["/test-.*/", "Demo"],
        "caseSensitive": False,
    }
    assert (await kinds(api))[name] == changed
    blocked = await refused(api, f"2-{unique}", (name, "Test-8"), (name, "DEMO"), ("cookie", f"c-{unique}"))
    assert blocked == [("Test-8", "IDENTIFIER_BLOCKED"), ("DEMO", "IDENTIFIER_BLOCKED")]
    assert await refused(api, f"3-{unique}", (name, "Ab"), ("cookie", f"c-{unique}")) == []
    assert await refused(api, f"4-{unique}", (name, "aB"), (name, "other")) == [
        ("other", "IDENTIFIER_LIMIT_EXCEEDED")
    ]
    again = await set_kind(api, name, limit=2)
    assert again == changed | {"limit": 2}
    assert await refused(api, f"5-{unique}", (name, "ab"), (name, "other")) == []


async def test_a_look_up_reads_a_value_by_the_rules_in_force(api: Api, unique: str) -> None:
    name = f"external:{unique}"
    await set_kind(api, name, caseSensitive=False)
    await refused(api, f"1-{unique}", (name, "CARD-7"))
    by = {"identifier": {"kind": name, "value": "Card-7"}}
    literal = f'{{ customer(by: {{identifier: {{kind: "{name}", value: "Card-7"}}}}) {{ id }} }}'
    assert await api.field(LOOKUP, by=by) is not None
    assert await api.field(literal) is not None
    await set_kind(api, name, caseSensitive=True)
    assert await api.field(LOOKUP, by=by) is None
    assert await api.field(literal) is None


async def test_a_stronger_kind_comes_first(api: Api, unique: str) -> None:
    name = f"external:{unique}"
    await set_kind(api, name, priority=95)
    made = await api.done(RECORD, input=touch(f"1-{unique}", (name, "7"), ("cookie", f"c-{unique}")))
    assert [one["kind"] for one in made["touchpoint"]["identifiers"]] == ["cookie", name]


async def test_another_process_follows(api: Api, graph: Graph, services: Services, unique: str) -> None:
    name = f"external:{unique}"
    async with open_services(services.settings, graph) as others:
        other = Api(graph, others)
        await refused(other, f"1-{unique}", (name, "a"))
        await set_kind(api, name, blockedValues=["b"])
        assert await refused(other, f"2-{unique}", (name, "b"), ("cookie", f"c-{unique}")) == [
            ("b", "IDENTIFIER_BLOCKED")
        ]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "wifi", "limit": 1}, ["name"]),
        ({"name": "customer", "limit": 1}, ["name"]),
        ({"name": "email", "limit": 0}, ["limit"]),
        ({"name": "email", "limit": 1001}, ["limit"]),
        ({"name": "email", "sharedBy": 0}, ["sharedBy"]),
        ({"name": "email", "priority": 0}, ["priority"]),
        ({"name": "email", "blockedValues": ["ok", " "]}, ["blockedValues", "1"]),
        ({"name": "email", "blockedValues": ["/(/"]}, ["blockedValues", "0"]),
    ],
)
async def test_rules_that_cannot_be_are_refused_and_change_nothing(
    api: Api, form: dict[str, Any], field: list[str]
) -> None:
    before = await kinds(api)
    (error,) = (await api.field(SET_KIND, input=form))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", field)
    assert error["message"].startswith(".".join(field) + ": ")
    assert await kinds(api) == before
