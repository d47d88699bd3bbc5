"""Journeys as columns: the form in which reports get them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NOT_SET: Final = "(not set)"
"""The key of a step that says nothing of a dimension."""
OTHER: Final = "other"
"""The key of all that is not among the most frequent."""


class StepKind(Enum):
    """What a step of a journey is."""

    TOUCHPOINT = "t"
    """A contact."""
    ORDER = "o"
    """An order that was neither cancelled nor returned."""
    WON_DEAL = "w"
    """The closing of a deal that is won."""
    STAGE_CHANGE = "s"
    """The move of a deal into a stage."""


class TouchpointDimension(Enum):
    """By what touchpoints are told apart."""

    CHANNEL = "CHANNEL"
    """Their channel."""
    CAMPAIGN = "CAMPAIGN"
    """The campaign's name."""
    SOURCE = "SOURCE"
    """The campaign's source."""
    MEDIUM = "MEDIUM"
    """The campaign's medium."""
    TYPE = "TYPE"
    """Their type."""


class Label(NamedTuple):
    """What is known of a step beside its time and its customer. Many steps have the same."""

    kind: StepKind
    type: str | None = None
    channel: str | None = None
    campaign: str | None = None
    source: str | None = None
    medium: str | None = None
    inbound: bool = True
    currency: str | None = None
    stage: str | None = None
    """Name of the stage that a deal moved into."""
    stage_id: str | None = None
    pages: tuple[bool, ...] = ()
    """For each text that was asked for, whether the page's address contains it."""

    def of(self, dimension: TouchpointDimension) -> str:
        """Its key by a dimension."""
        match dimension:
            case TouchpointDimension.CHANNEL:
                value = self.channel
            case TouchpointDimension.CAMPAIGN:
                value = self.campaign
            case TouchpointDimension.SOURCE:
                value = self.source
            case TouchpointDimension.MEDIUM:
                value = self.medium
            case TouchpointDimension.TYPE:
                value = _TYPES.get(self.kind, self.type)
        return value or NOT_SET


_TYPES: Final = {StepKind.ORDER: "order", StepKind.WON_DEAL: "won deal", StepKind.STAGE_CHANGE: "deal stage"}


@dataclass(frozen=True, slots=True)
class Journeys:
    """The steps of many customers, customer by customer, each customer's in the order in which they happened.

    All arrays have the shape (n,), a place for each step.
    """

    customer_ids: list[str]
    customer: Ints
    """Number of the customer in `customer_ids`, ascending."""
    at: Ints
    """Epoch milliseconds, ascending within a customer; of one moment in the order of recording."""
    label: Ints
    """Number of the label in `labels`."""
    labels: list[Label]
    amount: Ints
    """Number of the amount in `amounts`; -1: none."""
    amounts: list[str]
    """Digits, in the label's currency."""
    pages: tuple[str, ...] = ()
    """The texts that the labels' `pages` are about."""

    def __len__(self) -> int:
        return len(self.at)

    def where(self, test: Callable[[Label], bool]) -> Flags:
        """The steps whose label passes a test."""
        return np.fromiter((test(one) for one in self.labels), bool, len(self.labels))[self.label]

    def keys(self, dimension: TouchpointDimension) -> tuple[Ints, list[str]]:
        """The number of each step's key by a dimension, and the keys in alphabetical order."""
        named = [one.of(dimension) for one in self.labels]
        names = sorted(set(named))
        number = {name: place for place, name in enumerate(names)}
        numbers = np.fromiter((number[name] for name in named), np.int64, len(named))
        return numbers[self.label], names

    def amounts_in(self, places: Ints, currency: str | None) -> tuple[Floats, list[str]]:
        """The amounts of some steps as numbers, 0 where they are in another currency; the digits of the others."""
        fits = self.where(lambda label: currency is not None and label.currency == currency)
        number = np.where(fits[places], self.amount[places], -1)
        values = np.append(np.array(self.amounts, dtype=np.float64), 0.0)
        return values[number], [self.amounts[one] for one in number[number >= 0].tolist()]

    def only(self, chosen: Flags) -> Journeys:
        """The same of some steps; numbers of customers stay."""
        return Journeys(
            self.customer_ids,
            self.customer[chosen],
            self.at[chosen],
            self.label[chosen],
            self.labels,
            self.amount[chosen],
            self.amounts,
            self.pages,
        )


def firsts(groups: Ints) -> Flags:
    """Which of numbers, of which equal ones lie side by side, are the first of their kind; shape (n,)."""
    first = np.ones(len(groups), dtype=bool)
    first[1:] = groups[1:] != groups[:-1]
    return first


NOTHING: Final[Any] = np.zeros(0, dtype=np.int64)
"""No numbers."""
