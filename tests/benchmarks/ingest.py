"""How many events a second are recorded, beside the raw driver and beside one transaction a mutation.

    python -m tests.benchmarks.ingest [--engine embedded|neo4j] [--events N]

Five variants take turns in slices, all on one engine, so that what slows the machine down slows all of them:

- import: `Recorder.touchpoint_command` and `Recorder.commit` in chunks of 500, four in flight;
- raw driver: the same nodes and relationships from rows prepared beforehand, one transaction for each 500;
- 64 callers, grouped: recordTouchpoint over HTTP, the service as it is;
- 64 callers, one transaction each: the same with batches of one;
- 1 caller: the same mutation, one after the other.

Each event has one of N/50 user ids and one of N/10 cookies. A slice of each variant comes first and is not
counted: it warms the engine up and makes most identifiers known, as on a real site.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from service.app import open_services
from service.errors import ServiceError
from service.identity.recording import Recorded
from service.settings import Settings
from service.touchpoints.service import MAX_ITEMS, Recorder
from tests.benchmarks import forms
from tests.benchmarks.callers import callers, post_all
from tests.benchmarks.measuring import (
    Engine,
    Server,
    arguments,
    median,
    opened,
    print_table,
    ratio,
    run,
    serving,
    verdict,
)
from tests.benchmarks.site import Event, Prepared, Site

CHUNKS_IN_FLIGHT = 4
READ_AT_ONCE = 4
CALLERS = 64
RECORD = """mutation ($input: RecordTouchpointInput!) {
  recordTouchpoint(input: $input) { duplicate userErrors { code message } }
}"""

Record = Callable[[Sequence[Event]], Awaitable[float]]
"""Records events and returns the seconds that it took, preparation left out."""


@dataclass(slots=True)
class Variant:
    """One way of recording, and its rate in each slice."""

    name: str
    site: Site
    size: int
    record: Record
    rates: list[float] = field(default_factory=list)

    async def slice(self, *, counted: bool) -> None:
        events = self.site.events(self.size)
        seconds = await self.record(events)
        if counted:
            self.rates.append(len(events) / seconds)


def importing(recorder: Recorder) -> Record:
    """The import path."""

    async def record(events: Sequence[Event]) -> float:
        began = time.perf_counter()
        flying: deque[asyncio.Task[list[Recorded | ServiceError]]] = deque()
        for chunk in _chunks(events):
            if len(flying) == CHUNKS_IN_FLIGHT:
                _check(await flying.popleft())
            commands = []
            for number, event in enumerate(chunk):
                commands.append(recorder.touchpoint_command(event.told))
                if number % READ_AT_ONCE == 0:
                    # The committer goes on in between: else the engine waits for us.
                    await asyncio.sleep(0)
            flying.append(asyncio.create_task(recorder.commit(commands)))
            await asyncio.sleep(0)
        while flying:
            _check(await flying.popleft())
        return time.perf_counter() - began

    return record


def _chunks(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    return (events[start : start + MAX_ITEMS] for start in range(0, len(events), MAX_ITEMS))


def _check(outcomes: list[Recorded | ServiceError]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, ServiceError):
            raise outcome
        assert outcome.subject_id, outcome
        assert not outcome.duplicate
        assert not outcome.refused


def raw_driver(engine: Engine) -> Record:
    """The same writes without the service."""
    prepared = Prepared()

    async def record(events: Sequence[Event]) -> float:
        batches = [prepared.batch(chunk) for chunk in _chunks(events)]
        began = time.perf_counter()
        for batch in batches:
            await forms.write(engine.driver, engine.address.database, batch)
        return time.perf_counter() - began

    return record


def posting(server: Server, count: int) -> Record:
    """Mutations over HTTP, from so many connections at once."""

    async def record(events: Sequence[Event]) -> float:
        async with callers(server.port, count) as connections:
            began = time.perf_counter()
            answers, _ = await post_all(connections, RECORD, ({"input": event.told} for event in events))
            seconds = time.perf_counter() - began
        for answer in answers:
            assert answer == {"recordTouchpoint": {"duplicate": False, "userErrors": []}}, answer
        return seconds

    return record


async def measure(engine: Engine, events: int, slices: int) -> list[Variant]:
    """All variants, slice by slice."""
    share = max(events // slices // MAX_ITEMS, 1) * MAX_ITEMS
    service, raw = (Site(name, events // 50, events // 10) for name in ("service", "raw"))
    settings = Settings()
    async with AsyncExitStack() as stack:
        recorder = (await stack.enter_async_context(open_services(settings, engine.graph))).recorder
        grouped, single = (stack.enter_context(serving(engine, max_batch=most)) for most in (0, 1))
        variants = [
            Variant("import", service, share, importing(recorder)),
            Variant("raw driver", raw, share, raw_driver(engine)),
            Variant(f"{CALLERS} callers, grouped", service, max(share // 4, CALLERS), posting(grouped, CALLERS)),
            Variant(
                f"{CALLERS} callers, one transaction each",
                service,
                max(share // 16, CALLERS),
                posting(single, CALLERS),
            ),
            Variant("1 caller", service, max(share // 40, 10), posting(grouped, 1)),
        ]
        for number in range(slices + 1):
            for variant in variants:
                await variant.slice(counted=number > 0)
    for site in (service, raw):
        await _check_stored(engine, site)
    await _check_same_form(engine, service, raw)
    return variants


async def _check_stored(engine: Engine, site: Site) -> None:
    """Every event is in the graph."""
    statement = "MATCH (t:Touchpoint) WHERE t.messageId STARTS WITH $prefix RETURN count(*)"
    (count,) = (await engine.graph.run(statement, "count", prefix=site.message_prefix))[0]
    assert count == site.count, (site.name, count, site.count)


async def _check_same_form(engine: Engine, *sites: Site) -> None:
    """The service and the raw driver store the same properties."""
    statement = """MATCH (t:Touchpoint {id: $id})<-[:MADE]-(i:Identifier)-[:IDENTIFIES]->(c:Customer)
        MATCH (i)-[l:LINKED_TO]->(o:Identifier)
        WITH t, i, c, l, o ORDER BY CASE o.kind WHEN 'customer' THEN 0 ELSE 1 END LIMIT 1
        RETURN keys(t), keys(i), keys(c), keys(l), keys(o)"""
    forms_found = []
    for site in sites:
        find = "MATCH (t:Touchpoint) WHERE t.messageId = $message RETURN t.id"
        (touchpoint_id,) = (await engine.graph.run(find, "find", message=f"{site.message_prefix}0"))[0]
        row = (await engine.graph.run(statement, "form", id=touchpoint_id))[0]
        forms_found.append([sorted(keys) for keys in row])
    assert forms_found[0] == forms_found[1], forms_found


def report(engine: Engine, variants: Sequence[Variant]) -> None:
    rows: list[list[Any]] = [
        [
            variant.name,
            f"{median(variant.rates):,.0f}",
            f"{min(variant.rates):,.0f}",
            f"{max(variant.rates):,.0f}",
            len(variant.rates),
            variant.size,
        ]
        for variant in variants
    ]
    header = ["events a second", "median", "least", "most", "slices", "events a slice"]
    print_table(f"Recording, {engine.name}", header, rows)
    imported, raw, grouped, single, _ = (variant.rates for variant in variants)
    print(verdict("import / raw driver", ratio(imported, raw), 0.60, at_least=True))
    print(verdict("64 callers grouped / one transaction each", ratio(grouped, single), 4, at_least=True))


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument(
        "--events", type=int, default=20_000, help="of import and of the raw driver (default 20000)"
    )
    parser.add_argument("--slices", type=int, default=5)
    given = parser.parse_args()
    async with opened(given.engine) as engine:
        report(engine, await measure(engine, given.events, given.slices))


if __name__ == "__main__":
    run(main())
