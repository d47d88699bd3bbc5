"""From what the graph answers to columns: customers slice by slice, then all as one; some anew later."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.journeys.models import NOTHING, Flags, Ints, Journeys, Label, StepKind
from service.positions import position


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of some customers: rows as the query files say."""

    customer_ids: Sequence[str]
    touchpoints: Sequence[Sequence[Any]] = ()
    orders: Sequence[Sequence[Any]] = ()
    won_deals: Sequence[Sequence[Any]] = ()
    stage_changes: Sequence[Sequence[Any]] = ()


@dataclass(slots=True)
class Slice:
    """Steps of some customers, customer by customer, each one's by time; of shape (n,) each."""

    customer_ids: Sequence[str]
    customer: Ints
    """Place in `customer_ids`."""
    at: Ints
    label: Ints
    amount: Ints
    positions: dict[int, str]
    """Of orders and deals, by their place among the steps: few, and read anyway."""
    tied: list[tuple[int, int]]
    """Runs (first, end) of different steps of one customer and moment, of which the order is not known yet."""

    def __len__(self) -> int:
        return len(self.at)

    def moments(self) -> list[dict[str, Any]]:
        """Customers' ids with the times of the touchpoints of which the positions have to be read."""
        times: dict[str, list[int]] = {}
        for first, _ in self.tied:
            times.setdefault(self.customer_ids[self.customer[first]], []).append(int(self.at[first]))
        return [{"id": customer_id, "times": at} for customer_id, at in times.items()]


@dataclass(slots=True)
class Columns:
    """Numbers labels and amounts, the same way for all that is read."""

    campaigns: bool = False
    """Whether labels tell campaigns."""
    pages: tuple[str, ...] = ()
    stages: Mapping[str, str] = field(default_factory=dict)
    """Names of stages by id."""
    _labels: dict[Label, int] = field(default_factory=dict)
    _amounts: list[str] = field(default_factory=list)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    """Slices are decoded in threads: two must not take one number for different labels."""

    def slice(self, answer: Answer) -> Slice:
        """The steps of some customers; those of one moment are not in order yet where they are `tied`."""
        with self._one_at_a_time:
            return self._rows(answer).by_time(answer.customer_ids)

    def _rows(self, answer: Answer) -> _Rows:
        rows = _Rows()
        for *columns, customers, times in answer.touchpoints:
            rows.add(self._number(self._touchpoint(columns)), customers, times)
        for customer, at, place, channel, total, currency in answer.orders:
            label = self._number(Label(StepKind.ORDER, channel=channel, currency=currency))
            rows.add_one(label, customer, at, place, self._amount(total))
        for customer, at, deal_id, amount, currency in answer.won_deals:
            label = self._number(Label(StepKind.WON_DEAL, currency=currency))
            rows.add_one(label, customer, at, position(at, deal_id), self._amount(amount))
        for customer, at, place, stage_id in answer.stage_changes:
            stage = Label(StepKind.STAGE_CHANGE, stage=self.stages.get(stage_id), stage_id=stage_id)
            rows.add_one(self._number(stage), customer, at, place, -1)
        return rows

    def order_ties(self, part: Slice, touchpoints: Iterable[Sequence[Any]]) -> None:
        """Brings steps of one moment in the order of recording.

        Args:
            part: of which `moments` were read.
            touchpoints: rows of `touchpoints_at`, for all the moments.
        """
        moments = part.moments()
        told: dict[tuple[str, int], list[tuple[str, int, int]]] = {}
        with self._one_at_a_time:
            for place, at, where, *columns in touchpoints:
                label = self._number(self._touchpoint(columns))
                told.setdefault((moments[place]["id"], at), []).append((where, label, -1))
        for first, end in part.tied:
            key = part.customer_ids[part.customer[first]], int(part.at[first])
            steps = told.get(key, []) + [
                (part.positions[step], int(part.label[step]), int(part.amount[step]))
                for step in range(first, end)
                if step in part.positions
            ]
            # What was recorded or taken back between the two reads is left for the next one.
            if len(steps) == end - first:
                _, labels, amounts = zip(*sorted(steps), strict=True)
                part.label[first:end], part.amount[first:end] = labels, amounts

    def whole(self, slices: Iterable[Slice], before: Journeys | None = None) -> Journeys:
        """The slices as one, customers by id; beside them those from before that no slice has, as they were."""
        parts = list(slices)
        anew = [one for part in parts for one in part.customer_ids]
        kept = before.customer_ids if before is not None else []
        ids = sorted({*kept, *anew})
        number = {customer_id: place for place, customer_id in enumerate(ids)}
        columns: list[tuple[Ints, Ints, Ints, Ints]] = [(NOTHING, NOTHING, NOTHING, NOTHING)]
        if before is not None:
            numbers = np.fromiter(map(number.__getitem__, kept), np.int64, len(kept))
            is_kept = np.ones(len(ids), dtype=bool)
            is_kept[[number[one] for one in anew]] = False
            customer = numbers[before.customer]
            chosen = is_kept[customer]
            columns.append((customer[chosen], before.at[chosen], before.label[chosen], before.amount[chosen]))
        for part in parts:
            own = part.customer_ids
            numbers = np.fromiter(map(number.__getitem__, own), np.int64, len(own))
            columns.append((numbers[part.customer], part.at, part.label, part.amount))
        customer, at, label, amount = (np.concatenate(several) for several in zip(*columns, strict=True))
        if np.any(customer[1:] < customer[:-1]):
            order = np.argsort(customer, kind="stable")
            customer, at, label, amount = customer[order], at[order], label[order], amount[order]
        return Journeys(ids, customer, at, label, list(self._labels), amount, list(self._amounts), self.pages)

    def _touchpoint(self, columns: Sequence[Any]) -> Label:
        type_, channel, direction, campaign, source, medium, pages = (*columns, None, None, None, "")[:7]
        if not self.campaigns:
            campaign = source = medium = None
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

    def _number(self, label: Label) -> int:
        return self._labels.setdefault(label, len(self._labels))

    def _amount(self, digits: str | None) -> int:
        if digits is None:
            return -1
        self._amounts.append(digits)
        return len(self._amounts) - 1


class _Rows:
    """Steps as they come."""

    def __init__(self) -> None:
        self._customer: list[int] = []
        self._at: list[int] = []
        self._label: list[tuple[int, int]] = []
        self._told: dict[int, tuple[str, int]] = {}
        """Position and amount of the steps that are no touchpoints."""

    def add(self, label: int, customers: Sequence[int], times: Sequence[int]) -> None:
        """Touchpoints alike."""
        self._customer += customers
        self._at += times
        self._label.append((label, len(times)))

    def add_one(self, label: int, customer: int, at: int, place: str, amount: int) -> None:
        """A step that is no touchpoint."""
        self._told[len(self._at)] = place, amount
        self.add(label, (customer,), (at,))

    def by_time(self, customer_ids: Sequence[str]) -> Slice:
        """All of them, customer by customer."""
        customer = np.array(self._customer, dtype=np.int64)
        at = np.array(self._at, dtype=np.int64)
        labels = np.array(self._label, dtype=np.int64).reshape(-1, 2)
        label = np.repeat(labels[:, 0], labels[:, 1])
        amount = np.full(len(at), -1, dtype=np.int64)
        amount[list(self._told)] = [one for _, one in self._told.values()]
        order = np.lexsort((at, customer))
        customer, at, label, amount = customer[order], at[order], label[order], amount[order]
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        positions = {int(place[row]): where for row, (where, _) in self._told.items()}
        is_touchpoint = np.ones(len(at), dtype=bool)
        is_touchpoint[list(positions)] = False
        part = Slice(customer_ids, customer, at, label, amount, positions, [])
        part.tied = _ties(part, is_touchpoint)
        return part


def _ties(part: Slice, is_touchpoint: Flags) -> list[tuple[int, int]]:
    """Runs of different steps of one customer and moment."""
    if len(part) < 2:
        return []
    differs = (part.customer[1:] != part.customer[:-1]) | (part.at[1:] != part.at[:-1])
    firsts = np.flatnonzero(np.concatenate([[True], differs]))
    ends = np.append(firsts[1:], len(part))
    # Touchpoints alike may come in any order.
    alike = np.minimum.reduceat(part.label, firsts) == np.maximum.reduceat(part.label, firsts)
    alike &= np.logical_and.reduceat(is_touchpoint, firsts)
    tied = (ends - firsts > 1) & ~alike
    return list(zip(firsts[tied].tolist(), ends[tied].tolist(), strict=True))
