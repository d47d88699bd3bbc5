"""Importing files: bad rows aside, every row once, in constant memory."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, tzinfo
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from service.errors import BadInput
from service.event_files import Row, csv_rows, ndjson_rows
from service.graph.client import Graph
from service.importing import Tally, check_fields, import_rows, zone_named
from service.services import Services
from tests.conftest import Engine
from tests.integration.asking import Api
from tests.integration.forms import day, identify, order, touch
from tests.integration.paging import CUSTOMERS, itself, walk

ECOM = Path(__file__).parents[3] / "shared" / "data" / "journeys" / "ecom.csv.gz"


def ndjson(*records: object) -> BytesIO:
    """A file with a record, or a line as it is, a line."""
    return BytesIO(b"".join(one if isinstance(one, bytes) else orjson.dumps(one) + b"\n" for one in records))


async def imported(services: Services, rows: Iterator[Row]) -> tuple[Tally, list[tuple[int, str]]]:
    """The tally, and the rejected rows with their reasons."""
    rejected: list[tuple[int, str]] = []

    def reject(row: Row, reason: str) -> None:
        rejected.append((row.number, row.reason or reason))

    tally = await import_rows(rows, services.recorder, reject, lambda _: None)
    return tally, rejected


async def facts(graph: Graph, unique: str) -> list[list[Any]]:
    """Type, channel, epoch milliseconds and source of the touchpoints of a cookie."""
    statement = """MATCH (i:Identifier {key: $key})-[:MADE]->(t:Touchpoint)
      RETURN t.type, t.channel, t.occurredAt, t.source ORDER BY t.position"""
    return await graph.run(statement, key=f"cookie:{unique}")


MARCH_1 = 1_709_251_200_000  # 2024-03-01T00:00:00Z
HOUR = 3_600_000


async def test_ndjson_of_all_kinds(api: Api, graph: Graph, services: Services, unique: str) -> None:
    cookie = ("cookie", unique)
    records = [
        touch(f"1-{unique}", cookie, at=day(0)),
        b"\n",
        order(f"2-{unique}", unique, "19.90 EUR", cookie, at=day(1)),
        identify(f"3-{unique}", "crm", {"name": "Kim"}, cookie),
        {key: value for key, value in touch("", cookie, source="web").items() if key != "messageId"},
    ]
    tally, rejected = await imported(services, ndjson_rows(ndjson(*records), UTC))
    assert (tally, rejected) == (Tally(recorded=4), [])
    assert await facts(graph, unique) == [
        ["page_view", "web", MARCH_1, "import"],
        ["page_view", "web", MARCH_1, "web"],
    ]
    found = await api.customer(cookie=unique)
    assert found is not None
    assert found["displayName"] == "Kim"
    assert await graph.run("MATCH (o:Order {orderNumber: $n}) RETURN o.total, o.source", n=unique) == [
        ["19.90", "import"]
    ]
    again, rejected = await imported(services, ndjson_rows(ndjson(*records), UTC))
    assert (again, rejected) == (Tally(duplicates=4), [])


async def test_bad_rows_are_told_and_do_not_stop_the_rest(graph: Graph, services: Services, unique: str) -> None:
    cookie = ("cookie", unique)
    good = touch(f"good-{unique}", cookie, ("email", "null"))
    records = [
        good,
        b"{not json\n",
        b'{"messageId": "\xff"}\n',
        [good],
        {key: value for key, value in good.items() if key != "type"} | {"messageId": "a"},
        good | {"occurredAt": "yesterday"},
        good | {"occurredAt": 5_000_000_000_000_000},
        good | {"occurredAt": "0001-01-01T00:00:00+09:00"},
        good | {"occurredAt": "9999-12-31T23:59:59-09:00"},
        good | {"identifiers": [{"kind": "shoe", "value": "44"}]},
        good | {"extra": 1},
        good | {"messageId": 5},
        order(f"o-{unique}", unique, "-1 EUR", cookie),
        identify(f"i-{unique}", "", {"name": "Kim"}, cookie),
        order(f"good-{unique}", unique, "1 EUR", cookie),
        touch(f"last-{unique}", cookie),
    ]
    tally, rejected = await imported(services, ndjson_rows(ndjson(*records), UTC))
    assert tally == Tally(recorded=2, refused=14, left_out=1)
    starts = {
        2: "not JSON: ",
        3: "not JSON: ",
        4: "not a JSON object",
        5: "type: ",
        6: "occurredAt: ",
        7: "occurredAt: ",
        8: "occurredAt: ",
        9: "occurredAt: ",
        10: "identifiers.0.kind: there is no kind 'shoe'",
        11: "extra: ",
        12: "messageId: ",
        13: "total: the amount must not be negative",
        14: "source: ",
        15: f"messageId: 'good-{unique}' of source 'import' is taken by a touchpoint",
    }
    reasons = dict(rejected)
    assert {number: reason[: len(starts[number])] for number, reason in sorted(reasons.items())} == starts
    assert len(await facts(graph, unique)) == 2


CSV = """\ufeffvisitor,what,when,via,campaign,mail\r
{v},view,2024-03-01 12:00:00,web,spring,\r
{v},view,2024-03-01 12:00:00,web,spring,\r
{v},"click, twice",2024-03-01T12:00:00+03:00,,"a ""b"" c",Kim-{v}@Example.org\r
{v},view,2024-02-30 00:00:00,web,,\r
,view,2024-03-01 13:00:00,web,,\r
{v},view,2024-03-01 14:00:00,web,,none,too much\r
"""
MAPPING = [
    ("cookie", "visitor"),
    ("email", "mail"),
    ("type", "what"),
    ("channel", "via"),
    ("occurredAt", "when"),
    ("campaign.name", "campaign"),
]


@pytest.mark.parametrize(("zone", "noon"), [(UTC, 12), (ZoneInfo("Asia/Tokyo"), 3)])
async def test_csv_with_a_mapping(
    api: Api, graph: Graph, services: Services, unique: str, zone: tzinfo, noon: int
) -> None:
    def rows() -> Iterator[Row]:
        constants = [("channel", "phone"), ("source", unique), ("properties.file", "a.csv")]
        return csv_rows(BytesIO(CSV.format(v=unique).encode()), MAPPING, constants, zone)

    tally, rejected = await imported(services, rows())
    # Equal rows stay two, an empty cell is left out, `none` says nothing of who it is.
    assert tally == Tally(recorded=4, refused=2, left_out=1)
    assert [number for number, _ in rejected] == [4, 5]
    assert [reason.partition(":")[0] for _, reason in rejected] == ["occurredAt", "identifiers"]
    early, later = [
        ["view", "web", MARCH_1 + noon * HOUR, unique],
        ["view", "web", MARCH_1 + (noon + 2) * HOUR, unique],
    ]
    assert await facts(graph, unique) == [early, early, later]
    found = await api.customer(email=f"kim-{unique}@example.org")
    assert found is not None
    assert [one["kind"] for one in found["identifiers"]] == ["cookie", "email"]
    query = """query ($by: CustomerBy!) { customer(by: $by) { touchpoints(filter: {channels: ["phone"]}) { nodes {
      type occurredAt campaign { name } properties } } } }"""
    click = {"type": "click, twice", "campaign": {"name": 'a "b" c'}, "properties": {"file": "a.csv"}}
    (node,) = (await api.field(query, by={"cookie": unique}))["touchpoints"]["nodes"]
    assert node == click | {"occurredAt": "2024-03-01T09:00:00.000Z"}
    again, _ = await imported(services, rows())
    assert again == Tally(duplicates=4, refused=2)


async def test_csv_of_orders_and_of_attributes(api: Api, services: Services, unique: str) -> None:
    text = f"user,number,sum\n{unique},A-{unique},19.90\n{unique},B-{unique},x\n"
    mapping = [("user_id", "user"), ("orderNumber", "number"), ("total.amount", "sum")]
    rows = csv_rows(BytesIO(text.encode()), mapping, [("total.currency", "EUR"), ("channel", "web")], UTC)
    tally, rejected = await imported(services, rows)
    assert tally == Tally(recorded=1, refused=1)
    assert [(number, reason.partition(":")[0]) for number, reason in rejected] == [(2, "total.amount")]
    text = f"user;name\n{unique},Kim\n".replace(";", ",")
    rows = csv_rows(BytesIO(text.encode()), [("user_id", "user"), ("attributes.name", "name")], [], UTC)
    assert (await imported(services, rows))[0] == Tally(recorded=1)
    found = await api.customer(userId=unique)
    assert found is not None
    assert found["displayName"] == "Kim"


async def test_what_cannot_be_imported_at_all_is_told_before_anything_is_read() -> None:
    with pytest.raises(BadInput, match=r"--map: the file has no column 'visitor'\. It has a, b"):
        list(csv_rows(BytesIO(b"a,b\n1,2\n"), [("cookie", "visitor")], [], UTC))
    with pytest.raises(BadInput, match="--map: there is no field 'shoe'"):
        check_fields(["cookie", "external:crm", "properties.x", "campaign.name", "shoe"])
    with pytest.raises(BadInput, match="--timezone: there is no zone 'Mars/Base'"):
        zone_named("Mars/Base")
    assert (zone_named(None), zone_named("Europe/Berlin")) == (UTC, ZoneInfo("Europe/Berlin"))


def command_line(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A `customer-graph import` process on the engine."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "import", *arguments],
        env=engine.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_the_command_writes_bad_rows_beside_the_file_and_says_what_it_did(
    engine: Engine, graph: Graph, tmp_path: Path, unique: str
) -> None:
    del graph
    file = tmp_path / "events.ndjson"
    bad = touch(f"bad-{unique}", ("cookie", unique), type="")
    file.write_bytes(ndjson(touch(f"1-{unique}", ("cookie", unique), ("phone", "0")), bad, b"{\n").getvalue())
    done = await asyncio.to_thread(command_line, engine, str(file))
    rejected = tmp_path / "events.ndjson.rejected.ndjson"
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"1 recorded, 0 duplicates, 2 refused (see {rejected})",
        "1 identifiers were left out of events that were kept.",
    ]
    lines = [orjson.loads(line) for line in rejected.read_bytes().splitlines()]
    assert [(line["row"], line["record"]) for line in lines] == [(2, bad), (3, "{")]
    assert [line["reason"].partition(":")[0] for line in lines] == ["type", "not JSON"]

    file.write_bytes(ndjson(touch(f"1-{unique}", ("cookie", unique))).getvalue())
    done = await asyncio.to_thread(command_line, engine, str(file))
    assert (done.returncode, done.stdout) == (0, "0 recorded, 1 duplicates, 0 refused\n")
    assert not rejected.exists()

    done = await asyncio.to_thread(command_line, engine, str(file), "--map", "cookie")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("--map: 'cookie' must be field=column")


@pytest.mark.timeout(180)
@pytest.mark.skipif(not ECOM.exists(), reason=f"the reference data is not here: {ECOM}")
async def test_all_of_ecom(engine: Engine, api: Api, graph: Graph, tmp_path: Path) -> None:
    """31,106 events, of which 30 equal another, in 3,605 sessions of 600 users."""
    file = shutil.copy(ECOM, tmp_path)
    before = await walk(api, CUSTOMERS, 100, itself, filter=None, orderBy="LAST_SEEN_DESC")
    fields = {
        "user_id": "user_id",
        "cookie": "session_id",
        "occurredAt": "timestamp",
        "channel": "acquisition_channel",
        "type": "event",
    }
    mapping = [part for field, column in fields.items() for part in ("--map", f"{field}={column}")]
    done = await asyncio.to_thread(command_line, engine, str(file), "--set", "source=ecom", *mapping)
    assert (done.returncode, done.stdout) == (0, "31106 recorded, 0 duplicates, 0 refused\n"), done.stderr
    after = await walk(api, CUSTOMERS, 100, itself, filter=None, orderBy="LAST_SEEN_DESC")
    assert set(before) < set(after)
    assert len(set(after) - set(before)) == 600
    counted = await graph.run("MATCH (t:Touchpoint {source: 'ecom'}) RETURN count(t), count(DISTINCT t.messageId)")
    assert counted == [[31_106, 31_106]]
    query = """query ($by: CustomerBy!) { customer(by: $by) { identifiers { kind }
      journey(first: 2) { nodes { occurredAt ... on Touchpoint { type channel } } } } }"""
    first = await api.field(query, by={"userId": "user_0000"})
    assert first["journey"]["nodes"] == [
        {"occurredAt": "2024-03-13T10:21:14.000Z", "type": "home", "channel": "email"},
        {"occurredAt": "2024-03-13T10:21:28.000Z", "type": "promo_page", "channel": "email"},
    ]


@pytest.mark.timeout(180)
async def test_memory_does_not_grow_with_the_file(services: Services, tmp_path: Path, unique: str) -> None:
    async def peak(rows: int) -> int:
        """Bytes at most, above those at the start, while importing so many rows from disk."""
        path = tmp_path / f"{rows}.ndjson"
        with path.open("wb") as file:
            for number in range(rows):
                # Repeats take the same way as all rows, only the engine has less to do.
                form = touch(f"{rows}-{number % 500}-{unique}", ("cookie", f"{number % 20}-{unique}"))
                file.write(orjson.dumps(form | {"properties": {"text": "x" * 500}}) + b"\n")
        with path.open("rb") as file:
            tracemalloc.start()
            try:
                tally = await imported(services, ndjson_rows(file, UTC))
                assert tally == (Tally(recorded=500, duplicates=rows - 500), [])
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    await peak(500)  # What is made once, at the first use.
    small, large = await peak(2_500), await peak(10_000)
    assert large < 1.4 * small, f"{small} bytes for 2,500 rows, {large} for 10,000"
