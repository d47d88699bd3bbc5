"""How long reports on many journeys take, and what others notice of it.

    python -m tests.benchmarks.reports [--engine embedded|neo4j] [--customers N]

Customers with ten touchpoints each are written by the raw driver; then for each report a new process of the
service is asked for it over HTTP. `first`: nothing is kept yet, all customers are read; `written`: something was
recorded since, so that who changed is read again; `again`: nothing was. `algorithm` is what computing takes of it,
without reading, measured in this process. Meanwhile one caller after the other reads a profile: their p99 is set
against that of an idle service. Memory is the most that a process of the service ever held.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service.journeys import reading
from service.journeys.attribution import AttributionModel
from service.journeys.calendars import CalendarPeriod
from service.journeys.funnels import FunnelOrder
from service.journeys.models import StepKind
from service.journeys.questions.attribution import AttributionQuestion, Conversion
from service.journeys.questions.checks import Question
from service.journeys.questions.flow import FlowQuestion
from service.journeys.questions.funnel import (
    ConversionTimeQuestion,
    FunnelQuestion,
    FunnelUnit,
    PathQuestion,
)
from service.journeys.questions.periods import LifecycleQuestion, RetentionQuestion
from service.journeys.reading import Reading
from service.journeys.steps import Step
from tests.benchmarks.callers import Caller, callers
from tests.benchmarks.filling import fill, unique_name
from tests.benchmarks.measuring import (
    Engine,
    Server,
    arguments,
    milliseconds,
    opened,
    percentile,
    print_table,
    run,
    serving,
    verdict,
)
from tests.benchmarks.shoppers import Shoppers

END_TO_END_SECONDS = 10.0
ALGORITHM_SECONDS = 1.0
MEMORY_GB = 1.5
SLOWER = 5.0
_FROM, _TO = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
_IN = f'from: "{_FROM.isoformat()}", to: "{_TO.isoformat()}"'
_STEPS = 'steps: [{type: "view"}, {type: "product"}, {type: "cart"}, {type: "purchase"}]'
_ORDER = "conversion: {order: true}"

PROFILE = """query ($cookie: String!) { customer(by: {cookie: $cookie}) { id displayName identifiers { kind value }
  touchpoints(first: 10) { nodes { id type channel } } orders { nodes { id } } } }"""
WRITE = (
    """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) { userErrors { message } } }"""
)

QUERIES = {
    "funnel, ordered": f'funnel(input: {{{_STEPS}, {_IN}, window: "P7D"}}) {{ steps {{ count }} }}',
    "funnel, strict": f"funnel(input: {{{_STEPS}, {_IN}, order: STRICT}}) {{ steps {{ count }} }}",
    "funnel, any order": f"funnel(input: {{{_STEPS}, {_IN}, order: ANY}}) {{ steps {{ count }} }}",
    "funnel, by session": f"funnel(input: {{{_STEPS}, {_IN}, per: SESSION}}) {{ steps {{ count }} }}",
    "attribution, linear": f"attribution(input: {{{_IN}, {_ORDER}, model: LINEAR}}) {{ conversions }}",
    "attribution, Shapley": f"attribution(input: {{{_IN}, {_ORDER}, model: SHAPLEY}}) {{ conversions }}",
    "attribution, Markov 1": f"attribution(input: {{{_IN}, {_ORDER}, model: MARKOV}}) {{ conversions }}",
    "attribution, Markov 3": f"attribution(input: {{{_IN}, {_ORDER}, model: MARKOV, order: 3}}) {{ conversions }}",
    "flow with variants": f"journeyFlow(input: {{{_IN}}}) {{ journeys variants {{ journeys }} }}",
    "time to convert": f"""timeToConvert(input: {{{_IN}, start: {{type: "view"}}, end: {{type: "purchase"}}}}) {{
      customers }}""",
    "retention": f"retention(input: {{{_IN}}}) {{ cohorts {{ size }} }}",
    "lifecycle": f"lifecycle(input: {{{_IN}}}) {{ new }}",
    "customers on a path": f"""customersOnPath(input: {{{_IN}, {_STEPS}, absent: {{order: true}}}}) {{
      nodes {{ id }} }}""",
}
QUERIES["four reports at once"] = " ".join(
    f"r{number}: {QUERIES[name]}"
    for number, name in enumerate(("funnel, ordered", "attribution, Markov 1", "retention", "flow with variants"))
)


def questions() -> dict[str, Question]:
    """The questions of these queries."""
    types = ("view", "product", "cart", "purchase")
    steps = [Step(f"steps.{number}", name) for number, name in enumerate(types)]
    week, order = timedelta(days=7), Conversion(StepKind.ORDER)

    def credited(model: AttributionModel, states: int = 1) -> Question:
        return AttributionQuestion.asked(_FROM, _TO, order, model, order=states)

    return {
        "funnel, ordered": FunnelQuestion.asked(steps, _FROM, _TO, window=week),
        "funnel, strict": FunnelQuestion.asked(steps, _FROM, _TO, order=FunnelOrder.STRICT),
        "funnel, any order": FunnelQuestion.asked(steps, _FROM, _TO, order=FunnelOrder.ANY),
        "funnel, by session": FunnelQuestion.asked(steps, _FROM, _TO, per=FunnelUnit.SESSION),
        "attribution, linear": credited(AttributionModel.LINEAR),
        "attribution, Shapley": credited(AttributionModel.SHAPLEY),
        "attribution, Markov 1": credited(AttributionModel.MARKOV),
        "attribution, Markov 3": credited(AttributionModel.MARKOV, 3),
        "flow with variants": FlowQuestion.asked(_FROM, _TO),
        "time to convert": ConversionTimeQuestion.asked(
            steps[0], steps[-1], _FROM, _TO, None, FunnelUnit.CUSTOMER
        ),
        "retention": RetentionQuestion.asked(_FROM, _TO, None, None, CalendarPeriod.WEEK, 8, "UTC"),
        "lifecycle": LifecycleQuestion.asked(_FROM, _TO, CalendarPeriod.WEEK, None, "UTC"),
        "customers on a path": PathQuestion.asked(steps, _FROM, _TO, None, Step("absent", order=True)),
    }


async def algorithms(engine: Engine) -> tuple[float, dict[str, float]]:
    """The seconds of one read for all questions, and of each answer without it."""
    asked = questions()
    wanted = next(iter(asked.values())).wanted
    for question in asked.values():
        wanted |= question.wanted
    began = time.perf_counter()
    all_of_them = Reading(engine.graph, wanted, await reading.stages(engine.graph, wanted))
    await all_of_them.read()
    journeys = all_of_them.journeys
    took = time.perf_counter() - began
    print(f"{len(journeys):,} steps of {len(journeys.customer_ids):,} customers, read in {took:.1f} s", flush=True)
    seconds = {}
    for name, question in asked.items():
        began = time.perf_counter()
        answer = question.answer(question.wanted.of(journeys))
        if isinstance(question, FlowQuestion):
            answer.variants(20)
        seconds[name] = time.perf_counter() - began
    return took, seconds


class Visitors:
    """Reads profiles one after the other until told to stop."""

    def __init__(self, caller: Caller, people: Shoppers) -> None:
        self._caller = caller
        self._people = people
        self._number = 0
        self.seconds: list[float] = []

    async def read(self, stop: asyncio.Event | None, most: int = 1_000_000) -> None:
        for _ in range(most):
            if stop is not None and stop.is_set():
                return
            self._number = (self._number + 7919) % self._people.count
            began = time.perf_counter()
            found = await self._caller.post(PROFILE, {"cookie": self._people.cookie(self._number)})
            self.seconds.append(time.perf_counter() - began)
            assert found["customer"]["id"]
            await asyncio.sleep(0.005)


def memory_gb(server: Server) -> float:
    """The most memory that the server's process ever held."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024**2


async def write(caller: Caller, people: Shoppers, number: int) -> None:
    """Something, so that journeys that were read before are old."""
    touch = {
        "messageId": f"{people.name}-write-{number}",
        "type": "view",
        "channel": "web",
        "identifiers": [{"kind": "cookie", "value": people.cookie(number)}],
        "occurredAt": _FROM.isoformat(),
    }
    await caller.post(WRITE, {"input": touch})


class Measured:
    """Figures of all reports."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        """Of each report: first, written, again."""
        self.idle: list[float] = []
        """Seconds of profile reads while nothing else is asked."""
        self.meanwhile: list[float] = []
        self.memory_gb = 0.0


async def measure_report(server: Server, people: Shoppers, name: str, number: int, into: Measured) -> None:
    """Asks a new process for one report, three times."""
    async with callers(server.port, 3) as (analyst, reader, writer):
        visitors = Visitors(reader, people)
        await visitors.read(None, 200)
        visitors.seconds.clear()
        await visitors.read(None, 200)
        into.idle += visitors.seconds
        visitors.seconds.clear()
        stop = asyncio.Event()
        visits = asyncio.create_task(visitors.read(stop))
        times = into.seconds[name] = []
        for is_written in (False, True, False):
            if is_written:
                await write(writer, people, number)
            began = time.perf_counter()
            await analyst.post(f"{{ {QUERIES[name]} }}", {})
            times.append(time.perf_counter() - began)
        stop.set()
        await visits
        into.meanwhile += visitors.seconds
    into.memory_gb = max(into.memory_gb, memory_gb(server))
    print(f"{name}: " + ", ".join(f"{one:.2f} s" for one in times), flush=True)


async def measure(engine: Engine, people: Shoppers) -> None:
    """All figures of an engine that has these people."""
    took, seconds = await algorithms(engine)
    environment = {"CUSTOMER_GRAPH_REQUEST_TIMEOUT_SECONDS": "120", "CUSTOMER_GRAPH_REPORT_TIMEOUT_SECONDS": "110"}
    found = Measured()
    for number, name in enumerate(QUERIES):
        with serving(engine, environment=environment) as server:
            await measure_report(server, people, name, number, found)
    rows: list[list[Any]] = [
        [name, *(f"{one:.2f} s" for one in times), f"{seconds[name]:.2f} s" if name in seconds else ""]
        for name, times in found.seconds.items()
    ]
    idle, meanwhile = (percentile(times, 0.99) for times in (found.idle, found.meanwhile))
    print_table(f"Reports on {engine.name}", ["", "first", "written", "again", "algorithm"], rows)
    print(f"one read for all of them: {took:.1f} s")
    print(f"profile p99: idle {milliseconds(idle)}, meanwhile {milliseconds(meanwhile)}")
    longest = max(max(times) for times in found.seconds.values())
    print(verdict("longest report, s", longest, END_TO_END_SECONDS, at_least=False))
    print(verdict("longest algorithm, s", max(seconds.values()), ALGORITHM_SECONDS, at_least=False))
    print(verdict("memory of the service, GB", found.memory_gb, MEMORY_GB, at_least=False))
    print(verdict("profile p99 meanwhile, times idle", meanwhile / idle, SLOWER, at_least=False))


async def main() -> None:
    parser = arguments(str(__doc__))
    parser.add_argument("--customers", type=int, default=100_000, help="with 10 touchpoints each")
    given = parser.parse_args()
    people = Shoppers(unique_name("shop"), given.customers, touchpoints=10, identifiers=3)
    async with opened(given.engine) as engine:
        began = time.perf_counter()
        await fill(engine, people)
        print(f"{given.customers:,} customers written in {time.perf_counter() - began:.0f} s", flush=True)
        await measure(engine, people)


if __name__ == "__main__":
    run(main())
