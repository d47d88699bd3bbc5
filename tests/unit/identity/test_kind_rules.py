from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.errors import UserError, UserErrorCode
from service.graph.books import Books
from service.identity import kinds
from service.identity.kind_rules import KindInput, SetIdentifierKind, changed, checked
from service.identity.kinds import Kind
from service.ids import Mint
from service.inputs import Invalid, parsed
from tests.unit.examples import NOW, empty_book_list, written


def kind(name: str) -> Kind:
    found = kinds.by_name(name)
    assert found is not None
    return found


def error_of(**raw: Any) -> UserError:
    with pytest.raises(Invalid) as caught:
        checked(parsed(KindInput, {"name": "email", **raw}))
    (error,) = caught.value.errors
    assert error.code is UserErrorCode.INVALID
    return error


def test_what_is_left_out_stays() -> None:
    given = parsed(KindInput, {"name": "email", "limit": 9})
    assert changed(kind("email"), given) == replace(kind("email"), limit=9)
    assert changed(kind("email"), parsed(KindInput, {"name": "email"})) == kind("email")


def test_each_rule_can_be_changed() -> None:
    raw = {
        "name": "email",
        "priority": 1,
        "limit": 2,
        "sharedBy": 3,
        "blockedValues": ["info@example.com", "/noreply@.*/"],
        "caseSensitive": True,
    }
    assert changed(kind("email"), checked(parsed(KindInput, raw))) == Kind(
        "email",
        1,
        2,
        personal=True,
        case_sensitive=True,
        shared_by=3,
        blocked=("info@example.com", "/noreply@.*/"),
    )


def test_nothing_may_be_blocked() -> None:
    given = checked(parsed(KindInput, {"name": "email", "blockedValues": []}))
    assert changed(kind("email"), given).blocked == ()


@pytest.mark.parametrize("name", ["fax", "customer", "external:"])
def test_a_kind_that_does_not_exist_cannot_be_changed(name: str) -> None:
    error = error_of(name=name)
    assert error.field == ("name",)
    assert error.message == (
        f"name: there is no kind {name!r}; use one of user_id, external:<source>, loyalty_card, email, phone, "
        "wechat_openid, facebook_id, app_id, advertising_id, cookie, device"
    )


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"priority": 0}, ("priority",)),
        ({"priority": 1001}, ("priority",)),
        ({"limit": 0}, ("limit",)),
        ({"limit": 1001}, ("limit",)),
        ({"sharedBy": 0}, ("sharedBy",)),
        ({"sharedBy": 100_001}, ("sharedBy",)),
        ({"blockedValues": ["x"] * 501}, ("blockedValues",)),
        ({"blockedValues": ["x", ""]}, ("blockedValues", "1")),
        ({"blockedValues": ["x", "  "]}, ("blockedValues", "1")),
        ({"blockedValues": ["x" * 201]}, ("blockedValues", "0")),
        ({"blockedValues": ["x", "/(/"]}, ("blockedValues", "1")),
        # RE2 has no references back, which would make the time of matching unbounded.
        ({"blockedValues": ["/(a)\\1/"]}, ("blockedValues", "0")),
    ],
)
def test_what_is_wrong_is_told_by_its_path(raw: dict[str, Any], field: tuple[str, ...]) -> None:
    error = error_of(**raw)
    assert error.field == field
    assert error.message.startswith(f"{'.'.join(field)}: ")


def test_an_expression_that_is_none_is_told_with_its_reason() -> None:
    assert error_of(blockedValues=["/(/"]).message == (
        "blockedValues.0: not a regular expression (RE2): missing ): ("
    )


def test_a_kinds_rules_are_written_with_the_next_version_of_the_rules() -> None:
    books = Books(Mint(NOW), empty_book_list(), 0)
    command = SetIdentifierKind(parsed(KindInput, {"name": "external:crm", "limit": 9}))
    assert command.needs() == ()
    assert command.decide(books) == replace(kind("external:crm"), limit=9)
    assert written(books) == {
        "identity/set_kinds": [
            {
                "name": "external:crm",
                "properties": {
                    "name": "external:crm",
                    "priority": 20,
                    "limit": 9,
                    "sharedBy": 20,
                    "blockedValues": list(kinds.BLOCKED),
                    "caseSensitive": True,
                },
            }
        ],
        "identity/set_rules_version": [{"version": 1}],
    }


def test_without_a_change_the_version_of_the_rules_stays() -> None:
    assert written(Books(Mint(NOW), empty_book_list(), 7)) == {}
