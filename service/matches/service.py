"""Deciding candidates by hand: from the input in its JSON form to the outcome, after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service import ids
from service.errors import UserError, UserErrorCode
from service.graph.client import Graph
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.commands import Stewarded
from service.identity.service import BY
from service.inputs import Input, Invalid, Name, parsed
from service.matches.commands import DecideMatch

_REASONS: Final = {True: "a match was decided: one person", False: "a match was decided: different people"}


class DecideInput(Input):
    """A candidate, and whether it is one person."""

    match_id: str
    same: bool
    reason: Name | None = None


def _refused(code: UserErrorCode, message: str) -> Stewarded:
    return Stewarded(errors=(UserError(code, f"matchId: {message}", ("matchId",)),))


class MatchDesk:
    """Decides candidates. Every outcome is final: committed, or it changed nothing."""

    def __init__(self, graph: Graph, committer: Committer) -> None:
        self._graph = graph
        self._committer = committer

    async def decide(self, raw: Mapping[str, Any], by: str = BY) -> Stewarded:
        """Says whether the customers of a candidate are one person (form: DecideInput)."""
        try:
            given = parsed(DecideInput, raw)
        except Invalid as invalid:
            return Stewarded(errors=invalid.errors)
        if ids.prefix_of(given.match_id) != ids.MATCH:
            text = f"{given.match_id[:64]!r} is not a candidate's id; those begin with {ids.MATCH}"
            return _refused(UserErrorCode.INVALID, text)
        ends: list[list[str]] = await self._graph.rows("matches/ends", id=given.match_id)
        if not ends:
            return _refused(UserErrorCode.NOT_FOUND, "there is no such candidate; see matchCandidates")
        token = command_key("match")
        reason = given.reason or _REASONS[given.same]
        a, b = ends[0]
        command = DecideMatch(given.match_id, a, b, given.same, reason, by, token)
        outcome: Stewarded = await self._committer.submit(command, alone=True)
        return outcome
