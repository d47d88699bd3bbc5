"""One spelling for each identifier: e-mail, phone, and the rest."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import email_validator
import phonenumbers

from service.errors import UserErrorCode
from service.identity import kinds
from service.identity.kinds import Kind, Kinds
from service.identity.models import NormalIdentifier, RawIdentifier, Refusal

MAX_VALUE_CHARACTERS: Final = 512

MAX_RAW_CHARACTERS: Final = 1024
"""What is longer is not even looked at."""

_ENDS: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u2060\ufeff"
"""White space, and the zero-width characters that copying leaves at the ends of a value."""


class Unusable(Exception):
    """The value cannot be an identifier."""

    def __init__(self, code: UserErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def normalise(raw: RawIdentifier, region: str | None = None, rules: Kinds = kinds.DEFAULTS) -> NormalIdentifier:
    """The one spelling of an identifier.

    Args:
        raw: kind and value as received.
        region: ISO 3166 region of phone numbers without a country code.
        rules: the rules of kinds in force.

    Raises:
        Unusable: with IDENTIFIER_BLOCKED for a value that says nothing, INVALID for a malformed one, for
            the reserved kind and for a kind that does not exist.
    """
    kind = rules.by_name(raw.kind)
    if kind is None:
        raise Unusable(UserErrorCode.INVALID, _why_no_kind(raw.kind))
    if len(raw.value) > MAX_RAW_CHARACTERS:
        raise Unusable(UserErrorCode.INVALID, f"The value is longer than {MAX_RAW_CHARACTERS} characters.")
    return NormalIdentifier(kind.name, _normal_value(kind, raw.value, region), raw.value)


@lru_cache(maxsize=65_536)
def _normal_value(kind: Kind, raw_value: str, region: str | None) -> str:
    value = unicodedata.normalize("NFC", raw_value).strip(_ENDS)
    # Before anything that is written in UTF-8, such as a regular expression's text: half a character is none.
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise Unusable(UserErrorCode.INVALID, "The value has control characters.")
    if kind.blocks(value):
        raise Unusable(UserErrorCode.IDENTIFIER_BLOCKED, "The value says nothing about who somebody is.")
    if len(value) > MAX_VALUE_CHARACTERS:
        raise Unusable(UserErrorCode.INVALID, f"The value is longer than {MAX_VALUE_CHARACTERS} characters.")
    if kind.name == "email":
        return _email(value)
    if kind.name == "phone":
        return _phone(value, region)
    # Folding may take composed letters apart.
    return value if kind.case_sensitive else unicodedata.normalize("NFC", value.casefold())


def _email(value: str) -> str:
    try:
        # Not casefold: it makes one of straße.de and strasse.de, which are two domains.
        return email_validator.validate_email(value, check_deliverability=False).normalized.lower()
    except email_validator.EmailNotValidError as error:
        raise Unusable(UserErrorCode.INVALID, f"Not an e-mail address: {error}") from None


def _phone(value: str, region: str | None) -> str:
    # 00 is the way to dial abroad in most of the world; without a region the parser knows only the plus.
    text = "+" + value[2:] if value.startswith("00") and region is None else value
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and region is None:
            way_out = "Write it with the country code (+…), or set a region for its source."
        else:
            way_out = "Write it as +, country code and number."
        raise Unusable(UserErrorCode.INVALID, f"Not a phone number. {way_out}") from None
    if number.extension:
        raise Unusable(
            UserErrorCode.INVALID, "A number with an extension is shared by all behind the switchboard."
        )
    # A number that is possible only within its town would be one for all towns.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Unusable(UserErrorCode.INVALID, "Not a phone number: too short or too long for its country.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _why_no_kind(name: str) -> str:
    if name == kinds.OWN:
        return "The kind customer is reserved: a customer's id cannot be recorded as an identifier."
    return f"There is no kind {name[:64]!r}. The kinds are {', '.join(kinds.known_names())}."


def normalise_all(
    raws: Iterable[RawIdentifier], region: str | None, rules: Kinds = kinds.DEFAULTS
) -> tuple[tuple[NormalIdentifier, ...], tuple[Refusal, ...]]:
    """The usable identifiers of an event, distinct and strongest first, and the refusals of the others."""
    usable: dict[str, NormalIdentifier] = {}
    refused: list[Refusal] = []
    for raw in raws:
        try:
            identifier = normalise(raw, region, rules)
        except Unusable as unusable:
            refused.append(Refusal(raw.kind, raw.value, unusable.code, unusable.message))
        else:
            usable.setdefault(identifier.key, identifier)
    return tuple(sorted(usable.values(), key=lambda one: strength(one.kind, rules))), tuple(refused)


def strength(name: str, rules: Kinds = kinds.DEFAULTS) -> int:
    """The priority of a kind; a customer's own identifier is weaker than any."""
    kind = rules.by_name(name)
    return kind.priority if kind is not None else sys.maxsize
