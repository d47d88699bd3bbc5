"""What is delivered: one message a change, by the Standard Webhooks specification. Pure but for fresh secrets."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from standardwebhooks import Webhook as Signer

from service import ids
from service.changes.models import Change
from service.positions import instant
from service.reads.connections import cursor

_SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"


def new_secret() -> str:
    """A secret to sign with."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class Message:
    """One change for one endpoint: the same however often it is tried."""

    id: str
    body: bytes


def message(webhook_id: str, change: Change) -> Message:
    """The message of a change: ids and names of fields, no personal data."""
    number, at = int(change.place), _written(change.at)
    content = {
        "type": _type(change.kind),
        "timestamp": at,
        "data": {
            "kind": change.kind,
            "cursor": cursor(change.place),
            "at": at,
            "customerId": change.customer_id,
            "previousCustomerIds": list(change.previous_ids),
            "subjectId": change.subject_id,
            "changedFields": list(change.fields),
        },
    }
    return Message(f"msg_{webhook_id.removeprefix(ids.WEBHOOK)}_{number}", orjson.dumps(content))


def _type(kind: str) -> str:
    """DEAL_STAGE_MOVED is called deal.stage_moved: first what, then what happened to it."""
    return kind.lower().replace("_", ".", 1)


def _written(epoch_millis: int) -> str:
    return instant(epoch_millis).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signed(one: Message, signer: Signer, now: datetime) -> list[tuple[bytes, bytes]]:
    """The headers of one try; `now` is in UTC."""
    signature = signer.sign(one.id, now, one.body.decode())
    return [
        (b"Webhook-Id", one.id.encode()),
        (b"Webhook-Timestamp", str(int(now.timestamp())).encode()),
        (b"Webhook-Signature", signature.encode()),
    ]
