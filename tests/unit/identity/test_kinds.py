from __future__ import annotations

from dataclasses import replace

import pytest

from service.identity import kinds
from service.identity.kinds import Kind, Kinds


def kind(name: str) -> Kind:
    found = kinds.by_name(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "limit", "personal", "case_sensitive", "shared_by"),
    [
        ("user_id", 1, True, True, 20),
        ("external:crm", 5, True, True, 20),
        ("loyalty_card", 5, True, False, 5),
        ("email", 5, True, False, 5),
        ("phone", 5, True, True, 5),
        ("wechat_openid", 5, False, True, 20),
        ("facebook_id", 5, False, True, 20),
        ("app_id", 100, False, True, 5),
        ("advertising_id", 100, False, False, 5),
        ("cookie", 100, False, True, 5),
        ("device", 100, False, True, 5),
    ],
)
def test_every_kind_has_its_rules(
    name: str, limit: int, personal: bool, case_sensitive: bool, shared_by: int
) -> None:
    found = kind(name)
    assert (found.name, found.limit, found.personal, found.case_sensitive, found.shared_by) == (
        name,
        limit,
        personal,
        case_sensitive,
        shared_by,
    )
    assert found.blocked == kinds.BLOCKED


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
    assert kind("cookie").blocks(value)


@pytest.mark.parametrize(
    "value",
    ["1", "00001", "-2", "nobody", "nullable", "n", "0x0", "guest42", "unknown@example.com", "null null"],
)
def test_a_value_that_only_resembles_a_blocked_one_is_not(value: str) -> None:
    assert not kind("cookie").blocks(value)


def blocking(*blocked: str) -> Kind:
    """A kind for which these values say nothing."""
    return replace(kind("cookie"), blocked=blocked)


@pytest.mark.parametrize("value", ["GA1", "ga1", "gA1"])
def test_a_blocked_value_is_the_same_in_any_case(value: str) -> None:
    assert blocking("Ga1").blocks(value)
    assert blocking("/Ga[0-9]/").blocks(value)


@pytest.mark.parametrize("value", ["GA11", "xGA1", "GA"])
def test_a_blocked_value_and_an_expression_are_of_the_whole_value(value: str) -> None:
    assert not blocking("GA1", "/GA[0-9]/").blocks(value)


def test_signs_of_expressions_are_plain_without_the_slashes() -> None:
    assert blocking("a.c").blocks("A.C")
    assert not blocking("a.c").blocks("abc")
    assert not blocking("a|b").blocks("a")
    # Two slashes with nothing between them are no expression.
    assert blocking("//").blocks("//")


def test_where_nothing_is_blocked_only_the_empty_value_is() -> None:
    assert blocking().blocks("")
    assert not blocking().blocks("null")
    assert not blocking().blocks("0000")


def test_an_expression_takes_time_that_is_linear_in_the_value() -> None:
    # A backtracking engine would take longer than the universe is old.
    assert not blocking("/(a*)*b/").blocks("a" * 1000)


def test_without_changes_the_kinds_are_the_defaults() -> None:
    rules = Kinds()
    assert rules.version == 0
    assert rules.by_name("email") is kinds.by_name("email")
    assert rules.by_name("external:crm") == kinds.by_name("external:crm")
    assert rules.by_name("customer") is None
    assert rules.by_name("fax") is None


def test_what_was_changed_is_in_force_and_the_rest_is_as_it_was() -> None:
    email, crm = replace(kind("email"), limit=2), replace(kind("external:crm"), limit=9)
    rules = Kinds(3, {"email": email, "external:crm": crm})
    assert rules.by_name("email") is email
    assert rules.by_name("external:crm") is crm
    assert rules.by_name("external:shop") == kind("external:shop")
    assert rules.by_name("phone") is kind("phone")
    assert kind("email").limit == 5


def test_all_kinds_come_strongest_first_and_of_other_systems_only_those_that_were_changed() -> None:
    names = [one.name for one in Kinds().all()]
    assert names == [
        *("user_id", "loyalty_card", "email", "phone", "facebook_id", "wechat_openid"),
        *("app_id", "advertising_id", "cookie", "device"),
    ]
    changed = {
        "external:crm": replace(kind("external:crm"), limit=9),
        "device": replace(kind("device"), priority=5),
    }
    rules = Kinds(1, changed).all()
    assert [one.name for one in rules] == ["device", "user_id", "external:crm", *names[1:-1]]
    assert rules[2].limit == 9


def test_up_to_the_least_number_of_people_no_value_of_any_kind_is_generic() -> None:
    assert Kinds().fewest_sharers == 5
    assert Kinds(1, {"email": replace(kind("email"), shared_by=3)}).fewest_sharers == 3
    raised = {one.name: replace(one, shared_by=30) for one in Kinds().all() if one.shared_by == 5}
    assert Kinds(1, raised).fewest_sharers == 20
