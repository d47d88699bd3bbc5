"""Deals as they come in, and pipelines as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import AfterValidator
from pydantic.alias_generators import to_camel

from service.inputs import Input, MoneyInput, Name
from service.lists import FEED, place
from service.positions import is_position


class StageKind(Enum):
    """Whether a deal in the stage is still open."""

    OPEN = "OPEN"
    """The deal goes on."""
    WON = "WON"
    """The deal is won."""
    LOST = "LOST"
    """The deal is lost."""


class DealState(Enum):
    """The kind of the stage that the deal is in."""

    OPEN = "OPEN"
    """It goes on."""
    WON = "WON"
    """It is won."""
    LOST = "LOST"
    """It is lost."""


class DealOutcome(Enum):
    """How a deal is closed."""

    WON = "WON"
    """The customer bought."""
    LOST = "LOST"
    """The customer did not buy."""


class ForecastCategory(Enum):
    """How sure a forecast may be of a deal."""

    PIPELINE = "PIPELINE"
    """Early: less than even chances."""
    BEST_CASE = "BEST_CASE"
    """Even chances or better."""
    COMMIT = "COMMIT"
    """Four in five or better."""
    CLOSED = "CLOSED"
    """Won."""
    OMITTED = "OMITTED"
    """Lost: not in a forecast."""


# Even chances make the best case; four in five are what a sales person commits to (common CRM practice).
_BEST_CASE_FROM: Final = Decimal("0.5")
_COMMIT_FROM: Final = Decimal("0.8")


def forecast_category(
    state: DealState, probability: Decimal, by_hand: ForecastCategory | None = None
) -> ForecastCategory:
    """The category that follows from a deal's stage, unless one was set by hand while it is open."""
    if state is not DealState.OPEN:
        return ForecastCategory.CLOSED if state is DealState.WON else ForecastCategory.OMITTED
    if by_hand is not None:
        return by_hand
    if probability >= _COMMIT_FROM:
        return ForecastCategory.COMMIT
    return ForecastCategory.BEST_CASE if probability >= _BEST_CASE_FROM else ForecastCategory.PIPELINE


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline; probability that a deal in it is won, 0 to 1."""

    id: str
    name: str
    position: int
    probability: float
    kind: StageKind
    pipeline_id: str
    used: bool = False
    """Whether deals are or were in it."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages that deals of one kind go through, in order."""

    id: str
    name: str
    stages: tuple[Stage, ...]
    position: int = 1
    """Its place among the pipelines."""

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id, if it is one of this pipeline's."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    def first(self, kind: StageKind) -> Stage | None:
        """The first stage of a kind."""
        return next((stage for stage in self.stages if stage.kind is kind), None)


@dataclass(frozen=True, slots=True)
class NewDeal:
    """What a deal begins with: in the first pipeline, and in its first open stage, unless others are named."""

    title: str
    amount: MoneyInput | None = None
    pipeline_id: str | None = None
    stage_id: str | None = None
    owner: str | None = None
    source: str | None = None
    expected_close_on: date | None = None
    account_id: str | None = None

    def properties(self) -> dict[str, Any]:
        """The node's properties of its own."""
        return {
            "title": self.title,
            "amount": self.amount.text() if self.amount else None,
            "currency": self.amount.currency if self.amount else None,
            "owner": self.owner,
            "source": self.source,
            "expectedCloseOn": self.expected_close_on.isoformat() if self.expected_close_on else None,
            "accountId": self.account_id,
        }


def places(deal: Mapping[str, Any]) -> dict[str, str | None]:
    """The deal's places in the lists that a filter asks for: its position, behind what all of the list have.

    Each is an indexed property, so that one range answers a page of each list on every engine.
    """
    closes_on = deal.get("expectedCloseOn")
    found = {name: _place(deal, scope, deal["position"]) for name, scope in SCOPES.items()}
    ordered = closing_place(closes_on, deal["position"]) if closes_on else None
    return found | {name: _place(deal, scope, ordered) for name, scope in CLOSING.items()}


def _place(deal: Mapping[str, Any], scope: tuple[str, ...], ordered: str | None) -> str | None:
    values = [str(deal[one]) for one in scope if deal.get(one) is not None]
    # A list of nobody's deals is not asked for.
    return place(values, ordered) if ordered is not None and len(values) == len(scope) else None


def closing_place(day: str, position: str) -> str:
    """Where a deal is among those that should be closed some day: by that day, then by when it was made."""
    return place((day,), position)


def is_closing_place(text: str) -> bool:
    """Whether a text, say from a cursor, has the form of a place by the day."""
    day, _, rest = text.partition(FEED)
    return _DAY.fullmatch(day) is not None and is_position(rest)


_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "statePosition": ("state",),
    "pipelinePosition": ("pipelineId",),
    "pipelineStatePosition": ("pipelineId", "state"),
    "stagePosition": ("stageId",),
    "ownerPosition": ("owner",),
    "ownerStatePosition": ("owner", "state"),
    "ownerPipelinePosition": ("owner", "pipelineId"),
    "ownerPipelineStatePosition": ("owner", "pipelineId", "state"),
    "ownerStagePosition": ("owner", "stageId"),
    "accountPosition": ("accountId",),
}
"""The properties that order the deals of a list, and what the deals of it have in common. A stage is of one
pipeline, and of one state. Deals of all kinds are ordered by `position`."""
CLOSING: Final[Mapping[str, tuple[str, ...]]] = {
    "closingPlace": (),
    "stateClosingPlace": ("state",),
    "pipelineClosingPlace": ("pipelineId",),
    "pipelineStateClosingPlace": ("pipelineId", "state"),
    "stageClosingPlace": ("stageId",),
    "ownerClosingPlace": ("owner",),
    "ownerStateClosingPlace": ("owner", "state"),
    "ownerPipelineClosingPlace": ("owner", "pipelineId"),
    "ownerPipelineStateClosingPlace": ("owner", "pipelineId", "state"),
    "ownerStageClosingPlace": ("owner", "stageId"),
}
"""The same of the deals that should be closed some day, by that day."""
LISTED: Final = frozenset({*SCOPES, *CLOSING})
"""All properties that order lists."""


def _not_negative(amount: MoneyInput) -> MoneyInput:
    if amount.amount < 0:
        raise ValueError("the amount must not be negative")
    return amount


Worth = Annotated[MoneyInput, AfterValidator(_not_negative)]
"""What a deal is worth: not less than nothing."""


class CreateDealInput(Input):
    """A new deal; `by` is resolved apart."""

    idempotency_key: Name | None = None
    title: Name
    amount: Worth | None = None
    pipeline_id: str | None = None
    stage_id: str | None = None
    owner: Name | None = None
    source: Name | None = None
    expected_close_on: date | None = None
    account_id: str | None = None

    def opened(self) -> NewDeal:
        """The deal that it opens."""
        return NewDeal(
            self.title,
            self.amount,
            self.pipeline_id,
            self.stage_id,
            self.owner,
            self.source,
            self.expected_close_on,
            self.account_id,
        )


class UpdateDealInput(Input):
    """What changes of a deal: what is left out stays, null clears."""

    deal_id: str
    expected_version: int | None = None
    title: Name = ""
    amount: Worth | None = None
    owner: Name | None = None
    expected_close_on: date | None = None
    forecast_category: ForecastCategory | None = None

    def changes(self) -> dict[str, dict[str, Any]]:
        """By the name of each field that is given, the node's properties with their new values."""
        amount, closes, category = self.amount, self.expected_close_on, self.forecast_category
        values: dict[str, dict[str, Any]] = {
            "title": {"title": self.title},
            "amount": {
                "amount": amount.text() if amount else None,
                "currency": amount.currency if amount else None,
            },
            "owner": {"owner": self.owner},
            "expectedCloseOn": {"expectedCloseOn": closes.isoformat() if closes else None},
            "forecastCategory": {"forecastCategory": category.value if category else None},
        }
        given = {to_camel(name) for name in self.model_fields_set}
        return {name: changes for name, changes in values.items() if name in given}


class ReopenDealInput(Input):
    """A closed deal that goes on; in the stage that it was in before, unless one is named."""

    deal_id: str
    stage_id: str | None = None
    by: Name | None = None


class MoveDealInput(Input):
    """A move of an open deal to another open stage."""

    deal_id: str
    stage_id: str
    expected_version: int | None = None
    by: Name | None = None


class CloseDealInput(Input):
    """The end of a deal; LOST with a reason."""

    deal_id: str
    outcome: DealOutcome
    lost_reason: Name | None = None
    expected_version: int | None = None
    by: Name | None = None
