"""What clients see of errors: a message, the place, and `extensions.code`. Internals stay in the log."""

from __future__ import annotations

import logging
from typing import Any, Final

from graphql import FieldNode, GraphQLError

from service.errors import DeadlineExceeded, ServiceError

PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"
BAD_INPUT: Final = "BAD_USER_INPUT"
BAD_REQUEST: Final = "BAD_REQUEST"
FORBIDDEN: Final = "FORBIDDEN"
REQUEST_TOO_LARGE: Final = "REQUEST_TOO_LARGE"
COST_LIMIT_EXCEEDED: Final = "COST_LIMIT_EXCEEDED"
RATE_LIMITED: Final = "RATE_LIMITED"
DOCUMENT_NOT_TRUSTED: Final = "DOCUMENT_NOT_TRUSTED"
PERSISTED_QUERY_NOT_SUPPORTED: Final = "PERSISTED_QUERY_NOT_SUPPORTED"

log = logging.getLogger(__name__)


def formatted(error: GraphQLError, default_code: str = BAD_INPUT) -> dict[str, Any]:
    """An error as it goes out.

    `default_code` is for the library's own errors, which speak of the document or its variables.
    """
    answer: dict[str, Any] = {"message": error.message}
    if error.locations:
        answer["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        answer["path"] = error.path
    # What has no path was found before any resolver ran: it speaks of the request, whatever raised it.
    original = error.original_error if error.path else None
    if isinstance(original, ServiceError):
        answer["message"], code = original.message, original.code
    elif original is None or isinstance(original, GraphQLError):
        code = default_code
    else:
        # By the field's own name: those on the path are the client's.
        field = error.nodes[0].name.value if error.nodes and isinstance(error.nodes[0], FieldNode) else "a field"
        log.error("a resolver failed: %s", field, exc_info=original)
        answer["message"], code = "Something went wrong inside the service.", ServiceError.code
    answer["extensions"] = {"code": code}
    return answer


def fault(error: Exception) -> dict[str, Any]:
    """An error that is of no field: what ended a whole operation."""
    if isinstance(error, TimeoutError):
        error = DeadlineExceeded()
    if not isinstance(error, ServiceError):
        log.error("an operation failed", exc_info=error)
        error = ServiceError()
    return {"message": error.message, "extensions": {"code": error.code}}
