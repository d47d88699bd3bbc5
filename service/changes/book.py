"""Appending to the log, in the transaction of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from service.changes.models import ChangeKind, place
from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction


class Changes:
    """The changes of one batch. The last book: it is told by the others what they decided.

    Changes are numbered from the counter that the write lock is held on: without a gap, in the order of commits,
    whichever process they are made by.
    """

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def enter(
        self,
        kind: ChangeKind,
        customer_id: str | None,
        *,
        subject_id: str | None = None,
        fields: Iterable[str] = (),
        previous_ids: Iterable[str] = (),
        pipeline_id: str | None = None,
        owners: Iterable[str | None] = (),
    ) -> None:
        """Enters a change.

        Args:
            kind: what happened.
            customer_id: whose it was at that moment; None for what is nobody's.
            subject_id: global id of what it is about, other than the customer.
            fields: GraphQL names of what is another now.
            previous_ids: of a merge or a split, the customers that this one's facts were under before.
            pipeline_id: of a deal.
            owners: before and after.
        """
        self._rows.append(
            {
                "kind": kind.value,
                "customerId": customer_id,
                "subjectId": subject_id,
                "fields": sorted(set(fields)),
                "previousIds": list(previous_ids),
                "pipelineId": pipeline_id,
                "owners": sorted({owner for owner in owners if owner is not None}),
            }
        )

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        """Nothing: the number to go on from comes with the lock."""

    def statements(self, books: Books) -> Iterator[Statement]:
        """Numbers the changes and writes them."""
        for number, row in enumerate(self._rows, books.changes + 1):
            row |= {"place": place(number), "at": books.now}
        yield Statement("changes/append", self._rows)
