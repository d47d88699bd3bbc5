"""The log's book: numbers go on from the counter without a gap, and nothing is written where nothing changed."""

from __future__ import annotations

from service.changes.book import Changes
from service.changes.models import ChangeKind
from service.graph.books import Books
from service.ids import Mint

NOW = 1_750_000_000_000


def test_changes_are_numbered_from_the_last_one_on() -> None:
    books = Books(Mint(NOW), [Changes()], changes=9)
    books[Changes].enter(
        ChangeKind.DEAL_UPDATED,
        "cus_1",
        subject_id="deal_1",
        fields=("owner", "amount"),
        pipeline_id="pip_1",
        owners=("Ann", None),
    )
    books[Changes].enter(ChangeKind.CUSTOMERS_MERGED, "cus_1", previous_ids=("cus_2",))
    (append,) = books.statements()
    blank: dict[str, object] = {
        "subjectId": None,
        "fields": [],
        "previousIds": [],
        "pipelineId": None,
        "owners": [],
        "at": NOW,
    }
    assert (append.query, append.rows) == (
        "changes/append",
        [
            blank
            | {"kind": "DEAL_UPDATED", "customerId": "cus_1", "subjectId": "deal_1", "fields": ["amount", "owner"]}
            | {"pipelineId": "pip_1", "owners": ["Ann"], "place": "0000000000000010"},
            blank
            | {"kind": "CUSTOMERS_MERGED", "customerId": "cus_1", "previousIds": ["cus_2"]}
            | {"place": "0000000000000011"},
        ],
    )


def test_where_nothing_changed_nothing_is_written() -> None:
    assert list(Books(Mint(NOW), [Changes()], changes=9).statements()) == []
