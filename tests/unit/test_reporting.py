"""`customer-graph report`: tables, charts, and what is wrong with its arguments."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate
from rich.console import Console

from service import reporting
from service.api.schema import schema
from service.errors import BadInput

ANSWERS: dict[str, Any] = {
    "attribution": {
        "model": "MARKOV",
        "conversions": 3,
        "value": "40.50",
        "credits": [
            {
                "key": "ads",
                "conversions": 2.5,
                "share": 0.83,
                "value": "40.5",
                "removalEffect": 0.25,
                "touchpoints": 4,
            },
            {
                "key": "(none)",
                "conversions": 0.5,
                "share": 0.17,
                "value": None,
                "removalEffect": None,
                "touchpoints": 0,
            },
        ],
    },
    "funnel": {
        "steps": [
            {
                "index": index,
                "count": count,
                "rateFromStart": count / 1200,
                "rateFromPrevious": 0.5,
                "droppedOff": 10,
                "medianTimeFromPrevious": median,
            }
            for index, (count, median) in enumerate([(1200, None), (600, "PT5M")])
        ]
    },
    "flow": {
        "journeys": 5,
        "nodes": [
            {"step": 0, "key": "view", "journeys": 5},
            {"step": 1, "key": "cart", "journeys": 3},
            {"step": 1, "key": "(end)", "journeys": 2},
        ],
        "links": [
            {"step": 0, "from": "view", "to": "cart", "journeys": 3},
            {"step": 0, "from": "view", "to": "(end)", "journeys": 2},
        ],
    },
    "time-to-convert": {
        "customers": 4,
        "mean": "PT1H",
        "median": "PT40M",
        "p90": "PT2H",
        "histogram": [
            {"from": "PT0S", "to": "PT1H", "customers": 3},
            {"from": "PT1H", "to": "PT2H", "customers": 1},
        ],
    },
    "retention": {"cohorts": [{"period": "2026-01-05", "size": 4, "returned": [4, 1]}]},
    "lifecycle": [{"period": "2026-01-05", "new": 3, "returning": 2, "resurrecting": 1, "dormant": 4}],
    "pipeline": {
        "stages": [
            {
                "stage": {"name": name},
                "entered": 1200,
                "moved": 300,
                "conversionRate": rate,
                "averageTime": time,
                "openDeals": 5,
                "openAmount": [{"amount": "1234.5", "currency": "EUR"}, {"amount": "7", "currency": "JPY"}],
            }
            for name, rate, time in (("New", 0.25, "P3D"), ("Won", None, None))
        ],
        "won": 30,
        "lost": 10,
        "winRate": 0.75,
        "averageTimeToWin": "P9D",
        "lostReasons": [{"reason": "price", "deals": 10}],
    },
    "forecast": {
        "groups": [
            {"key": key, "currency": currency, "deals": 3, "total": "1234.5", "weighted": "617.25", "won": "0"}
            for key, currency in (("2026-01", "EUR"), ("2026-01", "USD"), ("2026-02", None))
        ]
    },
}
SHOWN = {
    "attribution": ["ads", "83.0%", "40.50", "25.0%", "(none)", "all"],
    "funnel": ["1,200", "50.0%", "PT5M"],
    "flow": ["view", "cart", "(end)"],
    "time-to-convert": ["PT40M", "p90", "PT2H"],
    "retention": ["2026-01-05", "25%"],
    "lifecycle": ["resurrecting", "4"],
    "pipeline": ["25.0%", "P3D", "1,234.50 EUR, 7.00 JPY", "75.0%", "lost: price"],
    "forecast": ["1,234.50", "617.25", "USD", "2026-02"],
}


@pytest.mark.parametrize("name", reporting.REPORTS)
def test_a_report_asks_what_the_schema_has(name: str) -> None:
    report = reporting.REPORTS[name]
    assert validate(schema._schema, parse(report.query(report.arguments))) == []


@pytest.mark.parametrize("name", reporting.REPORTS)
def test_a_table_has_the_answer(name: str) -> None:
    out = io.StringIO()
    reporting.show(Console(file=out, width=120), name, ANSWERS[name])
    for text in SHOWN[name]:
        assert text in out.getvalue()


@pytest.mark.parametrize("suffix", [".png", ".svg"])
@pytest.mark.parametrize("name", reporting.REPORTS)
def test_a_chart_is_drawn(name: str, suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib (the extra `plots`) is not installed")
    path = tmp_path / f"chart{suffix}"
    reporting.draw(name, ANSWERS[name], path)
    assert path.read_bytes().startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")


def test_a_chart_of_nothing_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib (the extra `plots`) is not installed")
    empty = {
        "attribution": {"model": "LINEAR", "conversions": 0, "value": None, "credits": []},
        "flow": {"journeys": 0, "nodes": [], "links": []},
        "retention": {"cohorts": []},
        "lifecycle": [],
        "forecast": {"groups": []},
    }
    for name, answer in empty.items():
        reporting.draw(name, answer, tmp_path / f"{name}.svg")


def test_a_range_goes_with_the_input() -> None:
    given = reporting.input_of("retention", '{"periods": 3}', "2026-01-01", "2026-02-01T12:00:00+01:00")
    assert given == {"periods": 3, "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T12:00:00+01:00"}


def test_a_range_of_days_stays_one() -> None:
    given = reporting.input_of("forecast", '{"groupBy": "OWNER"}', "2026-01-01", "2026-02-01")
    assert given == {"groupBy": "OWNER", "from": "2026-01-01", "to": "2026-02-01"}
    report = reporting.REPORTS["forecast"]
    assert report.variables(given) == given
    assert report.query(given).startswith("query ($groupBy: ForecastGroup!, $from: Date!, $to: Date!) { forecast(")
    with pytest.raises(BadInput, match="--input: there is no 'groupby'; there are from, to, groupBy"):
        report.variables({"groupby": "OWNER"})


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: reporting.input_of("funnel", "{", None, None), "--input: not JSON"),
        (lambda: reporting.input_of("funnel", "[]", None, None), "--input: a JSON object is needed"),
        (lambda: reporting.draw("funnel", {}, Path("chart.gif")), "--chart: the name of a file that ends with"),
        (lambda: reporting.show(Console(), "weather", {}), "report: 'weather' is none; use one of attribution"),
    ],
)
def test_what_is_wrong_is_told(act: Any, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        act()
    assert refused.value.message.startswith(message)
