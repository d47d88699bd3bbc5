"""Flows from step to step, and the variants of journeys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from service.errors import BadInput
from service.journeys.flows import Link, Node, Stretches, Variant, collapsed, sankey, stretches, variants
from service.journeys.models import Ints, Journeys, TouchpointDimension
from service.journeys.questions.checks import Range, range_of, session_timeout, whole
from service.journeys.sessions import TIMEOUT_MILLIS, numbered, session_starts
from service.journeys.steps import Named, is_visit
from service.journeys.wanted import Wanted

MAX_FLOW_STEPS: Final = 100
MAX_NODES: Final = 100
"""Of a step."""


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """Nodes and links of a Sankey diagram."""

    journeys: int
    nodes: list[Node]
    links: list[Link]
    _keys: Ints
    _names: list[str]
    _found: Stretches

    def variants(self, first: int) -> list[Variant]:
        """The most frequent whole journeys."""
        return variants(self._keys, self._names, self._found, first)


@dataclass(frozen=True, slots=True)
class FlowQuestion:
    """What do they do next, and what did they do before?"""

    range: Range
    dimension: TouchpointDimension
    start_at: str | None
    end_at: str | None
    max_steps: int
    top_nodes: int
    collapse_repeats: bool
    timeout: int

    @classmethod
    def asked(
        cls,
        start: datetime,
        end: datetime,
        *,
        dimension: TouchpointDimension = TouchpointDimension.TYPE,
        start_at: str | None = None,
        end_at: str | None = None,
        max_steps: int = 5,
        top_nodes: int = 10,
        collapse_repeats: bool = True,
        timeout: timedelta = timedelta(milliseconds=TIMEOUT_MILLIS),
    ) -> FlowQuestion:
        """The checked question; raises BadInput."""
        if start_at is not None and start_at == end_at:
            raise BadInput("input.endAt", "must be another step than startAt")
        return cls(
            range_of(start, end),
            dimension,
            start_at,
            end_at,
            whole("input.maxSteps", max_steps, 1, MAX_FLOW_STEPS),
            whole("input.topNodes", top_nodes, 1, MAX_NODES),
            collapse_repeats,
            session_timeout("input.sessionTimeout", timeout),
        )

    @property
    def wanted(self) -> Wanted:
        """The touchpoints of the range."""
        by_campaign = self.dimension not in (TouchpointDimension.CHANNEL, TouchpointDimension.TYPE)
        return Wanted(self.range.start, self.range.end, campaigns=by_campaign)

    @property
    def names(self) -> Iterator[Named]:
        """Of the anchors."""
        for field, value in (("input.startAt", self.start_at), ("input.endAt", self.end_at)):
            if value is not None:
                yield Named(field, self.dimension, value)

    def answer(self, journeys: Journeys) -> FlowAnswer:
        """The flow."""
        visits = journeys.only(journeys.where(is_visit))
        session = numbered(session_starts(visits.customer, visits.at, self.timeout))
        keys, names = visits.keys(self.dimension)
        if self.collapse_repeats:
            kept = collapsed(session, keys)
            session, keys = session[kept], keys[kept]
        places = {name: number for number, name in enumerate(names)}
        anchors = [None if one is None else places.get(one, -1) for one in (self.start_at, self.end_at)]
        found = stretches(session, keys, *anchors)
        nodes, links = sankey(keys, names, found, max_steps=self.max_steps, top_nodes=self.top_nodes)
        return FlowAnswer(int(np.size(found.start)), nodes, links, keys, names, found)
