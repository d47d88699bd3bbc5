from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from service.errors import Conflict, NotMigrated, Overloaded, Rejected, ServiceError, Unavailable
from service.graph.books import Books, Needs, Statement
from service.graph.client import Graph, Transaction
from service.graph.committer import MAX_BATCH, Committer
from tests.unit.examples import NOW
from tests.unit.graph.memory import MemoryGraph, committing


class Notes:
    """A book of texts."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.needed: list[str] = []

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        del transaction, books
        self.needed = needs.of(str)

    def statements(self, books: Books) -> Iterator[Statement]:
        del books
        yield Statement("notes", self.texts)


@dataclass(frozen=True, slots=True)
class Note:
    """Writes a text, and answers with what the batch wrote until then; the text `bad` cannot be decided."""

    text: str

    def needs(self) -> Iterable[object]:
        return [self.text]

    def decide(self, books: Books) -> str:
        notes = books[Notes]
        notes.texts.append(self.text)
        if self.text == "bad":
            raise ValueError("a secret of the service")
        return " ".join(notes.texts)


@dataclass(frozen=True, slots=True)
class Ask:
    """Answers with what the books know: the time and all needs of the batch."""

    def needs(self) -> Iterable[object]:
        return ["asked", 7]

    def decide(self, books: Books) -> tuple[int, list[str]]:
        return books.now, books[Notes].needed


def notes(*texts: str) -> list[Note]:
    return [Note(text) for text in texts]


def kinds(outcomes: list[Any]) -> list[Any]:
    """Outcomes with errors by their type."""
    return [type(one) if isinstance(one, Exception) else one for one in outcomes]


@pytest.fixture
def graph() -> MemoryGraph:
    return MemoryGraph()


async def test_commands_of_a_batch_are_decided_in_order_each_seeing_those_before(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        assert await committer.submit_all(notes("a", "b", "c")) == ["a", "a b", "a b c"]
    assert graph.rows("notes") == [["a", "b", "c"]]
    assert graph.begun == 1


async def test_books_know_the_graphs_clock_and_the_needs_of_the_whole_batch(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        outcomes = await committer.submit_all([Note("a"), Ask()])
        assert outcomes[1] == (NOW + 1, ["a", "asked"])
        assert await committer.submit(Ask()) == (NOW + 2, ["asked"])


async def test_an_outcome_comes_after_the_commit(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        graph.commits.clear()
        outcome = asyncio.create_task(committer.submit(Note("a")))
        await graph.has_begun.wait()
        await asyncio.sleep(0.01)
        assert not outcome.done()
        graph.commits.set()
        assert await outcome == "a"
    assert graph.committed == [[("notes", ["a"])]]


async def test_what_arrives_during_a_commit_is_the_next_batch(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        graph.commits.clear()
        callers = [asyncio.create_task(committer.submit(Note("a")))]
        await graph.has_begun.wait()
        callers += [asyncio.create_task(committer.submit(Note(text))) for text in "bcd"]
        await asyncio.sleep(0)
        graph.commits.set()
        assert await asyncio.gather(*callers) == ["a", "b", "b c", "b c d"]
    assert graph.rows("notes") == [["a"], ["b", "c", "d"]]


async def test_a_batch_has_at_most_500_commands(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        await committer.submit_all([Note(str(number)) for number in range(2 * MAX_BATCH + 1)])
    assert MAX_BATCH == 500
    assert [len(rows) for rows in graph.rows("notes")] == [500, 500, 1]
    assert [text for rows in graph.rows("notes") for text in rows] == [str(number) for number in range(1001)]


async def test_nothing_to_do_is_done_at_once(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        assert await committer.submit_all([]) == []
    assert graph.begun == 0


@pytest.mark.parametrize(
    "texts", [("bad", "a", "b"), ("a", "bad", "b"), ("a", "b", "bad"), ("bad", "a", "bad", "b")]
)
async def test_a_command_that_cannot_be_decided_fails_alone(graph: MemoryGraph, texts: tuple[str, ...]) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        outcomes = await committer.submit_all(notes(*texts))
    expected = {"a": "a", "b": "a b", "bad": ServiceError}
    assert kinds(outcomes) == [expected[text] for text in texts]
    # What it had entered before it failed is not written.
    assert graph.rows("notes") == [["a", "b"]]


async def test_the_reason_why_a_command_could_not_be_decided_stays_inside(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        with pytest.raises(ServiceError) as caught:
            await committer.submit(Note("bad"))
    assert (type(caught.value), caught.value.code) == (ServiceError, "INTERNAL")
    assert "secret" not in caught.value.message


async def test_many_undecidable_commands_fail_one_by_one_each_logged_with_its_own_reason_only(
    graph: MemoryGraph, caplog: pytest.LogCaptureFixture
) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        outcomes = await committer.submit_all([*([Note("bad")] * 60), Note("a")])
    assert kinds(outcomes) == [*([ServiceError] * 60), "a"]
    assert graph.rows("notes") == [["a"]]
    reasons = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [type(reason) for reason in reasons] == [ValueError] * 60
    # A chain of all failures before it would make the log, and the time to write it, grow without bounds.
    assert [reason.__context__ for reason in reasons if reason] == [None] * 60


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_a_command_that_the_graph_refuses_is_found_by_halving_and_fails_alone(
    graph: MemoryGraph, place: int
) -> None:
    graph.refuses = lambda row: row == "poison"
    texts = list("abcdef")
    texts.insert(place, "poison")
    async with committing(graph, lambda: [Notes()]) as committer:
        outcomes = await committer.submit_all(notes(*texts))
    failed = [text for text, outcome in zip(texts, outcomes, strict=True) if isinstance(outcome, Rejected)]
    assert failed == ["poison"]
    assert not any(isinstance(one, Exception) for one in outcomes if not isinstance(one, Rejected))
    # Each good one is written once, in order.
    assert [text for rows in graph.rows("notes") for text in rows] == list("abcdef")


async def test_several_refused_commands_fail_alone_each(graph: MemoryGraph) -> None:
    graph.refuses = lambda row: row.startswith("poison")
    async with committing(graph, lambda: [Notes()]) as committer:
        outcomes = await committer.submit_all(notes("poison1", "a", "poison2", "bad", "b"))
    assert [isinstance(one, Exception) for one in outcomes] == [True, False, True, True, False]
    assert kinds(outcomes)[0] is kinds(outcomes)[2] is Rejected
    assert [text for rows in graph.rows("notes") for text in rows] == ["a", "b"]


@pytest.mark.parametrize("failure", [Conflict, Unavailable])
async def test_a_batch_that_meets_a_conflict_or_a_lost_connection_is_tried_again(
    graph: MemoryGraph, failure: type[ServiceError]
) -> None:
    graph.failures.extend([failure(), failure(), failure()])
    async with committing(graph, lambda: [Notes()]) as committer:
        assert await committer.submit_all(notes("a", "b")) == ["a", "a b"]
    assert graph.begun == 4
    assert graph.rows("notes") == [["a", "b"]]


@pytest.mark.parametrize("failure", [Conflict, Unavailable])
async def test_after_its_patience_it_says_that_the_graph_is_unavailable(
    graph: MemoryGraph, failure: type[ServiceError]
) -> None:
    graph.failures.extend(failure() for _ in range(1000))
    async with committing(graph, lambda: [Notes()], patience_seconds=0.1) as committer:
        began = time.monotonic()
        outcomes = await committer.submit_all(notes("a", "b"))
        assert time.monotonic() - began < 2
        assert kinds(outcomes) == [Unavailable, Unavailable]
        assert graph.begun > 2
        graph.failures.clear()
        assert await committer.submit(Note("c")) == "c"
    assert graph.rows("notes") == [["c"]]


async def test_a_transaction_that_hangs_is_given_up_after_the_patience(graph: MemoryGraph) -> None:
    graph.commits.clear()
    async with committing(graph, lambda: [Notes()], patience_seconds=0.05) as committer:
        with pytest.raises(Unavailable):
            await committer.submit(Note("a"))
        graph.commits.set()
        assert await committer.submit(Note("b")) == "b"
    assert graph.rows("notes") == [["b"]]


async def test_a_graph_that_is_not_migrated_is_not_tried_again(graph: MemoryGraph) -> None:
    graph.migrated = False
    async with committing(graph, lambda: [Notes()]) as committer:
        assert kinds(await committer.submit_all(notes("a", "b"))) == [NotMigrated, NotMigrated]
    assert (graph.begun, graph.committed) == (1, [])


async def test_an_unforeseen_failure_is_told_without_its_text_and_ends_nothing(graph: MemoryGraph) -> None:
    graph.failures.append(OSError("a secret of the service"))
    async with committing(graph, lambda: [Notes()]) as committer:
        outcomes = await committer.submit_all(notes("a", "b"))
        assert kinds(outcomes) == [ServiceError, ServiceError]
        assert "secret" not in outcomes[0].message
        assert await committer.submit(Note("c")) == "c"


async def test_above_the_limit_of_waiting_commands_a_list_is_refused_as_a_whole(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()], max_waiting=3) as committer:
        graph.commits.clear()
        first = asyncio.create_task(committer.submit(Note("a")))
        await graph.has_begun.wait()
        # The batch that is being committed does not wait any more.
        waiting = asyncio.create_task(committer.submit_all(notes("b", "c")))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await committer.submit_all(notes("d", "e"))
        last = asyncio.create_task(committer.submit(Note("f")))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await committer.submit(Note("g"))
        graph.commits.set()
        assert await first == "a"
        assert await waiting == ["b", "b c"]
        assert await last == "b c f"
        assert await committer.submit_all(notes("h", "i", "j")) == ["h", "h i", "h i j"]
    assert graph.rows("notes") == [["a"], ["b", "c", "f"], ["h", "i", "j"]]


async def test_closing_commits_what_waits_and_refuses_what_comes_later(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        graph.commits.clear()
        callers = [asyncio.create_task(committer.submit(Note("a")))]
        await graph.has_begun.wait()
        callers.append(asyncio.create_task(committer.submit(Note("b"))))
        await asyncio.sleep(0)
        closing = asyncio.create_task(committer.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await committer.submit(Note("c"))
        graph.commits.set()
        await closing
        assert [caller.result() for caller in callers if caller.done()] == ["a", "b"]
        with pytest.raises(Unavailable):
            await committer.submit(Note("d"))
    assert graph.rows("notes") == [["a"], ["b"]]


async def test_closing_an_idle_committer_ends_at_once(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        await asyncio.sleep(0)
        async with asyncio.timeout(1):
            await committer.close()
    assert graph.begun == 0


async def test_before_its_start_it_takes_nothing(graph: MemoryGraph) -> None:
    committer = Committer(cast("Graph", graph), lambda: [Notes()], chore=Note, max_waiting=10, patience_seconds=1)
    with pytest.raises(Unavailable):
        await committer.submit(Note("a"))
    await committer.close()


async def test_a_caller_who_leaves_takes_back_what_has_not_begun(graph: MemoryGraph) -> None:
    async with committing(graph, lambda: [Notes()]) as committer:
        graph.commits.clear()
        begun = asyncio.create_task(committer.submit(Note("a")))
        await graph.has_begun.wait()
        waiting = asyncio.create_task(committer.submit(Note("b")))
        other = asyncio.create_task(committer.submit(Note("c")))
        await asyncio.sleep(0)
        begun.cancel()
        waiting.cancel()
        await asyncio.sleep(0)
        graph.commits.set()
        assert await other == "c"
        assert begun.cancelled()
        assert waiting.cancelled()
    # What has begun is finished.
    assert graph.rows("notes") == [["a"], ["c"]]
