"""The nodes of one kind that a batch knows, makes and changes: what most books are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.errors import Refused, UserErrorCode


class Records:
    """Nodes by their id. A change is seen by all that decide later in the batch."""

    def __init__(self, called: str, columns: Sequence[str]) -> None:
        """`called` is what users call one of them, `columns` the properties that are read of what is known."""
        self._called = called
        self._columns = columns
        self._known: dict[str, dict[str, Any]] = {}
        self._created: dict[str, None] = {}
        self._changes: dict[str, dict[str, Any]] = {}

    def take(self, rows: Iterable[Sequence[Any]]) -> None:
        """Takes in what the graph has; the first column is the id."""
        for row in rows:
            self._known[row[0]] = dict(zip(self._columns, row, strict=True))

    def get(self, record_id: str) -> Mapping[str, Any] | None:
        """The properties of one, as this batch has it by now."""
        return self._known.get(record_id)

    def __getitem__(self, record_id: str) -> Mapping[str, Any]:
        return self._known[record_id]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._known.values())

    def expected(self, record_id: str, version: int | None = None) -> Mapping[str, Any]:
        """The properties of one that is to be changed, if it has the version that is expected, if any is.

        Raises:
            Refused: there is none, or it has another version by now.
        """
        record = self._known.get(record_id)
        if record is None:
            raise Refused(UserErrorCode.NOT_FOUND, f"{self._called}Id", f"there is no such {self._called}")
        if version is not None and version != record["version"]:
            raise Refused(
                UserErrorCode.VERSION_CONFLICT,
                "expectedVersion",
                f"the {self._called} is at version {record['version']} by now; read it again",
            )
        return record

    def create(self, properties: dict[str, Any]) -> None:
        """Enters a new one, with its id."""
        self._known[properties["id"]] = properties
        self._created[properties["id"]] = None

    def change(self, record_id: str, changes: Mapping[str, Any]) -> None:
        """Enters changed properties; who was given the properties before still has those."""
        self._known[record_id] = {**self._known[record_id], **changes}
        if record_id not in self._created:
            self._changes.setdefault(record_id, {}).update(changes)

    @property
    def created(self) -> list[Mapping[str, Any]]:
        """The properties of the new ones."""
        return [self._known[record_id] for record_id in self._created]

    @property
    def changed(self) -> list[dict[str, Any]]:
        """The changed properties of known ones: rows (id, changes)."""
        return [{"id": record_id, "changes": changes} for record_id, changes in self._changes.items()]
