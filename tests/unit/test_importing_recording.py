from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from annotated_types import Ge

from service.errors import Unavailable
from service.event_files import Row
from service.importing import Tally, import_rows
from service.settings import Settings
from tests.unit.examples import event
from tests.unit.graph.memory import MemoryGraph, recording

TOUCH = {"type": "page_view", "channel": "web"}


def row(number: int, **fields: Any) -> Row:
    raw = TOUCH | event(f"cookie:c{number}", message_id=f"m{number}") | fields
    return Row(number, {"row": number}, {name: value for name, value in raw.items() if value is not ...})


class Run:
    """One import, with what it told on the way."""

    def __init__(self) -> None:
        self.graph = MemoryGraph()
        self.rejected: list[tuple[int, str]] = []
        self.progress: list[int] = []

    async def __call__(
        self, rows: Iterable[Row], *, patience_seconds: float = 5.0, max_waiting: int = 10_000
    ) -> Tally:
        async with recording(self.graph, max_waiting=max_waiting, patience_seconds=patience_seconds) as recorder:
            return await import_rows(rows, recorder, self._reject, self._progress)

    def _reject(self, row: Row, reason: str) -> None:
        self.rejected.append((row.number, row.reason or reason))

    def _progress(self, tally: Tally) -> None:
        self.progress.append(tally.rows)

    @property
    def message_ids(self) -> list[str]:
        """Of the touchpoints that were written, in their order."""
        return [one["messageId"] for rows in self.graph.rows("touchpoints/create_touchpoints") for one in rows]


async def test_rows_are_recorded_in_their_order_in_full_batches() -> None:
    run = Run()
    tally = await run(row(number) for number in range(1, 1202))
    assert tally == Tally(recorded=1201)
    assert run.message_ids == [f"m{number}" for number in range(1, 1202)]
    assert run.progress == [500, 1000, 1201]
    assert run.graph.begun <= 4


async def test_what_a_row_is_follows_from_its_fields() -> None:
    run = Run()
    order = {"orderNumber": "A-1", "total": {"amount": "1", "currency": "EUR"}, "type": ...}
    profile = {"attributes": {"city": "Bonn"}, "source": "crm", "type": ..., "channel": ...}
    tally = await run([row(1), row(2, **order), row(3, **profile)])
    assert tally == Tally(recorded=3)
    assert run.message_ids == ["m1"]
    assert [one["orderNumber"] for one in run.graph.rows("touchpoints/create_orders")[0]] == ["A-1"]
    assert [one["source"] for one in run.graph.rows("customers/create_profiles")[0]] == ["crm"]


async def test_bad_rows_are_refused_with_their_reason_and_stop_nothing() -> None:
    run = Run()
    bad = Row(2, "{oops", None, "not JSON: why")
    rows = [
        row(1),
        bad,
        row(3, type=""),
        row(4, identifiers=[{"kind": "fax", "value": "1"}]),
        row(5, more=1),
        row(6),
    ]
    tally = await run(rows)
    assert tally == Tally(recorded=2, refused=4)
    assert tally.rows == 6
    assert run.message_ids == ["m1", "m6"]
    assert [number for number, _ in run.rejected] == [2, 3, 4, 5]
    reasons = [reason for _, reason in run.rejected]
    assert reasons[0] == "not JSON: why"
    assert reasons[1].startswith("type: ")
    assert reasons[2].startswith("identifiers.0.kind: there is no kind 'fax'")
    assert reasons[3].startswith("more: ")


async def test_a_repeated_message_is_counted_as_a_duplicate() -> None:
    run = Run()
    assert await run([row(1), replace(row(1), number=2)]) == Tally(recorded=1, duplicates=1)


async def test_a_message_id_of_another_kind_is_refused_when_it_is_recorded() -> None:
    run = Run()
    order = {"orderNumber": "A-1", "total": {"amount": "1", "currency": "EUR"}, "type": ..., "messageId": "m1"}
    assert await run([row(1), row(2, **order)]) == Tally(recorded=1, refused=1)
    ((number, reason),) = run.rejected
    assert number == 2
    assert reason.startswith("messageId: 'm1' of source 'api' is taken by a touchpoint")


async def test_identifiers_that_are_left_out_of_kept_events_are_counted() -> None:
    run = Run()
    identifiers = [{"kind": "cookie", "value": value} for value in ("c", "null", "n/a")]
    assert await run([row(1, identifiers=identifiers), row(2)]) == Tally(recorded=2, left_out=2)


async def test_a_row_that_the_graph_refuses_alone_stops_nothing() -> None:
    run = Run()
    run.graph.refuses = lambda one: one.get("messageId") == "m2"
    assert await run([row(1), row(2), row(3)]) == Tally(recorded=2, refused=1)
    assert [number for number, _ in run.rejected] == [2]
    assert run.message_ids == ["m1", "m3"]


async def test_an_import_ends_when_the_graph_cannot_be_reached_any_more() -> None:
    run = Run()
    run.graph.failures.extend(Unavailable() for _ in range(1000))
    with pytest.raises(Unavailable):
        await run((row(number) for number in range(1, 5001)), patience_seconds=0.05)
    assert run.graph.committed == []


async def test_rows_are_read_only_as_they_are_recorded() -> None:
    run = Run()
    read, most_ahead = 0, 0

    def rows() -> Iterator[Row]:
        nonlocal read, most_ahead
        for number in range(1, 4_001):
            read = number
            most_ahead = max(most_ahead, number - (run.progress[-1] if run.progress else 0))
            yield row(number)

    assert (await run(rows())).recorded == 4_000
    assert read == 4_000
    assert most_ahead <= 6 * 500


async def test_an_import_goes_on_with_the_fewest_waiting_writes_that_can_be_set() -> None:
    (least,) = (
        bound.ge for bound in Settings.model_fields["max_waiting_writes"].metadata if isinstance(bound, Ge)
    )
    assert isinstance(least, int)
    run = Run()
    run.graph.commits.clear()
    importing = asyncio.create_task(run((row(number) for number in range(1, 2501)), max_waiting=least))
    # While the graph takes its time with the first batch, the others wait.
    await run.graph.has_begun.wait()
    for _ in range(200):
        await asyncio.sleep(0)
    run.graph.commits.set()
    assert await importing == Tally(recorded=2500)


async def test_nothing_is_imported_from_nothing() -> None:
    run = Run()
    assert await run([]) == Tally()
    assert (run.progress, run.graph.begun) == ([], 0)
