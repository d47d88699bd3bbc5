"""Importing what HubSpot, Bitrix24 and Odoo export: with ids and times of their own, once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from service.event_files import Pairs, Row, export_rows
from service.exports.rows import check_fields, words_of
from service.exports.values import ExportKind, Notation
from service.importing import Tally, import_rows
from service.services import Services
from tests.conftest import Engine
from tests.integration.asking import Api
from tests.integration.test_import import command_line

DEALS = """query ($by: CustomerBy!) { customer(by: $by) { deals { nodes {
  title state lostReason owner source expectedCloseOn createdAt closedAt version
  amount { amount currency } stage { name } account { name }
  stageHistory { occurredAt timeInStage from { name } to { name } }
  tasks { nodes { title state dueAt owner createdAt completedAt } }
  notes { nodes { text by occurredAt kind } } } } } }"""


def file(name: str) -> str:
    """An export, with {u} in what must be unique."""
    return (Path(__file__).parent / "exports" / f"{name}.csv").read_text(encoding="utf-8")


async def imported(
    services: Services, kind: str, text: str, mapping: str, fixed: str = "", words: str = "", **notation: Any
) -> tuple[Tally, list[str]]:
    """The tally and the reasons of rejected rows; a mapping is `field=column|…`."""
    rejected: list[tuple[int, str]] = []
    columns, constants = _pairs(mapping), _pairs(fixed)
    check_fields(ExportKind(kind), [name for name, _ in (*columns, *constants)])
    meant = Notation(words=words_of("--value", [one for one in words.split("|") if one]), **notation)
    rows: Iterator[Row] = export_rows(BytesIO(text.encode()), columns, constants, meant)

    def reject(row: Row, reason: str) -> None:
        rejected.append((row.number, row.reason or reason))

    tally = await import_rows(rows, services.exports(ExportKind(kind)), reject, lambda _: None)
    return tally, [f"{number} {reason}" for number, reason in sorted(rejected)]


def _pairs(texts: str) -> Pairs:
    return [(name, column) for name, _, column in (one.partition("=") for one in texts.split("|") if one)]


async def deals_of(api: Api, email: str) -> list[dict[str, Any]]:
    found = await api.field(DEALS, by={"email": email})
    nodes: list[dict[str, Any]] = found["deals"]["nodes"]
    return nodes


HUBSPOT_DEAL_MAP = (
    "id=Record ID|title=Deal Name|stage=Deal Stage|pipeline=Pipeline|amount=Amount|currency=Currency"
    "|enteredStageAt=Date entered current stage|closedAt=Close Date|expectedCloseOn=Close Date"
    "|createdAt=Create Date|owner=Deal owner"
    "|lostReason=Closed Lost Reason|external:hubspot=Associated Contact IDs|account=Associated Company IDs"
)
HUBSPOT_WORDS = "pipeline:Sales Pipeline=Sales|stage:Closed Won=Won|stage:Closed Lost=Lost"


async def test_hubspot(api: Api, services: Services, unique: str) -> None:
    async def run(kind: str, text: str, mapping: str, words: str = "") -> tuple[Tally, list[str]]:
        filled = text.replace("{u}", unique)
        return await imported(
            services, kind, filled, mapping, "source=hubspot", words, zone=ZoneInfo("Europe/Berlin")
        )

    # Contacts first, so that deals find their people by the system's id.
    identify = (
        """mutation ($input: IdentifyCustomerInput!) { identifyCustomer(input: $input) { userErrors { code } } }"""
    )
    identifiers = [
        {"kind": "external:hubspot", "value": f"{unique}501"},
        {"kind": "email", "value": f"{unique}@acme.example"},
    ]
    contact = {"messageId": unique, "source": "hubspot", "identifiers": identifiers, "attributes": {"name": "Ann"}}
    await api.done(identify, input=contact)
    companies = f"Record ID,Company name,Company Domain Name\n{unique}9,Acme,{unique}.example\n"
    company_map = "id=Record ID|name=Company name|domain=Company Domain Name"
    assert await run("account", companies, company_map) == (Tally(recorded=1), [])
    assert await run("deal", file("hubspot_deals"), HUBSPOT_DEAL_MAP, HUBSPOT_WORDS) == (Tally(recorded=3), [])
    tasks = (
        "Record ID,Task Title,Due date,Task Status,Assigned to,Create date,Completed at,Associated Deal IDs\n"
        f"{unique}7,Call back,2025-02-03 09:00,Completed,Kim,2025-02-01 09:00,2025-02-02 09:00,{unique}2\n"
    )
    task_map = (
        "id=Record ID|title=Task Title|dueAt=Due date|state=Task Status|owner=Assigned to|createdAt=Create date"
        "|completedAt=Completed at|deal=Associated Deal IDs"
    )
    assert await run("task", tasks, task_map, "state:Completed=DONE") == (Tally(recorded=1), [])
    notes = (
        "Record ID,Note body,Activity date,Activity assigned to,Associated Deal IDs\n"
        f"{unique}8,They want two more,2025-02-04 10:00,Kim,{unique}2\n"
    )
    note_map = (
        "id=Record ID|text=Note body|occurredAt=Activity date|by=Activity assigned to|deal=Associated Deal IDs"
    )
    assert await run("note", notes, note_map) == (Tally(recorded=1), [])

    lost, support, licences = await deals_of(api, f"{unique}@acme.example")
    assert licences == {
        "title": "Licences, big",
        "state": "WON",
        "lostReason": None,
        "owner": "Kim Lee",
        "source": "hubspot",
        "expectedCloseOn": "2025-03-10",
        "createdAt": "2025-01-05T08:00:00.000Z",
        "closedAt": "2025-03-10T15:30:00.000Z",
        "version": 2,
        "amount": {"amount": "12500.50", "currency": "EUR"},
        "stage": {"name": "Won"},
        "account": {"name": "Acme"},
        "stageHistory": [
            {
                "occurredAt": "2025-03-10T15:30:00.000Z",
                "timeInStage": "P64DT7H30M",
                "from": {"name": "New"},
                "to": {"name": "Won"},
            },
            {"occurredAt": "2025-01-05T08:00:00.000Z", "timeInStage": None, "from": None, "to": {"name": "New"}},
        ],
        "tasks": {"nodes": []},
        "notes": {"nodes": []},
    }
    assert (support["state"], support["stage"], support["closedAt"]) == ("OPEN", {"name": "Proposal"}, None)
    history = [(one["to"]["name"], one["occurredAt"]) for one in support["stageHistory"]]
    assert history == [("Proposal", "2025-02-05T11:00:00.000Z"), ("New", "2025-02-01T09:00:00.000Z")]
    assert support["tasks"]["nodes"] == [
        {
            "title": "Call back",
            "state": "DONE",
            "dueAt": "2025-02-03T08:00:00.000Z",
            "owner": "Kim",
            "createdAt": "2025-02-01T08:00:00.000Z",
            "completedAt": "2025-02-02T08:00:00.000Z",
        }
    ]
    (note,) = support["notes"]["nodes"]
    assert note == {
        "text": "They want two more",
        "by": "Kim",
        "occurredAt": "2025-02-04T09:00:00.000Z",
        "kind": "NOTE",
    }
    assert (lost["state"], lost["lostReason"], lost["amount"]) == ("LOST", "Too expensive", None)

    # The same files again change nothing.
    assert await run("account", companies, company_map) == (Tally(duplicates=1), [])
    assert await run("deal", file("hubspot_deals"), HUBSPOT_DEAL_MAP, HUBSPOT_WORDS) == (Tally(duplicates=3), [])
    assert await run("task", tasks, task_map, "state:Completed=DONE") == (Tally(duplicates=1), [])
    assert await run("note", notes, note_map) == (Tally(duplicates=1), [])
    assert await deals_of(api, f"{unique}@acme.example") == [lost, support, licences]


BITRIX_MAP = (
    "id=ID|pipeline=Pipeline|stage=Stage|title=Deal Name|owner=Responsible|amount=Income|currency=Currency"
    "|createdAt=Created|enteredStageAt=Stage change date|expectedCloseOn=Assumed close date"
    "|email=Contact: Work E-mail|phone=Contact: Work Phone"
)
BITRIX_WORDS = "pipeline:General=Sales|stage:Deal won=Won|stage:In negotiation=Negotiation"


async def test_bitrix24(api: Api, services: Services, unique: str) -> None:
    async def run() -> tuple[Tally, list[str]]:
        text = file("bitrix24_deals").replace("{u}", unique)
        return await imported(services, "deal", text, BITRIX_MAP, "source=bitrix24", BITRIX_WORDS, decimal=",")

    assert await run() == (Tally(recorded=2), [])
    service, licences = await deals_of(api, f"{unique}@firma.example")
    assert (licences["title"], licences["state"], licences["closedAt"]) == (
        "Лицензии",
        "WON",
        "2025-03-10T16:30:00.000Z",
    )
    assert licences["amount"] == {"amount": "1200.50", "currency": "EUR"}
    # An open deal was in the first stage until it came into its own.
    assert [(one["to"]["name"], one["occurredAt"]) for one in service["stageHistory"]] == [
        ("Negotiation", "2025-02-11T10:00:00.000Z"),
        ("New", "2025-02-01T10:00:00.000Z"),
    ]
    assert service["expectedCloseOn"] == "2025-12-31"
    # The second address is of somebody else.
    assert await api.customer(email=f"other-{unique}@firma.example") is None
    assert await run() == (Tally(duplicates=2), [])


ODOO_MAP = (
    "id=External ID|title=Opportunity|stage=Stage|state=Active|amount=Expected Revenue|currency=Currency"
    "|createdAt=Created on|closedAt=Closed Date|expectedCloseOn=Expected Closing|lostReason=Lost Reason"
    "|owner=Salesperson|email=Email|phone=Phone"
)


async def test_odoo(api: Api, services: Services, unique: str) -> None:
    async def run(kind: str, text: str, mapping: str, words: str) -> tuple[Tally, list[str]]:
        return await imported(services, kind, text.replace("{u}", unique), mapping, "source=odoo", words)

    words = "state:True=|state:False=LOST"
    assert await run("deal", file("odoo_opportunities"), ODOO_MAP, words) == (Tally(recorded=2), [])
    pump, roof = await deals_of(api, f"{unique}@sun.example")
    assert (roof["state"], roof["stage"], roof["amount"]) == (
        "OPEN",
        {"name": "Qualified"},
        {"amount": "25000.0", "currency": "USD"},
    )
    assert (pump["state"], pump["lostReason"], pump["closedAt"]) == (
        "LOST",
        "Too slow",
        "2025-02-06T09:00:00.000Z",
    )
    # It was lost from the stage that it was in.
    assert [one["to"]["name"] for one in pump["stageHistory"]] == ["Lost", "Proposal"]
    leads = (
        "External ID,Opportunity,Salesperson,Created on,Email,Contact Name\n"
        "__export__.crm_lead_{u}_3,Asks for a battery,Marc,2025-03-01 08:00:00,{u}@sun.example,Sunny\n"
    )
    lead_map = (
        "id=External ID|title=Opportunity|owner=Salesperson|createdAt=Created on|email=Email"
        "|attributes.name=Contact Name"
    )
    assert await run("lead", leads, lead_map, "") == (Tally(recorded=1), [])
    query = """query ($by: CustomerBy!) { customer(by: $by) { displayName leads { nodes {
      title status source owner createdAt duplicateOf { id } } } } }"""
    found = await api.field(query, by={"email": f"{unique}@sun.example"})
    assert found["displayName"] == "Sunny"
    assert found["leads"]["nodes"] == [
        {
            "title": "Asks for a battery",
            "status": "NEW",
            "source": "odoo",
            "owner": "Marc",
            "createdAt": "2025-03-01T08:00:00.000Z",
            "duplicateOf": None,
        }
    ]
    assert await run("lead", leads, lead_map, "") == (Tally(duplicates=1), [])


async def test_bad_rows_are_told_with_the_way_out(api: Api, services: Services, unique: str) -> None:
    good = ["1", "T", "New", "", "5", "EUR", "2025-01-01", "", "", f"{unique}@x.example", ""]
    columns = [
        "id",
        "title",
        "stage",
        "pipeline",
        "amount",
        "currency",
        "createdAt",
        "closedAt",
        "state",
        "email",
        "account",
    ]
    wrong: list[tuple[str, str, str]] = [
        ("id", "", "id: Field required"),
        ("title", "", "title: Field required"),
        ("stage", "Nowhere", "stage: the pipeline Sales has no stage 'Nowhere'; it has New, "),
        (
            "pipeline",
            "Nowhere",
            "pipeline: none is called 'Nowhere'; make it first, or say --value 'pipeline:Nowhere=…'",
        ),
        ("amount", "1.234,56", "amount: '1.234,56' is no amount with the decimal point '.'"),
        ("amount", "-5", "amount: the amount must not be negative"),
        ("currency", "", "currency: an amount needs one, such as --map currency=Currency or --set currency=EUR"),
        ("currency", "XXY", "amount.currency: 'XXY' is not a currency"),
        ("createdAt", "yesterday", "createdAt: 'yesterday' is no time such as 2026-01-31 14:05"),
        ("createdAt", "2999-01-01", "createdAt: more than a day in the future"),
        ("state", "WON", "closedAt: a won deal needs this time"),
        ("state", "SOLD", "state: Input should be 'OPEN', 'WON' or 'LOST'"),
        ("stage", "Won", "closedAt: a won deal needs this time"),
        ("email", "", "identifiers: whose it is must be told; map one of email, phone"),
        ("email", "nobody", "identifiers: "),
        (
            "account",
            "77",
            "account: none with the id '77' was imported of this source; import the file of accounts first",
        ),
    ]
    rows = []
    for number, (name, value, _) in enumerate(wrong):
        cells = [str(number) if column == "id" else cell for column, cell in zip(columns, good, strict=True)]
        cells[columns.index(name)] = value
        rows.append(",".join(f'"{cell}"' for cell in cells))
    rows.append(",".join([*good[:6], "2025-01-02", "2025-01-01", "WON", *good[9:]]))
    rows.append(",".join([*good[:6], "2025-01-02", "2025-02-01", "LOST", *good[9:]]).replace("New", "Won"))
    text = "\n".join([",".join(columns), *rows, ",".join(good)])
    mapping = "|".join(f"{one}={one}" for one in columns)
    tally, rejected = await imported(services, "deal", text, mapping, f"source={unique}")
    assert tally == Tally(recorded=1, refused=len(wrong) + 2)
    reasons = [
        *(reason for *_, reason in wrong),
        "closedAt: before createdAt",
        "state: LOST, but the stage Won is for WON",
    ]
    for number, (told, reason) in enumerate(zip(rejected, reasons, strict=True), 1):
        assert told.startswith(f"{number} {reason}"), told
    assert len(await deals_of(api, f"{unique}@x.example")) == 1


async def test_a_task_and_a_note_need_what_they_are_on(services: Services, unique: str) -> None:
    tally, rejected = await imported(
        services,
        "note",
        f"n,t,b,d,m\n1,Hi,Kim,5,\n2,Hi,Kim,,\n3,Hi,Kim,,{unique}@nobody.example\n",
        "id=n|text=t|by=b|deal=d|email=m",
        f"source={unique}",
    )
    assert tally == Tally(refused=3)
    assert [one.partition(":")[0] for one in rejected] == ["1 deal", "2 identifiers", "3 subjectId"]
    tally, rejected = await imported(services, "task", "n,t\n1,Tidy up\n", "id=n|title=t", f"source={unique}")
    assert (tally, rejected) == (Tally(recorded=1), [])


@pytest.mark.parametrize("repeat", [1, 2])
async def test_the_same_id_twice_in_a_file_is_one_deal(
    api: Api, services: Services, unique: str, repeat: int
) -> None:
    text = "id,title,email\n" + f"1,A,{unique}@x.example\n" * (repeat + 1)
    tally, _ = await imported(services, "deal", text, "id=id|title=title|email=email", f"source={unique}")
    assert tally == Tally(recorded=1, duplicates=repeat)
    assert [one["title"] for one in await deals_of(api, f"{unique}@x.example")] == ["A"]


async def test_the_command(engine: Engine, api: Api, tmp_path: Path, unique: str) -> None:
    path = tmp_path / "DEAL.csv"
    path.write_text(file("bitrix24_deals").replace("{u}", unique), encoding="utf-8-sig")
    options = [part for one in BITRIX_MAP.split("|") for part in ("--map", one)]
    options += [part for one in BITRIX_WORDS.split("|")[1:2] for part in ("--value", one)]
    options += ["--as", "deal", "--set", "source=bitrix24", "--value", "pipeline:General=Sales", "--decimal", ","]
    done = await asyncio.to_thread(command_line, engine, str(path), *options)
    assert done.returncode == 0, done.stderr
    rejected = tmp_path / "DEAL.csv.rejected.ndjson"
    assert done.stdout.replace("\n", "") == f"1 recorded, 0 duplicates, 1 refused (see {rejected})"
    line = orjson.loads(rejected.read_bytes())
    assert line["row"] == 2
    assert line["reason"].startswith(
        "stage: the pipeline Sales has no stage 'In negotiation'; it has New, Qualified"
    )
    assert line["record"]["Deal Name"] == "Wartung"
    assert [one["title"] for one in await deals_of(api, f"{unique}@firma.example")] == ["Лицензии"]
