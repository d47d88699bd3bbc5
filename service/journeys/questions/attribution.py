"""Attribution of orders, won deals or touchpoints to the touches before them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np

from service.customers.summary import sums
from service.errors import BadInput
from service.journeys import attribution, markov
from service.journeys.attribution import NONE, AttributionModel
from service.journeys.models import Flags, Floats, Journeys, Label, StepKind, TouchpointDimension
from service.journeys.paths import Paths, alike, paths
from service.journeys.questions.checks import Range, currency_of, duration, range_of, whole
from service.journeys.steps import Named, is_visit
from service.journeys.wanted import Wanted
from service.positions import millis

MAX_KEYS: Final = 10_000
"""Rows of an answer."""
MAX_MODELLED_KEYS: Final = 1_000
"""Keys of MARKOV and SHAPLEY: they weigh keys against each other, which says nothing of thousands."""
MAX_ORDER: Final = 3
"""Of Markov chains."""
_PLACES: Final = 9
"""Decimal places of credited values, which are parts of amounts."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What counts as a conversion: one of the three."""

    kind: StepKind
    touchpoint_type: str | None = None

    def is_met(self, label: Label) -> bool:
        """Whether a step with a label is one."""
        return label.kind is self.kind and (self.touchpoint_type is None or label.type == self.touchpoint_type)


@dataclass(frozen=True, slots=True)
class TouchFilter:
    """Which touches count: every given condition must hold."""

    start: datetime | None = None
    end: datetime | None = None
    types: Collection[str] | None = None
    channels: Collection[str] | None = None
    campaign: str | None = None

    def found(self, journeys: Journeys) -> Flags:
        """Which steps are touches; shape (n,)."""
        inside = journeys.where(self._is_met)
        if self.start is not None:
            inside &= journeys.at >= millis(self.start)
        if self.end is not None:
            inside &= journeys.at < millis(self.end)
        return inside

    def _is_met(self, label: Label) -> bool:
        return (
            is_visit(label)
            and (self.types is None or label.type in self.types)
            and (self.channels is None or label.channel in self.channels)
            and (self.campaign is None or label.campaign == self.campaign)
        )


@dataclass(frozen=True, slots=True)
class Credit:
    """What a key deserves."""

    key: str
    conversions: float
    share: float
    value: Decimal | None
    removal_effect: float | None
    touchpoints: int


@dataclass(frozen=True, slots=True)
class PathCount:
    """How often a series of touches led to a conversion, and how often not."""

    keys: list[str]
    converted: int
    not_converted: int
    value: Decimal | None


@dataclass(frozen=True)
class AttributionAnswer:
    """Conversions and who deserves them."""

    conversions: int
    value: Decimal | None
    conversion_probability: float | None
    credits: list[Credit]
    _paths: Paths
    _values: Floats
    _names: list[str]

    @cached_property
    def _ranked(self) -> list[tuple[int, int, float, int]]:
        """Kinds of path: converted, not converted, value, an example; the most converted first."""
        kinds = alike(self._paths.offsets, self._paths.keys)
        many = len(kinds.example)
        converted = np.bincount(kinds.kind[self._paths.converted], minlength=many)
        lost = np.bincount(kinds.kind[~self._paths.converted], minlength=many)
        value = np.bincount(kinds.kind, weights=self._values, minlength=many)
        order = np.lexsort((-lost, -converted))
        columns = (converted[order], lost[order], value[order], kinds.example[order])
        return list(zip(*(one.tolist() for one in columns), strict=True))

    def top_paths(self, first: int) -> list[PathCount]:
        """The paths with the most conversions; of equal ones those with the most journeys, then by name."""
        ranked = self._ranked
        if len(ranked) > first:
            # Names decide among those that are as frequent as the last.
            least = ranked[first - 1][:2]
            ranked = [one for one in ranked if one[:2] >= least]
        named = [(-converted, -lost, self._keys(example), value) for converted, lost, value, example in ranked]
        named.sort(key=lambda one: one[:3])
        return [
            PathCount(keys, -converted, -lost, None if self.value is None else _decimal(value))
            for converted, lost, keys, value in named[:first]
        ]

    def _keys(self, path: int) -> list[str]:
        start, end = self._paths.offsets[path], self._paths.offsets[path + 1]
        return [self._names[key] for key in self._paths.keys[start:end].tolist()]


@dataclass(frozen=True, slots=True)
class AttributionQuestion:
    """Which channels deserve the conversions?"""

    range: Range
    conversion: Conversion
    model: AttributionModel
    group_by: TouchpointDimension
    lookback: int
    half_life: int
    order: int
    currency: str | None
    touches: TouchFilter

    @classmethod
    def asked(
        cls,
        start: datetime,
        end: datetime,
        conversion: Conversion,
        model: AttributionModel,
        *,
        group_by: TouchpointDimension = TouchpointDimension.CHANNEL,
        lookback: timedelta | None = None,
        half_life: timedelta = timedelta(milliseconds=attribution.HALF_LIFE_MILLIS),
        order: int = 1,
        currency: str | None = None,
        touches: TouchFilter = TouchFilter(),
    ) -> AttributionQuestion:
        """The checked question; raises BadInput."""
        asked_range = range_of(start, end)
        if touches.start is not None and touches.end is not None and touches.start >= touches.end:
            raise BadInput("input.touchpoints.to", "must be after from")
        if lookback is None:
            deal = conversion.kind is StepKind.WON_DEAL
            millis_back = attribution.DEAL_LOOKBACK_MILLIS if deal else attribution.LOOKBACK_MILLIS
        else:
            millis_back = duration("input.lookback", lookback)
        return cls(
            asked_range,
            conversion,
            model,
            group_by,
            millis_back,
            duration("input.halfLife", half_life, least=1),
            whole("input.order", order, 1, MAX_ORDER),
            currency_of("input.currency", currency),
            touches,
        )

    @property
    def wanted(self) -> Wanted:
        """Touches as far back as they count, and conversions: earlier ones end no path that is looked at."""
        by_campaign = self.group_by not in (TouchpointDimension.CHANNEL, TouchpointDimension.TYPE)
        return Wanted(
            self.range.start - self.lookback,
            self.range.end,
            frozenset({StepKind.TOUCHPOINT, self.conversion.kind}),
            by_campaign or self.touches.campaign is not None,
        )

    @property
    def names(self) -> Iterator[Named]:
        """Of the conversion. What a filter names may well be nowhere."""
        if self.conversion.touchpoint_type is not None:
            field = "input.conversion.touchpointType"
            yield Named(field, TouchpointDimension.TYPE, self.conversion.touchpoint_type)

    def answer(self, journeys: Journeys) -> AttributionAnswer:
        """Conversions and who deserves them; raises BadInput where there are too many keys for the model."""
        conversions = journeys.where(self.conversion.is_met)
        keys, names = journeys.keys(self.group_by)
        found = paths(
            journeys.customer,
            journeys.at,
            touches=self.touches.found(journeys) & ~conversions,
            conversions=conversions,
            keys=keys,
            direct=journeys.where(lambda label: attribution.is_direct(label.channel)),
            start=self.range.start,
            end=self.range.end,
            lookback_millis=self.lookback,
        )
        used, renumbered = np.unique(found.keys, return_inverse=True)
        found = found.with_keys(renumbered.astype(np.int64))
        names = [names[key] for key in used.tolist()]
        self._check(len(names))
        values, digits = self._values(journeys, found)
        try:
            credited = attribution.credits(
                found, values, len(names), self.model, half_life_millis=self.half_life, order=self.order
            )
        except markov.TooManyStates:
            reason = "the chain has too many states: ask for a lower order, or for fewer keys"
            raise BadInput("input.order", reason) from None
        total = int(np.count_nonzero(found.converted))
        credits_ = self._credits(names, found, values, credited, total)
        value = None
        if self.currency is not None:
            value = next((amount for amount, _ in sums((one, self.currency) for one in digits)), Decimal(0))
        probability = credited.conversion_probability
        return AttributionAnswer(total, value, probability, credits_, found, values, names)

    def _check(self, keys: int) -> None:
        modelled = self.model in (AttributionModel.MARKOV, AttributionModel.SHAPLEY)
        most = MAX_MODELLED_KEYS if modelled else MAX_KEYS
        if keys > most:
            what = f"{keys:,} keys by {self.group_by.value}; {self.model.value} takes at most {most:,}"
            raise BadInput("input.groupBy", f"{what}: filter the touchpoints, or group by something coarser")

    def _values(self, journeys: Journeys, found: Paths) -> tuple[Floats, list[str]]:
        """The value of each path's conversion as a number, and the digits of those that are in the currency."""
        values = np.zeros(len(found))
        places = found.conversion[found.converted]
        amounts, digits = journeys.amounts_in(places, self.currency)
        values[found.converted] = amounts
        return values, digits

    def _credits(
        self, names: list[str], found: Paths, values: Floats, credited: attribution.Credits, total: int
    ) -> list[Credit]:
        touched = np.bincount(found.keys, minlength=len(names))
        effects = credited.removal_effect

        def credit(key: str, conversions: float, value: float, effect: float | None, touches: int) -> Credit:
            shown = None if self.currency is None else _decimal(value)
            return Credit(key, conversions, conversions / total if total else 0.0, shown, effect, touches)

        rows = [
            credit(
                name,
                float(credited.conversions[key]),
                float(credited.value[key]),
                None if effects is None else float(effects[key]),
                int(touched[key]),
            )
            for key, name in enumerate(names)
        ]
        alone = attribution.untouched(found)
        if alone.any():
            rows.append(credit(NONE, float(np.count_nonzero(alone)), float(values[alone].sum()), None, 0))
        return sorted(rows, key=lambda one: (-one.conversions, one.key))


def _decimal(value: float) -> Decimal:
    return Decimal(repr(round(value, _PLACES))).normalize() + 0
