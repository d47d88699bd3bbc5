"""Commands that get a transaction of their own, and what a commit leaves to be looked into."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest

from service.errors import Conflict, Rejected, Unavailable
from service.graph.books import Books, Command, Needs, Statement
from service.graph.client import Transaction
from service.graph.committer import Committer
from tests.unit.graph.memory import MemoryGraph, committing


class Notes:
    """A book of texts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Nothing."""

    def statements(self, books: Books) -> Iterator[Statement]:
        del books
        yield Statement("notes", self.texts)


@dataclass(frozen=True, slots=True)
class Note:
    """Writes a text, leaves chores, and answers with what its transaction wrote until then."""

    text: str
    leaves: tuple[str, ...] = ()

    def needs(self) -> Iterable[object]:
        return ()

    def decide(self, books: Books) -> str:
        if self.text == "bad":
            raise ValueError(self.text)
        books[Notes].texts.append(self.text)
        books.chores += self.leaves
        return " ".join(books[Notes].texts)


def books() -> list[Notes]:
    return [Notes()]


def chores(leaving: dict[str, tuple[str, ...]] | None = None) -> Callable[[str], Note]:
    """Makes the notes that chores are done by, and what each of them leaves."""
    return lambda key: Note(f"chore {key}", (leaving or {}).get(key, ()))


@pytest.fixture
def graph() -> MemoryGraph:
    return MemoryGraph()


async def begun(graph: MemoryGraph, committer: Committer) -> asyncio.Task[str]:
    """A command in the middle of its commit, so that others wait."""
    graph.commits.clear()
    task = asyncio.create_task(committer.submit(Note("first")))
    await graph.has_begun.wait()
    return task


async def waiting(committer: Committer, *texts: str) -> list[asyncio.Task[str]]:
    """Commands that wait, in this order; those in capitals are to be alone."""
    tasks = []
    for text in texts:
        tasks.append(asyncio.create_task(committer.submit(Note(text), alone=text.isupper())))
        await asyncio.sleep(0)
    return tasks


# --- alone ----------------------------------------------------------------------------------------------------


async def test_a_command_that_is_to_be_alone_has_a_transaction_of_its_own_and_the_order_is_kept(
    graph: MemoryGraph,
) -> None:
    async with committing(graph, books) as committer:
        first = await begun(graph, committer)
        tasks = await waiting(committer, "a", "b", "C", "D", "e", "f")
        graph.commits.set()
        assert await first == "first"
        assert await asyncio.gather(*tasks) == ["a", "a b", "C", "D", "e", "e f"]
    assert graph.rows("notes") == [["first"], ["a", "b"], ["C"], ["D"], ["e", "f"]]


async def test_one_that_is_alone_and_refused_fails_alone(graph: MemoryGraph) -> None:
    graph.refuses = lambda row: row == "B"
    async with committing(graph, books) as committer:
        first = await begun(graph, committer)
        tasks = await waiting(committer, "a", "B", "c")
        graph.commits.set()
        await first
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) if isinstance(one, Exception) else one for one in outcomes] == ["a", Rejected, "c"]
    assert graph.rows("notes") == [["first"], ["a"], ["c"]]


async def test_one_that_is_alone_and_taken_back_is_not_done(graph: MemoryGraph) -> None:
    async with committing(graph, books) as committer:
        first = await begun(graph, committer)
        a, alone, c = await waiting(committer, "a", "B", "c")
        alone.cancel()
        await asyncio.sleep(0)
        graph.commits.set()
        assert [await first, await a, await c] == ["first", "a", "c"]
    assert graph.rows("notes") == [["first"], ["a"], ["c"]]


# --- chores ---------------------------------------------------------------------------------------------------


async def test_what_a_batch_leaves_is_done_before_its_callers_are_answered(graph: MemoryGraph) -> None:
    async with committing(graph, books, chore=chores()) as committer:
        assert await committer.submit(Note("a", ("x", "y"))) == "a"
        assert graph.rows("notes") == [["a"], ["chore x"], ["chore y"]]


async def test_what_several_commands_leave_is_done_once_and_all_wait_for_it(graph: MemoryGraph) -> None:
    async with committing(graph, books, chore=chores()) as committer:
        outcomes = await committer.submit_all([Note("a", ("x",)), Note("b", ("y", "x")), Note("c")])
        assert outcomes == ["a", "a b", "a b c"]
        assert graph.rows("notes") == [["a", "b", "c"], ["chore x"], ["chore y"]]


async def test_what_a_chore_leaves_is_done_before_the_callers_are_answered_too(graph: MemoryGraph) -> None:
    leaving = {"x": ("x1", "x2"), "x1": ("x11",)}
    async with committing(graph, books, chore=chores(leaving)) as committer:
        assert await committer.submit(Note("a", ("x",))) == "a"
        assert graph.rows("notes") == [["a"], ["chore x"], ["chore x1"], ["chore x11"], ["chore x2"]]


@dataclass(frozen=True, slots=True)
class Slow:
    """Writes a text; its commit, and those after it, wait."""

    graph: MemoryGraph
    text: str

    def needs(self) -> Iterable[object]:
        return ()

    def decide(self, books: Books) -> None:
        books[Notes].texts.append(self.text)
        self.graph.commits.clear()


async def test_a_chore_that_leaves_itself_goes_on_later_and_holds_nobody_up(graph: MemoryGraph) -> None:
    parts: Iterator[Command] = iter([Note("x0", ("x",)), Slow(graph, "x1")])
    async with committing(graph, books, chore=lambda _key: next(parts)) as committer:
        first = await begun(graph, committer)
        one = asyncio.create_task(committer.submit(Note("a", ("x",))))
        await asyncio.sleep(0)
        alone = asyncio.create_task(committer.submit(Note("B"), alone=True))
        await asyncio.sleep(0)
        graph.commits.set()
        assert [await first, await one, await alone] == ["first", "a", "B"]
        # Who waited already went before the rest of the chore.
        assert graph.rows("notes") == [["first"], ["a"], ["x0"], ["B"]]
    # What is begun is finished when it is closed.
    assert graph.rows("notes") == [["first"], ["a"], ["x0"], ["B"], ["x1"]]


async def test_others_are_done_though_a_chore_cannot_be_and_the_callers_are_told_what_they_wrote(
    graph: MemoryGraph,
) -> None:
    graph.refuses = lambda row: row == "chore x"
    async with committing(graph, books, chore=chores()) as committer:
        assert await committer.submit(Note("a", ("x", "y"))) == "a"
    assert graph.rows("notes") == [["a"], ["chore y"]]


async def test_a_chore_that_cannot_be_decided_changes_no_outcome(graph: MemoryGraph) -> None:
    async with committing(graph, books, chore=lambda _key: Note("bad")) as committer:
        assert await committer.submit(Note("a", ("x",))) == "a"
        assert await committer.submit(Note("b")) == "b"


async def test_a_chore_that_fails_in_an_unforeseen_way_changes_no_outcome(
    graph: MemoryGraph, caplog: pytest.LogCaptureFixture
) -> None:
    def chore(key: str) -> Note:
        # The commit of the chore is the next.
        graph.failures.append(OSError(key))
        return Note(key)

    async with committing(graph, books, chore=chore) as committer:
        assert await committer.submit(Note("a", ("somebody@example.com",))) == "a"
        assert await committer.submit(Note("b")) == "b"
    assert graph.rows("notes") == [["a"], ["b"]]
    (record,) = caplog.records
    assert record.getMessage() == "a chore failed"


async def test_a_chore_that_meets_a_conflict_is_tried_again(graph: MemoryGraph) -> None:
    def chore(key: str) -> Note:
        graph.failures.append(Conflict())
        return Note(key)

    async with committing(graph, books, chore=chore) as committer:
        assert await committer.submit(Note("a", ("x",))) == "a"
    assert graph.rows("notes") == [["a"], ["x"]]
    assert graph.begun == 3


async def test_what_a_transaction_left_that_was_not_committed_is_not_done(graph: MemoryGraph) -> None:
    graph.failures.extend(Unavailable() for _ in range(1000))
    async with committing(graph, books, chore=chores(), patience_seconds=0.05) as committer:
        with pytest.raises(Unavailable):
            await committer.submit(Note("a", ("x",)))
        graph.failures.clear()
        assert await committer.submit(Note("b")) == "b"
    assert graph.rows("notes") == [["b"]]


async def test_chores_that_are_taken_up_are_done_each_alone_beside_everything_else(graph: MemoryGraph) -> None:
    async with committing(graph, books, chore=chores({"x": ("z",)})) as committer:
        first = await begun(graph, committer)
        (a,) = await waiting(committer, "a")
        committer.take_up(["x", "y"])
        (b,) = await waiting(committer, "b")
        graph.commits.set()
        assert [await first, await a, await b] == ["first", "a", "b"]
    assert graph.rows("notes") == [["first"], ["a"], ["chore x"], ["chore z"], ["chore y"], ["b"]]


async def test_an_idle_committer_takes_chores_up_at_once(graph: MemoryGraph) -> None:
    async with committing(graph, books, chore=chores()) as committer:
        await asyncio.sleep(0)
        committer.take_up(["x"])
        await asyncio.wait_for(graph.has_begun.wait(), 1)
    assert graph.rows("notes") == [["chore x"]]


async def test_a_chore_that_was_taken_up_and_fails_ends_nothing(
    graph: MemoryGraph, caplog: pytest.LogCaptureFixture
) -> None:
    graph.refuses = lambda row: row == "chore x"
    async with committing(graph, books, chore=chores()) as committer:
        committer.take_up(["x", "y"])
        assert await committer.submit(Note("a")) == "a"
    assert graph.rows("notes") == [["chore y"], ["a"]]
    gc.collect()
    # Nobody asks for its outcome, and nothing else is said of that.
    assert [record.getMessage() for record in caplog.records] == ["the graph refused a command"]
