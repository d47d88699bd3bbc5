from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.config import StrawberryConfig

from service import errors
from service.access.models import OPERATOR
from service.api.context import Context
from service.api.fields import declared, written
from service.api.inputs import identifier_refusal, user_error
from service.api.scalars import SCALARS, Json
from service.errors import UserErrorCode
from service.graph.client import Graph
from service.identity.models import Refusal
from service.reads.ordinary import attach
from service.services import Services


@strawberry.enum
class Colour(Enum):
    """An enum whose names are not its values."""

    RED = "red"


@strawberry.input
class Part:
    """An inner input."""

    unit_price: Decimal | None = strawberry.UNSET


@strawberry.input
class Form:
    """An input with a field of each sort."""

    message_id: str | None = strawberry.UNSET
    all_parts: list[Part | None] | None = strawberry.UNSET
    colour: Colour | None = strawberry.UNSET
    click_id2: str | None = strawberry.UNSET
    at: datetime | None = strawberry.UNSET
    more: Json | None = strawberry.UNSET


@strawberry.type
class Payload:
    """What was done."""

    ok: bool


taken: list[Mapping[str, Any]] = []


async def _take(_services: Services, given: Mapping[str, Any]) -> Mapping[str, Any]:
    taken.append(given)
    return {"ok": True}


@strawberry.type
class Query:
    """Nothing to read."""

    ok: bool = True


@strawberry.type
class Mutation:
    """Takes an input."""

    take: Payload = written(_take, Form)


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS))
attach(declared(SCHEMA))


async def raw(literal: str, variables: dict[str, Any] | None = None) -> Mapping[str, Any]:
    """What the function of a mutation is given."""
    taken.clear()
    context = Context(cast("Graph", None), cast("Services", SimpleNamespace(surroundings=None)), OPERATOR)
    document = parse(f"mutation($m: String) {{ take(input: {literal}) {{ ok }} }}")
    result = execute(SCHEMA._schema, document, context_value=context, variable_values=variables)
    answer = result if isinstance(result, ExecutionResult) else await result
    assert (answer.data, answer.errors) == ({"take": {"ok": True}}, None)
    (given,) = taken
    return given


async def test_what_is_left_out_is_left_out_and_null_stays() -> None:
    assert await raw("{messageId: null}") == {"messageId": None}
    assert await raw("{}") == {}
    assert await raw("{messageId: $m}") == {}
    assert await raw("{messageId: $m}", {"m": None}) == {"messageId": None}
    assert await raw("{allParts: [{}, {unitPrice: null}]}") == {"allParts": [{}, {"unitPrice": None}]}


async def test_names_are_camel_case_all_the_way_down_and_enums_go_as_what_they_mean() -> None:
    given = await raw('{messageId: "m", allParts: [{unitPrice: "1.50"}, {}, null], colour: RED, clickId2: "c"}')
    assert given == {
        "messageId": "m",
        "allParts": [{"unitPrice": Decimal("1.50")}, {}, None],
        "colour": Colour.RED,
        "clickId2": "c",
    }


async def test_other_values_and_the_names_in_json_stay_as_they_are() -> None:
    given = await raw('{at: "2026-03-01T00:00:00Z", more: {snake_case: [{in_side: 1}]}}')
    assert given == {"at": datetime(2026, 3, 1, tzinfo=UTC), "more": {"snake_case": [{"in_side": 1}]}}


def test_a_user_error_without_a_field_has_none() -> None:
    made = user_error(errors.UserError(UserErrorCode.TOO_MANY, "too many", ("items", "0")))
    assert made == {"code": "TOO_MANY", "message": "too many", "field": ["items", "0"]}
    assert user_error(errors.UserError(UserErrorCode.INVALID, "wrong"))["field"] is None


def test_a_refusal_shows_the_identifier_as_it_came() -> None:
    made = identifier_refusal(Refusal("cookie", " NULL ", UserErrorCode.IDENTIFIER_BLOCKED, "why"))
    assert made == {
        "identifier": {"kind": "cookie", "value": " NULL "},
        "code": "IDENTIFIER_BLOCKED",
        "message": "why",
    }


def test_codes_go_out_by_their_names() -> None:
    assert all(code.value == code.name for code in UserErrorCode)
