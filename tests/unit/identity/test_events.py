from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from service.errors import UserErrorCode
from service.identity.events import EventInput, evidence
from service.identity.models import Evidence, NormalIdentifier, RawIdentifier, Refusal
from service.inputs import Invalid, parsed
from tests.unit.examples import AT, NOON, event


def claim_of(raw: dict[str, Any], region: str | None = None, now: datetime = NOON) -> Evidence:
    return evidence(parsed(EventInput, raw), region, now)


def fields_of(raw: dict[str, Any]) -> list[tuple[str, ...]]:
    with pytest.raises(Invalid) as caught:
        claim_of(raw)
    assert {error.code for error in caught.value.errors} == {UserErrorCode.INVALID}
    return [error.field for error in caught.value.errors]


def test_an_event_claims_its_usable_identifiers_strongest_first_and_tells_the_others() -> None:
    claimed = claim_of(event("cookie:c1", "cookie:NULL", "phone:8 916 123-45-67", source="shop"), "RU")
    assert claimed == Evidence(
        (NormalIdentifier("phone", "+79161234567", "8 916 123-45-67"), NormalIdentifier("cookie", "c1", "c1")),
        (
            Refusal(
                "cookie",
                "NULL",
                UserErrorCode.IDENTIFIER_BLOCKED,
                "The value says nothing about who somebody is.",
            ),
        ),
        "shop",
        "m1",
        AT,
        (
            RawIdentifier("cookie", "c1"),
            RawIdentifier("cookie", "NULL"),
            RawIdentifier("phone", "8 916 123-45-67"),
        ),
        "RU",
        0,
    )


def test_a_source_that_is_left_out_is_the_api() -> None:
    assert claim_of(event("cookie:c1")).source == "api"


def test_an_event_without_a_time_occurs_now() -> None:
    raw = event("cookie:c1") | {"occurredAt": None}
    assert claim_of(raw, now=NOON + timedelta(seconds=1)).at == AT + 1000
    del raw["occurredAt"]
    assert claim_of(raw, now=NOON).at == AT


def test_a_time_is_taken_with_its_offset() -> None:
    raw = event("cookie:c1") | {"occurredAt": "2026-03-01T15:00:00.500+03:00"}
    assert claim_of(raw).at == AT + 500


def test_a_time_up_to_a_day_in_the_future_is_a_fast_clock() -> None:
    raw = event("cookie:c1") | {"occurredAt": NOON + timedelta(days=1)}
    assert claim_of(raw).at == AT + 86_400_000


def test_a_time_further_in_the_future_is_invalid() -> None:
    raw = event("cookie:c1") | {"occurredAt": NOON + timedelta(days=1, milliseconds=1)}
    with pytest.raises(Invalid) as caught:
        claim_of(raw)
    (error,) = caught.value.errors
    assert error.field == ("occurredAt",)
    assert error.message == ("occurredAt: more than a day in the future; check the source's clock and time zone")


def test_a_time_before_the_first_year_in_utc_is_invalid() -> None:
    # An empty date of .NET in Berlin.
    empty = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert fields_of(event("cookie:c1") | {"occurredAt": empty}) == [("occurredAt",)]
    assert claim_of(event("cookie:c1") | {"occurredAt": "0001-01-01T00:00:00Z"}).at == -62_135_596_800_000


def test_a_time_without_an_offset_is_invalid() -> None:
    assert fields_of(event("cookie:c1") | {"occurredAt": "2026-03-01T12:00:00"}) == [("occurredAt",)]


def test_a_kind_that_does_not_exist_is_invalid_and_not_just_left_out() -> None:
    raw = event("cookie:c1", "e-mail:ann@example.com", "fax:1", "phone:0000")
    with pytest.raises(Invalid) as caught:
        claim_of(raw)
    assert [error.field for error in caught.value.errors] == [
        ("identifiers", "1", "kind"),
        ("identifiers", "2", "kind"),
    ]
    assert caught.value.errors[0].message == (
        "identifiers.1.kind: there is no kind 'e-mail'; use one of user_id, external:<source>, loyalty_card, "
        "email, phone, wechat_openid, facebook_id, app_id, advertising_id, cookie, device"
    )


def test_the_reserved_kind_is_left_out_like_a_blocked_value() -> None:
    claimed = claim_of(event("cookie:c1", "customer:cus_1"))
    assert [one.key for one in claimed.identifiers] == ["cookie:c1"]
    assert [(one.kind, one.code) for one in claimed.unusable] == [("customer", UserErrorCode.INVALID)]


def test_an_event_has_1_to_20_identifiers() -> None:
    assert fields_of(event()) == [("identifiers",)]
    assert len(claim_of(event(*(f"cookie:c{n}" for n in range(20)))).identifiers) == 20
    assert fields_of(event(*(f"cookie:c{n}" for n in range(21)))) == [("identifiers",)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"messageId": ""}, ("messageId",)),
        ({"messageId": "a\nb"}, ("messageId",)),
        ({"messageId": None}, ("messageId",)),
        ({"source": " "}, ("source",)),
        ({"source": "a\nb"}, ("source",)),
        ({"source": None}, ("source",)),
        ({"identifiers": None}, ("identifiers",)),
        ({"identifiers": [{"kind": "cookie"}]}, ("identifiers", "0", "value")),
        ({"identifiers": [{"kind": "cookie", "value": 7}]}, ("identifiers", "0", "value")),
        ({"identifiers": [{"kind": "cookie", "value": "c", "weight": 1}]}, ("identifiers", "0", "weight")),
        ({"more": 1}, ("more",)),
    ],
)
def test_what_is_wrong_is_told_by_its_path(changed: dict[str, Any], field: tuple[str, ...]) -> None:
    assert fields_of(event("cookie:c1") | changed) == [field]
