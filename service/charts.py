"""Charts of reports, as PNG or SVG: bars, a Sankey diagram, a heat map. The only import of matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

Answer = Any

_COLOUR: Final = "#2f6db5"
_PALE: Final = "#b9d2ee"
_COLUMN: Final = 0.08
"""Width of a node of a Sankey diagram, of the distance of two steps."""
_GAP: Final = 0.02
"""Between two nodes, of the height of all."""


def draw(name: str, answer: Answer, path: Path) -> None:
    """Writes a report's answer as a chart; the file's name says which format."""
    # Not by pyplot: it keeps all figures, and asks for a display.
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.add_subplot()
    _CHARTS[name](axes, answer)
    axes.set_title(name)
    figure.savefig(path, dpi=120)


def _attribution(axes: Axes, answer: Answer) -> None:
    rows = answer["credits"][::-1]
    bars = axes.barh([one["key"] for one in rows], [one["conversions"] for one in rows], color=_COLOUR)
    axes.bar_label(bars, [f"{one['share']:.1%}" for one in rows], padding=3)
    axes.set_xlabel(f"conversions, of {answer['conversions']:,} ({answer['model']})")


def _funnel(axes: Axes, answer: Answer) -> None:
    steps = answer["steps"]
    bars = axes.bar([str(one["index"] + 1) for one in steps], [one["count"] for one in steps], color=_COLOUR)
    axes.bar_label(bars, [f"{one['count']:,}\n{one['rateFromStart']:.1%}" for one in steps], padding=3)
    axes.set_xlabel("step")
    axes.margins(y=0.15)


def _times(axes: Axes, answer: Answer) -> None:
    rows = answer["histogram"]
    axes.bar(
        [one["to"] for one in rows], [one["customers"] for one in rows], width=-1, align="edge", color=_COLOUR
    )
    axes.set_xlabel(f"less than; median {answer['median']}, p90 {answer['p90']}")
    axes.tick_params(axis="x", rotation=45)


def _retention(axes: Axes, answer: Answer) -> None:
    cohorts = answer["cohorts"]
    shares = [[many / one["size"] for many in one["returned"]] for one in cohorts] or [[0.0]]
    axes.imshow(shares, cmap=colormaps["Blues"], vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(len(cohorts)), [f"{one['period']} ({one['size']:,})" for one in cohorts])
    axes.set_xlabel("periods after joining")
    for row, of_cohort in enumerate(shares):
        for column, share in enumerate(of_cohort):
            axes.text(
                column, row, f"{share:.0%}", ha="center", va="center", color="white" if share > 0.5 else "black"
            )


def _lifecycle(axes: Axes, answer: Answer) -> None:
    periods = [one["period"] for one in answer]
    below = [0] * len(periods)
    for name, colour in (("new", _COLOUR), ("returning", "#4f9d69"), ("resurrecting", "#d9a441")):
        values = [one[name] for one in answer]
        axes.bar(periods, values, bottom=below, label=name, color=colour)
        below = [one + more for one, more in zip(below, values, strict=True)]
    axes.bar(periods, [-one["dormant"] for one in answer], label="dormant", color="#b0b0b0")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.tick_params(axis="x", rotation=45)
    axes.legend()


def _pipeline(axes: Axes, answer: Answer) -> None:
    stages = answer["stages"]
    bars = axes.bar([one["stage"]["name"] for one in stages], [one["entered"] for one in stages], color=_PALE)
    axes.bar_label(bars, [f"{one['entered']:,}" for one in stages], padding=3)
    axes.bar([one["stage"]["name"] for one in stages], [one["moved"] for one in stages], color=_COLOUR)
    axes.set_xlabel(f"deals that entered and, dark, moved on; {answer['won']:,} won, {answer['lost']:,} lost")


def _forecast(axes: Axes, answer: Answer) -> None:
    """What is weighted, of each currency beside the others: their sums have nothing to do with each other."""
    groups = [one for one in answer["groups"] if one["currency"]]
    names = [f"{one['key']} {one['currency']}" for one in groups]
    axes.bar(names, [float(one["total"]) for one in groups], color=_PALE, label="total")
    axes.bar(names, [float(one["weighted"]) for one in groups], color=_COLOUR, label="weighted")
    axes.tick_params(axis="x", rotation=45)
    axes.legend()


def _flow(axes: Axes, answer: Answer) -> None:
    """A Sankey diagram: matplotlib's own draws one node with its arrows, not layers of them."""
    total = max(answer["journeys"], 1)
    places = _nodes(axes, answer["nodes"], total)
    left, right = dict(places), dict(places)
    for link in answer["links"]:
        source, target = (link["step"], link["from"]), (link["step"] + 1, link["to"])
        height = link["journeys"] / total
        _band(axes, (source[0] + _COLUMN, right[source]), (target[0], left[target]), height)
        right[source] -= height
        left[target] -= height
    axes.autoscale_view()
    axes.set_axis_off()


def _nodes(axes: Axes, nodes: list[Mapping[str, Any]], total: int) -> dict[tuple[int, str], float]:
    """Draws nodes step by step from the top; the upper end of each."""
    places: dict[tuple[int, str], float] = {}
    for step in sorted({one["step"] for one in nodes}):
        top = 1.0
        for one in (one for one in nodes if one["step"] == step):
            height = one["journeys"] / total
            axes.add_patch(Rectangle((step, top - height), _COLUMN, height, color=_COLOUR))
            text = f"{one['key']} {one['journeys']:,}"
            axes.text(step + _COLUMN * 1.2, top - height / 2, text, va="center", fontsize=7)
            places[step, one["key"]] = top
            top -= height + _GAP
    return places


def _band(axes: Axes, start: tuple[float, float], end: tuple[float, float], height: float) -> None:
    (x, y), (u, v) = start, end
    middle = (x + u) / 2
    corners = [
        *((x, y), (middle, y), (middle, v), (u, v)),
        *((u, v - height), (middle, v - height), (middle, y - height), (x, y - height), (x, y)),
    ]
    codes = [Outline.MOVETO, *[Outline.CURVE4] * 3, Outline.LINETO, *[Outline.CURVE4] * 3, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(corners, codes), facecolor=_PALE, edgecolor="none", alpha=0.6, zorder=0))


_CHARTS: Final[dict[str, Callable[[Axes, Answer], None]]] = {
    "attribution": _attribution,
    "funnel": _funnel,
    "flow": _flow,
    "time-to-convert": _times,
    "retention": _retention,
    "lifecycle": _lifecycle,
    "pipeline": _pipeline,
    "forecast": _forecast,
}
