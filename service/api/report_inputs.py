"""GraphQL: what analysts ask of many journeys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import strawberry

from service.api.scalars import Currency
from service.errors import BadInput
from service.journeys.attribution import HALF_LIFE_MILLIS, AttributionModel
from service.journeys.calendars import CalendarPeriod
from service.journeys.funnels import FunnelEntry, FunnelOrder
from service.journeys.models import StepKind, TouchpointDimension
from service.journeys.questions.attribution import AttributionQuestion, Conversion, TouchFilter
from service.journeys.questions.flow import FlowQuestion
from service.journeys.questions.funnel import (
    ConversionTimeQuestion,
    FunnelQuestion,
    FunnelUnit,
    PathQuestion,
)
from service.journeys.questions.periods import LifecycleQuestion, RetentionQuestion
from service.journeys.sessions import TIMEOUT_MILLIS
from service.journeys.steps import Step
from service.touchpoints.api import TouchpointFilter

strawberry.enum(TouchpointDimension, description="By what touchpoints are told apart.")
strawberry.enum(FunnelOrder, description="How the steps of a funnel must follow each other.")
strawberry.enum(FunnelEntry, description="Which attempt of a funnel counts.")
strawberry.enum(FunnelUnit, description="Of what a funnel is.")
strawberry.enum(CalendarPeriod, description="A stretch of a calendar.")

_TIMEOUT = timedelta(milliseconds=TIMEOUT_MILLIS)
_HALF_LIFE = timedelta(milliseconds=HALF_LIFE_MILLIS)


@strawberry.input
class StepInput:
    """What counts as a step: every given condition must hold. Without order or dealStage it is a touchpoint."""

    type: str | None = None
    """Of this type."""
    channel: str | None = None
    """By this channel."""
    campaign: str | None = None
    """Of the campaign with this name."""
    page_contains: str | None = None
    """On a page whose address contains this."""
    order: bool | None = None
    """True: an order that was neither cancelled nor returned. Alone, or with its channel."""
    deal_stage: str | None = None
    """A deal's move into the stage with this name or id. Alone."""

    def step(self, field: str) -> Step:
        """What it means."""
        return Step(
            field, self.type, self.channel, self.campaign, self.page_contains, self.order or None, self.deal_stage
        )


def _steps(field: str, steps: Sequence[StepInput]) -> list[Step]:
    return [one.step(f"{field}.{number}") for number, one in enumerate(steps)]


def _step(field: str, step: StepInput | None) -> Step | None:
    return step.step(field) if step is not None else None


@strawberry.input(one_of=True)
class ConversionInput:
    """What counts as a conversion: exactly one."""

    order: bool | None = strawberry.UNSET
    """True: orders, cancelled and returned ones left out."""
    won_deal: bool | None = strawberry.UNSET
    """True: deals when they are closed as won."""
    touchpoint_type: str | None = strawberry.UNSET
    """Touchpoints of this type."""

    def conversion(self) -> Conversion:
        """What it means; raises BadInput."""
        if self.touchpoint_type:
            return Conversion(StepKind.TOUCHPOINT, self.touchpoint_type)
        if self.order is True:
            return Conversion(StepKind.ORDER)
        if self.won_deal is True:
            return Conversion(StepKind.WON_DEAL)
        raise BadInput("input.conversion", "say which: order: true, wonDeal: true, or a touchpointType")


@strawberry.input
class AttributionInput:
    """Which conversions, and how they are credited to the inbound touchpoints before them."""

    from_: datetime = strawberry.field(name="from")
    """Conversions not before this time."""
    to: datetime
    """Conversions before this time."""
    conversion: ConversionInput
    """What counts as a conversion."""
    model: AttributionModel
    """How credit is given."""
    group_by: TouchpointDimension = TouchpointDimension.CHANNEL
    """What is credited; `(not set)` is what says nothing of it."""
    lookback: timedelta | None = None
    """Absent: P30D, and P90D for won deals. A touchpoint just so long before counts."""
    half_life: timedelta = _HALF_LIFE
    """TIME_DECAY only."""
    order: int = 1
    """MARKOV only, 1 to 3: how many touchpoints make a state."""
    currency: Currency | None = None
    """Values are summed in this currency only; without it, conversions alone are credited."""
    touchpoints: TouchpointFilter | None = None
    """Only these touchpoints count; absent: all inbound ones."""

    def question(self) -> AttributionQuestion:
        """The checked question; raises BadInput."""
        where = self.touchpoints or TouchpointFilter()
        return AttributionQuestion.asked(
            self.from_,
            self.to,
            self.conversion.conversion(),
            self.model,
            group_by=self.group_by,
            lookback=self.lookback,
            half_life=self.half_life,
            order=self.order,
            currency=self.currency,
            touches=TouchFilter(where.from_, where.to, where.types, where.channels, where.campaign),
        )


@strawberry.input
class FunnelInput:
    """A series of steps, and what counts as going through it."""

    steps: list[StepInput]
    """1 to 20, in order."""
    from_: datetime = strawberry.field(name="from")
    """The first step not before this time; later ones may follow within the window."""
    to: datetime
    """The first step before this time."""
    window: timedelta | None = None
    """From the first step to any later one, its end included; absent means no limit."""
    order: FunnelOrder = FunnelOrder.ORDERED
    """How the steps must follow each other."""
    entry: FunnelEntry = FunnelEntry.BEST
    """Which attempt counts."""
    per: FunnelUnit = FunnelUnit.CUSTOMER
    """Of what the funnel is."""
    session_timeout: timedelta = _TIMEOUT
    """A longer pause begins a new session; for per: SESSION."""
    exclude: list[StepInput] | None = None
    """Each of these ends an attempt."""
    breakdown: TouchpointDimension | None = None
    """Also by this, of the step at which the attempt began."""

    def question(self) -> FunnelQuestion:
        """The checked question; raises BadInput."""
        return FunnelQuestion.asked(
            _steps("input.steps", self.steps),
            self.from_,
            self.to,
            window=self.window,
            order=self.order,
            entry=self.entry,
            per=self.per,
            timeout=self.session_timeout,
            exclude=_steps("input.exclude", self.exclude or ()),
            breakdown=self.breakdown,
        )


@strawberry.input
class JourneyFlowInput:
    """Which inbound touchpoints, and from where they are followed."""

    from_: datetime = strawberry.field(name="from")
    """Not before this time."""
    to: datetime
    """Before this time."""
    dimension: TouchpointDimension = TouchpointDimension.TYPE
    """What a step is called by."""
    start_at: str | None = None
    """Journeys begin at this step, each time that it comes; absent: at the beginning of each session."""
    end_at: str | None = None
    """Journeys end at this step; without startAt, each time that it comes."""
    max_steps: int = 5
    """How many steps are shown, an anchor included; 1 to 100."""
    top_nodes: int = 10
    """How many keys of a step have a node of their own, the rest being `other`; 1 to 100."""
    collapse_repeats: bool = True
    """Whether the same step again and again is one."""
    session_timeout: timedelta = _TIMEOUT
    """A longer pause begins a new session."""

    def question(self) -> FlowQuestion:
        """The checked question; raises BadInput."""
        return FlowQuestion.asked(
            self.from_,
            self.to,
            dimension=self.dimension,
            start_at=self.start_at,
            end_at=self.end_at,
            max_steps=self.max_steps,
            top_nodes=self.top_nodes,
            collapse_repeats=self.collapse_repeats,
            timeout=self.session_timeout,
        )


@strawberry.input
class TimeToConvertInput:
    """From which step to which."""

    from_: datetime = strawberry.field(name="from")
    """The start not before this time."""
    to: datetime
    """The start before this time."""
    start: StepInput
    """From here; the earliest from which the end is reached within the time."""
    end: StepInput
    """To the next of these."""
    within: timedelta | None = None
    """At most so long; absent: any time."""
    per: FunnelUnit = FunnelUnit.CUSTOMER
    """Once for each customer, or for each session (of 30 minutes)."""

    def question(self) -> ConversionTimeQuestion:
        """The checked question; raises BadInput."""
        start, end = self.start.step("input.start"), self.end.step("input.end")
        return ConversionTimeQuestion.asked(start, end, self.from_, self.to, self.within, self.per)


@strawberry.input
class RetentionInput:
    """Who makes a cohort, and what counts as coming back."""

    from_: datetime = strawberry.field(name="from")
    """Who joined not before this time."""
    to: datetime
    """Who joined before this time; they may come back after it."""
    cohort: StepInput | None = None
    """Doing this for the first time ever is joining; absent: any inbound touchpoint or order."""
    returning: StepInput | None = None
    """Doing this is coming back; absent: any inbound touchpoint or order."""
    period: CalendarPeriod = CalendarPeriod.WEEK
    """How long a period is."""
    periods: int = 8
    """How many are looked at, the first being that of joining; 1 to 366."""
    time_zone: str = "UTC"
    """In which days begin: a name such as Europe/Berlin."""

    def question(self) -> RetentionQuestion:
        """The checked question; raises BadInput."""
        return RetentionQuestion.asked(
            self.from_,
            self.to,
            _step("input.cohort", self.cohort),
            _step("input.returning", self.returning),
            self.period,
            self.periods,
            self.time_zone,
        )


@strawberry.input
class LifecycleInput:
    """Which periods, and what counts as being active."""

    from_: datetime = strawberry.field(name="from")
    """The first period is that of this time, whole."""
    to: datetime
    """What happened before this time."""
    period: CalendarPeriod = CalendarPeriod.WEEK
    """How long a period is."""
    activity: StepInput | None = None
    """What counts; absent: any inbound touchpoint or order."""
    time_zone: str = "UTC"
    """In which days begin: a name such as Europe/Berlin."""

    def question(self) -> LifecycleQuestion:
        """The checked question; raises BadInput."""
        activity = _step("input.activity", self.activity)
        return LifecycleQuestion.asked(self.from_, self.to, self.period, activity, self.time_zone)


@strawberry.input
class PathInput:
    """Steps that a journey has, and one that it has not."""

    from_: datetime = strawberry.field(name="from")
    """The first step not before this time; later ones may follow."""
    to: datetime
    """The first step before this time."""
    steps: list[StepInput]
    """1 to 20, each later than the one before."""
    within: timedelta | None = None
    """From the first step to the last, its end included; absent: any time."""
    absent: StepInput | None = None
    """Must not come after the last step, to this day."""

    def question(self) -> PathQuestion:
        """The checked question; raises BadInput."""
        steps = _steps("input.steps", self.steps)
        return PathQuestion.asked(steps, self.from_, self.to, self.within, _step("input.absent", self.absent))
