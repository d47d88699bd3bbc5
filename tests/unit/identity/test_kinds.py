from __future__ import annotations

import pytest

from service.identity import kinds
from service.identity.kinds import Kind, is_blocked


def kind(name: str) -> Kind:
    found = kinds.by_name(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "limit", "personal", "case_sensitive"),
    [
        ("user_id", 1, True, True),
        ("external:crm", 5, True, True),
        ("loyalty_card", 5, True, False),
        ("email", 5, True, False),
        ("phone", 5, True, True),
        ("wechat_openid", 5, False, True),
        ("facebook_id", 5, False, True),
        ("app_id", 100, False, True),
        ("advertising_id", 100, False, False),
        ("cookie", 100, False, True),
        ("device", 100, False, True),
    ],
)
def test_every_kind_has_its_rules(name: str, limit: int, personal: bool, case_sensitive: bool) -> None:
    found = kind(name)
    assert (found.name, found.limit, found.personal, found.case_sensitive) == (
        name,
        limit,
        personal,
        case_sensitive,
    )


def test_what_a_log_in_says_is_stronger_than_what_a_browser_says() -> None:
    names = ["user_id", "external:shop", "loyalty_card", "email", "phone", "wechat_openid", "app_id"]
    names += ["advertising_id", "cookie", "device"]
    priorities = [kind(name).priority for name in names]
    assert priorities == sorted(set(priorities))


def test_the_names_are_told_strongest_first() -> None:
    assert kinds.known_names() == [
        "user_id",
        "external:<source>",
        "loyalty_card",
        "email",
        "phone",
        "wechat_openid",
        "facebook_id",
        "app_id",
        "advertising_id",
        "cookie",
        "device",
    ]


@pytest.mark.parametrize("name", ["external:a", "external:crm-2", "external:shop.eu_1", "external:" + "x" * 64])
def test_ids_of_other_systems_have_a_kind_for_each_system(name: str) -> None:
    assert kind(name).name == name


@pytest.mark.parametrize(
    "name",
    [
        "customer",
        "",
        "Email",
        "e-mail",
        "external",
        "external:",
        "external:CRM",
        "external:-crm",
        "external:a b",
        "external:a:b",
        "external:crm\n",
        "external:" + "x" * 65,
    ],
)
def test_other_names_are_no_kinds(name: str) -> None:
    assert kinds.by_name(name) is None


@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "0000", "0000-0000", "00000000-0000-0000-0000-000000000000", "-", "--", "-1"),
        *("null", "NULL", "(null)", "nil", "none", "None", "(none)", "nan", "NaN", "undefined", "Undefined"),
        *("unknown", "UNKNOWN", "anonymous", "Anonymous", "anon", "guest", "n/a", "N/A", "NA", "not set"),
        *("(Not Set)", "not_set", "[object Object]", "true", "False"),
    ],
)
def test_a_value_that_says_nothing_is_blocked_in_any_case(value: str) -> None:
    assert is_blocked(value)


@pytest.mark.parametrize(
    "value",
    ["1", "00001", "-2", "nobody", "nullable", "n", "0x0", "guest42", "unknown@example.com", "null null"],
)
def test_a_value_that_only_resembles_a_blocked_one_is_not(value: str) -> None:
    assert not is_blocked(value)
