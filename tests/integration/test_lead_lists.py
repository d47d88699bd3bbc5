"""Lists of leads by every choice of filters, and the history of one back to the first anonymous touchpoint."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.integration.asking import RECORD, Api
from tests.integration.forms import Key, day, touch
from tests.integration.leads import LEADS, convert_lead, create_lead, update_lead


@pytest.fixture
def email(unique: str) -> Key:
    return ("email", f"{unique}@example.org")


@pytest.fixture
def cookie(unique: str) -> Key:
    return ("cookie", unique)


HISTORY = """query ($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Lead {
  history(first: $first, after: $after) { edges { cursor } pageInfo { hasNextPage endCursor }
    nodes { id occurredAt ... on Touchpoint { type identifiers { value } }
      ... on DealStageChange { deal { title } } } } } } }"""


async def test_history_goes_back_to_the_first_anonymous_touchpoint(
    api: Api, cookie: Key, email: Key, unique: str
) -> None:
    for n in range(5):
        await api.done(RECORD, input=touch(f"{n}-{unique}", cookie, at=day(n), type=f"step {n}"))
    first = await create_lead(api, cookie, email)
    await convert_lead(api, first)
    second = await create_lead(api, email)
    # Of what comes later only what occurred before is in it.
    await api.done(RECORD, input=touch(f"late-{unique}", email, at=day(2.5), type="late"))
    now = touch(f"now-{unique}", cookie, type="now")
    del now["occurredAt"]
    await api.done(RECORD, input=now)
    types = ["step 4", "step 3", "late", "step 2", "step 1", "step 0"]
    page = (await api.field(HISTORY, id=first["id"], first=50))["history"]
    assert [step["type"] for step in page["nodes"]] == types
    assert page["nodes"][-1]["identifiers"] == [{"value": unique}]
    assert page["pageInfo"]["hasNextPage"] is False
    walked, after = [], None
    while True:
        page = (await api.field(HISTORY, id=second["id"], first=2, after=after))["history"]
        walked += [step.get("type") or step["deal"]["title"] for step in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert walked == ["Wants a car", *types]


async def walk(api: Api, first: int, **given: str) -> list[str]:
    """All leads by a filter, page by page."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = await api.field(LEADS, filter=given or None, first=first, after=after)
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_lists_are_by_every_choice_of_filters(api: Api, email: Key, unique: str) -> None:
    owners, sources = [f"Ann {unique}", f"Bob {unique}", None], [f"form {unique}", f"call {unique}"]
    leads = []
    for n in range(24):
        lead = await create_lead(api, email, owner=owners[n % 3], source=sources[n % 2])
        status = ("NEW", "IN_PROCESS", "CONVERTED", "DISQUALIFIED")[n // 6]
        lead = (
            await convert_lead(api, lead) if status == "CONVERTED" else await update_lead(api, lead, status=status)
        )
        leads.append(lead)
    leads.reverse()
    statuses = ("NEW", "IN_PROCESS", "CONVERTED", "DISQUALIFIED", None)
    for values in product((*owners, f"Nobody {unique}"), (*sources, None), statuses):
        asked = dict(zip(("owner", "source", "status"), values, strict=True))
        given = {name: value for name, value in asked.items() if value is not None}
        expected = [lead["id"] for lead in leads if all(lead[name] == one for name, one in given.items())]
        if given.keys() - {"status"}:
            assert await walk(api, 3, **given) == expected, given
        else:  # Others' leads too.
            page = await api.field(LEADS, filter=given, first=100)
            mine = {lead["id"] for lead in leads}
            assert [node["id"] for node in page["nodes"] if node["id"] in mine] == expected, given
    ids = [lead["id"] for lead in leads]
    assert [node["id"] for node in (await api.field(LEADS, first=24))["nodes"]] == ids


@pytest.mark.parametrize("given", [{"first": 0}, {"first": 101}, {"after": "nonsense"}, {"after": "TkVXCg"}])
async def test_a_wrong_page_is_an_error(api: Api, given: dict[str, Any]) -> None:
    answer = await api.answer(LEADS, **({"first": 20} | given))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
