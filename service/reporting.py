"""`customer-graph report`: a report as a table in the terminal, and as a chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table

from service.app import answer_once
from service.errors import BadInput, ServiceError
from service.settings import Settings

Answer = Any
Rows = list[list[str]]

CHART_FORMATS: Final = (".png", ".svg")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its field and input in the schema, what is asked of it, and how that is told as a table."""

    field: str
    input_type: str
    selection: str
    rows: Callable[[Answer], tuple[list[str], Rows]]

    @property
    def query(self) -> str:
        """The document that asks for it."""
        return f"query ($input: {self.input_type}!) {{ {self.field}(input: $input) {{ {self.selection} }} }}"


def _attribution(answer: Answer) -> tuple[list[str], Rows]:
    header = ["key", "conversions", "share", "value", "removal effect", "touchpoints"]
    rows = [
        [
            one["key"],
            f"{one['conversions']:.2f}",
            f"{one['share']:.1%}",
            "" if one["value"] is None else f"{float(one['value']):,.2f}",
            "" if one["removalEffect"] is None else f"{one['removalEffect']:.1%}",
            f"{one['touchpoints']:,}",
        ]
        for one in answer["credits"]
    ]
    value = "" if answer["value"] is None else f"{float(answer['value']):,.2f}"
    return header, [*rows, ["all", f"{answer['conversions']:,}", "", value, "", ""]]


def _funnel(answer: Answer) -> tuple[list[str], Rows]:
    header = ["step", "count", "of the first", "of the one before", "dropped off", "median time"]
    return header, [
        [
            str(one["index"] + 1),
            f"{one['count']:,}",
            f"{one['rateFromStart']:.1%}",
            f"{one['rateFromPrevious']:.1%}",
            f"{one['droppedOff']:,}",
            one["medianTimeFromPrevious"] or "",
        ]
        for one in answer["steps"]
    ]


def _flow(answer: Answer) -> tuple[list[str], Rows]:
    header = ["step", "from", "to", "journeys"]
    return header, [[str(one["step"]), one["from"], one["to"], f"{one['journeys']:,}"] for one in answer["links"]]


def _times(answer: Answer) -> tuple[list[str], Rows]:
    rows = [[one["from"], one["to"], f"{one['customers']:,}"] for one in answer["histogram"]]
    named = [[name, answer[name] or "", ""] for name in ("mean", "median", "p90")]
    return ["from", "to", "customers"], [*rows, *named, ["all", "", f"{answer['customers']:,}"]]


def _retention(answer: Answer) -> tuple[list[str], Rows]:
    periods = max((len(one["returned"]) for one in answer["cohorts"]), default=0)
    return ["joined", "size", *map(str, range(periods))], [
        [one["period"], f"{one['size']:,}", *(f"{many / one['size']:.0%}" for many in one["returned"])]
        for one in answer["cohorts"]
    ]


def _lifecycle(answer: Answer) -> tuple[list[str], Rows]:
    names = ("new", "returning", "resurrecting", "dormant")
    return ["period", *names], [[one["period"], *(f"{one[name]:,}" for name in names)] for one in answer]


REPORTS: Final[Mapping[str, Report]] = {
    "attribution": Report(
        "attribution",
        "AttributionInput",
        "model conversions value credits { key conversions share value removalEffect touchpoints }",
        _attribution,
    ),
    "funnel": Report(
        "funnel",
        "FunnelInput",
        "steps { index count rateFromStart rateFromPrevious droppedOff medianTimeFromPrevious }",
        _funnel,
    ),
    "flow": Report(
        "journeyFlow",
        "JourneyFlowInput",
        "journeys nodes { step key journeys } links { step from to journeys }",
        _flow,
    ),
    "time-to-convert": Report(
        "timeToConvert",
        "TimeToConvertInput",
        "customers mean median p90 histogram { from to customers }",
        _times,
    ),
    "retention": Report("retention", "RetentionInput", "cohorts { period size returned }", _retention),
    "lifecycle": Report("lifecycle", "LifecycleInput", "period new returning resurrecting dormant", _lifecycle),
}


async def answered(settings: Settings, name: str, given: Mapping[str, Any]) -> Answer:
    """What a report answers to an input; raises BadInput, or ServiceError with what is wrong."""
    report = _named(name)
    answer = await answer_once(settings, report.query, {"input": given})
    for error in answer.get("errors", ()):
        code = error["extensions"]["code"]
        raise (BadInput("report", error["message"]) if code == BadInput.code else ServiceError(error["message"]))
    return answer["data"][report.field]


def show(out: Console, name: str, answer: Answer) -> None:
    """Prints the answer as a table."""
    header, rows = _named(name).rows(answer)
    table = Table(title=name, title_justify="left", header_style="bold")
    for number, title in enumerate(header):
        table.add_column(title, justify="left" if number == 0 or title in ("from", "to") else "right")
    for row in rows:
        table.add_row(*row)
    out.print(table)


def draw(name: str, answer: Answer, path: Path) -> None:
    """Writes the answer as a chart; raises BadInput where that cannot be."""
    if path.suffix not in CHART_FORMATS:
        raise BadInput("--chart", f"the name of a file that ends with {' or '.join(CHART_FORMATS)} is needed")
    try:
        from service import charts
    except ImportError:
        raise BadInput("--chart", "charts need a library: pip install 'customer-graph[plots]'") from None
    charts.draw(name, answer, path)


def input_of(text: str, start: str | None, end: str | None) -> dict[str, Any]:
    """The input of a report from its JSON form, with a range beside it."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput("--input", f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadInput("--input", "a JSON object is needed")
    for name, value in (("from", start), ("to", end)):
        if value is not None:
            given[name] = value if "T" in value else f"{value}T00:00:00Z"
    return given


def _named(name: str) -> Report:
    if name not in REPORTS:
        raise BadInput("report", f"{name!r} is none; use one of {', '.join(REPORTS)}")
    return REPORTS[name]
