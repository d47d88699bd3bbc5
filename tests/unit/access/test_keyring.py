"""Keys as a process knows them: a request costs no read, nor do wrong keys; what is revoked is soon known."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any, cast

import pytest

from service.access import keys, repository
from service.access.authenticator import Known
from service.access.keyring import Keyring
from service.access.keys import Key
from service.errors import Unauthenticated, Unavailable

IDS = [f"key_{number:032x}" for number in range(3)]
SECRET = keys.new_secret()


class Stored:
    """What the graph has, and how often it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.revision = 1
        self.ids = set(IDS[:2])
        self.answers = True
        self.looks = 0
        self.readings = 0
        monkeypatch.setattr(repository, "revision", self._revision)
        monkeypatch.setattr(repository, "valid", self._valid)

    async def _revision(self, _graph: Any) -> int:
        await asyncio.sleep(0)
        self.looks += 1
        if not self.answers:
            raise Unavailable
        return self.revision

    async def _valid(self, _graph: Any) -> dict[str, Key]:
        self.readings += 1
        digest = keys.digest_of(SECRET).hex()
        return {one: keys.known(one, one, ["record"], digest, None) for one in self.ids}


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Stored:
    return Stored(monkeypatch)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(cast("Any", None))


async def test_keys_are_read_once(stored: Stored, keyring: Keyring) -> None:
    text = keys.written(IDS[0], SECRET)
    callers = await asyncio.gather(*(keyring.caller(text) for _ in range(100)))
    assert {caller.id for caller in callers} == {IDS[0]}
    assert (stored.looks, stored.readings) == (1, 1)


async def test_wrong_keys_cost_the_graph_a_few_looks_a_second_however_many_they_are(
    stored: Stored, keyring: Keyring
) -> None:
    await keyring.caller(keys.written(IDS[0], SECRET))
    wrong = [keys.written(f"key_{number:032x}", SECRET) for number in range(1000, 3000)]
    wrong += [keys.written(IDS[0], keys.new_secret()) for _ in range(1000)]
    began = time.monotonic()
    refused = await asyncio.gather(*(keyring.caller(text) for text in wrong), return_exceptions=True)
    assert {type(one) for one in refused} == {Unauthenticated}
    assert stored.looks - 1 <= (time.monotonic() - began) / 0.25 + 1
    assert stored.readings == 1


async def test_a_key_that_another_process_made_opens_at_once(stored: Stored, keyring: Keyring) -> None:
    await keyring.caller(keys.written(IDS[0], SECRET))
    stored.ids.add(IDS[2])
    stored.revision += 1
    assert (await keyring.caller(keys.written(IDS[2], SECRET))).id == IDS[2]


async def test_what_was_looked_at_too_long_ago_is_not_believed(
    stored: Stored, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = keys.written(IDS[0], SECRET)
    await keyring.caller(text)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 4.5)
    stored.ids.remove(IDS[0])
    stored.revision += 1
    with pytest.raises(Unauthenticated):
        await keyring.caller(text)
    monkeypatch.setattr(time, "monotonic", lambda: now + 9)
    stored.answers = False
    with pytest.raises(Unavailable):
        await keyring.caller(keys.written(IDS[1], SECRET))


async def test_who_asks_in_the_moment_in_which_a_look_ends_waits_for_the_next(
    stored: Stored, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task is done before its callbacks are called; whoever runs in between must not wait for it in circles."""
    gate = asyncio.Event()

    async def gated(_graph: Any) -> int:
        await gate.wait()
        stored.looks += 1
        return stored.revision

    async def woken_next() -> float:
        await gate.wait()
        asked = time.monotonic()
        await keyring.look_since(asked)
        return asked

    def stuck(*_: Any) -> None:
        raise AssertionError("the event loop is stuck")

    monkeypatch.setattr(repository, "revision", gated)
    first = asyncio.create_task(keyring.look_since(time.monotonic()))
    while not keyring._looking or not gate._waiters:  # noqa: ASYNC110 -- the look has come to its read
        await asyncio.sleep(0)
    second = asyncio.create_task(woken_next())
    await asyncio.sleep(0)
    before = signal.signal(signal.SIGALRM, stuck)
    signal.alarm(10)
    try:
        gate.set()
        await first
        asked = await second
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert stored.looks == 2
    assert keyring._looked_at >= asked


async def test_who_is_revoked_or_over_is_told_and_the_others_stay(stored: Stored, keyring: Keyring) -> None:
    changed = asyncio.Event()
    known = Known(keyring, None, changed)
    told = [asyncio.Event(), asyncio.Event()]
    for one, event in zip(IDS, told, strict=False):
        known.watch(await known.caller(keys.written(one, SECRET)), event.set)
    running = asyncio.create_task(known.run())
    stored.ids.remove(IDS[1])
    stored.revision += 1
    changed.set()
    async with asyncio.timeout(2):
        await told[1].wait()
    running.cancel()
    await asyncio.wait([running])
    assert not told[0].is_set()


@pytest.mark.parametrize("turns", range(5))
async def test_looking_ends_when_it_is_told_to_whatever_came_just_before(
    stored: Stored, keyring: Keyring, turns: int
) -> None:
    del stored
    changed = asyncio.Event()
    running = asyncio.create_task(Known(keyring, None, changed).run())
    await asyncio.sleep(0.01)
    changed.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait((running,), timeout=2)
    assert done
