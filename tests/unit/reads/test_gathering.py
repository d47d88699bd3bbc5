from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from service.deadlines import due_by
from service.errors import Rejected, ServiceError, Unavailable
from service.reads import gathering
from service.reads.gathering import MAX_IN_FLIGHT, MAX_TOGETHER
from tests.unit.reads.statements import Reads, Statements, settled


@pytest.fixture
async def graph() -> Statements:
    return Statements()


@pytest.fixture
async def reads(graph: Statements) -> Reads:
    return Reads(graph)


@contextmanager
def no_unhandled_errors() -> Iterator[None]:
    """Fails if a task or a callback ended with an error that nobody got."""
    gc.collect()  # What other tests left unfinished is theirs.
    loop, caught = asyncio.get_running_loop(), list[dict[str, Any]]()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, what: caught.append(what))
    try:
        yield
    finally:
        loop.set_exception_handler(before)
    assert caught == []


async def test_while_the_graph_is_idle_a_read_goes_at_once_and_alone(graph: Statements, reads: Reads) -> None:
    task = reads.start("a", kinds_1=["email"])
    await asyncio.sleep(0)
    (call,) = graph.calls
    assert (call.text, call.shared, call.batch) == ("UNWIND", {"kinds_1": ["email"]}, [{"key": "a", "n": 0}])
    call.answer()
    assert await task == ["row of a"]
    assert reads.idle()


async def test_up_to_four_are_in_flight_and_go_alone(graph: Statements, reads: Reads) -> None:
    assert MAX_IN_FLIGHT == 4
    tasks = await reads.busy()
    assert graph.keys == [["busy0"], ["busy1"], ["busy2"], ["busy3"]]
    for call in reversed(graph.calls):
        call.answer()
    assert await asyncio.gather(*tasks) == [[f"row of busy{number}"] for number in range(4)]
    assert reads.idle()


async def test_further_ones_wait_and_go_together_as_soon_as_one_comes_back(
    graph: Statements, reads: Reads
) -> None:
    first = await reads.busy()
    later = await reads.waiting("a", "b", "c")
    assert len(graph.calls) == 4
    graph.calls[2].answer()
    await settled()
    assert graph.keys[4:] == [["a", "b", "c"]]
    assert [one["n"] for one in graph.calls[4].batch] == [0, 1, 2]
    # The rows come back in another order.
    graph.calls[4].answer()
    assert await asyncio.gather(*later) == [["row of a"], ["row of b"], ["row of c"]]
    assert [task.done() for task in first] == [False, False, True, False]
    for number in (0, 1, 3):
        graph.calls[number].answer()
    await asyncio.gather(*first)
    await settled()
    assert reads.idle()


async def test_at_most_sixteen_go_together_and_at_most_four_are_in_flight(graph: Statements, reads: Reads) -> None:
    assert MAX_TOGETHER == 16
    first = await reads.busy()
    keys = [str(number) for number in range(100)]
    later = await reads.waiting(*keys)
    most = 0
    while not all(task.done() for task in later):
        open_calls = [call for call in graph.calls if not call.done.done()]
        most = max(most, len(open_calls))
        open_calls[0].answer()
        await settled()
    assert most == 4
    assert [len(asked) for asked in graph.keys[4:]] == [16] * 6 + [4]
    assert [key for asked in graph.keys[4:] for key in asked] == keys
    assert await asyncio.gather(*later) == [[f"row of {key}"] for key in keys]
    await asyncio.gather(*first)
    assert reads.idle()


async def test_a_newcomer_does_not_overtake_those_that_wait(graph: Statements, reads: Reads) -> None:
    await reads.busy()
    await reads.waiting("a")
    graph.calls[0].answer()
    await reads.waiting("b")
    await settled()
    assert graph.keys[4:] == [["a"]]
    graph.calls[1].answer()
    await settled()
    assert graph.keys[4:] == [["a"], ["b"]]
    for call in graph.calls[2:]:
        call.answer()
    await settled()
    assert reads.idle()


async def test_other_statements_and_other_shared_parameters_do_not_wait(graph: Statements, reads: Reads) -> None:
    await reads.busy()
    other, shared = reads.start("a", text="OTHER"), reads.start("b", limit_1=5)
    await settled()
    assert graph.keys[4:] == [["a"], ["b"]]
    assert [(call.text, call.shared) for call in graph.calls[4:]] == [("OTHER", {}), ("UNWIND", {"limit_1": 5})]
    for call in graph.calls:
        call.answer()
    assert [await other, await shared] == [["row of a"], ["row of b"]]


async def test_an_error_of_one_alone_is_its_own(graph: Statements, reads: Reads) -> None:
    tasks = await reads.busy()
    graph.calls[0].fail(Unavailable())
    for call in graph.calls[1:]:
        call.answer()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], Unavailable)
    assert results[1:] == [["row of busy1"], ["row of busy2"], ["row of busy3"]]
    assert reads.idle()


async def test_after_an_error_together_each_is_read_alone_and_it_touches_only_its_own(
    graph: Statements, reads: Reads
) -> None:
    with no_unhandled_errors():
        await reads.busy()
        later = await reads.waiting("a", "b", "c")
        graph.calls[0].answer()
        await settled()
        graph.calls[4].fail(Rejected())
        await settled()
        assert graph.keys[4:] == [["a", "b", "c"], ["a"], ["b"], ["c"]]
        graph.calls[5].answer()
        graph.calls[6].fail(Unavailable())
        graph.calls[7].answer()
        results = await asyncio.gather(*later, return_exceptions=True)
        assert results[0] == ["row of a"]
        assert isinstance(results[1], Unavailable)
        assert results[2] == ["row of c"]
        for call in graph.calls[1:4]:
            call.answer()
        await settled()
        assert reads.idle()


async def test_one_that_waited_and_went_alone_is_not_asked_twice(graph: Statements, reads: Reads) -> None:
    await reads.busy()
    (later,) = await reads.waiting("a")
    graph.calls[0].answer()
    await settled()
    graph.calls[4].fail(Rejected())
    with pytest.raises(Rejected):
        await later
    assert graph.keys[4:] == [["a"]]


async def test_a_slow_batch_is_asked_apart_and_the_first_answer_counts(
    graph: Statements, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LONG_SECONDS", 0.01)
    with no_unhandled_errors():
        await reads.busy()
        later = await reads.waiting("a", "b")
        graph.calls[0].answer()
        await settled()
        assert graph.keys[4:] == [["a", "b"]]
        await asyncio.sleep(0.05)
        assert graph.keys[4:] == [["a", "b"], ["a"], ["b"]]
        graph.calls[6].answer()
        assert await later[1] == ["row of b"]
        assert not later[0].done()
        graph.calls[4].answer()
        assert await later[0] == ["row of a"]
        # What comes later is nobody's.
        graph.calls[5].fail(Unavailable())
        for call in graph.calls[1:4]:
            call.answer()
        await settled()
        assert reads.idle()


async def test_a_batch_that_fails_in_the_moment_in_which_it_is_late_is_asked_apart(
    graph: Statements, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is over by the clock, and the timer has not been called yet: those who wait must hear of it."""
    monkeypatch.setattr(gathering, "LONG_SECONDS", 0.05)
    busy = await reads.busy()
    waiting = await reads.waiting("a", "b")
    graph.calls[0].answer()
    await settled()
    graph.calls[-1].fail(Unavailable())
    time.sleep(0.06)  # noqa: ASYNC251 -- the loop is busy with something else
    await settled()
    for call in graph.calls[1:]:
        if not call.done.done():
            call.answer()
    assert [(await one)[0] for one in waiting] == ["row of a", "row of b"]
    await asyncio.gather(*busy)
    assert reads.idle()


async def test_a_batch_that_is_in_time_is_not_asked_apart(
    graph: Statements, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LONG_SECONDS", 0.02)
    await reads.busy()
    later = await reads.waiting("a", "b")
    graph.calls[0].answer()
    await settled()
    graph.calls[4].answer()
    await asyncio.gather(*later)
    await asyncio.sleep(0.05)
    assert graph.keys[4:] == [["a", "b"]]


async def test_a_slow_one_alone_is_not_asked_again(
    graph: Statements, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LONG_SECONDS", 0.01)
    await reads.busy()
    (later,) = await reads.waiting("a")
    graph.calls[0].answer()
    await asyncio.sleep(0.05)
    assert graph.keys[4:] == [["a"]]
    graph.calls[4].answer()
    assert await later == ["row of a"]


async def test_one_that_gives_up_while_it_waits_is_not_asked_and_disturbs_nobody(
    graph: Statements, reads: Reads
) -> None:
    with no_unhandled_errors():
        await reads.busy()
        later = await reads.waiting("a", "b", "c")
        later[1].cancel()
        await settled()
        graph.calls[0].answer()
        await settled()
        assert graph.keys[4:] == [["a", "c"]]
        graph.calls[4].answer()
        assert await later[0] == ["row of a"]
        assert await later[2] == ["row of c"]
        assert later[1].cancelled()


@pytest.mark.parametrize("error", [None, Unavailable()])
async def test_one_that_gives_up_in_flight_disturbs_nobody(
    graph: Statements, reads: Reads, error: ServiceError | None
) -> None:
    with no_unhandled_errors():
        await reads.busy()
        later = await reads.waiting("a", "b")
        graph.calls[0].answer()
        await settled()
        later[0].cancel()
        await settled()
        if error is None:
            graph.calls[4].answer()
        else:
            graph.calls[4].fail(error)
            await settled()
            assert graph.keys[5:] == [["b"]]
            graph.calls[5].answer()
        assert await later[1] == ["row of b"]
        assert later[0].cancelled()


async def test_one_that_gives_up_alone_makes_place_for_those_that_wait(graph: Statements, reads: Reads) -> None:
    first = await reads.busy()
    (later,) = await reads.waiting("a")
    first[0].cancel()
    await settled()
    assert graph.keys[4:] == [["a"]]
    graph.calls[4].answer()
    assert await later == ["row of a"]


async def test_if_all_that_waited_gave_up_nothing_is_asked(graph: Statements, reads: Reads) -> None:
    await reads.busy()
    later = await reads.waiting("a", "b")
    for task in later:
        task.cancel()
    await settled()
    for call in graph.calls:
        call.answer()
    await settled()
    assert len(graph.calls) == 4
    assert reads.idle()


async def test_unless_together_each_goes_alone_and_at_once(graph: Statements) -> None:
    reads = Reads(graph, together=False)
    tasks = [reads.start(str(number)) for number in range(20)]
    await settled()
    assert graph.keys == [[str(number)] for number in range(20)]
    assert all(call.batch[0]["n"] == 0 for call in graph.calls)
    for call in graph.calls:
        call.answer()
    assert await asyncio.gather(*tasks) == [[f"row of {number}"] for number in range(20)]
    assert reads.idle()


async def test_what_goes_together_is_cancelled_once_all_of_them_are_gone(graph: Statements, reads: Reads) -> None:
    first = await reads.busy()
    one, other = await reads.waiting("a", "b")
    graph.calls[0].answer()
    await settled()
    together = graph.calls[4]
    one.cancel()
    await settled()
    assert not together.done.done(), "the other one still waits"
    other.cancel()
    await settled()
    assert together.done.cancelled()
    for call in graph.calls[1:4]:
        call.answer()
    await asyncio.gather(*first)
    assert reads.idle()


async def test_what_goes_together_has_the_time_of_the_one_that_has_most_left(
    graph: Statements, reads: Reads
) -> None:
    with due_by(1.0):
        first = await reads.busy()
    later = []
    for moment in (3.0, 5.0, 4.0):
        with due_by(moment):
            later += await reads.waiting(f"until {moment}")
    graph.calls[0].answer()
    await settled()
    for call in graph.calls[1:]:
        call.answer()
    await asyncio.gather(*first, *later)
    assert [call.due for call in graph.calls] == [1.0] * 4 + [5.0]
