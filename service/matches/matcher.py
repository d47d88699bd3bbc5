"""Finding candidates: customers who were recorded or changed are compared with those whom their keys find.

Whoever changes a customer's record marks the customer in the same transaction; here marks are taken up in small
batches, beside what is recorded and off its lock. Each batch goes in this order:

1. The records are read, and kept with their keys. Only then are others looked for: of two customers whom two
   processes match at once, at least one finds the other.
2. Each is compared with those who share a key, rarest keys first, a hundred at most.
3. What follows is written under the matchers' own lock, by what the graph has then; customers who were merged
   away meanwhile are left out.
4. Where an operator lets rules merge, what is sure enough is merged.
5. The marks are taken away, but of those who were marked again meanwhile.

Broken off anywhere, the marks are still there, and all of it may be done twice.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from service.deadlines import due_by, due_within
from service.errors import (
    Conflict,
    DeadlineExceeded,
    NotMigrated,
    NotServing,
    Overloaded,
    ServiceError,
    Unavailable,
)
from service.graph.client import Graph, Transaction
from service.graph.committer import Committer
from service.graph.messages import command_key
from service.identity.matching.blocks import MAX_BLOCK
from service.identity.matching.judging import Judgement, judge_pairs
from service.identity.matching.model import DEFAULT, Model
from service.identity.matching.tables import Person
from service.identity.records import own_key
from service.identity.rules import Rows
from service.ids import Mint
from service.matches.choosing import chosen_keys, compared
from service.matches.commands import MergeMatch
from service.matches.models import MIN_PROBABILITY, Candidate, MatchStatus
from service.matches.proposing import Changes, Proposed
from service.matches.records import keep, kept, keys_of, records
from service.settings import Settings

BATCH: Final = 20
"""Customers at once: what others write waits for a transaction of so many at most."""
MAX_CANDIDATES: Final = 1000
"""Of a customer that are looked at."""
SWEEP_SECONDS: Final = 60.0
"""After which marks are looked for that other processes left."""
_PATIENCE_SECONDS: Final = 5.0
"""How long what is recorded goes first."""
_PAUSE_SECONDS: Final = 0.05
_MOMENT_MILLIS: Final = 200
_ATTEMPTS: Final = 8
_WRITE_SECONDS: Final = 20.0
"""For a transaction: batches of what is recorded wait for it, where the graph is gone without a word too."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class _Batch:
    """Customers to match, each with the mark that is taken away in the end."""

    marks: dict[str, str]
    people: dict[str, Person]
    judged: dict[str, dict[str, Judgement | None]] = field(default_factory=dict)
    """By customer, the judgement of each other one; None where there is nothing to judge by."""

    def asked(self, customer_id: str, candidates: Sequence[Candidate]) -> dict[str, Judgement | None]:
        """The judgements that lead to something: likely ones, and those of candidates that there are."""
        present = {one.other_than(customer_id) for one in candidates}
        return {
            other: judgement
            for other, judgement in self.judged[customer_id].items()
            if other in present or (judgement is not None and judgement.probability >= MIN_PROBABILITY)
        }


class Matcher:
    """Takes up marks. `run` does so until it is cancelled."""

    def __init__(self, graph: Graph, committer: Committer, settings: Settings, marked: asyncio.Event) -> None:
        """`marked` is set when customers were marked."""
        self._marked = marked
        self._graph = graph
        self._committer = committer
        self._survivorship = settings.golden_rules
        self._least = settings.auto_merge_probability
        self._model: tuple[int, Model] = (0, DEFAULT)
        self._after = ""
        """Marks up to here were taken up: an index keeps for a while what was removed from its beginning."""

    async def run(self) -> None:
        """Takes up marks as they are made, and now and then those that were left."""
        swept = -SWEEP_SECONDS
        while True:
            if time.monotonic() - swept >= SWEEP_SECONDS:
                swept, self._after = time.monotonic(), ""
            self._marked.clear()
            try:
                while await self.step():
                    pass
            except ServiceError as error:
                log.warning("matching goes on later: %s", error.code)
            except Exception:
                log.exception("matching goes on later")
            wait = SWEEP_SECONDS - (time.monotonic() - swept)
            try:
                async with asyncio.timeout(max(wait, _PAUSE_SECONDS)):
                    await self._marked.wait()
            except TimeoutError:
                pass

    async def step(self) -> int:
        """Takes up a batch of marks; how many there were."""
        await self._let_pass()
        rows = await self._graph.rows("matches/due", after=self._after, limit=BATCH)
        if rows:
            await self.match_all(_pairs(rows))
            self._after = max(mark for _, mark in rows)
        return len(rows)

    async def _let_pass(self) -> None:
        """Lets what is recorded go first, by this process and by others."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        # It may never be idle.
        while time.monotonic() < give_up and (self._committer.is_busy or await self._do_others_write()):  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _do_others_write(self) -> bool:
        """Whether another process committed a moment ago: it may be about to commit again."""
        ((clock,),) = await self._graph.rows("graph/clock")
        return bool(clock > self._committer.clock and time.time() * 1000 - clock < _MOMENT_MILLIS)

    async def take_up_left(self) -> None:
        """Takes up all marks that there are."""
        self._after = ""
        while await self.step():
            pass

    async def match_all(self, marks: Mapping[str, str]) -> int:
        """Matches customers, given with their marks; how many candidates are new by it.

        One who cannot be matched holds up nobody else, and stays marked.
        """
        try:
            return await self._match(marks)
        except (NotServing, Overloaded, DeadlineExceeded):
            raise
        except Exception:
            if len(marks) == 1:
                log.exception("customer %s cannot be matched", *marks)
                return 0
        return sum([await self.match_all({customer_id: mark}) for customer_id, mark in marks.items()])

    async def _match(self, marks: Mapping[str, str]) -> int:
        await self._refresh_model()
        batch = _Batch(dict(marks), await records(self._graph, list(marks), self._survivorship))
        wanted = keys_of(batch.people)
        await self.insist(lambda transaction: _keep(transaction, batch, wanted))
        await self._compare(batch, wanted)
        changes = await self.insist(lambda transaction: _propose(transaction, batch))
        if self._least is not None:
            await self._merge(changes.proposed, batch, self._least)
        await self.insist(lambda transaction: _clear(transaction, batch))
        return len(changes.created)

    async def _refresh_model(self) -> None:
        """Reads the model again if another one was learned."""
        versions = [version for (version,) in await self._graph.rows("matches/model_version")]
        if versions and versions[0] != self._model[0]:
            for version, text in await self._graph.rows("matches/model"):
                self._model = (version, Model.from_json(text))

    async def _compare(self, batch: _Batch, wanted: Mapping[str, Sequence[str]]) -> None:
        """Judges those whom keys find, and those of open candidates."""
        candidates = await _candidates(self._graph, list(batch.people))
        every = list(dict.fromkeys(key for some in wanted.values() for key in some))
        many = _pairs(await self._graph.rows("matches/counts", keys=every)) if every else {}
        chosen = {one: chosen_keys(some, many) for one, some in wanted.items()}
        members: dict[str, list[str]] = {}
        followed = sorted({key for some in chosen.values() for key in some})
        found = await self._graph.rows("matches/found", keys=followed, limit=MAX_BLOCK) if followed else []
        for key, customer_id in found:
            members.setdefault(key, []).append(customer_id)
        present = {
            one: [each.other_than(one) for each in some if each.status is MatchStatus.OPEN]
            for one, some in candidates.items()
        }
        others = {one: compared(one, present.get(one, ()), chosen[one], members) for one in batch.people}
        unread = {other for some in others.values() for other in some} - batch.people.keys()
        known = {**await kept(self._graph, unread), **batch.people}
        told = {one: [each for each in some if each in known] for one, some in others.items()}
        batch.judged = await self._judged(told, known)

    async def _judged(
        self, others: Mapping[str, Sequence[str]], known: Mapping[str, Person]
    ) -> dict[str, dict[str, Judgement | None]]:
        """Of each customer the judgements of others; None where there is nothing to judge by."""
        judged: dict[str, dict[str, Judgement | None]] = {one: dict.fromkeys(some) for one, some in others.items()}
        asked = [(one, other) for one, some in others.items() for other in some if known[one] and known[other]]
        if asked:
            place = {one: number for number, one in enumerate({one: None for pair in asked for one in pair})}
            people = [known[one] for one in place]
            pairs = [(place[one], place[other]) for one, other in asked]
            _, model = self._model
            found = await asyncio.to_thread(judge_pairs, model, people, pairs, MIN_PROBABILITY)
            for (one, other), judgement in zip(asked, found, strict=True):
                judged[one][other] = judgement
        return judged

    async def _merge(self, proposed: Sequence[Proposed], batch: _Batch, least: float) -> None:
        """Merges by rule what is sure enough, the surest first."""
        for one in sorted(proposed, key=lambda one: -one.probability):
            if one.probability >= least:
                token = command_key("match")
                command = MergeMatch(one.id, one.a, one.b, least, batch.marks, token)
                await self._committer.submit(command, alone=True)

    async def insist(self, write: Callable[[Transaction], Awaitable[T]]) -> T:
        """What a transaction comes to; tried again where it met another one."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._committer.between():
                    with due_by(due_within(_WRITE_SECONDS)):
                        async with self._graph.transaction() as transaction:
                            return await write(transaction)
            except Conflict:
                if attempt == _ATTEMPTS:
                    raise Unavailable from None
                await asyncio.sleep(_PAUSE_SECONDS * attempt * random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")


def _pairs(rows: Iterable[list[Any]]) -> dict[str, Any]:
    return {key: value for key, value in rows}  # noqa: C416 -- of lists, dict() would not be typed


async def _lock(transaction: Transaction) -> Mint:
    """Lets what matchers write follow one another; gives the ids of what is made."""
    now = time.time_ns() // 1_000_000
    if not await transaction.rows("matches/lock", now=now):
        raise NotMigrated
    return Mint(now)


async def _keep(transaction: Transaction, batch: _Batch, wanted: Mapping[str, Sequence[str]]) -> None:
    await _lock(transaction)
    await keep(transaction, batch.people, wanted)


async def _clear(transaction: Transaction, batch: _Batch) -> None:
    rows = [{"id": one, "due": mark} for one, mark in batch.marks.items()]
    await transaction.write("matches/clear_due", rows=rows)


async def _candidates(reader: Rows, customer_ids: Sequence[str]) -> dict[str, list[Candidate]]:
    """The candidates of customers, the most probable open ones first."""
    found: dict[str, list[Candidate]] = {}
    rows = await reader.rows("matches/of_customers", ids=customer_ids, limit=MAX_CANDIDATES)
    for customer_id, match_id, a, b, of_a, of_b, status, *columns in rows:
        candidate = Candidate(match_id, a, b, of_a, of_b, MatchStatus(status), *columns)
        found.setdefault(customer_id, []).append(candidate)
    for some in found.values():
        some.sort(key=lambda one: one.place)
    return found


async def _propose(transaction: Transaction, batch: _Batch) -> Changes:
    """Writes what follows of the judgements, by what the graph has now."""
    mint = await _lock(transaction)
    candidates = await _candidates(transaction, list(batch.judged))
    asked = {one: batch.asked(one, candidates.get(one, ())) for one in batch.judged}
    named = {one for one, some in asked.items() if some or candidates.get(one)}
    keys = sorted({own_key(each) for one in named for each in (one, *asked[one])})
    if not keys:
        return Changes()
    owners = {
        owner for key, owner, _ in await transaction.rows("matches/due_of", keys=keys) if key == own_key(owner)
    }
    barred: dict[str, set[str]] = {}
    for one, other in await transaction.rows("identity/barred", ids=sorted(named & owners)):
        barred.setdefault(one, set()).add(other)
    changes = Changes()
    for one in sorted(named & owners):
        judged = {other: judgement for other, judgement in asked[one].items() if other in owners}
        changes.propose(one, judged, candidates.get(one, ()), barred.get(one, ()), mint)
    pairs = [row["properties"]["pair"] for row in changes.created]
    taken = {pair for (pair,) in await transaction.rows("matches/taken", pairs=pairs)} if pairs else set()
    changes.created = [row for row in changes.created if row["properties"]["pair"] not in taken]
    for query, rows in changes.statements():
        await transaction.write(query, rows=rows)
    return changes
