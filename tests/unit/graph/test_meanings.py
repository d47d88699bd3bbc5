"""What engines' error codes mean."""

from __future__ import annotations

import pytest

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
from service.graph.meanings import meaning


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Neo.ClientError.Transaction.TransactionTimedOut", DeadlineExceeded),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", DeadlineExceeded),
        ("Neo.ClientError.Transaction.Terminated", Unavailable),
        ("Neo.TransientError.General.DatabaseUnavailable", Unavailable),
        ("Neo.TransientError.Database.DatabaseUnavailable", Unavailable),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", GraphOutOfMemory),
        ("Neo.ClientError.Security.Unauthorized", LoginRefused),
        ("Neo.ClientError.Security.AuthorizationExpired", Unavailable),
        ("Neo.ClientError.Database.DatabaseNotFound", DatabaseMissing),
        ("Neo.ClientError.Statement.EntityNotFound", Conflict),
        ("Neo.DatabaseError.Transaction.TransactionCommitFailed", GraphFailed),
        ("Neo.DatabaseError.General.UnknownError", None),
        ("Neo.TransientError.Transaction.DeadlockDetected", None),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", None),
        ("", None),
    ],
)
def test_a_code(code: str, expected: type[ServiceError] | None) -> None:
    assert meaning(code) is expected


def test_a_fault_while_committing_is_of_no_statement() -> None:
    assert meaning("Neo.DatabaseError.General.UnknownError", committing=True) is GraphFailed
    assert meaning("Neo.ClientError.Transaction.TransactionNotFound", committing=True) is GraphFailed
    assert meaning("Neo.ClientError.Transaction.TransactionNotFound") is None
    assert meaning("Neo.TransientError.Transaction.DeadlockDetected", committing=True) is None
