"""Those who are told alike: who is one of them, who leaves and comes back; and nobody misses or hears twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from copy import copy
from typing import Any
from unittest import mock

import pytest

from service.api.audiences import Audiences, begun
from service.errors import ServiceError
from service.reads.fields import Event


class Log:
    """Numbers from 1 on."""

    def __init__(self) -> None:
        self.end = 0
        self.beats = 0
        self.changed = asyncio.Event()
        self.error: Exception | None = None
        self.reads = 0
        """How often anybody took something out of it."""

    def write(self, count: int = 1) -> None:
        self.end += count
        self._notify()

    def fail(self, error: Exception) -> None:
        self.error = error
        self._notify()

    def beat(self) -> None:
        """A heartbeat is due to all."""
        self.beats += 1
        self._notify()

    def _notify(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class Reading:
    """A stream of a log's numbers, three at a time; those that `left_out` names do not come."""

    def __init__(
        self, log: Log, place: int, subject: Hashable = "all", left_out: Callable[[int], bool] | None = None
    ):
        self.log, self.place, self.subject = log, place, subject
        self.left_out = left_out or (lambda _number: False)
        self.before = place
        self.beats = log.beats

    @property
    def is_caught_up(self) -> bool:
        return self.place >= self.log.end

    def again(self) -> Reading:
        other = copy(self)
        other.place = self.before
        return other

    def __aiter__(self) -> Reading:
        return self

    async def __anext__(self) -> Sequence[Event]:
        while self.place >= self.log.end and self.beats == self.log.beats and self.log.error is None:
            await self.log.changed.wait()
        if self.log.error is not None:
            raise self.log.error
        self.log.reads += 1
        self.before = self.place
        if self.beats < self.log.beats:
            self.beats = self.log.beats
            return [Event(f"beat {self.place}", self.place, self.place, dict)]
        self.place = min(self.place + 3, self.log.end)
        numbers = [one for one in range(self.before + 1, self.place + 1) if not self.left_out(one)]
        return [Event(str(one), one - 1, one, dict) for one in numbers]


class Client:
    """Who is sent to; takes no more while its gate is shut."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def send(self, answer: bytes) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.told.append(answer.decode())


class Hall:
    """A log, those who listen, and the answers that were made."""

    def __init__(self) -> None:
        self.audiences = Audiences()
        self.log = Log()
        self.made: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def answer(self, event: Event) -> bytes:
        await asyncio.sleep(0)
        self.made.append(event.key)
        return event.key.encode()

    async def enter(self, stream: Reading | None = None, alike: Hashable = "asked") -> Client:
        client = Client()
        stream = stream or Reading(self.log, self.log.end)
        attending = self.audiences.attend(alike, stream, self.answer, client.send)
        self.tasks.append(asyncio.create_task(attending))
        await settled()
        return client

    async def write(self, count: int = 1) -> None:
        self.log.write(count)
        await settled()


async def settled() -> None:
    """Waits until nothing moves: everything here takes only turns of the loop."""
    for _ in range(60):
        await asyncio.sleep(0)


def numbers(first: int, last: int) -> list[str]:
    return [str(one) for one in range(first, last + 1)]


@asynccontextmanager
async def opened() -> AsyncIterator[Hall]:
    """At its end nothing is left of anybody."""
    others = asyncio.all_tasks()
    hall = Hall()
    yield hall
    for task in hall.tasks:
        task.cancel()
    await asyncio.gather(*hall.tasks, return_exceptions=True)
    await settled()
    assert asyncio.all_tasks() == others
    assert hall.audiences._open == {}


async def test_what_is_told_to_all_is_read_and_made_once() -> None:
    async with opened() as hall:
        clients = [await hall.enter() for _ in range(120)]
        await hall.write(2)
        await hall.write(5)
        assert all(one.told == numbers(1, 7) for one in clients)
        assert hall.made == numbers(1, 7)
        assert hall.log.reads == 3  # Of 1 to 2, 3 to 5, 6 to 7.


async def test_who_asks_for_something_else_is_told_that() -> None:
    async with opened() as hall:
        even = Reading(hall.log, 0, "even", lambda number: number % 2 == 1)
        clients = [await hall.enter(), await hall.enter(alike="in other words"), await hall.enter(even)]
        await hall.write(4)
        assert [one.told for one in clients] == [numbers(1, 4), numbers(1, 4), ["2", "4"]]
        assert sorted(hall.made) == sorted([*numbers(1, 4), *numbers(1, 4), "2", "4"])


async def test_one_that_takes_no_more_holds_up_nobody_and_comes_back() -> None:
    async with opened() as hall:
        slow, quick = await hall.enter(), await hall.enter()
        await hall.write()
        slow.gate.clear()
        await hall.write(4)
        await hall.write(4)
        assert (slow.told, quick.told) == (numbers(1, 1), numbers(1, 9))
        slow.gate.set()
        await settled()
        assert slow.told == numbers(1, 9)
        before, hall.made[:] = hall.log.reads, []
        await hall.write(3)
        assert slow.told == quick.told == numbers(1, 12)
        # It is one of them again.
        assert (hall.log.reads - before, hall.made) == (1, numbers(10, 12))


async def test_one_that_leaves_amid_what_came_at_once_goes_on_there() -> None:
    async with opened() as hall:
        slow, quick = await hall.enter(), await hall.enter()

        async def twice(answer: bytes) -> None:
            """The second of three does not go through at once."""
            if answer == b"2":
                await asyncio.sleep(0)
            slow.told.append(answer.decode())

        slow.send = twice  # type: ignore[method-assign]
        hall.tasks[0].cancel()
        stream = Reading(hall.log, 0)
        hall.tasks.append(asyncio.create_task(hall.audiences.attend("asked", stream, hall.answer, twice)))
        await settled()
        await hall.write(3)
        await hall.write(3)
        assert slow.told == quick.told == numbers(1, 6)


async def test_a_heartbeat_amid_catching_up_tells_nothing_twice() -> None:
    async with opened() as hall:
        slow, quick = await hall.enter(), await hall.enter()
        slow.gate.clear()
        await hall.write(3)
        hall.log.beat()
        await settled()
        slow.gate.set()
        await settled()
        # Its own reading begins with the heartbeat, of a place that it is past already.
        assert (slow.told, quick.told) == (numbers(1, 3), [*numbers(1, 3), "beat 3"])


async def test_heartbeats_are_told_to_all_who_have_come_so_far() -> None:
    async with opened() as hall:
        clients = [await hall.enter(), await hall.enter(), await hall.enter(Reading(hall.log, 2))]
        for _ in range(2):
            hall.log.beat()
            await settled()
        await hall.write(3)
        told = ["beat 0", "beat 0", *numbers(1, 3)]
        assert [one.told for one in clients] == [told, told, ["3"]]


async def test_who_is_behind_catches_up_alone_first() -> None:
    async with opened() as hall:
        live = await hall.enter()
        await hall.write(10)
        late = await hall.enter(Reading(hall.log, 4))
        assert late.told == numbers(5, 10)
        before = hall.log.reads
        await hall.write(2)
        assert (live.told, late.told) == (numbers(1, 12), numbers(5, 12))
        assert hall.log.reads == before + 1


async def test_nobody_waits_for_one_who_has_much_to_catch_up() -> None:
    """Who is behind is no audience that others join."""
    async with opened() as hall:
        hall.log.write(300)
        late, live = Client(), Client()
        for client, place in ((late, 0), (live, 300)):
            attending = hall.audiences.attend("asked", Reading(hall.log, place), hall.answer, client.send)
            hall.tasks.append(asyncio.create_task(attending))
        await asyncio.sleep(0)
        hall.log.write(1)
        async with asyncio.timeout(10):
            while not live.told:  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert live.told == ["301"]
        assert len(late.told) < 100


async def test_an_audience_whose_subject_changes_is_joined_no_more() -> None:
    """As a filter's customers do with a merge."""
    async with opened() as hall:
        stream = Reading(hall.log, 0)
        first = await hall.enter(stream)
        stream.subject = "all and more"
        second = await hall.enter()
        await hall.write(2)
        assert first.told == second.told == numbers(1, 2)
        assert hall.log.reads == 2


async def test_who_goes_away_takes_nothing_from_others() -> None:
    async with opened() as hall:
        one, other, stuck = [await hall.enter() for _ in range(3)]
        stuck.gate.clear()
        await hall.write()
        hall.tasks[0].cancel()
        hall.tasks[2].cancel()
        await settled()
        stuck.gate.set()
        await hall.write()
        assert [client.told for client in (one, other, stuck)] == [["1"], ["1", "2"], []]
        hall.tasks[1].cancel()
        await settled()
        late = await hall.enter()
        await hall.write()
        assert late.told == ["3"]


async def test_an_answer_that_is_cancelled_ends_for_all_and_holds_up_nobody_who_comes_later() -> None:
    async def cancelled(_event: Event) -> bytes:
        raise asyncio.CancelledError

    async with opened() as hall:
        with mock.patch.object(hall, "answer", cancelled):
            await hall.enter()
            await hall.enter()
        await hall.write()
        for task in hall.tasks:
            with pytest.raises(ServiceError):
                await task
        late = await hall.enter()
        await hall.write()
        assert late.told == ["2"]


async def test_a_sending_that_fails_ends_only_its_own() -> None:
    async with opened() as hall:
        one, other = await hall.enter(), await hall.enter()
        one.error = OSError("gone")
        await hall.write(2)
        with pytest.raises(OSError, match="gone"):
            await hall.tasks[0]
        assert other.told == numbers(1, 2)


async def test_what_cannot_go_on_ends_for_all() -> None:
    async with opened() as hall:
        for _ in range(3):
            await hall.enter()
        hall.log.fail(LookupError("not there any more"))
        await settled()
        for task in hall.tasks:
            with pytest.raises(LookupError, match="not there any more"):
                await task
        hall.log.error = None
        late = await hall.enter()
        await hall.write()
        assert late.told == ["1"]


@pytest.mark.parametrize("seed", range(20))
async def test_each_is_told_all_once_and_in_order_whatever_their_pace(seed: int) -> None:
    chance = random.Random(seed)
    async with opened() as hall:
        entered: list[tuple[Client, int]] = []
        for _ in range(150):
            match chance.randrange(6):
                case 0 if len(entered) < 70:
                    start = chance.randrange(max(hall.log.end - 8, 0), hall.log.end + 1)
                    entered.append((await hall.enter(Reading(hall.log, start)), start))
                case 1 | 2 if entered:
                    gate = chance.choice(entered)[0].gate
                    gate.clear() if gate.is_set() else gate.set()
                case 3 if chance.random() < 0.3:
                    hall.log.beat()
                case _:
                    hall.log.write(chance.randrange(5))
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        for client, _ in entered:
            client.gate.set()
        for _ in range(20):
            await settled()
        for client, start in entered:
            assert [one for one in client.told if one.isdecimal()] == numbers(start + 1, hall.log.end)


async def test_what_has_begun_can_be_waited_for_and_be_cancelled() -> None:
    seen: list[str] = []
    gate = asyncio.Event()

    async def slow(name: str) -> None:
        try:
            await gate.wait()
            await asyncio.sleep(0)
            seen.append(name)
        finally:
            seen.append(f"end of {name}")

    async def quick() -> None:
        seen.append("quick")

    assert begun(quick()) is None
    one, other = begun(slow("one")), begun(slow("other"))
    waiting: list[asyncio.Future[Any]] = []
    for rest in (one, other):
        assert rest is not None
        waiting.append(asyncio.ensure_future(rest))
    await asyncio.sleep(0)
    waiting[0].cancel()
    await settled()
    assert seen == ["quick", "end of one"]
    gate.set()
    await waiting[1]
    assert seen == ["quick", "end of one", "other", "end of other"]
