from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.errors import UserErrorCode
from service.identity.models import NormalIdentifier, RawIdentifier, Refusal
from service.identity.normalising import Unusable, normalise, normalise_all

BLOCKED = UserErrorCode.IDENTIFIER_BLOCKED
INVALID = UserErrorCode.INVALID


def value_of(kind: str, value: str, region: str | None = None) -> str:
    identifier = normalise(RawIdentifier(kind, value), region)
    assert (identifier.kind, identifier.raw_value) == (kind, value)
    assert identifier.key == f"{kind}:{identifier.value}"
    return identifier.value


def refusal_of(kind: str, value: str, region: str | None = None) -> Unusable:
    with pytest.raises(Unusable) as caught:
        normalise(RawIdentifier(kind, value), region)
    return caught.value


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  Ann.Bo+News@Example.COM\n", "ann.bo+news@example.com"),
        ("\ufeffann@example.com\u200b", "ann@example.com"),
        # Decomposed and composed, a character is the same.
        ("jose\u0301@example.com", "jos\u00e9@example.com"),
        ("JOS\u00c9@example.com", "jos\u00e9@example.com"),
        # A domain in Punycode and in its own script is the same.
        ("ann@xn--mnchen-3ya.de", "ann@münchen.de"),
        ("ann@MÜNCHEN.de", "ann@münchen.de"),
        ("иван@пример.рф", "иван@пример.рф"),
    ],
)
def test_an_email_has_one_spelling(email: str, expected: str) -> None:
    assert value_of("email", email) == expected


def test_emails_of_two_domains_or_mailboxes_that_look_alike_stay_two() -> None:
    assert value_of("email", "max@straße.de") != value_of("email", "max@strasse.de")
    assert value_of("email", "weiß@example.com") != value_of("email", "weiss@example.com")


@pytest.mark.parametrize(
    "email", ["ann", "ann@", "@example.com", "ann@example", "a b@example.com", "Ann <ann@example.com>", "a@b@c.de"]
)
def test_what_is_no_email_is_refused(email: str) -> None:
    refusal = refusal_of("email", email)
    assert refusal.code is INVALID
    assert refusal.message.startswith("Not an e-mail address: ")


@pytest.mark.parametrize(
    ("phone", "region"),
    [
        ("+79161234567", None),
        ("+7 (916) 123-45-67", None),
        ("007 916 123 45 67", None),
        ("tel:+7-916-123-45-67", None),
        ("+７ ９１６ １２３ ４５ ６７", None),
        ("\u202a+7 916 123-45-67\u202c", None),
        ("\u200b+79161234567\ufeff", None),
        ("8 (916) 123-45-67", "RU"),
        ("8-916-123-45-67", "RU"),
        ("916 123 45 67", "RU"),
        ("+7 916 123 45 67", "CN"),
        ("810 7 916 123 45 67", "RU"),
        ("007 916 123 45 67", "DE"),
        ("011 7 916 123 45 67", "US"),
    ],
)
def test_a_phone_number_in_any_spelling_is_one(phone: str, region: str | None) -> None:
    assert value_of("phone", phone, region) == "+79161234567"


def test_the_region_of_the_source_completes_a_phone_number() -> None:
    assert value_of("phone", "138 0013 8000", "CN") == "+8613800138000"
    assert value_of("phone", "044 123 45 67", "UA") == "+380441234567"
    assert value_of("phone", "044 123 45 67", "DE") == "+49441234567"
    # In Italy the zero belongs to the number.
    assert value_of("phone", "06 1234 5678", "IT") == "+390612345678"


def test_without_a_region_a_national_number_is_refused_with_a_way_out() -> None:
    refusal = refusal_of("phone", "8 (916) 123-45-67")
    assert refusal.code is INVALID
    assert refusal.message == (
        "Not a phone number. Write it with the country code (+…), or set a region for its source."
    )


@pytest.mark.parametrize("phone", ["hello", "+", "1", "+7 916 123", "+7 916 123 45 67 89 10 11", "+999 123 456"])
def test_what_is_no_phone_number_is_refused(phone: str) -> None:
    refusal = refusal_of("phone", phone)
    assert refusal.code is INVALID
    assert refusal.message.startswith("Not a phone number")


@pytest.mark.parametrize(("phone", "region"), [("555-1234", "US"), ("123-45-67", "RU"), ("1234 5678", "GB")])
def test_a_number_that_is_unique_only_within_a_town_is_refused(phone: str, region: str) -> None:
    assert refusal_of("phone", phone, region).code is INVALID


def test_other_values_are_trimmed_of_spaces_and_invisible_characters_at_their_ends() -> None:
    assert value_of("cookie", " \t\u200b a b\u200dc \ufeff\n") == "a b\u200dc"
    assert value_of("cookie", "\u2060\u200bGA1.2.3") == "GA1.2.3"


def test_other_values_are_in_composed_form() -> None:
    assert value_of("user_id", "re\u0301mi") == "r\u00e9mi"
    assert value_of("user_id", "\u212b") == "\u00c5"


def test_case_counts_where_the_kind_says_so() -> None:
    assert value_of("cookie", "AbC") == "AbC"
    assert value_of("external:crm", "AbC") == "AbC"
    assert value_of("loyalty_card", "AbC-STRASSE") == value_of("loyalty_card", "abc-straße") == "abc-strasse"
    assert value_of("advertising_id", "38400000-8CF0-11BD") == "38400000-8cf0-11bd"


@pytest.mark.parametrize("kind", ["user_id", "external:crm", "email", "phone", "cookie", "device"])
@pytest.mark.parametrize(
    "value",
    ["", "  ", "\u200b", "0000", " 0000-00 ", "-1", "N/A", " n/a\n", "NuLL", "Anonymous", "\ufeffundefined"],
)
def test_blocked_values_are_refused_for_every_kind_in_any_case_and_wrapping(kind: str, value: str) -> None:
    refusal = refusal_of(kind, value, "DE")
    assert refusal.code is BLOCKED
    assert refusal.message == "The value says nothing about who somebody is."


def test_a_value_may_have_512_characters_after_trimming() -> None:
    assert value_of("cookie", f" {'x' * 512} ") == "x" * 512
    refusal = refusal_of("cookie", "x" * 513)
    assert (refusal.code, refusal.message) == (INVALID, "The value is longer than 512 characters.")


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "a\tb", "\x07bell", "a\x7fb", "a\x9fb", "a\ud800b"])
def test_a_value_with_control_characters_is_refused(value: str) -> None:
    refusal = refusal_of("cookie", value)
    assert (refusal.code, refusal.message) == (INVALID, "The value has control characters.")


def test_the_reserved_kind_is_refused() -> None:
    refusal = refusal_of("customer", "cus_0198")
    assert refusal.code is INVALID
    assert refusal.message == (
        "The kind customer is reserved: a customer's id cannot be recorded as an identifier."
    )


@pytest.mark.parametrize("kind", ["fax", "EMAIL", "external:CRM", ""])
def test_an_unknown_kind_is_refused_with_those_that_there_are(kind: str) -> None:
    refusal = refusal_of(kind, "x")
    assert refusal.code is INVALID
    assert refusal.message.startswith(f"There is no kind {kind!r}. The kinds are user_id, external:<source>, ")


def test_identifiers_of_an_event_come_strongest_first_and_once() -> None:
    usable, refused = normalise_all(
        [
            RawIdentifier("device", "d"),
            RawIdentifier("cookie", "c2"),
            RawIdentifier("cookie", "c1"),
            RawIdentifier("email", "Ann@example.com"),
            RawIdentifier("email", "ann@EXAMPLE.com "),
            RawIdentifier("external:crm", "7"),
            RawIdentifier("user_id", "u"),
        ],
        None,
    )
    assert usable == (
        NormalIdentifier("user_id", "u", "u"),
        NormalIdentifier("external:crm", "7", "7"),
        NormalIdentifier("email", "ann@example.com", "Ann@example.com"),
        NormalIdentifier("cookie", "c2", "c2"),
        NormalIdentifier("cookie", "c1", "c1"),
        NormalIdentifier("device", "d", "d"),
    )
    assert refused == ()


def test_unusable_identifiers_of_an_event_are_refused_alone_as_they_came() -> None:
    usable, refused = normalise_all(
        [
            RawIdentifier("email", "nobody"),
            RawIdentifier("cookie", " NULL "),
            RawIdentifier("cookie", "c1"),
            RawIdentifier("customer", "cus_1"),
        ],
        None,
    )
    assert [identifier.key for identifier in usable] == ["cookie:c1"]
    assert [(one.kind, one.value, one.code) for one in refused] == [
        ("email", "nobody", INVALID),
        ("cookie", " NULL ", BLOCKED),
        ("customer", "cus_1", INVALID),
    ]
    assert isinstance(refused[0], Refusal)
    assert refused[0].message.startswith("Not an e-mail address: ")


AROUND = st.text(" \t\u200b\u200d\ufeff\u00a0", max_size=4)
INSIDE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


@given(st.sampled_from(["cookie", "loyalty_card", "user_id"]), AROUND, INSIDE, AROUND)
@example("cookie", "", "x", "\u200b\u00a0\u200b")
@example("loyalty_card", "", "\u00df\u0301", "")
def test_what_is_normal_stays_as_it_is(kind: str, before: str, inside: str, after: str) -> None:
    try:
        first = normalise(RawIdentifier(kind, before + inside + after))
    except Unusable:
        return
    assert normalise(RawIdentifier(kind, first.value)).key == first.key


@given(AROUND, st.text("abXY09-", min_size=1, max_size=6), AROUND)
def test_what_copying_leaves_around_a_value_does_not_matter(before: str, inside: str, after: str) -> None:
    try:
        plain = normalise(RawIdentifier("cookie", inside)).key
    except Unusable:
        refusal_of("cookie", before + inside + after)
    else:
        assert normalise(RawIdentifier("cookie", before + inside + after)).key == plain
