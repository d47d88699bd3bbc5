"""The exception tree. An exception's docstring is its message unless one is given.

`code` is what API clients see in `extensions.code`; the message is shown to them, so it never
carries internals.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class UserErrorCode(Enum):
    """Why something was refused that the caller can put right."""

    INVALID = "INVALID"
    """A value cannot be used."""
    NOT_FOUND = "NOT_FOUND"
    """There is no such thing."""
    ALREADY_EXISTS = "ALREADY_EXISTS"
    """The messageId or key is taken by something else."""
    VERSION_CONFLICT = "VERSION_CONFLICT"
    """It was changed meanwhile; read it again."""
    TOO_MANY = "TOO_MANY"
    """Too much at once."""
    IDENTIFIER_BLOCKED = "IDENTIFIER_BLOCKED"
    """The value says nothing about who somebody is."""
    IDENTIFIER_LIMIT_EXCEEDED = "IDENTIFIER_LIMIT_EXCEEDED"
    """The customer would have more of a kind than one person has."""
    MERGE_FORBIDDEN = "MERGE_FORBIDDEN"
    """Somebody said that these are different people."""
    CUSTOMER_TOO_LARGE = "CUSTOMER_TOO_LARGE"
    """The customer would have more identifiers than any person has."""
    STAGE_NOT_IN_PIPELINE = "STAGE_NOT_IN_PIPELINE"
    """The stage belongs to another pipeline."""
    DEAL_CLOSED = "DEAL_CLOSED"
    """The deal was won or lost already."""


@dataclass(frozen=True, slots=True)
class UserError:
    """Something that the caller can put right; `field` is the path within the input."""

    code: UserErrorCode
    message: str
    field: tuple[str, ...] = ()


class Refused(Exception):
    """A command cannot be carried out, for something that the caller can put right; it has changed nothing."""

    def __init__(self, code: UserErrorCode, field: str, message: str) -> None:
        """`field` is the path within the input, with dots."""
        super().__init__(message)
        self.error = UserError(code, f"{field}: {message}", tuple(field.split(".")))


class ServiceError(Exception):
    """Something went wrong inside the service."""

    code = "INTERNAL"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        """The sentence to show."""
        return str(self.args[0])


class BadInput(ServiceError):
    """The request has a value that cannot be used."""

    code = "BAD_USER_INPUT"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class Unauthenticated(ServiceError):
    """The API key or token is not valid: unknown, ended or revoked."""

    code = "UNAUTHENTICATED"


class CredentialMissing(Unauthenticated):
    """Who asks? Send Authorization: Bearer, then an API key or a token."""


class NotServing(ServiceError):
    """The graph cannot be used at the moment."""

    code = "UNAVAILABLE"


class Unavailable(NotServing):
    """The graph cannot be reached right now. Try again; a write with the same messageId is safe to repeat."""


class CursorExpired(ServiceError):
    """The log of changes does not go back so far. Take newestCursor, read what you need anew, go on from there."""

    code = "CURSOR_EXPIRED"


class DeadlineExceeded(ServiceError):
    """The request took too long and was given up. A write may have been made: repeat it with its messageId."""

    code = "DEADLINE_EXCEEDED"


class ReportTooLong(DeadlineExceeded):
    """The report took too long and was given up. Ask for a shorter range, or raise REPORT_TIMEOUT_SECONDS."""


class Overloaded(ServiceError):
    """Too many writes are waiting. Send fewer at once, or try again in a moment."""

    code = "OVERLOADED"


class ConnectionsTaken(Overloaded):
    """All connections to the graph are in use. Send less at once, try again, or raise CUSTOMER_GRAPH_POOL_SIZE."""


class GraphOutOfMemory(Overloaded):
    """The graph had too little memory left for this. Ask for less at once, or try again in a moment."""


class Conflict(ServiceError):
    """The data changed while it was read. Try again."""

    code = "CONFLICT"


class Rejected(ServiceError):
    """The graph refused a statement."""


class GraphFailed(NotServing):
    """The graph failed at this, and keeps a log of why: the disk that it is on may be full. Try again later."""


class LoginRefused(NotServing):
    """The graph refuses the service's login: check CUSTOMER_GRAPH_NEO4J_USER and CUSTOMER_GRAPH_NEO4J_PASSWORD."""


class DatabaseMissing(NotServing):
    """The graph has no such database, or it is stopped: check CUSTOMER_GRAPH_NEO4J_DATABASE."""


class BadSettings(ServiceError):
    """A setting cannot be used."""


class NotMigrated(NotServing):
    """The graph's schema is not up to date: run `customer-graph migrate`."""


class MigrationChanged(ServiceError):
    """A migration that was already applied has been edited since. Restore its file and add a new one."""


class EngineMissing(ServiceError):
    """No graph engine. Either `pip install 'customer-graph[embedded]'`, or set CUSTOMER_GRAPH_NEO4J_URI."""


class TracingMissing(ServiceError):
    """Traces need OpenTelemetry: `pip install 'customer-graph[tracing]'`, or unset CUSTOMER_GRAPH_TRACING."""


class EngineFailed(ServiceError):
    """The embedded engine did not start."""


class FolderInUse(ServiceError):
    """Another service is using this data folder. Stop it, or choose another folder with --data."""
