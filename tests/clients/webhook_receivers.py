"""Receivers of webhooks that fail at random."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from service.changes.models import Change, ChangeKind
from service.reads.connections import cursor
from tests.clients.world import MortalService
from tests.integration.hooks import REGISTER
from tests.receiver import Got, Receiver, answer, receiving

KIND = ChangeKind.CUSTOMERS_MERGED
"""One kind: what an endpoint is told comes one by one, and the next one after each answer."""


class FailingReceiver:
    """Refuses some deliveries, and closes the connection on others after it took them."""

    def __init__(self, receiver: Receiver, secret: str) -> None:
        self._receiver = receiver
        self._secret = secret

    @property
    def cursors(self) -> list[str]:
        """Of what it took, repeats removed."""
        first = {one.id: one for one in reversed(self._receiver.taken)}
        return [str(one.data["cursor"]) for one in reversed(first.values())]

    def has(self, changes: Sequence[Change]) -> bool:
        """Whether the last of the log's changes of its kind has come."""
        last = [cursor(one.place) for one in changes if one.kind == KIND.value][-1:]
        return last == [str(one.data["cursor"]) for one in self._receiver.taken[-1:]]

    def check(self, changes: Sequence[Change]) -> None:
        """It took the log's changes of its kind, in order, each signed."""
        assert self.cursors == [cursor(one.place) for one in changes if one.kind == KIND.value]
        for one in self._receiver.taken:
            one.verified(self._secret)
        assert len(self._receiver.got) > len(self._receiver.taken), "nothing failed: that is not tested then"


@asynccontextmanager
async def failing_receiver(service: MortalService, seed: str, after: str) -> AsyncIterator[FailingReceiver]:
    """One that is registered behind a cursor, and fails now and then."""
    chance = random.Random(seed)

    async def respond(got: Got) -> bytes:
        # The first two for sure, the others now and then.
        roll = chance.random() if len(receiver.got) > 2 else 0.005 * len(receiver.got)
        if roll < 0.01:
            return answer(503)
        if roll < 0.02:
            # Taken, and the answer is lost: it comes again, with the same id.
            receiver.taken.append(got)
            return b""
        return answer(204)

    async with receiving(respond) as receiver:
        form = {"url": receiver.url, "after": after, "filter": {"kinds": [KIND.value]}}
        payload = await service.client.field(REGISTER, input=form)
        assert payload["userErrors"] == []
        yield FailingReceiver(receiver, payload["secret"])
