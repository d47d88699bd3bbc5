"""A tiny schema with a field for each way in which an operation can go."""

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from service.api.scalars import SCALARS, Json
from service.errors import BadInput, Unavailable
from service.positions import millis

SECRET = "bolt://user:password@10.0.0.7"
written: list[str] = []
"""What mutations did."""


def _hello(name: str = "world") -> str:
    return f"Hello, {name}!"


def _broken() -> str | None:
    raise ValueError(SECRET)


def _missing() -> Any:
    return None


def _refused() -> str | None:
    raise BadInput("first", "from 1 to 100 at once")


def _unavailable() -> str | None:
    raise Unavailable from OSError(SECRET)


async def _slow() -> str | None:
    await asyncio.sleep(30)
    return "late"


async def _timed_out() -> str | None:
    raise TimeoutError(SECRET)


def _same_time(at: datetime) -> Any:
    return millis(at)


def _same_amount(amount: Decimal) -> Decimal:
    return amount


def _same_json(value: Json) -> Json:
    return value


def _write(text: str) -> str:
    written.append(text)
    return text


@strawberry.type
class Query:
    """Reading."""

    hello: str = strawberry.field(resolver=_hello)
    broken: str | None = strawberry.field(resolver=_broken)
    missing: str = strawberry.field(resolver=_missing, graphql_type=str)
    refused: str | None = strawberry.field(resolver=_refused)
    unavailable: str | None = strawberry.field(resolver=_unavailable)
    slow: str | None = strawberry.field(resolver=_slow)
    timed_out: str | None = strawberry.field(resolver=_timed_out)
    same_time: datetime = strawberry.field(resolver=_same_time, graphql_type=datetime)
    same_amount: Decimal = strawberry.field(resolver=_same_amount)
    same_json: Json = strawberry.field(resolver=_same_json)


@strawberry.type
class Mutation:
    """Writing."""

    write: str = strawberry.field(resolver=_write)


SCHEMA: GraphQLSchema = strawberry.Schema(
    query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS)
)._schema
