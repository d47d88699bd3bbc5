"""The rules of kinds that are in force, as this process knows them.

The graph's counter says which version they have; whoever writes sees under the lock whether it is still this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from service.identity import kinds
from service.identity.kinds import Kind, Kinds


class Rows(Protocol):
    """Who reads query files: the graph, or a transaction of it."""

    async def rows(self, name: str, /, **parameters: Any) -> list[list[Any]]:
        """The rows of a reading query file."""


class Rules:
    """The rules in force."""

    def __init__(self) -> None:
        self.current = kinds.DEFAULTS

    async def refresh(self, reader: Rows) -> None:
        """Reads what an operator changed, in whichever process."""
        ((version, changed),) = await reader.rows("identity/changed_kinds")
        self.current = Kinds(version, changed_kinds(changed))

    async def match(self, version: int, reader: Rows) -> None:
        """Reads the rules again if they are not of this version."""
        if version != self.current.version:
            await self.refresh(reader)


def changed_kinds(rows: Iterable[list[Any]]) -> dict[str, Kind]:
    """Kinds from their columns: name, priority, limit, sharedBy, blockedValues, caseSensitive."""
    changed = {}
    for name, priority, limit, shared_by, blocked, case_sensitive in rows:
        default = kinds.by_name(name)
        assert default is not None, name
        changed[name] = Kind(name, priority, limit, default.personal, case_sensitive, shared_by, tuple(blocked))
    return changed


def columns(kind: Kind) -> dict[str, Any]:
    """A kind as it is stored, and as the API shows it."""
    return {
        "name": kind.name,
        "priority": kind.priority,
        "limit": kind.limit,
        "sharedBy": kind.shared_by,
        "blockedValues": list(kind.blocked),
        "caseSensitive": kind.case_sensitive,
    }
