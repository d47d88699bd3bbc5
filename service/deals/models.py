"""Deals as they come in, and pipelines as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import AfterValidator
from pydantic.alias_generators import to_camel

from service.inputs import Input, MoneyInput, Name
from service.lists import place


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


CLOSING_MONTH: Final = "closingMonth"
"""No property of a deal, but of its expectedCloseOn."""


def month_of(day: str) -> str:
    """The month of a day, both as ISO 8601 writes them."""
    return day[:7]


def month_after(month: str) -> str:
    """The next month."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year:04d}-{number + 1:02d}"


def places(deal: Mapping[str, Any]) -> dict[str, str | None]:
    """The deal's places in the lists that a filter asks for: its position, behind what all of the list have.

    Each is an indexed property, so that one range answers a page of each list on every engine.
    """
    found: dict[str, str | None] = {}
    closes_on = deal.get("expectedCloseOn")
    known = {**deal, CLOSING_MONTH: month_of(closes_on) if closes_on else None}
    for name, scope in SCOPES.items():
        values = [str(known[one]) for one in scope if known.get(one) is not None]
        # A list of nobody's deals is not asked for.
        found[name] = place(values, deal["position"]) if len(values) == len(scope) else None
    return found


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
    "closingPosition": (CLOSING_MONTH,),
    "ownerClosingPosition": ("owner", CLOSING_MONTH),
}
"""The properties that order the deals of a list, and what the deals of it have in common. A stage is of one
pipeline, and of one state. Deals of all kinds are ordered by `position`."""


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
