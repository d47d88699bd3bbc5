"""What happened to who is who: events that are kept, shown, and can be undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from service.identity.models import IdentityEventKind
from service.positions import position


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """One thing that happened to who is who."""

    id: str
    kind: IdentityEventKind
    at: int
    """When it was recorded, in epoch milliseconds."""
    reason: str
    by: str
    customer_ids: tuple[str, ...]
    """Whom it concerned: of a merge the survivor first, of a split who kept the id."""
    message_id: str | None = None
    undone: bool = False
    detail: dict[str, Any] = field(default_factory=dict)
    """What undoing it needs; see `service.identity.regrouping`."""

    def row(self) -> dict[str, Any]:
        """Its properties, and the keys of the customers' own identifiers, which it concerns."""
        return {
            "concerns": [f"customer:{one}" for one in self.customer_ids],
            "properties": {
                "id": self.id,
                "kind": self.kind.value,
                "at": self.at,
                "position": position(self.at, self.id),
                "reason": self.reason,
                "by": self.by,
                "customerIds": list(self.customer_ids),
                "messageId": self.message_id,
                "undone": self.undone,
                "detail": orjson.dumps(self.detail).decode(),
            },
        }
