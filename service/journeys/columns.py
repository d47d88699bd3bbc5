"""From what the graph answers to columns: a slice of customers at a time, then all slices as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.journeys.models import NOTHING, Ints, Journeys, Label, StepKind
from service.positions import POSITION_DIGITS, YEAR_ONE_MILLIS, position


@dataclass(slots=True)
class _Slice:
    """Steps of some customers, in order."""

    customer: Ints
    at: Ints
    label: Ints
    amount: Ints


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of the customers of a slice: rows as the query files say."""

    customer_ids: Sequence[str]
    """Of all customers of the slice, in their order."""
    touchpoints: Sequence[Sequence[Any]] = ()
    orders: Sequence[Sequence[Any]] = ()
    won_deals: Sequence[Sequence[Any]] = ()
    stage_changes: Sequence[Sequence[Any]] = ()


@dataclass(slots=True)
class Columns:
    """Gathers slices, in any order."""

    pages: tuple[str, ...] = ()
    stages: Mapping[str, str] = field(default_factory=dict)
    """Names of stages by id."""
    _slices: dict[int, tuple[Sequence[str], _Slice]] = field(default_factory=dict)
    _labels: dict[Label, int] = field(default_factory=dict)
    _amounts: list[str] = field(default_factory=list)

    def add(self, place: int, answer: Answer) -> int:
        """Takes a slice that comes at a place among all; how many steps it has."""
        numbers = _Numbers((customer_id, number) for number, customer_id in enumerate(answer.customer_ids))
        rows = _Rows(numbers)
        for *columns, customers, positions in answer.touchpoints:
            rows.add(self._number(_touchpoint(columns)), customers, positions)
        for customer, at, channel, total, currency in answer.orders:
            label = self._number(Label(StepKind.ORDER, channel=channel, currency=currency))
            rows.add(label, (customer,), (at,), self._amount(total))
        for customer, closed_at, deal_id, amount, currency in answer.won_deals:
            label = self._number(Label(StepKind.WON_DEAL, currency=currency))
            rows.add(label, (customer,), (position(closed_at, deal_id),), self._amount(amount))
        for customer, at, stage_id in answer.stage_changes:
            stage = Label(StepKind.STAGE_CHANGE, stage=self.stages.get(stage_id), stage_id=stage_id)
            rows.add(self._number(stage), (customer,), (at,))
        self._slices[place] = list(numbers), rows.ordered()
        return len(rows.customer)

    def whole(self) -> Journeys:
        """All slices as one."""
        ids: list[str] = []
        parts: list[_Slice] = []
        for _, (customer_ids, part) in sorted(self._slices.items()):
            part.customer += len(ids)
            ids += customer_ids
            parts.append(part)
        self._slices.clear()
        columns = (
            np.concatenate([getattr(part, name) for part in parts]) if parts else NOTHING
            for name in ("customer", "at", "label", "amount")
        )
        customer, at, label, amount = columns
        return Journeys(ids, customer, at, label, list(self._labels), amount, self._amounts, self.pages)

    def _number(self, label: Label) -> int:
        return self._labels.setdefault(label, len(self._labels))

    def _amount(self, digits: str | None) -> int:
        if digits is None:
            return -1
        self._amounts.append(digits)
        return len(self._amounts) - 1


def _touchpoint(columns: Sequence[Any]) -> Label:
    type_, channel, direction, campaign, source, medium, pages = (*columns, None, None, None, "")[:7]
    return Label(
        StepKind.TOUCHPOINT,
        type_,
        channel,
        campaign,
        source,
        medium,
        direction != "OUTBOUND",
        pages=tuple(one == "1" for one in pages),
    )


class _Numbers(dict[str, int]):
    """Numbers of customers by id; one that was split off after its slice was made gets the next."""

    def __missing__(self, customer_id: str) -> int:
        return self.setdefault(customer_id, len(self))


class _Rows:
    """Steps of one slice as they come."""

    def __init__(self, numbers: _Numbers) -> None:
        self._numbers = numbers
        self.customer: list[int] = []
        self._position: list[str] = []
        self._label: list[tuple[int, int]] = []
        self._amount: dict[int, int] = {}

    def add(self, label: int, customers: Iterable[str], positions: Sequence[str], amount: int = -1) -> None:
        if amount >= 0:
            self._amount[len(self.customer)] = amount
        self.customer += map(self._numbers.__getitem__, customers)
        self._position += positions
        self._label.append((label, len(positions)))

    def ordered(self) -> _Slice:
        """Customer by customer, each one's steps by position."""
        customer = np.array(self.customer, dtype=np.int64)
        labels = np.array(self._label, dtype=np.int64).reshape(-1, 2)
        label = np.repeat(labels[:, 0], labels[:, 1])
        amount = np.full(len(customer), -1, dtype=np.int64)
        amount[list(self._amount)] = list(self._amount.values())
        positions = np.array(self._position, dtype=np.bytes_)
        if not len(positions):
            return _Slice(customer, NOTHING, label, amount)
        at = positions.astype(f"S{POSITION_DIGITS}").astype(np.int64) - YEAR_ONE_MILLIS
        order = np.lexsort((at, customer))
        order = _in_order_of_recording(order, customer, at, positions)
        return _Slice(customer[order], at[order], label[order], amount[order])


def _in_order_of_recording(order: Ints, customer: Ints, at: Ints, positions: Any) -> Ints:
    """The same order, but steps of one customer and moment by their positions: comparing all would be slow."""
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] = (customer[order][1:] == customer[order][:-1]) & (at[order][1:] == at[order][:-1])
    tied[:-1] |= tied[1:]
    if not tied.any():
        return order
    some = order[tied]
    order = order.copy()
    order[tied] = some[np.lexsort((positions[some], customer[some]))]
    return order
