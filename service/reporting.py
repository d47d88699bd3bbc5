"""`customer-graph report`: a report as a table in the terminal, and as a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table

from service.errors import BadInput, ServiceError
from service.settings import Settings

Answer = Any
Rows = list[list[str]]

_INPUT: Final = "input"
CHART_FORMATS: Final = (".png", ".svg")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its field in the schema, what is asked of it, and how that is told as a table."""

    field: str
    arguments: Mapping[str, str]
    """Types by name; one that is called `input` is made of all that is given."""
    selection: str
    rows: Callable[[Answer], tuple[list[str], Rows]]

    def query(self, names: Iterable[str]) -> str:
        """The document that asks for it with some of its arguments."""
        declared = ", ".join(f"${name}: {self.arguments[name]}" for name in names)
        given = ", ".join(f"{name}: ${name}" for name in names)
        return f"query ({declared}) {{ {self.field}({given}) {{ {self.selection} }} }}"

    def variables(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments that say what is given; raises BadInput."""
        if _INPUT in self.arguments:
            return {_INPUT: given}
        for name in given:
            if name not in self.arguments:
                raise BadInput("--input", f"there is no {name!r}; there are {', '.join(self.arguments)}")
        return given

    @property
    def is_of_days(self) -> bool:
        """Whether its range is one of days, not of moments."""
        return self.arguments.get("from") == "Date!"


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


def _pipeline(answer: Answer) -> tuple[list[str], Rows]:
    header = ["stage", "entered", "moved", "conversion", "average time", "open deals", "worth"]
    rows = [
        [
            one["stage"]["name"],
            f"{one['entered']:,}",
            f"{one['moved']:,}",
            _part(one["conversionRate"]),
            one["averageTime"] or "",
            f"{one['openDeals']:,}",
            ", ".join(f"{Decimal(money['amount']):,.2f} {money['currency']}" for money in one["openAmount"]),
        ]
        for one in answer["stages"]
    ]
    won = ["all won", f"{answer['won']:,}", "", _part(answer["winRate"]), answer["averageTimeToWin"] or "", "", ""]
    lost = [["lost: " + one["reason"], f"{one['deals']:,}", *[""] * 5] for one in answer["lostReasons"]]
    return header, [*rows, won, ["all lost", f"{answer['lost']:,}", *[""] * 5], *lost]


def _part(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"


def _forecast(answer: Answer) -> tuple[list[str], Rows]:
    sums = ("total", "weighted", "won")
    return ["key", "currency", "deals", *sums], [
        [one["key"], one["currency"] or "", f"{one['deals']:,}", *(f"{Decimal(one[name]):,.2f}" for name in sums)]
        for one in answer["groups"]
    ]


def _lifecycle(answer: Answer) -> tuple[list[str], Rows]:
    names = ("new", "returning", "resurrecting", "dormant")
    return ["period", *names], [[one["period"], *(f"{one[name]:,}" for name in names)] for one in answer]


REPORTS: Final[Mapping[str, Report]] = {
    "attribution": Report(
        "attribution",
        {_INPUT: "AttributionInput!"},
        "model conversions value credits { key conversions share value removalEffect touchpoints }",
        _attribution,
    ),
    "funnel": Report(
        "funnel",
        {_INPUT: "FunnelInput!"},
        "steps { index count rateFromStart rateFromPrevious droppedOff medianTimeFromPrevious }",
        _funnel,
    ),
    "flow": Report(
        "journeyFlow",
        {_INPUT: "JourneyFlowInput!"},
        "journeys nodes { step key journeys } links { step from to journeys }",
        _flow,
    ),
    "time-to-convert": Report(
        "timeToConvert",
        {_INPUT: "TimeToConvertInput!"},
        "customers mean median p90 histogram { from to customers }",
        _times,
    ),
    "retention": Report("retention", {_INPUT: "RetentionInput!"}, "cohorts { period size returned }", _retention),
    "lifecycle": Report(
        "lifecycle", {_INPUT: "LifecycleInput!"}, "period new returning resurrecting dormant", _lifecycle
    ),
    "pipeline": Report(
        "pipelineReport",
        {"pipelineId": "ID!", "from": "DateTime!", "to": "DateTime!"},
        "stages { stage { name } entered moved conversionRate averageTime openDeals "
        "openAmount { amount currency } } won lost winRate averageTimeToWin lostReasons { reason deals }",
        _pipeline,
    ),
    "forecast": Report(
        "forecast",
        {"from": "Date!", "to": "Date!", "groupBy": "ForecastGroup!", "pipelineId": "ID", "timeZone": "String!"},
        "groups { key currency deals total weighted won }",
        _forecast,
    ),
}


async def answered(settings: Settings, name: str, given: Mapping[str, Any]) -> Answer:
    """What a report answers to an input; raises BadInput, or ServiceError with what is wrong."""
    # The API takes a second to build: not for the names of reports alone.
    from service.app import answer_once

    report = _named(name)
    variables = report.variables(given)
    answer = await answer_once(settings, report.query(variables), dict(variables))
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


def input_of(name: str, text: str, start: str | None, end: str | None) -> dict[str, Any]:
    """The input of a report from its JSON form, with a range beside it; raises BadInput."""
    of_days = _named(name).is_of_days
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput("--input", f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadInput("--input", "a JSON object is needed")
    for name, value in (("from", start), ("to", end)):
        if value is not None:
            given[name] = value if of_days or "T" in value else f"{value}T00:00:00Z"
    return given


def _named(name: str) -> Report:
    if name not in REPORTS:
        raise BadInput("report", f"{name!r} is none; use one of {', '.join(REPORTS)}")
    return REPORTS[name]
