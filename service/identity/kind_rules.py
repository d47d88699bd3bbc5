"""Changing the rules of a kind of identifier: the input, the command and the rows that it writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import re2
from pydantic import Field

from service.errors import UserError, UserErrorCode
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.identity import kinds
from service.identity.book import Identities
from service.identity.kinds import Kind
from service.identity.rules import columns
from service.inputs import Input, Invalid

MAX_BLOCKED: Final = 500
MAX_BLOCKED_CHARACTERS: Final = 200

_Count = Annotated[int, Field(ge=1, le=100_000)]


class KindInput(Input):
    """What is to change of a kind; what is left out stays."""

    name: str
    priority: Annotated[int, Field(ge=1, le=1000)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    shared_by: _Count | None = None
    blocked_values: Annotated[list[str], Field(max_length=MAX_BLOCKED)] | None = None
    case_sensitive: bool | None = None


def _invalid(field: str, message: str) -> Invalid:
    return Invalid((UserError(UserErrorCode.INVALID, f"{field}: {message}", tuple(field.split("."))),))


def checked(given: KindInput) -> KindInput:
    """The input, if it names a kind and its expressions can be used; raises Invalid."""
    if kinds.by_name(given.name) is None:
        raise _invalid(
            "name", f"there is no kind {given.name[:64]!r}; use one of {', '.join(kinds.known_names())}"
        )
    for place, blocked in enumerate(given.blocked_values or ()):
        field = f"blockedValues.{place}"
        if not blocked.strip() or len(blocked) > MAX_BLOCKED_CHARACTERS:
            raise _invalid(field, f"1 to {MAX_BLOCKED_CHARACTERS} characters")
        if kinds.is_pattern(blocked):
            try:
                kinds.compiled(blocked)
            except re2.error as error:
                (reason,) = error.args
                text = reason.decode() if isinstance(reason, bytes) else reason
                raise _invalid(field, f"not a regular expression (RE2): {text}") from None
    return given


def changed(kind: Kind, given: KindInput) -> Kind:
    """A kind with what an input changes."""
    blocked = kind.blocked if given.blocked_values is None else tuple(given.blocked_values)
    return replace(
        kind,
        priority=kind.priority if given.priority is None else given.priority,
        limit=kind.limit if given.limit is None else given.limit,
        shared_by=kind.shared_by if given.shared_by is None else given.shared_by,
        blocked=blocked,
        case_sensitive=kind.case_sensitive if given.case_sensitive is None else given.case_sensitive,
    )


@dataclass(frozen=True, slots=True)
class SetIdentifierKind:
    """Changes the rules of a kind, for all that is recorded from then on."""

    given: KindInput

    def needs(self) -> Iterable[object]:
        """Nothing but the rules, which are there."""
        return ()

    def decide(self, books: Books) -> Kind:
        """The kind with its rules as they are now. Doing it twice is doing it once."""
        rules = books[Identities].partition.rules
        kind = rules.by_name(self.given.name)
        assert kind is not None
        books[KindRules].enter(changed(kind, self.given))
        return changed(kind, self.given)


class KindRules:
    """The rules that a batch changes."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def enter(self, kind: Kind) -> None:
        """Enters a kind's rules."""
        self._rows.append({"name": kind.name, "properties": columns(kind)})

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Nothing: the rules are loaded with the identifiers."""

    def statements(self, books: Books) -> Iterator[Statement]:
        """Writes rules, and that they are others now."""
        yield Statement("identity/set_kinds", self._rows)
        version = [{"version": books.rules_version + 1}] if self._rows else []
        yield Statement("identity/set_rules_version", version)
