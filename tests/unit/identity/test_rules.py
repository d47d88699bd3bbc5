from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.identity import kinds
from service.identity.events import under
from service.identity.kinds import Kind, Kinds
from service.identity.models import Evidence, NormalIdentifier, RawIdentifier
from service.identity.normalising import normalise_all
from service.identity.rules import Rules, changed_kinds, columns

CARD = ["loyalty_card", 31, 6, 7, ["null", "/x+/"], True]
CHANGED_CARD = Kind(
    "loyalty_card", 31, 6, personal=True, case_sensitive=True, shared_by=7, blocked=("null", "/x+/")
)


class Reader:
    """The graph's rules; notes what is asked."""

    def __init__(self, version: int, *changed: list[Any]) -> None:
        self.answer = [version, list(changed)]
        self.asked: list[str] = []

    async def rows(self, name: str, /, **parameters: Any) -> list[list[Any]]:
        assert parameters == {}
        self.asked.append(name)
        return [self.answer]


def test_a_kind_comes_back_from_the_columns_that_it_is_stored_in() -> None:
    assert changed_kinds([CARD]) == {"loyalty_card": CHANGED_CARD}
    for name in ("email", "cookie", "external:crm"):
        kind = kinds.by_name(name)
        assert kind is not None
        assert changed_kinds([list(columns(kind).values())]) == {name: kind}


def test_the_columns_of_a_kind_have_the_names_that_they_are_stored_by() -> None:
    assert columns(CHANGED_CARD) == {
        "name": "loyalty_card",
        "priority": 31,
        "limit": 6,
        "sharedBy": 7,
        "blockedValues": ["null", "/x+/"],
        "caseSensitive": True,
    }


async def test_rules_begin_with_the_defaults_and_are_read_again_on_demand() -> None:
    rules, reader = Rules(), Reader(4, CARD)
    assert rules.current == Kinds(0, {})
    await rules.refresh(reader)
    assert rules.current == Kinds(4, {"loyalty_card": CHANGED_CARD})
    assert reader.asked == ["identity/changed_kinds"]


async def test_rules_are_read_again_only_if_their_version_is_another() -> None:
    rules, reader = Rules(), Reader(4, CARD)
    await rules.match(0, reader)
    assert reader.asked == []
    await rules.match(4, reader)
    await rules.match(4, reader)
    assert reader.asked == ["identity/changed_kinds"]
    assert rules.current.version == 4


def test_a_claim_reads_by_the_rules_that_are_in_force() -> None:
    raw = (RawIdentifier("loyalty_card", "AB-1"), RawIdentifier("cookie", "GA1"), RawIdentifier("phone", "hi"))
    usable, unusable = normalise_all(raw, "DE")
    claim = Evidence(usable, unusable, "shop", "m1", 7, raw, "DE", 0)
    cookie = kinds.by_name("cookie")
    assert cookie is not None
    rules = Kinds(5, {"loyalty_card": CHANGED_CARD, "cookie": replace(cookie, blocked=("GA1",))})
    read = under(claim, rules)
    assert [one.key for one in claim.identifiers] == ["loyalty_card:ab-1", "cookie:GA1"]
    assert read.identifiers == (NormalIdentifier("loyalty_card", "AB-1", "AB-1"),)
    assert [(one.kind, one.code.value) for one in read.unusable] == [
        ("cookie", "IDENTIFIER_BLOCKED"),
        ("phone", "INVALID"),
    ]
    assert read == replace(claim, identifiers=read.identifiers, unusable=read.unusable, rules=5)


def test_a_claim_that_was_read_by_these_rules_or_has_nothing_to_read_stays_as_it_is() -> None:
    raw = (RawIdentifier("cookie", "c"),)
    usable, _ = normalise_all(raw, None)
    claim = Evidence(usable, (), "shop", "m1", 7, raw, None, 5)
    assert under(claim, Kinds(5)) is claim
    without = replace(claim, raw=(), rules=0)
    assert under(without, Kinds(5)) is without
