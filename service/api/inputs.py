"""What was wrong with an input, and what was left out of it."""

from __future__ import annotations

from typing import Any

import strawberry

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


def user_error(error: errors.UserError) -> dict[str, Any]:
    """The API's form of a user error."""
    return {"code": error.code.value, "message": error.message, "field": list(error.field) or None}


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


def identifier_refusal(refusal: Refusal) -> dict[str, Any]:
    """The API's form of a refusal."""
    return {
        "identifier": {"kind": refusal.kind, "value": refusal.value},
        "code": refusal.code.value,
        "message": refusal.message,
    }
