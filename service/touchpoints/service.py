"""Recording: from inputs in their JSON form to outcomes, after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from service.customers.models import IdentifyInput
from service.customers.recording import Identify
from service.errors import Rejected, ServiceError, UserError, UserErrorCode
from service.graph.books import Command
from service.graph.committer import Committer
from service.identity.events import EventInput, evidence
from service.identity.models import Evidence
from service.identity.recording import Recorded
from service.identity.rules import Rules
from service.inputs import Invalid, parsed
from service.settings import Settings
from service.touchpoints.models import OrderInput, TouchpointInput
from service.touchpoints.recording import RecordOrder, RecordTouchpoint

MAX_ITEMS: Final = 500
"""Touchpoints of one request: one transaction's worth."""
_ITEMS_IN_ONE_GO: Final = 50
"""Then other requests may go on."""


class Recorder:
    """Records what sources tell. Every outcome is final: it is committed, or it changed nothing."""

    def __init__(self, committer: Committer, settings: Settings, rules: Rules) -> None:
        self._committer = committer
        self._settings = settings
        self._rules = rules

    async def touchpoint(self, raw: Mapping[str, Any]) -> Recorded:
        """Records one touchpoint (form: TouchpointInput)."""
        return await self._one(lambda: self.touchpoint_command(raw))

    async def order(self, raw: Mapping[str, Any]) -> Recorded:
        """Records or updates an order (form: OrderInput)."""
        return await self._one(lambda: self.order_command(raw))

    async def identify(self, raw: Mapping[str, Any]) -> Recorded:
        """Records what a source knows about somebody (form: IdentifyInput)."""
        return await self._one(lambda: self.identify_command(raw))

    async def touchpoints(self, items: Sequence[Mapping[str, Any]]) -> list[Recorded]:
        """Records up to MAX_ITEMS touchpoints, each standing or falling alone; outcomes in their order."""
        outcomes: list[Recorded | Command] = []
        for index, raw in enumerate(items):
            if index % _ITEMS_IN_ONE_GO == 0:
                await asyncio.sleep(0)
            try:
                outcomes.append(self.touchpoint_command(raw))
            except Invalid as invalid:
                outcomes.append(Recorded(errors=invalid.errors))
        commands = [one for one in outcomes if not isinstance(one, Recorded)]
        done = iter(await self.commit(commands))
        return [one if isinstance(one, Recorded) else _raised(next(done)) for one in outcomes]

    def command(self, raw: Mapping[str, Any]) -> Command:
        """The command that records what the form is of: an order, what is known of somebody, or a touchpoint."""
        if "orderNumber" in raw:
            return self.order_command(raw)
        if "attributes" in raw:
            return self.identify_command(raw)
        return self.touchpoint_command(raw)

    async def commit(self, commands: Sequence[Command]) -> list[Recorded | ServiceError]:
        """Commits commands made by this recorder; a fault is returned in its command's place."""
        return await self._committer.submit_all(commands)

    async def _one(self, command: Callable[[], Command]) -> Recorded:
        try:
            outcome: Recorded = await self._committer.submit(command())
        except Invalid as invalid:
            return Recorded(errors=invalid.errors)
        return outcome

    def touchpoint_command(self, raw: Mapping[str, Any]) -> Command:
        """The command that records a touchpoint; raises Invalid."""
        touchpoint = parsed(TouchpointInput, raw)
        return RecordTouchpoint(touchpoint, self._evidence(touchpoint))

    def order_command(self, raw: Mapping[str, Any]) -> Command:
        """The command that records an order; raises Invalid."""
        order = parsed(OrderInput, raw)
        return RecordOrder(order, self._evidence(order))

    def identify_command(self, raw: Mapping[str, Any]) -> Command:
        """The command that records a source's knowledge; raises Invalid."""
        identify = parsed(IdentifyInput, raw)
        return Identify(identify, self._evidence(identify))

    def _evidence(self, event: EventInput) -> Evidence:
        region = self._settings.region_of(event.source)
        return evidence(event, region, datetime.now(UTC), self._rules.current)


def _raised(outcome: Recorded | ServiceError) -> Recorded:
    if type(outcome) in (ServiceError, Rejected):
        # A fault of this item alone must not hide what became of the others.
        return Recorded(
            errors=(UserError(UserErrorCode.INVALID, "It could not be recorded; see the service's log."),)
        )
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def too_many(count: int) -> UserError:
    """Why a list of items is refused as a whole."""
    return UserError(
        UserErrorCode.TOO_MANY,
        f"items: {count} at once; at most {MAX_ITEMS}, so send them in parts",
        ("items",),
    )
