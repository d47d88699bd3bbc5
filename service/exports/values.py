"""Cells of exports: amounts in a country's notation, times in several forms, several values in one cell. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import Final

_GROUPS: Final = "\u0020\u00a0\u202f'\u2019"
"""What may stand between groups of digits in every notation: spaces and apostrophes."""
_SYMBOLS: Final = re.compile(r"^[^\d+\-.,]+|[^\d.,]+$")
"""Of currencies, before and behind an amount."""
_DOTTED: Final = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")


class ExportKind(Enum):
    """What a file has in its rows."""

    DEAL = "deal"
    LEAD = "lead"
    ACCOUNT = "account"
    TASK = "task"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Notation:
    """How a file writes times and amounts, and what its words mean here."""

    zone: tzinfo = UTC
    decimal: str = "."
    """The decimal point."""
    dates: tuple[str, ...] = ()
    """Forms of times, as of `strptime`, beside ISO 8601 and 31.12.2026 14:05."""
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    """By field and value, another value; an empty one leaves the field out."""

    def time(self, text: str) -> datetime:
        """A time with an offset; raises ValueError."""
        for form in (*self.dates, *_DOTTED):
            try:
                at = datetime.strptime(text, form)  # noqa: DTZ007 -- the file's zone follows
            except ValueError:
                continue
            return at if at.tzinfo else at.replace(tzinfo=self.zone)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"{text[:40]!r} is no time such as 2026-01-31 14:05 or 31.01.2026 14:05; "
                "say how the file writes it, such as --dates '%m/%d/%Y %I:%M %p'"
            ) from None
        return at if at.tzinfo else at.replace(tzinfo=self.zone)

    def amount(self, text: str) -> str:
        """The plain digits of an amount; raises ValueError."""
        bare = _SYMBOLS.sub("", text.strip())
        groups = _GROUPS + (",." if self.decimal not in ",." else "," if self.decimal == "." else ".")
        form = rf"[+-]?(?:\d{{1,3}}(?:[{groups}]\d{{3}})+|\d+)(?:{re.escape(self.decimal)}\d+)?"
        if not re.fullmatch(form, bare, re.ASCII):
            other = "," if self.decimal == "." else "."
            raise ValueError(
                f"{text[:40]!r} is no amount with the decimal point {self.decimal!r}; if that of the file is "
                f"{other!r}, say so: --decimal {other}"
            )
        return re.sub(f"[{groups}]", "", bare).replace(self.decimal, ".").removeprefix("+")


def first_of(kind: str, text: str) -> str:
    """The first of several values in a cell: others of a deal's people are other people."""
    separators = "[;,]" if kind in ("email", "phone") else ";"
    return next((part.strip() for part in re.split(separators, text) if part.strip()), "")
