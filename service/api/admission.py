"""The one hook in front of both executors: whether an operation may run, with which rights, and for how long.

Whatever holds for every operation, however it is answered, belongs here: nothing is executed outside `admitted`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from graphql import OperationDefinitionNode, OperationType

from service.api.errors import BAD_REQUEST
from service.errors import DeadlineExceeded

Rights = frozenset[str]
"""What the caller may; plans are kept by it."""


class RequestRefused(Exception):
    """The request cannot be executed; nothing was."""

    def __init__(self, errors: list[dict[str, Any]], status: int = 400) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status


class Admission:
    """Lets operations in, and ends those that take too long."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds

    @asynccontextmanager
    async def admitted(self, operation: OperationDefinitionNode, *, may_write: bool) -> AsyncIterator[Rights]:
        """The caller's rights, for as long as the operation may run.

        Raises:
            RequestRefused: it must not run.
            DeadlineExceeded: it was still running when its time was over, and is cancelled.
        """
        if operation.operation is OperationType.MUTATION and not may_write:
            reason = "A mutation needs the method POST."
            raise RequestRefused([{"message": reason, "extensions": {"code": BAD_REQUEST}}], status=405)
        deadline = asyncio.timeout(self._timeout_seconds)
        try:
            async with deadline:
                yield frozenset()
        except TimeoutError:
            if deadline.expired():
                raise DeadlineExceeded from None
            raise
