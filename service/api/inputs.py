"""From GraphQL inputs to the JSON form that the domains' models read, and what was wrong with it."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

import strawberry
from pydantic.alias_generators import to_camel

from service import errors
from service.errors import UserErrorCode
from service.identity.models import Refusal

strawberry.enum(
    UserErrorCode,
    name="UserErrorCode",
    description="Why something was refused that the caller can put right.",
)


@strawberry.type
class UserError:
    """Something the caller can put right. Faults are top-level errors with extensions.code."""

    code: UserErrorCode
    """What kind of thing is wrong."""
    message: str
    """What is wrong and how to put it right."""
    field: list[str] | None
    """Where in the input it is."""

    @classmethod
    def of(cls, error: errors.UserError) -> UserError:
        """The API's form of a user error."""
        return cls(code=error.code, message=error.message, field=list(error.field) or None)


@strawberry.type
class IdentifierRef:
    """An identifier by kind and value, whether or not it is stored."""

    kind: str
    """The kind as it was given."""
    value: str
    """The value as it was given."""


@strawberry.type
class IdentifierRefusal:
    """An identifier that was left out of an event, and why; the event itself was kept."""

    identifier: IdentifierRef
    """What was left out."""
    code: UserErrorCode
    """What kind of reason there is."""
    message: str
    """Why it was left out."""

    @classmethod
    def of(cls, refusal: Refusal) -> IdentifierRefusal:
        """The API's form of a refusal."""
        return cls(
            identifier=IdentifierRef(kind=refusal.kind, value=refusal.value),
            code=refusal.code,
            message=refusal.message,
        )


def raw(value: Any) -> Any:
    """An input as its JSON form: camelCase names, enums by value, what was left out left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            to_camel(field.name): raw(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) is not strawberry.UNSET
        }
    # A list that holds no inputs is a plain value, such as a JSON one of any depth.
    if isinstance(value, list) and value and dataclasses.is_dataclass(value[0]):
        return [raw(item) for item in value]
    return value.value if isinstance(value, Enum) else value
