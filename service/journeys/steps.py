"""What counts as a step of a funnel or a path, and the names that it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from service.errors import BadInput
from service.journeys.models import Flags, Journeys, Label, StepKind, TouchpointDimension


class Named(NamedTuple):
    """A value that a question names; one that nothing in the graph has is most likely a typing error."""

    field: str
    """Where in the input."""
    dimension: TouchpointDimension | None
    """Of touchpoints; None: the stage of a deal."""
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """What counts as a step: every given condition must hold."""

    field: str
    """Where in the input it is."""
    type: str | None = None
    channel: str | None = None
    campaign: str | None = None
    page_contains: str | None = None
    order: bool | None = None
    deal_stage: str | None = None
    """Name or id of a stage that a deal moves into."""

    def check(self) -> None:
        """Raises BadInput where it has no condition, or such that no step can ever meet."""
        of_touchpoint = {"type": self.type, "campaign": self.campaign, "pageContains": self.page_contains}
        given = [name for name, value in of_touchpoint.items() if value is not None]
        all_given = (*of_touchpoint.values(), self.channel, self.order, self.deal_stage)
        if all(one is None for one in all_given):
            raise BadInput(
                self.field, "it has no condition: type, channel, campaign, pageContains, order, dealStage"
            )
        if any(one == "" for one in all_given):
            raise BadInput(self.field, "an empty text is no condition; leave it out")
        if self.order and given:
            raise BadInput(f"{self.field}.{given[0]}", "an order has none: use order alone, or with channel")
        if self.deal_stage is not None and (given or self.order or self.channel is not None):
            raise BadInput(f"{self.field}.dealStage", "a deal's move has no other property: use it alone")

    @property
    def kind(self) -> StepKind:
        """What of a journey it can be: a touchpoint, unless orders or deals are asked for."""
        if self.deal_stage is not None:
            return StepKind.STAGE_CHANGE
        return StepKind.ORDER if self.order else StepKind.TOUCHPOINT

    @property
    def names(self) -> Iterator[Named]:
        """The values that it names."""
        for name, value in (
            (TouchpointDimension.TYPE, self.type),
            (TouchpointDimension.CHANNEL, self.channel if not self.order else None),
            (TouchpointDimension.CAMPAIGN, self.campaign),
        ):
            if value is not None:
                yield Named(f"{self.field}.{name.value.lower()}", name, value)
        if self.deal_stage is not None:
            yield Named(f"{self.field}.dealStage", None, self.deal_stage)

    def is_met(self, label: Label, pages: tuple[str, ...]) -> bool:
        """Whether a step with a label counts; `pages` are the texts that labels tell of."""
        if label.kind is not self.kind:
            return False
        if self.deal_stage is not None:
            return self.deal_stage in (label.stage, label.stage_id)
        return (
            (self.type is None or label.type == self.type)
            and (self.channel is None or label.channel == self.channel)
            and (self.campaign is None or label.campaign == self.campaign)
            and (self.page_contains is None or label.pages[pages.index(self.page_contains)])
        )

    def found(self, journeys: Journeys) -> Flags:
        """Which steps of journeys count; shape (n,)."""
        return journeys.where(lambda label: self.is_met(label, journeys.pages))


def needs(steps: Iterable[Step]) -> tuple[frozenset[StepKind], bool, tuple[str, ...]]:
    """What must be read for steps: which kinds, whether campaigns, and which texts of pages."""
    some = list(steps)
    pages = tuple(sorted({one.page_contains for one in some if one.page_contains is not None}))
    return frozenset(one.kind for one in some), any(one.campaign is not None for one in some), pages


def is_activity(label: Label) -> bool:
    """Whether it is something that the customer did: came to us, or ordered."""
    return label.kind is StepKind.ORDER or (label.kind is StepKind.TOUCHPOINT and label.inbound)


def is_visit(label: Label) -> bool:
    """Whether it is a touchpoint by which the customer came to us."""
    return label.kind is StepKind.TOUCHPOINT and label.inbound
