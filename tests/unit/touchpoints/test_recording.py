from __future__ import annotations

from typing import Any

import orjson
import pytest

from service.errors import UserErrorCode
from service.graph.messages import MessageNeed
from service.identity import kinds
from service.identity.book import Identities, IdentityNeed
from service.identity.events import evidence
from service.identity.recording import Recorded
from service.ids import TOUCHPOINT, prefix_of
from service.inputs import Invalid, parsed
from service.positions import millis, position
from service.touchpoints.models import OrderInput, TouchpointInput
from service.touchpoints.recording import Facts, OrderNeed, RecordOrder, RecordTouchpoint
from tests.unit.examples import AT, NOON, NOW, claim, empty_books, event, written

TOUCH = {"type": "page_view", "channel": "web"}
ORDER = {"orderNumber": "A-1", "channel": "shop", "total": {"amount": "19.90", "currency": "EUR"}}


def touch(*keys: str, **fields: Any) -> RecordTouchpoint:
    form = parsed(TouchpointInput, TOUCH | event(*keys, **fields))
    return RecordTouchpoint(form, evidence(form, None, NOON))


def order(*keys: str, **fields: Any) -> RecordOrder:
    form = parsed(OrderInput, ORDER | event(*keys, **fields))
    return RecordOrder(form, evidence(form, None, NOON))


def invalid_fields(model: type[TouchpointInput] | type[OrderInput], raw: dict[str, Any]) -> list[tuple[str, ...]]:
    with pytest.raises(Invalid) as caught:
        parsed(model, raw)
    return [error.field for error in caught.value.errors]


def test_a_touchpoint_is_written_with_all_that_the_event_said() -> None:
    books = empty_books()
    recorded = touch(
        "cookie:c",
        "email:Ann@example.com",
        source="site",
        direction="OUTBOUND",
        campaign={"name": "Spring", "clickId": "g1", "term": None},
        page={"url": "https://example.com/", "referrer": "https://example.org/"},
        properties={"size": 43},
    ).decide(books)
    assert recorded == Recorded(recorded.subject_id, "email:ann@example.com")
    assert recorded.subject_id is not None
    assert prefix_of(recorded.subject_id) == TOUCHPOINT
    rows = written(books)
    assert rows["touchpoints/create_touchpoints"] == [
        {
            "id": recorded.subject_id,
            "identifierKey": "email:ann@example.com",
            "identifierKeys": ["email:ann@example.com", "cookie:c"],
            "leftOutKeys": None,
            "source": "site",
            "occurredAt": AT,
            "receivedAt": NOW,
            "position": position(AT, recorded.subject_id),
            "key": "site\nm1",
            "messageKind": "touchpoint",
            "subjectId": recorded.subject_id,
            "refused": "[]",
            "messageId": "m1",
            "type": "page_view",
            "channel": "web",
            "direction": "OUTBOUND",
            "properties": '{"size":43}',
            "campaignName": "Spring",
            "campaignClickId": "g1",
            "pageUrl": "https://example.com/",
            "pageReferrer": "https://example.org/",
        }
    ]
    # It is its own message.
    assert "graph/create_messages" not in rows


def test_what_an_event_leaves_out_has_its_default() -> None:
    books = empty_books()
    touch("cookie:c").decide(books)
    (row,) = books[Facts].touchpoints
    assert (row["source"], row["direction"], row["properties"]) == ("api", "INBOUND", "{}")


def test_a_touchpoint_needs_its_message_and_its_identifiers() -> None:
    command = touch("device:d", "cookie:c")
    need = IdentityNeed(evidence=command.evidence)
    assert command.needs() == [MessageNeed("api\nm1"), need]
    assert need.named(kinds.DEFAULTS) == ("cookie:c", "device:d")


def test_a_fact_knows_what_it_was_observed_with_though_it_was_refused() -> None:
    books = empty_books()
    touch("cookie:c", "user_id:u", "user_id:v").decide(books)
    (row,) = books[Facts].touchpoints
    assert (row["identifierKeys"], row["leftOutKeys"]) == (["user_id:u", "cookie:c"], ["user_id:v"])


def test_a_repeated_message_is_a_duplicate_whatever_it_says() -> None:
    books = empty_books()
    first = touch("cookie:c", "cookie:null").decide(books)
    again = touch("cookie:other", type="call").decide(books)
    assert again == Recorded(first.subject_id, "cookie:c", duplicate=True, refused=first.refused)
    assert [(one.kind, one.value) for one in again.refused] == [("cookie", "null")]
    assert len(books[Facts].touchpoints) == 1
    assert books[Identities].partition.customer_of("cookie:other") is None


def test_a_message_id_is_unique_within_its_source_only() -> None:
    books = empty_books()
    touch("cookie:c", source="a").decide(books)
    assert not touch("cookie:c", source="b").decide(books).duplicate
    assert len(books[Facts].touchpoints) == 2


def test_a_message_id_that_another_kind_of_recording_took_is_refused() -> None:
    books = empty_books()
    touch("cookie:c").decide(books)
    refused = order("cookie:d").decide(books)
    assert refused.subject_id is None
    (error,) = refused.errors
    assert (error.code, error.field) == (UserErrorCode.ALREADY_EXISTS, ("messageId",))
    assert error.message == "messageId: 'm1' of source 'api' is taken by a touchpoint; use another"
    assert books[Facts].orders == {}
    assert books[Identities].partition.customer_of("cookie:d") is None


def test_a_refused_identifier_is_not_among_those_it_was_observed_with() -> None:
    books = empty_books()
    recorded = touch("user_id:u1", "user_id:u2", "cookie:c").decide(books)
    assert [one.code for one in recorded.refused] == [UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED]
    (row,) = books[Facts].touchpoints
    assert row["identifierKeys"] == ["user_id:u1", "cookie:c"]
    assert orjson.loads(row["refused"]) == [
        ["user_id", "u2", "IDENTIFIER_LIMIT_EXCEEDED", "The customer would have more than 1 of kind user_id."]
    ]


def test_without_a_usable_identifier_a_fact_hangs_on_its_customers_own() -> None:
    books = empty_books()
    recorded = touch("cookie:null").decide(books)
    (row,) = books[Facts].touchpoints
    assert row["identifierKey"] == recorded.anchor
    assert row["identifierKeys"] == [recorded.anchor]
    assert str(recorded.anchor).startswith("customer:cus_")


def test_facts_of_one_moment_keep_the_order_of_recording() -> None:
    books = empty_books()
    touch("cookie:c").decide(books)
    order("cookie:c", message_id="m2").decide(books)
    touch("cookie:c", message_id="m3").decide(books)
    first, last = books[Facts].touchpoints
    (between,) = books[Facts].orders.values()
    assert first["position"] < between["position"] < last["position"]


def test_a_new_order_is_written_on_the_strongest_identifier_with_its_message() -> None:
    books = empty_books()
    recorded = order(
        "cookie:c",
        "phone:+79161234567",
        status="PAID",
        lines=[
            {"sku": "S1", "unitPrice": {"amount": "9.95", "currency": "EUR"}, "quantity": "2"},
            {"sku": "S2", "name": "Sock", "unitPrice": {"amount": "0", "currency": "EUR"}, "category": "shoes"},
        ],
        coupons=["SPRING"],
        paymentMethod="card",
    ).decide(books)
    rows = written(books)
    (row,) = rows["touchpoints/create_orders"]
    assert orjson.loads(row.pop("lines")) == [
        {
            "sku": "S1",
            "name": None,
            "quantity": "2",
            "unitPrice": {"amount": "9.95", "currency": "EUR"},
            "category": None,
        },
        {
            "sku": "S2",
            "name": "Sock",
            "quantity": "1",
            "unitPrice": {"amount": "0", "currency": "EUR"},
            "category": "shoes",
        },
    ]
    assert row == {
        "id": recorded.subject_id,
        "identifierKey": "phone:+79161234567",
        "identifierKeys": ["phone:+79161234567", "cookie:c"],
        "leftOutKeys": None,
        "source": "api",
        "occurredAt": AT,
        "receivedAt": NOW,
        "position": position(AT, recorded.subject_id or ""),
        "status": "PAID",
        "coupons": ["SPRING"],
        "paymentMethod": "card",
        "orderNumber": "A-1",
        "total": "19.90",
        "currency": "EUR",
        "channel": "shop",
        "orderKey": "api\nA-1",
        "updatedAt": NOW,
    }
    assert rows["graph/create_messages"] == [
        {
            "key": "api\nm1",
            "messageKind": "order",
            "subjectId": recorded.subject_id,
            "identifierKey": "phone:+79161234567",
            "refused": "[]",
        }
    ]
    # An order makes no touchpoint.
    assert "touchpoints/create_touchpoints" not in rows


def test_a_new_order_that_says_little_is_placed_and_has_no_lines() -> None:
    books = empty_books()
    order("cookie:c").decide(books)
    (row,) = written(books)["touchpoints/create_orders"]
    assert (row["status"], row["lines"], row["coupons"]) == ("PLACED", "[]", [])
    assert "paymentMethod" not in row


def test_an_order_needs_its_message_its_identifiers_and_itself() -> None:
    command = order("cookie:c")
    assert list(command.needs()) == [
        MessageNeed("api\nm1"),
        IdentityNeed(evidence=command.evidence),
        OrderNeed("api\nA-1"),
    ]


def test_a_new_order_and_its_update_in_one_batch_are_one_row() -> None:
    books = empty_books()
    made = order("cookie:c", coupons=["A"], paymentMethod="card").decide(books)
    later = NOON.replace(minute=30)
    updated = order("cookie:d", message_id="m2", status="CANCELLED", occurredAt=later).decide(books)
    assert updated.subject_id == made.subject_id
    rows = written(books)
    (row,) = rows["touchpoints/create_orders"]
    assert (row["status"], row["coupons"], row["paymentMethod"]) == ("CANCELLED", ["A"], "card")
    assert "touchpoints/update_orders" not in rows


def test_an_order_keeps_its_first_time_and_identifier() -> None:
    books = empty_books()
    order("cookie:c").decide(books)
    earlier = NOON.replace(hour=1)
    updated = order("phone:+79161234567", message_id="m2", occurredAt=earlier).decide(books)
    (row,) = books[Facts].orders.values()
    assert (row["occurredAt"], row["identifierKey"]) == (AT, "cookie:c")
    assert row["position"] == position(AT, row["id"])
    assert millis(earlier) < AT
    # Its customer is the order's, not the one of the updating event.
    assert updated.anchor == "cookie:c"


def test_an_order_number_is_unique_within_its_source_only() -> None:
    books = empty_books()
    one = order("cookie:c", source="shop").decide(books)
    other = order("cookie:c", source="app").decide(books)
    assert one.subject_id != other.subject_id
    assert len(written(books)["touchpoints/create_orders"]) == 2


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({}, {}),
        ({"status": None}, {}),
        ({"status": "RETURNED"}, {"status": "RETURNED"}),
        ({"lines": None}, {"lines": "[]"}),
        ({"lines": []}, {"lines": "[]"}),
        ({"coupons": None}, {"coupons": []}),
        ({"coupons": ["A"]}, {"coupons": ["A"]}),
        ({"paymentMethod": None}, {"paymentMethod": None}),
        ({"paymentMethod": "cash"}, {"paymentMethod": "cash"}),
    ],
)
def test_an_update_changes_what_it_says_and_null_clears(fields: dict[str, Any], changes: dict[str, Any]) -> None:
    books = empty_books()
    books[Facts].orders["api\nA-1"] = {"id": "ord_1", "identifierKey": "cookie:first"}
    recorded = order("cookie:c", **fields).decide(books)
    assert (recorded.subject_id, recorded.anchor) == ("ord_1", "cookie:first")
    always = {
        "orderNumber": "A-1",
        "total": "19.90",
        "currency": "EUR",
        "channel": "shop",
        "orderKey": "api\nA-1",
        "updatedAt": NOW,
    }
    rows = written(books)
    assert rows["touchpoints/update_orders"] == [{"key": "api\nA-1", "changes": always | changes}]
    assert "touchpoints/create_orders" not in rows


def test_the_customer_of_an_orders_event_is_resolved_like_any() -> None:
    books = empty_books()
    books[Identities].resolve(claim("cookie:c"), books)
    order("cookie:c", "phone:+79161234567").decide(books)
    partition = books[Identities].partition
    assert partition.customer_of("cookie:c") is partition.customer_of("phone:+79161234567")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"type": ""}, ("type",)),
        ({"channel": None}, ("channel",)),
        ({"direction": "SIDEWAYS"}, ("direction",)),
        ({"campaign": {"colour": "red"}}, ("campaign", "colour")),
        ({"campaign": {"name": "x" * 4001}}, ("campaign", "name")),
        ({"page": {"url": "a\x00b"}}, ("page", "url")),
        ({"properties": []}, ("properties",)),
        ({"orderNumber": "1"}, ("orderNumber",)),
    ],
)
def test_a_wrong_touchpoint_is_invalid(changed: dict[str, Any], field: tuple[str, ...]) -> None:
    assert invalid_fields(TouchpointInput, TOUCH | event("cookie:c") | changed) == [field]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"orderNumber": " "}, ("orderNumber",)),
        ({"status": "LOST"}, ("status",)),
        ({"total": None}, ("total",)),
        ({"total": {"amount": "-0.01", "currency": "EUR"}}, ("total",)),
        ({"total": {"amount": "1", "currency": "EURO"}}, ("total", "currency")),
        ({"lines": [{"sku": "a"}]}, ("lines", "0", "unitPrice")),
        ({"lines": [{"sku": "a", "unitPrice": {"amount": "1", "currency": "EUR"}}] * 501}, ("lines",)),
        ({"coupons": ["a"] * 51}, ("coupons",)),
        ({"coupons": [""]}, ("coupons", "0")),
        ({"channel": ""}, ("channel",)),
        ({"type": "page_view"}, ("type",)),
    ],
)
def test_a_wrong_order_is_invalid(changed: dict[str, Any], field: tuple[str, ...]) -> None:
    assert invalid_fields(OrderInput, ORDER | event("cookie:c") | changed) == [field]


def test_an_order_may_be_worth_nothing_and_have_500_lines() -> None:
    line = {"sku": "a", "unitPrice": {"amount": "0", "currency": "EUR"}}
    made = order("cookie:c", total={"amount": "0", "currency": "EUR"}, lines=[line] * 500, coupons=["a"] * 50)
    assert made.order.total.text() == "0"
    assert len(made.order.lines or []) == 500
