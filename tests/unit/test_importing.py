from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from service.errors import BadInput
from service.event_files import Pairs, Row, csv_rows, ndjson_rows, unpacked
from service.importing import check_fields, rejection, zone_named

BERLIN = ZoneInfo("Europe/Berlin")
MAPPING = [("type", "what"), ("cookie", "visitor"), ("occurredAt", "when")]


def ndjson(text: str | bytes, zone: tzinfo = UTC) -> list[Row]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(ndjson_rows(io.BytesIO(content), zone))


def table(text: str | bytes, mapping: Pairs = MAPPING, constants: Pairs = (), zone: tzinfo = UTC) -> list[Row]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(csv_rows(io.BytesIO(content), mapping, constants, zone))


def raw(row: Row) -> dict[str, Any]:
    assert row.raw is not None
    return dict(row.raw)


def message_ids(rows: list[Row]) -> list[str]:
    return [raw(row)["messageId"] for row in rows]


def test_a_line_of_ndjson_is_a_recording_input_as_it_stands() -> None:
    (row,) = ndjson('{"messageId": "m1", "source": "shop", "type": "call", "properties": {"a": [1]}}\n')
    assert row == Row(
        1,
        {"messageId": "m1", "source": "shop", "type": "call", "properties": {"a": [1]}},
        {"messageId": "m1", "source": "shop", "type": "call", "properties": {"a": [1]}},
    )


def test_what_is_missing_is_made_in_the_input_and_not_in_the_record() -> None:
    (row,) = ndjson('{"type": "call"}')
    assert row.record == {"type": "call"}
    assert raw(row) == {"type": "call", "source": "import", "messageId": raw(row)["messageId"]}


def test_empty_lines_are_passed_over_but_counted() -> None:
    assert [row.number for row in ndjson('{"a": 1}\n\n  \r\n{"a": 1}\n')] == [1, 4]


@pytest.mark.parametrize(
    ("line", "record", "reason"),
    [
        ("{oops", "{oops", "not JSON: "),
        (b"\xff\xfe", "\ufffd\ufffd", "not JSON: "),
        ("[1]", [1], "not a JSON object"),
        ('"text"', "text", "not a JSON object"),
        ("null", None, "not a JSON object"),
        ('{"occurredAt": "soon"}', {"occurredAt": "soon"}, "occurredAt: "),
        ('{"occurredAt": ""}', {"occurredAt": ""}, "occurredAt: "),
    ],
)
def test_a_bad_line_has_a_reason_and_stops_nothing(line: str | bytes, record: object, reason: str) -> None:
    content = line if isinstance(line, bytes) else line.encode()
    bad, good = ndjson(content + b'\n{"type": "call"}\n')
    assert (bad.number, bad.record, bad.raw) == (1, record, None)
    assert bad.reason is not None
    assert bad.reason.startswith(reason)
    assert (good.number, good.reason, raw(good)["type"]) == (2, None, "call")


def test_a_very_long_bad_line_is_kept_in_part() -> None:
    (row,) = ndjson("x" * 1_000_000)
    assert row.record == "x" * 10_000


@pytest.mark.parametrize(
    "read", [lambda: ndjson('{"a": 1}\n' * 3), lambda: table("what\na\na\na\n", [("type", "what")])]
)
def test_equal_rows_have_message_ids_of_their_own_that_a_second_run_repeats(read: Any) -> None:
    first = message_ids(read())
    assert len(set(first)) == 3
    assert message_ids(read()) == first
    assert [one.rsplit("-", 1)[0] for one in first] == ["row-1", "row-2", "row-3"]


def test_another_content_in_the_same_row_has_another_message_id() -> None:
    assert message_ids(ndjson('{"a": 1}')) != message_ids(ndjson('{"a": 2}'))
    assert message_ids(ndjson('{"a": 1, "b": 2}')) == message_ids(ndjson('{"b": 2, "a": 1}'))


def test_a_message_id_of_the_row_is_kept() -> None:
    assert message_ids(table("id,what\n7,a\n,b\n", [("messageId", "id"), ("type", "what")]))[0] == "7"
    # An empty cell is a missing one.
    assert message_ids(table("id,what\n7,a\n,b\n", [("messageId", "id"), ("type", "what")]))[1].startswith(
        "row-2-"
    )


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-01T12:00:00", UTC, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01 12:00:00", BERLIN, datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ("2026-07-01T12:00:00", BERLIN, datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-03-01T12:00:00+03:00", BERLIN, datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01T12:00:00Z", BERLIN, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (" 2026-03-01 ", UTC, datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_has_that_of_the_zone(text: str, zone: tzinfo, expected: datetime) -> None:
    (line,) = ndjson(orjson.dumps({"occurredAt": text}), zone)
    (cell,) = table(f"when\n{text}\n", [("occurredAt", "when")], zone=zone)
    for row in (line, cell):
        at = raw(row)["occurredAt"]
        assert at == expected
        assert at.utcoffset() is not None


@pytest.mark.parametrize("value", [None, 7])
def test_a_time_that_is_no_text_is_left_to_the_recorder(value: object) -> None:
    (row,) = ndjson(orjson.dumps({"occurredAt": value}))
    assert raw(row)["occurredAt"] == value


def test_the_columns_of_a_table_make_the_input() -> None:
    header = "what,visitor,when,mail,name,size,price,order"
    text = f"{header}\npage_view,c1,2026-03-01T12:00:00,a@b.co,Spring,43,9.90,A-1\n"
    mapping = [
        *MAPPING,
        ("email", "mail"),
        ("external:crm", "visitor"),
        ("campaign.name", "name"),
        ("properties.size", "size"),
        ("properties.first.name", "name"),
        ("total.amount", "price"),
        ("orderNumber", "order"),
        ("attributes.city", "name"),
    ]
    (row,) = table(text, mapping, [("total.currency", "EUR"), ("channel", "web")])
    assert raw(row) == {
        "identifiers": [
            {"kind": "cookie", "value": "c1"},
            {"kind": "email", "value": "a@b.co"},
            {"kind": "external:crm", "value": "c1"},
        ],
        "total": {"currency": "EUR", "amount": "9.90"},
        "channel": "web",
        "type": "page_view",
        "occurredAt": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "campaign": {"name": "Spring"},
        "properties": {"size": "43", "first.name": "Spring"},
        "orderNumber": "A-1",
        "attributes": {"city": "Spring"},
        "messageId": raw(row)["messageId"],
        "source": "import",
    }
    assert (row.number, row.record["mail"]) == (1, "a@b.co")


def test_a_cell_wins_over_the_constant_of_its_field() -> None:
    rows = table('what\ncall\n""\n', [("type", "what")], [("type", "page_view"), ("source", "shop")])
    assert [(raw(row)["type"], raw(row)["source"]) for row in rows] == [("call", "shop"), ("page_view", "shop")]


def test_empty_and_absent_cells_are_left_out() -> None:
    rows = table("what,visitor,when\ncall,,\ncall\n")
    assert [set(raw(row)) for row in rows] == [{"type", "identifiers", "messageId", "source"}] * 2
    assert [raw(row)["identifiers"] for row in rows] == [[], []]


def test_a_row_with_too_many_cells_keeps_them_in_its_record() -> None:
    (row,) = table("what\ncall,more,and more\n", [("type", "what")])
    assert raw(row)["type"] == "call"
    assert row.record == {"what": "call", None: ["more", "and more"]}


def test_a_table_may_have_quotes_line_breaks_and_a_byte_order_mark() -> None:
    rows = table('\ufeffwhat,visitor,when\r\n"a ""b"",\nc",c1,\r\ncall,ü,\r\n'.encode())
    assert [raw(row)["type"] for row in rows] == ['a "b",\nc', "call"]
    assert raw(rows[1])["identifiers"] == [{"kind": "cookie", "value": "ü"}]


def test_bytes_that_are_not_utf_8_are_replaced_and_stop_nothing() -> None:
    rows = table(b"what,visitor,when\ncaf\xe9,c1,\ncall,c2,\n")
    assert [raw(row)["type"] for row in rows] == ["caf\ufffd", "call"]


def test_a_time_that_cannot_be_read_refuses_its_row_only() -> None:
    bad, good = table("what,visitor,when\ncall,c1,soon\ncall,c1,2026-03-01\n")
    assert (bad.raw, bad.record["when"]) == (None, "soon")
    assert bad.reason is not None
    assert bad.reason.startswith("occurredAt: ")
    assert good.reason is None


def test_a_cell_that_is_too_long_for_a_table_refuses_its_row_only() -> None:
    rows = table(f"what,visitor,when\n{'x' * 200_000},c1,\ncall,c2,\n")
    assert [row.raw is None for row in rows] == [True, False]
    assert rows[0].reason
    assert raw(rows[1])["type"] == "call"


def test_a_column_that_the_file_does_not_have_is_an_error_of_the_mapping() -> None:
    with pytest.raises(BadInput) as caught:
        table("what,visitor\n", [("type", "kind")])
    assert caught.value.message == "--map: the file has no column 'kind'. It has what, visitor"


def test_a_table_leaves_the_file_open_for_its_owner() -> None:
    file = io.BytesIO(b"what\ncall\n")
    list(csv_rows(file, [("type", "what")], [], UTC))
    assert not file.closed


def test_a_packed_file_is_unpacked_by_its_name() -> None:
    packed = io.BytesIO(gzip.compress(b'{"type": "call"}\n'))
    (row,) = ndjson_rows(unpacked(packed, "events.ndjson.gz"), UTC)
    assert raw(row)["type"] == "call"
    plain = io.BytesIO(b"")
    assert unpacked(plain, "events.gz.ndjson") is plain


@pytest.mark.parametrize(
    "names",
    [
        ("type", "channel", "direction", "messageId", "source", "occurredAt"),
        ("campaign.name", "campaign.clickId", "page.url", "properties.any thing", "attributes.city"),
        ("orderNumber", "status", "total.amount", "total.currency", "paymentMethod"),
        ("user_id", "cookie", "external:crm"),
    ],
)
def test_fields_of_inputs_and_kinds_of_identifier_can_be_mapped(names: tuple[str, ...]) -> None:
    check_fields(names)


@pytest.mark.parametrize(
    "name", ["typ", "campaign", "campaign.colour", "customer", "external:", "lines", "total", ""]
)
def test_another_field_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_fields(["type", name])
    assert caught.value.message.startswith(
        f"--map: there is no field {name!r}. Fields: messageId, source, occurredAt"
    )
    assert caught.value.message.endswith("cookie, device")


def test_a_zone_is_found_by_its_name_and_utc_without() -> None:
    assert zone_named(None) is UTC
    assert datetime(2026, 7, 1, tzinfo=zone_named("Europe/Berlin")).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="--timezone: there is no zone"):
        zone_named(name)


def test_a_rejection_is_a_line_of_json_with_row_reason_and_record() -> None:
    line = rejection(Row(3, {"what": "call", None: ["more"]}, {}), "type: wrong")
    assert line.endswith(b"\n")
    assert orjson.loads(line) == {"row": 3, "reason": "type: wrong", "record": {"what": "call", "null": ["more"]}}


def test_a_row_that_made_no_input_is_rejected_for_its_own_reason() -> None:
    line = rejection(Row(1, "{oops", None, "not JSON"), "")
    assert orjson.loads(line) == {"row": 1, "reason": "not JSON", "record": "{oops"}
