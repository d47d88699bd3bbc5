"""Cells of exports: amounts, times, words, and several values in one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.errors import BadInput
from service.exports.rows import check_fields, raw_of, words_of
from service.exports.values import ExportKind, Notation, first_of


@pytest.mark.parametrize(
    ("text", "decimal", "digits"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234,567.89", ".", "1234567.89"),
        ("€ 1,234", ".", "1234"),
        ("1.234,56", ",", "1234.56"),
        ("1 234,56 €", ",", "1234.56"),
        ("1\u00a0234\u00a0567", ",", "1234567"),
        ("1'234.50 CHF", ".", "1234.50"),
        ("-0.5", ".", "-0.5"),
        ("+7", ".", "7"),
    ],
)
def test_amounts(text: str, decimal: str, digits: str) -> None:
    assert Notation(decimal=decimal).amount(text) == digits


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        *(("1234,56", "."), ("1.234,56", "."), ("1,23,456", "."), ("12.34.56", ","), ("1.5", ",")),
        *(("", "."), ("free", "."), ("1e3", "."), ("١٢", ".")),
    ],
)
def test_an_amount_that_could_mean_two_things_is_refused(text: str, decimal: str) -> None:
    with pytest.raises(ValueError, match="--decimal"):
        Notation(decimal=decimal).amount(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-03-10", datetime(2025, 3, 9, 23, tzinfo=UTC)),
        ("2025-03-10 16:30", datetime(2025, 3, 10, 15, 30, tzinfo=UTC)),
        ("2025-03-10T16:30:00Z", datetime(2025, 3, 10, 16, 30, tzinfo=UTC)),
        ("10.03.2025 16:30:05", datetime(2025, 3, 10, 15, 30, 5, tzinfo=UTC)),
        ("10.03.2025", datetime(2025, 3, 9, 23, tzinfo=UTC)),
        ("03/10/2025 04:30 PM", datetime(2025, 3, 10, 15, 30, tzinfo=UTC)),
    ],
)
def test_times(text: str, at: datetime) -> None:
    assert Notation(ZoneInfo("Europe/Berlin"), dates=("%m/%d/%Y %I:%M %p",)).time(text) == at


def test_the_first_of_several_values() -> None:
    assert first_of("email", "a@x.example, b@x.example") == "a@x.example"
    assert first_of("external:hubspot", ";501;502") == "501"
    assert first_of("user_id", "Lee, Kim") == "Lee, Kim"
    assert first_of("deal", "7;8") == "7"


def test_words_mean_something_else_here_or_nothing() -> None:
    words = words_of("--value", ["stage:Closed Won=Won", "state:True=", "title:a=b=c"])
    assert words == {("stage", "Closed Won"): "Won", ("state", "True"): "", ("title", "a=b"): "c"}
    cells = [("stage", " Closed Won "), ("state", "True"), ("title", "Won"), ("owner", "  ")]
    assert raw_of(cells, Notation(words=words), "crm") == {
        "source": "crm",
        "identifiers": [],
        "stage": "Won",
        "title": "Won",
    }
    with pytest.raises(BadInput, match=r"--value: 'stage' must be field:word=meaning"):
        words_of("--value", ["stage"])


def test_a_currency_without_an_amount_says_nothing() -> None:
    assert raw_of([("currency", "eur")], Notation(), "crm") == {"source": "crm", "identifiers": []}
    raw = raw_of([("currency", "eur"), ("amount", "5")], Notation(), "crm")
    assert raw["amount"] == {"amount": "5", "currency": "EUR"}


def test_fields_are_those_of_the_kind() -> None:
    check_fields(ExportKind.LEAD, ["id", "title", "attributes.name", "email", "source"])
    check_fields(ExportKind.DEAL, ["id", "currency", "external:hubspot"])
    with pytest.raises(BadInput, match=r"--map: a task has no field 'amount'\. Fields: id, source, title, dueAt"):
        check_fields(ExportKind.TASK, ["id", "amount"])
    with pytest.raises(BadInput, match=r"--map: a deal has no field 'attributes\.name'"):
        check_fields(ExportKind.DEAL, ["id", "attributes.name"])
    with pytest.raises(BadInput, match="--map: the system's own id is needed"):
        check_fields(ExportKind.NOTE, ["text"])
