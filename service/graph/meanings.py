"""What an engine's error codes mean here, where the class of the error does not say it."""

from __future__ import annotations

from typing import Final

from service.errors import (
    Conflict,
    DatabaseMissing,
    DeadlineExceeded,
    GraphFailed,
    GraphOutOfMemory,
    LoginRefused,
    ServiceError,
    Unavailable,
)

_BY_CODE: Final[dict[str, type[ServiceError]]] = {
    # The embedded engine, of a node that another transaction deleted.
    "Neo.ClientError.Statement.EntityNotFound": Conflict,
    "Neo.ClientError.Transaction.TransactionTimedOut": DeadlineExceeded,
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": DeadlineExceeded,
    "Neo.ClientError.Transaction.Terminated": Unavailable,
    "Neo.ClientError.Transaction.LockClientStopped": Unavailable,
    "Neo.ClientError.Cluster.NotALeader": Unavailable,
    "Neo.TransientError.General.DatabaseUnavailable": Unavailable,
    "Neo.TransientError.Database.DatabaseUnavailable": Unavailable,
    "Neo.ClientError.Security.AuthorizationExpired": Unavailable,
    "Neo.ClientError.Database.DatabaseNotFound": DatabaseMissing,
}
_BY_BEGINNING: Final[dict[str, type[ServiceError]]] = {
    "Neo.ClientError.Security.": LoginRefused,
    "Neo.ClientError.Database.": DatabaseMissing,
    "Neo.TransientError.General.": GraphOutOfMemory,
    "Neo.DatabaseError.Transaction.": GraphFailed,
}
_NOT_KEPT: Final = ("Neo.DatabaseError.", "Neo.ClientError.Transaction.TransactionNotFound")
"""The latter is the embedded engine's, whatever kept it from writing its log."""


def meaning(code: str, *, committing: bool = False) -> type[ServiceError] | None:
    """What a code says for sure; None where the class of the error has to tell.

    A fault of the engine at a statement may be of that statement; `committing`, all of them were taken, and what
    fails is to keep them.
    """
    if committing and code.startswith(_NOT_KEPT):
        return GraphFailed
    if (known := _BY_CODE.get(code)) is not None:
        return known
    return next((error for beginning, error in _BY_BEGINNING.items() if code.startswith(beginning)), None)
