"""Why two identifiers are one customer, and why they are not."""

from __future__ import annotations

from typing import Any

import pytest

from service.graph.client import Graph, counting_round_trips
from tests.integration.asking import RECORD, Api
from tests.integration.evidence import Writer, told
from tests.integration.forms import Key, day, touch

EXPLAIN = """query ($a: IdentifierInput!, $b: IdentifierInput!) { explainIdentity(a: $a, b: $b) {
  sameCustomer reasons path {
    id rule method probability messageId source at active from { kind value } to { kind value } } } }"""


@pytest.fixture
def writer(graph: Graph) -> Writer:
    return Writer(graph)


def given(a: Key, b: Key) -> dict[str, dict[str, str]]:
    return {name: {"kind": kind, "value": value} for name, (kind, value) in (("a", a), ("b", b))}


async def explained(api: Api, a: Key, b: Key) -> dict[str, Any]:
    found: dict[str, Any] = await api.field(EXPLAIN, **given(a, b))
    return found


async def reasons(api: Api, a: Key, b: Key) -> list[str]:
    """Why two are not one."""
    found = await explained(api, a, b)
    assert (found["sameCustomer"], found["path"]) == (False, [])
    told: list[str] = found["reasons"]
    return told


def key(pair: Key) -> str:
    return ":".join(pair)


async def two(api: Api, unique: str) -> tuple[tuple[Key, str], tuple[Key, str]]:
    """Two customers: an e-mail and the id of each."""
    keys: list[Key] = [("email", f"{n}-{unique}@example.org") for n in (1, 2)]
    done = [await api.done(RECORD, input=touch(f"{n}-{unique}", one)) for n, one in enumerate(keys)]
    first, second = ((one, payload["customer"]["id"]) for one, payload in zip(keys, done, strict=True))
    return first, second


# --- one customer ---------------------------------------------------------------------------------------------


async def test_the_chain_leads_from_one_to_the_other_with_all_that_is_known_of_each_link(
    api: Api, unique: str
) -> None:
    email, cookie, device = ("email", f"{unique}@example.org"), ("cookie", unique), ("device", unique)
    await api.done(RECORD, input=touch(f"1-{unique}", email, cookie, at=day(1), source="shop"))
    await api.done(RECORD, input=touch(f"2-{unique}", cookie, device, at=day(2), source="app"))
    found = await explained(api, ("email", f" {unique.upper()}@Example.org"), device)
    assert (found["sameCustomer"], found["reasons"]) == (True, [])
    assert [one.pop("id")[:4] for one in found["path"]] == ["lnk_", "lnk_"]
    known = {"rule": "same_event", "method": "DETERMINISTIC", "probability": 1.0, "active": True}
    ends = [{"kind": kind, "value": value} for kind, value in (email, cookie, device)]
    assert found["path"] == [
        {**known, "messageId": f"1-{unique}", "source": "shop", "at": day(1), "from": ends[0], "to": ends[1]},
        {**known, "messageId": f"2-{unique}", "source": "app", "at": day(2), "from": ends[1], "to": ends[2]},
    ]
    backward = await explained(api, device, email)
    assert [one["messageId"] for one in backward["path"]] == [f"2-{unique}", f"1-{unique}"]


async def test_the_strongest_of_the_shortest_chains_is_told_and_never_over_what_does_not_hold(
    api: Api, writer: Writer, unique: str
) -> None:
    email, card = ("email", f"{unique}@example.org"), ("loyalty_card", unique)
    cookie, device = ("cookie", unique), ("device", unique)
    await api.done(RECORD, input=touch(f"1-{unique}", email, cookie, device, card))
    await writer.change_link(key(card), key(device), active=False, cutBy="iev_" + "0" * 32)
    for middle, probability in ((cookie, 0.5), (email, 0.9)):
        await writer.link(key(middle), key(device), probability=probability, messageId=middle[0])
    assert [one["messageId"] for one in (await explained(api, card, device))["path"]] == [f"1-{unique}", "email"]
    await writer.link(key(card), key(device), probability=0.1, messageId="direct")
    assert [one["messageId"] for one in (await explained(api, card, device))["path"]] == ["direct"]


@pytest.mark.parametrize("value", ["{}@example.org", " {}@EXAMPLE.org"])
async def test_one_identifier_twice_is_one_customer_without_a_chain(api: Api, unique: str, value: str) -> None:
    email = ("email", f"{unique}@example.org")
    await api.done(RECORD, input=touch(unique, email))
    found = await explained(api, email, ("email", value.format(unique)))
    assert found == {"sameCustomer": True, "reasons": [], "path": []}


async def test_a_customers_id_is_explained_by_the_kind_customer(api: Api, unique: str) -> None:
    (email, one), (other_email, other) = await two(api, unique)
    found = await explained(api, ("customer", one), email)
    assert [link["rule"] for link in found["path"]] == ["born_with"]
    await api.done(RECORD, input=touch(f"3-{unique}", email, other_email))
    found = await explained(api, ("customer", other), ("customer", one))
    assert [link["rule"] for link in found["path"]] == ["born_with", "same_event", "born_with"]


async def test_the_round_trips_do_not_grow_with_the_customer(api: Api, unique: str) -> None:
    email = ("email", f"{unique}@example.org")
    for n in range(30):
        await api.done(RECORD, input=touch(f"{n}-{unique}", email, ("cookie", f"{n}-{unique}")))
    variables = given(("cookie", f"3-{unique}"), ("cookie", f"27-{unique}"))
    with counting_round_trips() as names:
        found = await api.field(
            """query ($a: IdentifierInput!, $b: IdentifierInput!) {
          explainIdentity(a: $a, b: $b) { path { id } } }""",
            **variables,
        )
    assert len(found["path"]) == 2
    assert names == ["identity/changed_kinds", "identity/ends", "identity/evidence"]


# --- two customers --------------------------------------------------------------------------------------------


async def test_without_evidence_that_is_the_reason(api: Api, unique: str) -> None:
    (email, _), (other_email, _) = await two(api, unique)
    assert await reasons(api, email, other_email) == ["No evidence links the two customers."]


async def test_a_limit_is_told_with_the_event_that_it_refused(api: Api, writer: Writer, unique: str) -> None:
    (email, _), (other_email, _) = await two(api, unique)
    refused = {"active": False, "refused": "IDENTIFIER_LIMIT_EXCEEDED"}
    link = await writer.link(key(email), key(other_email), **refused, source="crm", messageId="m-7", at=1)
    newer = await writer.link(
        key(other_email), key(email), **refused, source="shop", messageId="m-8", at=86_400_000
    )
    assert await reasons(api, email, other_email) == [
        "The email of one and the email of the other were seen together at 1970-01-02T00:00:00Z "
        f"(source shop, message m-8, link {newer}), which was refused: "
        "together they have more identifiers of a kind than one person.",
        "The email of one and the email of the other were seen together at 1970-01-01T00:00:00Z "
        f"(source crm, message m-7, link {link}), which was refused: "
        "together they have more identifiers of a kind than one person.",
    ]


async def test_many_refusals_are_told_up_to_ten(api: Api, writer: Writer, unique: str) -> None:
    (email, _), (other_email, _) = await two(api, unique)
    for n in range(12):
        code = "IDENTIFIER_LIMIT_EXCEEDED"
        await writer.link(key(email), key(other_email), active=False, refused=code, messageId=f"m-{n}", at=n)
    found = await reasons(api, email, other_email)
    assert [f"message m-{n}," in text for n, text in zip(range(11, 1, -1), found, strict=False)] == [True] * 10
    assert found[10:] == ["And 2 more of this sort."]


async def test_a_merge_that_somebody_forbade_is_told_with_its_reason(
    api: Api, writer: Writer, unique: str
) -> None:
    (email, one), (other_email, other) = await two(api, unique)
    forbidden = await writer.event("MERGE_FORBIDDEN", [one, other], 5)
    await writer.forbid(other, one, reason="mother and daughter", by="Olga", at=86_400_000, eventId=forbidden)
    await writer.link(
        key(email), key(other_email), active=False, refused="MERGE_FORBIDDEN", source="crm", messageId="m-7", at=0
    )
    told = await reasons(api, email, other_email)
    assert told[0] == "Merging them was forbidden by Olga at 1970-01-02T00:00:00Z: 'mother and daughter'"
    assert told[1].endswith("which was refused: merging them was forbidden.")
    assert len(told) == 2


async def test_a_split_is_told_with_its_event_and_reason_once(api: Api, writer: Writer, unique: str) -> None:
    (email, one), (other_email, other) = await two(api, unique)
    split = await writer.event("SPLIT", [one, other], 86_400_000, reason="a shared tablet", by="Otto")
    for _ in range(2):
        await writer.link(key(email), key(other_email), active=False, cutBy=split)
    await writer.forbid(one, other, reason="a shared tablet", by="Otto", eventId=split)
    expected = f"They were parted by Otto at 1970-01-02T00:00:00Z (SPLIT, event {split}): 'a shared tablet'"
    assert await reasons(api, email, other_email) == [f"{expected} (2 links were cut)"]


async def test_a_split_is_told_where_no_link_led_from_one_side_to_the_other_any_more(
    api: Api, writer: Writer, unique: str
) -> None:
    (email, one), (other_email, other) = await two(api, unique)
    split = await writer.event("UNLINKED", [one, other], 0, reason="a typing error", by="Otto")
    await writer.forbid(one, other, eventId=split)
    assert await reasons(api, email, other_email) == [
        f"They were parted by Otto at 1970-01-01T00:00:00Z (UNLINKED, event {split}): 'a typing error'"
    ]
    await writer.link(key(email), key(other_email), active=False, cutBy="iev_" + "0" * 32)
    assert (await reasons(api, email, other_email))[1:] == ["Evidence between them was cut. (1 link was cut)"]


async def test_of_a_link_that_was_cut_twice_both_events_are_told(api: Api, writer: Writer, unique: str) -> None:
    (email, one), (other_email, other) = await two(api, unique)
    older, newer = [await writer.event("SPLIT", [one, other], at, reason=f"no. {at}") for at in (1000, 2000)]
    await writer.link(key(email), key(other_email), active=False, cutBy=f"{older} {newer}")
    assert await reasons(api, email, other_email) == [
        f"They were parted by Olga at 1970-01-01T00:00:02Z (SPLIT, event {newer}): 'no. 2000' (1 link was cut)",
        f"They were parted by Olga at 1970-01-01T00:00:01Z (SPLIT, event {older}): 'no. 1000' (1 link was cut)",
    ]


async def test_a_blocked_value_an_unseen_and_a_generic_one_are_reasons(
    api: Api, writer: Writer, unique: str
) -> None:
    (email, _), (other_email, _) = await two(api, unique)
    blocked, unseen = ("cookie", " N/A "), ("phone", "+4930901820")
    a_blocked = "a: this cookie is a blocked value, which says nothing about who somebody is."
    b_unseen = "b: nobody was seen with this phone."
    assert await reasons(api, blocked, unseen) == [a_blocked, b_unseen]
    assert await reasons(api, blocked, blocked) == [a_blocked, a_blocked.replace("a:", "b:", 1)]
    assert await reasons(api, email, unseen) == [b_unseen]
    assert await reasons(api, unseen, unseen) == ["a: nobody was seen with this phone."]
    await writer.make_generic(key(other_email))
    generic = "so many people share this email that it identifies nobody."
    assert await reasons(api, other_email, email) == [f"a: {generic}"]
    assert await reasons(api, other_email, other_email) == [f"a: {generic}"]


async def test_values_are_not_in_the_reasons(api: Api, writer: Writer, unique: str) -> None:
    (email, one), (other_email, other) = await two(api, unique)
    await writer.link(key(email), key(other_email), active=False, refused="IDENTIFIER_LIMIT_EXCEEDED")
    await writer.forbid(one, other)
    blocked = "0" * 12  # So many are in no id by chance.
    for a, b in ((email, other_email), (("cookie", unique), ("phone", blocked))):
        assert [text for text in await reasons(api, a, b) if unique in text or blocked in text] == []


# --- bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (("shoe", "44"), ("cookie", "1"), "a.kind: There is no kind 'shoe'."),
        (("cookie", "1"), ("external:", "1"), "b.kind: There is no kind 'external:'."),
        (("email", "not-an-address"), ("cookie", "1"), "a.value: Not an e-mail address"),
        (("cookie", "1"), ("phone", "12"), "b.value: Not a phone number."),
        (("cookie", "1"), ("cookie", "x" * 1025), "b.value: The value is longer than 1024 characters."),
        (("customer", "cus_1"), ("cookie", "1"), "a.value: not a customer's id; those begin with cus_"),
        (("cookie", "1"), ("customer", "idn_" + "0" * 32), "b.value: not a customer's id; those begin with cus_"),
    ],
)
async def test_what_cannot_be_an_identifier_is_bad_input(api: Api, a: Key, b: Key, message: str) -> None:
    answer = await api.answer(EXPLAIN, **given(a, b))
    (error,) = answer["errors"]
    assert told(answer)[0].startswith(message)
    assert (answer["data"], error["extensions"]["code"], error["path"]) == (
        None,
        "BAD_USER_INPUT",
        ["explainIdentity"],
    )
