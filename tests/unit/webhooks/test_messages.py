"""Messages: their exact bodies, and signatures that the specification's own library verifies."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from service.changes.models import Change, ChangeKind, place
from service.reads.connections import cursor
from service.webhooks.messages import message, new_secret, signed

MERGED = Change(
    place(7), "CUSTOMERS_MERGED", 1_700_000_000_123, "cus_b", ("cus_a",), ("identifiers",), None, "pip_1", ("Ann",)
)
HOOK = "whk_0123456789abcdef0123456789abcdef"


def test_the_body_has_ids_and_names_of_fields_only() -> None:
    one = message(HOOK, MERGED)
    assert one.id == "msg_0123456789abcdef0123456789abcdef_7"
    assert orjson.loads(one.body) == {
        "type": "customers.merged",
        "timestamp": "2023-11-14T22:13:20.123Z",
        "data": {
            "kind": "CUSTOMERS_MERGED",
            "cursor": cursor(place(7)),
            "at": "2023-11-14T22:13:20.123Z",
            "customerId": "cus_b",
            "previousCustomerIds": ["cus_a"],
            "subjectId": None,
            "changedFields": ["identifiers"],
        },
    }
    assert message(HOOK, MERGED) == one


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_the_type_is_the_kind_in_the_form_that_the_specification_wants(kind: ChangeKind) -> None:
    change = Change(place(1), kind.value, 0, None, (), (), None, None, ())
    written = orjson.loads(message(HOOK, change).body)["type"]
    assert written.replace(".", "_").upper() == kind.value
    if kind is ChangeKind.TICKET_RESPONSE_DUE:
        assert written == "ticket.response_due"


def test_the_specifications_library_verifies_what_is_signed() -> None:
    secret, one = new_secret(), message(HOOK, MERGED)
    sent = {name.decode(): value.decode() for name, value in signed(one, Webhook(secret), datetime.now(UTC))}
    assert sent["Webhook-Id"] == one.id
    assert Webhook(secret).verify(one.body, sent) == orjson.loads(one.body)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret).verify(one.body.replace(b"cus_b", b"cus_c"), sent)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(new_secret()).verify(one.body, sent)
    late = dict(signed(one, Webhook(secret), datetime.now(UTC) - timedelta(minutes=6)))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(one.body, {name.decode(): value.decode() for name, value in late.items()})


def test_a_secret_has_the_form_of_the_specification() -> None:
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert new_secret() != secret
