"""Who must be told when a caller is none any more: the sockets and streams that a caller has open."""

from __future__ import annotations

from collections.abc import Callable

from service.access.models import Caller

Ended = Callable[[], object]
"""Told once; called in the event loop, and must return at once."""


class Watches:
    """What is open, by its caller."""

    def __init__(self) -> None:
        self._open: dict[Caller, dict[int, Ended]] = {}
        self._next = 0

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, caller: Caller, ended: Ended) -> Callable[[], None]:
        """Tells when the caller has ended, until what comes back is called."""
        number, self._next = self._next, self._next + 1
        self._open.setdefault(caller, {})[number] = ended

        def forget() -> None:
            theirs = self._open.get(caller)
            if theirs is not None and theirs.pop(number, None) is not None and not theirs:
                del self._open[caller]

        return forget

    def end(self, is_over: Callable[[Caller], bool]) -> None:
        """Tells all whose caller is over."""
        for caller in [one for one in self._open if is_over(one)]:
            for ended in self._open.pop(caller).values():
                ended()
