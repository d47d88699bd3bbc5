"""Files for the importers: valid ones, and what becomes of them on bad disks, in programs and in bad hands."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.fuzz.values import NASTY

_TOUCH: Final = {"type": "page_view", "channel": "web", "occurredAt": "2026-05-01T10:00:00Z"}
_PEOPLE: Final = (
    ("id", "first_name", "surname", "dob", "email", "city"),
    ("1", "Ann", "Smith", "1990-03-12", "ann@example.org", "Bonn"),
    ("2", "Anne", "Smith", "1990-03-12", "", "Bonn"),
    ("3", "Юлия", "Щербакова", "1985-11-02", "julia@example.org", "Киев"),
    ("4", "Julia", "Shcherbakova", "1985-11-02", "", "Kyiv"),
    ("5", "明", "李", "1979-01-30", "li@example.cn", "上海"),
    ("6", "José", "García", "2001-07-07", "jose@example.es", "Málaga"),
)
_EVENTS: Final = (
    ("when", "visitor", "mail", "what", "where", "note"),
    *(
        (
            f"2026-05-0{n} 10:00:00",
            f"c{n}",
            f"p{n}@example.org",
            "page_view",
            "web",
            f'a "quoted" note, {n}\nof two lines',
        )
        for n in range(1, 8)
    ),
)
_DEALS: Final = (
    ("Record ID", "Deal Name", "Amount", "Created", "Mail", "Owner"),
    *(
        (str(n), f"Deal {n}", f"{n},000.50", f"2026-01-0{n} 09:30", f"d{n}@example.org", "Zoë")
        for n in range(1, 8)
    ),
)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of file, with the command that takes it."""

    name: str
    content: bytes
    options: tuple[str, ...]
    command: str = "import"


def _csv(rows: tuple[tuple[str, ...], ...]) -> bytes:
    quoted = [
        '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\n') else cell
        for row in rows
        for cell in row
    ]
    width = len(rows[0])
    return "\n".join(",".join(quoted[i : i + width]) for i in range(0, len(quoted), width)).encode() + b"\n"


def _ndjson() -> bytes:
    records = [
        {**_TOUCH, "messageId": f"m{n}", "identifiers": [{"kind": "cookie", "value": f"c{n}"}]} for n in range(6)
    ]
    order = {
        "messageId": "o1",
        "orderNumber": "1",
        "total": {"amount": "9.90", "currency": "EUR"},
        "channel": "web",
    }
    profile = {"source": "crm", "attributes": {"name": "Юлия", "n": 1.5}}
    mail = {"identifiers": [{"kind": "email", "value": "a@example.org"}]}
    return b"".join(
        json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in (*records, order | mail, profile | mail)
    )


SORTS: Final = (
    Sort("ndjson", _ndjson(), ()),
    Sort(
        "csv",
        _csv(_EVENTS),
        tuple(
            word
            for pair in (
                "occurredAt=when",
                "cookie=visitor",
                "email=mail",
                "type=what",
                "channel=where",
                "properties.n=note",
            )
            for word in ("--map", pair)
        ),
    ),
    Sort(
        "deals.csv",
        _csv(_DEALS),
        (
            *("--as", "deal", "--decimal", ".", "--set", "source=crm", "--set", "currency=EUR"),
            *("--map", "id=Record ID", "--map", "title=Deal Name", "--map", "amount=Amount"),
            *("--map", "createdAt=Created", "--map", "email=Mail", "--map", "owner=Owner"),
        ),
    ),
    Sort("people.csv", _csv(_PEOPLE), (), "dedupe"),
)

_LINES: Final = (
    b'{"messageId": "deep", "attributes": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}\n",
    b"[" * 1_000 + b"]" * 1_000 + b"\n",
    b'{"a": ' * 900 + b"1" + b"}" * 900 + b"\n",
    b"[" * 100_000 + b"\n",
    b'{"messageId": 123456789012345678901234567890, "orderNumber": 1e400}\n',
    b'{"type": "x", "channel": "\\ud800", "identifiers": []}\n',
    b'{"type": "x", "type": "y", "identifiers": [{"kind": "cookie", "value": "\\u0000"}], "channel": "web"}\n',
    b'{"occurredAt": "9999-12-31T23:59:59-14:00", "type": "x", "channel": "c", "identifiers": []}\n',
    b'{"occurredAt": "0001-01-01T00:00:00", "type": "x", "channel": "c", "identifiers": []}\n',
    b'{"18446744073709551615": 18446744073709551615, "n": 9223372036854775808}\n',
    b'{"orderNumber": null, "attributes": null, "identifiers": null, "properties": []}\n',
    b"null\n",
    b"\xff\xfe\x00\x00\n",
    b'"' * 3 + b"\n",
    b"," * 5_000 + b"\n",
    b"x" * 300_000 + b"\n",
    b'"' + b"y" * 300_000 + b'",1,2,3,4,5\n',
    b"\x00\n",
    b"\r\r\r",
    b"\x1a\n",
)


def _flip(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 3, 20))):
        if damaged:
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _cut_out(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    return content[:start] + content[start + chance.randrange(1, 40) :]


def _twice(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    end = start + chance.randrange(1, 200)
    return content[:end] + content[start:end] + content[end:]


def _line(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(_LINES))
    return b"".join(lines)


def _header_twice(content: bytes, chance: random.Random) -> bytes:
    header, _, rest = content.partition(b"\n")
    cells = header.split(b",")
    cells[chance.randrange(len(cells))] = cells[chance.randrange(len(cells))]
    return b",".join(cells) + b"\n" + chance.choice((b"", header + b"\n")) + rest


def _recoded(content: bytes, chance: random.Random) -> bytes:
    encoding = chance.choice(
        ("utf-16", "utf-16-be", "utf-32", "cp1251", "latin-1", "gb18030", "utf-8-sig", "utf-7")
    )
    return content.decode(errors="replace").encode(encoding, errors="replace")


def _put(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    piece = chance.choice(
        (b"\x00", b'"', b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\r", b"\n", b"\\", b"{", b"]")
    )
    return content[:start] + chance.choice((piece, piece * 40)) + content[start:]


def _nasty(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    return content[:start] + chance.choice(NASTY).encode(errors="replace") + content[start:]


def _delimited(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b",", chance.choice((b";", b"\t", b"|", b"", b"^", b",,")))


_DAMAGES: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    *(_flip, _cut, _cut_out, _twice, _line, _line, _header_twice, _recoded, _put, _put, _nasty, _delimited),
)


def damaged(sort: Sort, chance: random.Random) -> tuple[str, bytes]:
    """A name and content of a file that has been damaged, packed in some cases, and then damaged again."""
    content = sort.content
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        content = chance.choice(_DAMAGES)(content, chance)
    name = sort.name
    if chance.random() < 0.35:
        name += ".gz"
        content = gzip.compress(content)
        if chance.random() < 0.1:
            content += gzip.compress(b'{"more": 1}\n')
        if chance.random() < 0.5:
            content = chance.choice((_flip, _cut, _cut_out, _twice, _put))(content, chance)
    elif chance.random() < 0.05:
        name += ".gz"
    return name, content
