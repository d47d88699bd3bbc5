"""From the cells of an export's row to the input that it makes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from service.errors import BadInput
from service.exports.models import DAYS, ENUMS, REFERENCES, TIMES, fields_of
from service.exports.values import ExportKind, Notation, first_of
from service.identity import kinds

_ATTRIBUTES: Final = "attributes."


def check_fields(kind: ExportKind, names: Iterable[str]) -> None:
    """Refuses fields that no row of the kind has, and rows without the system's own id.

    Raises:
        BadInput: names the field and those that there are.
    """
    given = set(names)
    known = fields_of(kind)
    for name in sorted(given):
        is_attribute = kind is ExportKind.LEAD and name.startswith(_ATTRIBUTES)
        if name not in known and not is_attribute and kinds.by_name(name) is None:
            raise BadInput(
                "--map",
                f"a {kind.value} has no field {name!r}. Fields: {', '.join(known)}"
                + (", attributes.<name>" if kind is ExportKind.LEAD else "")
                + f"; identifiers: {', '.join(kinds.known_names())}",
            )
    if "id" not in given:
        raise BadInput(
            "--map", "the system's own id is needed, such as --map 'id=Record ID': by it the same row is known"
        )


def raw_of(fields: Iterable[tuple[str, str]], notation: Notation, source: str) -> dict[str, Any]:
    """The input of a row in its JSON form.

    Raises:
        ValueError: tells the field and what is wrong with it.
    """
    raw: dict[str, Any] = {"source": source, "identifiers": []}
    for name, cell in fields:
        text = notation.words.get((name, cell.strip()), cell.strip())
        if text:
            _put(raw, name, text, notation)
    currency = raw.pop("currency", None)
    if "amount" in raw:
        if currency is None:
            raise ValueError(
                "currency: an amount needs one, such as --map currency=Currency or --set currency=EUR"
            )
        raw["amount"] = {"amount": raw["amount"], "currency": currency}
    return raw


def _put(raw: dict[str, Any], name: str, text: str, notation: Notation) -> None:
    if kinds.by_name(name) is not None:
        raw["identifiers"].append({"kind": name, "value": first_of(name, text)})
    elif name.startswith(_ATTRIBUTES):
        raw.setdefault("attributes", {})[name.removeprefix(_ATTRIBUTES)] = text
    else:
        try:
            raw[name] = _value(name, text, notation)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None


def _value(name: str, text: str, notation: Notation) -> Any:
    if name in TIMES:
        return notation.time(text)
    if name in DAYS:
        return notation.time(text).date()
    if name == "amount":
        return notation.amount(text)
    if name in ENUMS or name == "currency":
        return text.upper().replace(" ", "_")
    return first_of(name, text) if name in REFERENCES else text


def words_of(option: str, texts: Iterable[str]) -> dict[tuple[str, str], str]:
    """What words of a file mean, from `field:word=meaning`; raises BadInput."""
    words: dict[tuple[str, str], str] = {}
    for text in texts:
        name, colon, rest = text.partition(":")
        word, equals, meaning = rest.rpartition("=")
        if not (colon and equals and name and word):
            raise BadInput(option, f"{text!r} must be field:word=meaning, such as 'stage:Closed Won=Won'")
        words[name, word.strip()] = meaning.strip()
    return words
