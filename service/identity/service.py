"""Changing who is who by hand, and trying out what evidence would do: inputs to outcomes, after the commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from service import ids
from service.access.models import OPERATOR
from service.errors import ServiceError, UserError, UserErrorCode
from service.graph.books import Books, Command
from service.graph.client import Graph
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.assertions import AllowMerge, ForbidMerge, LinkIdentifiers, UnlinkIdentifiers
from service.identity.commands import MergeCustomers, SplitCustomer, Stewarded, UndoIdentityEvent
from service.identity.events import IdentifierInput
from service.identity.kind_rules import KindInput, SetIdentifierKind, checked
from service.identity.kinds import Kind
from service.identity.lookup import NotACustomer, key_of
from service.identity.models import RawIdentifier
from service.identity.rules import Rules
from service.identity.simulation import Simulated, simulated
from service.inputs import Input, Invalid, Name, parsed
from service.settings import Settings

MAX_MERGED: Final = 20
"""Customers of one merge by hand."""
BY: Final = OPERATOR.name
"""Who makes changes by hand, where it is not said."""

log = logging.getLogger(__name__)

Conflicts = Callable[[Books, Sequence[str]], tuple[dict[str, Any], ...]]


class _Reasoned(Input):
    reason: Name


class MergeInput(_Reasoned):
    """Customers to make one of."""

    customer_ids: Annotated[list[str], Field(max_length=MAX_MERGED)]
    dry_run: bool = False


class SplitInput(_Reasoned):
    """Identifiers that leave a customer."""

    customer_id: str
    identifiers: Annotated[list[IdentifierInput], Field(min_length=1, max_length=200)]
    dry_run: bool = False


class PairInput(_Reasoned):
    """Two identifiers."""

    a: IdentifierInput
    b: IdentifierInput


class UndoInput(_Reasoned):
    """An event to take back."""

    event_id: str


class ForbidInput(_Reasoned):
    """Customers that are different people."""

    customer_ids: Annotated[list[str], Field(max_length=MAX_MERGED)]


@dataclass(frozen=True, slots=True)
class KindSet:
    """The outcome: the kind with its rules, or what is wrong with the input."""

    kind: Kind | None = None
    errors: tuple[UserError, ...] = ()


class IdentityDesk:
    """Merges, splits, links and forbids by hand. Every outcome is final: committed, or it changed nothing."""

    def __init__(
        self, graph: Graph, committer: Committer, settings: Settings, rules: Rules, conflicts: Conflicts
    ) -> None:
        self._graph = graph
        self._committer = committer
        self._settings = settings
        self._rules = rules
        self._conflicts = conflicts

    async def merge(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Makes one customer of several (form: MergeInput)."""

        def command(token: str) -> Command:
            given = parsed(MergeInput, raw)
            customer_ids = _customer_ids(given.customer_ids)
            return MergeCustomers(customer_ids, given.reason, by, token, given.dry_run, self._conflicts)

        return await self._submit(command)

    async def split(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Lets identifiers leave a customer (form: SplitInput)."""

        def command(token: str) -> Command:
            given = parsed(SplitInput, raw)
            (customer_id,) = _customer_ids([given.customer_id], "customerId")
            keys = [self._key(one, f"identifiers.{place}") for place, one in enumerate(given.identifiers)]
            return SplitCustomer(customer_id, tuple(dict.fromkeys(keys)), given.reason, by, token, given.dry_run)

        return await self._submit(command)

    async def undo(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Takes an event back (form: UndoInput)."""

        def command(token: str) -> Command:
            given = parsed(UndoInput, raw)
            if ids.prefix_of(given.event_id) != ids.IDENTITY_EVENT:
                raise _invalid("eventId", f"not an event's id; those begin with {ids.IDENTITY_EVENT}")
            return UndoIdentityEvent(given.event_id, given.reason, by, token)

        return await self._submit(command)

    async def link(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Says that two identifiers are one person's (form: PairInput)."""
        return await self._pair(raw, by, LinkIdentifiers)

    async def unlink(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Takes the evidence between two identifiers back (form: PairInput)."""
        return await self._pair(raw, by, UnlinkIdentifiers)

    async def forbid(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Says that customers are different people (form: ForbidInput)."""
        return await self._bans(raw, by, ForbidMerge)

    async def allow(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Takes back that customers are different people (form: ForbidInput)."""
        return await self._bans(raw, by, AllowMerge)

    async def set_kind(self, raw: Mapping[str, Any]) -> KindSet:
        """Changes the rules of a kind (form: KindInput)."""
        try:
            given = checked(parsed(KindInput, raw))
        except Invalid as invalid:
            return KindSet(errors=invalid.errors)
        kind: Kind = await self._committer.submit(SetIdentifierKind(given), alone=True)
        try:
            await self._rules.refresh(self._graph)
        except ServiceError:
            # It is made; the rules are read again with the next write, which needs them.
            log.warning("the rules of kinds are read later")
        return KindSet(kind)

    async def simulate(self, raw: Sequence[RawIdentifier], source: str) -> Simulated:
        """Who these identifiers would be, by the rules and the graph as they are now; nothing is written."""
        return await simulated(self._graph, self._rules, raw, self._settings.region_of(source), source)

    async def _pair(
        self, raw: Mapping[str, Any], by: str, make: type[LinkIdentifiers] | type[UnlinkIdentifiers]
    ) -> Stewarded:
        def command(token: str) -> Command:
            given = parsed(PairInput, raw)
            return make(self._key(given.a, "a"), self._key(given.b, "b"), given.reason, by, token)

        return await self._submit(command)

    async def _bans(
        self, raw: Mapping[str, Any], by: str, make: type[ForbidMerge] | type[AllowMerge]
    ) -> Stewarded:
        def command(token: str) -> Command:
            given = parsed(ForbidInput, raw)
            return make(_customer_ids(given.customer_ids), given.reason, by, token)

        return await self._submit(command)

    async def _submit(self, command: Callable[[str], Command]) -> Stewarded:
        token = command_key("identity")
        try:
            outcome: Stewarded = await self._committer.submit(command(token), alone=True)
        except Invalid as invalid:
            return Stewarded(errors=invalid.errors)
        return outcome

    def _key(self, given: IdentifierInput, field: str) -> str:
        if given.kind == "id":
            raise _invalid(f"{field}.kind", "there is no kind 'id'")
        try:
            return key_of(given.kind, given.value, self._settings.region, self._rules.current)
        except NotACustomer as error:
            raise _invalid(field, str(error)) from None


def _customer_ids(given: Sequence[str], field: str = "customerIds") -> tuple[str, ...]:
    for place, one in enumerate(given):
        if ids.prefix_of(one) != ids.CUSTOMER:
            where = field if field == "customerId" else f"{field}.{place}"
            raise _invalid(where, f"{one[:64]!r} is not a customer's id; those begin with {ids.CUSTOMER}")
    return tuple(given)


def _invalid(field: str, message: str) -> Invalid:
    return Invalid((UserError(UserErrorCode.INVALID, f"{field}: {message}", tuple(field.split("."))),))
