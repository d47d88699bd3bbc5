from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from strawberry import UNSET

from service import errors
from service.api.inputs import IdentifierRefusal, UserError, raw
from service.errors import UserErrorCode
from service.identity.models import Refusal


class Colour(Enum):
    """An enum whose names are not its values."""

    RED = "red"


@dataclasses.dataclass
class Part:
    """An inner input."""

    unit_price: Any = UNSET


@dataclasses.dataclass
class Form:
    """An input with a field of each sort."""

    message_id: Any = UNSET
    all_parts: Any = UNSET
    colour: Any = UNSET
    click_id2: Any = UNSET


def test_what_is_left_out_is_left_out_and_null_stays() -> None:
    assert raw(Form(message_id=None)) == {"messageId": None}
    assert raw(Form()) == {}


def test_names_are_camel_case_all_the_way_down_and_enums_go_by_value() -> None:
    form = Form(message_id="m", all_parts=[Part(Decimal("1.50")), Part(), None], colour=Colour.RED)
    assert raw(form) == {
        "messageId": "m",
        "allParts": [{"unitPrice": Decimal("1.50")}, {}, None],
        "colour": "red",
    }


def test_other_values_and_the_names_in_json_stay_as_they_are() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    value = {"snake_case": [{"in_side": 1}]}
    assert raw(Form(message_id=at, all_parts=value)) == {"messageId": at, "allParts": value}


def test_a_user_error_without_a_field_has_none() -> None:
    made = UserError.of(errors.UserError(UserErrorCode.TOO_MANY, "too many", ("items", "0")))
    assert (made.code, made.message, made.field) == (UserErrorCode.TOO_MANY, "too many", ["items", "0"])
    assert UserError.of(errors.UserError(UserErrorCode.INVALID, "wrong")).field is None


def test_a_refusal_shows_the_identifier_as_it_came() -> None:
    made = IdentifierRefusal.of(Refusal("cookie", " NULL ", UserErrorCode.IDENTIFIER_BLOCKED, "why"))
    assert (made.identifier.kind, made.identifier.value) == ("cookie", " NULL ")
    assert (made.code, made.message) == (UserErrorCode.IDENTIFIER_BLOCKED, "why")
