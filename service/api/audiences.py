"""Telling many the same: one task for all who ask alike makes each answer once, and sends it to them in turn.

Nobody has a queue. Whoever follows a stream has a place in it. Those who keep up are an audience: they are sent
each answer one after another, without a turn of the event loop for each. One whose connection takes no more is
left out at once, so that nobody waits for it; it goes on by itself, at its own pace, from where it was, and comes
back once it has caught up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Hashable
from typing import Any, Final, NamedTuple

from service.errors import ServiceError
from service.reads.fields import Event, Stream

Answer = Callable[[Event], Awaitable[bytes]]
Send = Callable[[bytes], Coroutine[Any, Any, None] | None]
"""Sends an answer, at once or by what comes back, which waits while the other side takes no more."""

_IN_A_ROW: Final = 50
"""Who are sent an answer before others than the audience have their turn: some 1 ms."""


class Audiences:
    """The audiences of this process."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Audience] = {}

    async def attend(self, alike: Hashable, stream: Stream, answer: Answer, send: Send) -> None:
        """Sends the answers to a stream's events; ends by an error, or by being cancelled.

        Args:
            alike: equal for those to whom `answer` answers the same.
            stream: what is told, from a place on.
            answer: the answer to an event.
            send: sends it.
        """
        listener = _Listener(send, stream.place)
        while True:
            audience = self._audience(alike, stream, answer)
            if audience is not None:
                stream = await audience.attended(listener)
            for event in await anext(stream):
                if listener.lacks(event):
                    await sent(send, await answer(event))
                    listener.place = event.place
                    # All of it may be at hand: others have their turn.
                    await asyncio.sleep(0)
            listener.place = max(listener.place, stream.place)

    def _audience(self, alike: Hashable, stream: Stream, answer: Answer) -> _Audience | None:
        """One that is told all that comes out of a stream; None while there is none and the stream is behind."""
        key = alike, stream.subject
        found = self._open.get(key)
        if found is not None and found.stream.subject == stream.subject:
            return found if found.stream.place <= stream.place else None
        if not stream.is_caught_up:
            return None
        audience = self._open[key] = _Audience(stream, answer, lambda: self._close(key, audience))
        return audience

    def _close(self, key: Hashable, audience: _Audience) -> None:
        if self._open.get(key) is audience:
            del self._open[key]


class _Listener:
    """One to whom answers are sent."""

    def __init__(self, send: Send, place: int) -> None:
        self.send = send
        self.place = place
        """How far it has been told."""
        self.left: asyncio.Future[_Left]

    def lacks(self, event: Event) -> bool:
        """Whether it has not been told of an event."""
        return self.place <= event.needed_from


class _Left(NamedTuple):
    """Why a listener is in its audience no more, and how it goes on."""

    stream: Stream
    rest: Awaitable[None] | None = None
    """Of a sending that has begun."""
    error: Exception | None = None


class _Audience:
    """Listeners who are told the same, by one task."""

    def __init__(self, stream: Stream, answer: Answer, close: Callable[[], None]) -> None:
        self.stream = stream
        self._answer = answer
        self._close = close
        self._listeners: dict[_Listener, None] = {}
        self._task = asyncio.create_task(self._tell())

    async def attended(self, listener: _Listener) -> Stream:
        """Has a listener told, as long as it keeps up; the stream with which it goes on then by itself."""
        listener.left = asyncio.get_running_loop().create_future()
        self._listeners[listener] = None
        try:
            left = await listener.left
        finally:
            self._listeners.pop(listener, None)
            if not self._listeners:
                self._close()
                self._task.cancel()
        if left.error is not None:
            raise left.error
        if left.rest is not None:
            await left.rest
        return left.stream

    async def _tell(self) -> None:
        try:
            while True:
                for event in await anext(self.stream):
                    await self._send(event, await self._answer(event))
        except BaseException as error:
            # Whatever it was, those who listen must hear of it. Nobody does when the last one left.
            self._close()
            told = error if isinstance(error, Exception) else ServiceError()
            for listener in self._listeners:
                # One that came from further ahead has nothing to do with what is behind it.
                ahead = listener.place > self.stream.place
                _leave(listener, _Left(self.stream.again(), error=None if ahead else told))
            if told is not error:
                raise

    async def _send(self, event: Event, answer: bytes) -> None:
        """Sends an answer to all who lack it, and leaves out those whom it would have to wait for."""
        for number, listener in enumerate(tuple(self._listeners), start=1):
            if number % _IN_A_ROW == 0:
                await asyncio.sleep(0)
            if listener.left.done() or not listener.lacks(event):
                continue
            try:
                sending = listener.send(answer)
                rest = begun(sending) if sending is not None else None
            except Exception as error:
                _leave(listener, _Left(self.stream, error=error))
                continue
            listener.place = event.place
            if rest is not None:
                _leave(listener, _Left(self.stream.again(), rest))


def _leave(listener: _Listener, left: _Left) -> None:
    if not listener.left.done():  # Else it is being cancelled.
        listener.left.set_result(left)


async def sent(send: Send, answer: bytes) -> None:
    """Sends an answer, and waits for that."""
    if (sending := send(answer)) is not None:
        await sending


def begun(coroutine: Coroutine[Any, Any, None]) -> Awaitable[None] | None:
    """Runs a coroutine until it has to wait; the rest of it, None where it has ended. Costs no task."""
    try:
        waited_for = coroutine.send(None)
    except StopIteration:
        return None
    return _Rest(coroutine, waited_for)


class _Rest:
    """A coroutine that waits for something already."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waited_for: Any) -> None:
        self._coroutine = coroutine
        self._waited_for = waited_for

    def __await__(self) -> Generator[Any, Any, None]:
        """Waits on for it, and runs it to its end."""
        try:
            yield self._waited_for
        except BaseException:
            self._coroutine.close()
            raise
        yield from self._coroutine.__await__()
