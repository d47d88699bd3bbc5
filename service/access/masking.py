"""Personal data as somebody sees it who may not see personal data. Pure; one function for each sort of value.

What is masked still tells values of one customer apart at a glance, and never more than a first letter, the end of
a domain or two digits. What may say anything, above all text that people write, is not shown at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from service.identity import kinds
from service.identity.matching.attributes import sort_of
from service.identity.matching.sorts import NAMES, Sort

HIDDEN: Final = "•••"
"""Stands for a text that must not be null and is not shown."""

_SHOWN_DIGITS: Final = 2
_SHORTEST_PARTLY_SHOWN: Final = 7
"""Characters of a value of which the last two may be shown."""
_LONGEST_END_OF_DOMAIN: Final = 6
_LETTERS: Final = 3
"""Initials of a name."""

_OF_ADDRESS: Final = r"[^\s@'\"<>(),;:=&?/\\]"
# Each run of such characters is looked at from its beginning only: else it takes the square of its length.
_EMAIL = re.compile(rf"(?<!{_OF_ADDRESS}){_OF_ADDRESS}+(?:@|%40){_OF_ADDRESS}+", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+|(?<![\w.])00)\d(?:[\s().\-/]{0,2}\d){6,14}")
_QUOTED = re.compile(r"(?<!\w)(?P<quote>['\"])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)(?!\w)", re.DOTALL)
_PLAIN_KINDS: Final = frozenset({kinds.OWN, "cookie", "device", "advertising_id", "app_id"})
"""Kinds of which a value names a browser, a device or an installation, and is reset with it: nobody is reached by
it, and without it journeys cannot be told apart. A customer's own identifier is their id."""


def email(text: str) -> str:
    """An e-mail address: the first letters, and the end of the domain.

    >>> email("jane@example.com")
    'j…@e….com'
    """
    local, _, domain = text.strip().replace("%40", "@").rpartition("@")
    end = domain.rpartition(".")[2]
    if not local or not domain or not end.isalpha() or len(end) > _LONGEST_END_OF_DOMAIN or end == domain:
        return HIDDEN
    return f"{local[0]}…@{domain[0]}….{end}"


def phone(text: str) -> str:
    """A phone number: its last two digits.

    >>> phone("+49 30 1234567")
    '•••67'
    """
    digits = [one for one in text if one.isdecimal()]
    return HIDDEN + "".join(digits[-_SHOWN_DIGITS:]) if len(digits) >= _SHORTEST_PARTLY_SHOWN else HIDDEN


def name(text: str) -> str:
    """A name: its initials, in scripts where a sign is not a name already.

    >>> name("Jane van Dyck"), name("王小明")
    ('J… v… D…', '…')
    """
    words = text.split()[:_LETTERS]
    return " ".join(f"{word[0]}…" if word[0].upper() != word[0].lower() else "…" for word in words) or HIDDEN


def scrubbed(text: str) -> str:
    """A word of a vocabulary, a code, or a name of no person: what looks like an address or a number is masked.

    >>> scrubbed("newsletter for jane@example.com")
    'newsletter for j…@e….com'
    """
    if not text.isascii():
        # Other forms of @, + and digits are read as those by people and by programs.
        plain = unicodedata.normalize("NFKC", text)
        found = _scrubbed(plain)
        return text if found == plain else found
    return _scrubbed(text)


def _scrubbed(text: str) -> str:
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(lambda found: email(found[0]), text)
    return _PHONE.sub(lambda found: phone(found[0]), text) if "+" in text or "00" in text else text


def message(text: str, known: frozenset[str] = frozenset()) -> str:
    """A message to a caller: what it quotes is hidden, but for the words that are known.

    >>> message("note: 'Jane' is none", frozenset()), message("there is no kind 'id'", frozenset({"id"}))
    ("note: '•••' is none", "there is no kind 'id'")
    """

    def hidden(found: re.Match[str]) -> str:
        shown = found["text"] if found["text"].lstrip("$") in known or not found["text"] else HIDDEN
        return f"{found['quote']}{shown}{found['quote']}"

    return scrubbed(_QUOTED.sub(hidden, text))


def identifier(value: str, kind: str) -> str:
    """The value of an identifier, by its kind.

    >>> identifier("jane@example.com", "email"), identifier("1234567", "loyalty_card"), identifier("c-1", "cookie")
    ('j…@e….com', '•••67', 'c-1')
    """
    if kind in _PLAIN_KINDS:
        return scrubbed(value)
    if kind == "email" or "@" in value:
        return email(value)
    if kind == "phone":
        return phone(value)
    return HIDDEN + value[-_SHOWN_DIGITS:] if len(value) >= _SHORTEST_PARTLY_SHOWN else HIDDEN


def attribute(value: Any, name_of_attribute: str) -> Any:
    """What is known of somebody by an attribute: parts of names and addresses are masked, all else is hidden.

    >>> attribute("Jane", "first_name"), attribute("1981-07-09", "birthDate"), attribute("size 44", "shoes")
    ('J…', '•••', None)
    """
    return _of_sort(value, sort_of(name_of_attribute))


def evidence(value: str, field: str) -> str | None:
    """What a candidate's evidence compares, which is named by its sort.

    >>> evidence("Jane", "given name"), evidence("Ulm", "city")
    ('J…', None)
    """
    shown: str | None = _of_sort(value, sort_of(field))
    return shown


def _of_sort(value: Any, sort: Sort | None) -> Any:
    if sort is Sort.BIRTH_DATE:
        return HIDDEN
    if not isinstance(value, str):
        return None
    if sort in NAMES:
        return name(value)
    if sort is Sort.EMAIL:
        return email(value)
    return phone(value) if sort is Sort.PHONE else None


def json(value: Any) -> Any:
    """A JSON value of codes and ids, each scrubbed."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, Mapping):
        return {scrubbed(key): json(one) for key, one in value.items()}
    return [json(one) for one in value] if isinstance(value, Sequence) else value
