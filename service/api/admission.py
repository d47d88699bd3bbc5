"""The one hook in front of both executors: whether an operation may run, with which rights, and for how long.

Whatever holds for every operation, however it is answered, belongs here: nothing is executed outside `admitted`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from graphql import OperationDefinitionNode, OperationType

from service.access.models import Caller, Rights
from service.api.errors import BAD_REQUEST, COST_LIMIT_EXCEEDED, FORBIDDEN
from service.api.policy.needs import Needs
from service.api.rates import Rates
from service.api.refusing import RequestRefused, refusal
from service.bounds import Bounds
from service.deadlines import due_by
from service.errors import DeadlineExceeded
from service.observing.operation import begun

_WATCH_AFTER_SECONDS: Final = 0.5
"""Of an operation; then it is looked whether its caller is still there."""

Gone = Callable[[], Awaitable[None]]
"""Waits until the caller is gone."""


class CallerGone(Exception):
    """Nobody waits for the answer any more."""


class _Watch:
    """Cancels the task that it is entered in once the caller is gone; looked for only after a while.

    Most operations end before that, and cost a timer.
    """

    def __init__(self, gone: Gone) -> None:
        self._gone = gone
        self._waiting: asyncio.Task[None] | None = None
        self._found = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_SECONDS, self._watch)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._waiting is not None:
            self._waiting.cancel()
        if self._found and kind is asyncio.CancelledError and self._task.uncancel() == 0:
            raise CallerGone from None

    def _watch(self) -> None:
        self._waiting = asyncio.create_task(self._cancel_when_gone())

    async def _cancel_when_gone(self) -> None:
        await self._gone()
        self._found = True
        self._task.cancel()


def _forbidden(missing: Mapping[str, str]) -> RequestRefused:
    return RequestRefused(
        [
            {"message": f"{field} needs the scope {scope}.", "extensions": {"code": FORBIDDEN}}
            for scope, field in missing.items()
        ],
        status=403,
    )


class Admission:
    """Lets operations in, and ends those that take too long."""

    def __init__(self, timeout_seconds: float, max_cost: int = Bounds().cost, rates: Rates | None = None) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_cost = max_cost
        self._rates = rates

    @asynccontextmanager
    async def admitted(
        self,
        operation: OperationDefinitionNode,
        caller: Caller,
        needs: Needs,
        variables: Mapping[str, Any] | None,
        cost: int,
        *,
        may_write: bool,
        gone: Gone | None = None,
    ) -> AsyncIterator[Rights]:
        """The caller's rights, for as long as the operation may run: they must cover what it needs.

        `gone` is looked at for queries that run longer than most: what nobody waits for any more is cancelled.

        Raises:
            RequestRefused: it must not run.
            DeadlineExceeded: it was still running when its time was over, and is cancelled.
            CallerGone: its caller is gone, and it is cancelled.
        """
        begun(operation.operation.value, operation.name.value if operation.name else None)
        if operation.operation is OperationType.MUTATION and not may_write:
            reason = "A mutation needs the method POST."
            error = {"message": reason, "extensions": {"code": BAD_REQUEST}}
            raise RequestRefused([error], status=405, headers={"Allow": "POST"})
        if missing := needs.missing(caller.rights, variables):
            raise _forbidden(missing)
        self._check_cost(cost)
        if cost:
            await self.spend(caller, cost)
        deadline = asyncio.timeout(self._timeout_seconds)
        try:
            async with deadline:
                with due_by(deadline.when()):
                    if gone is None or operation.operation is OperationType.MUTATION:
                        yield caller.rights
                        return
                    with _Watch(gone):
                        yield caller.rights
        except TimeoutError:
            if deadline.expired():
                raise DeadlineExceeded from None
            raise

    async def spend(self, caller: Caller, cost: int) -> None:
        """Counts what a caller asks for; raises RequestRefused where it is too much for this minute."""
        if self._rates is not None:
            await self._rates.spend(caller, cost)

    async def told(self, caller: Caller, cost: int) -> dict[str, int]:
        """What an answer says of its cost."""
        told = {"requested": cost, "limit": self._max_cost}
        if self._rates is not None:
            told["remaining"] = await self._rates.left(caller)
        return told

    def _check_cost(self, cost: int) -> None:
        if cost > self._max_cost:
            message = (
                f"The operation would cost {cost}; at most {self._max_cost} is allowed. "
                "Ask for smaller pages (first), fewer levels of lists below lists, or less at once."
            )
            raise refusal(message, COST_LIMIT_EXCEEDED, cost=cost, limit=self._max_cost)
