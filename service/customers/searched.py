"""What of a customer is searched: attributes and kinds of identifier, and the keys that they have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from service.identity import kinds
from service.identity.blocking import identifier_keys, word_keys
from service.identity.names import company_tokens, person_tokens
from service.identity.scoring import Said, Sort

ATTRIBUTES: Final[Mapping[str, Sort]] = {
    **dict.fromkeys(("name", "fullName", "full_name", "displayName", "display_name"), Sort.PERSON),
    **dict.fromkeys(("firstName", "first_name", "givenName", "given_name"), Sort.PERSON),
    **dict.fromkeys(("middleName", "middle_name", "patronymic", "nickname"), Sort.PERSON),
    **dict.fromkeys(("lastName", "last_name", "familyName", "family_name", "maidenName"), Sort.PERSON),
    **dict.fromkeys(
        ("company", "companyName", "company_name", "employer", "account", "accountName"), Sort.COMPANY
    ),
    **dict.fromkeys(("organisation", "organization", "organisationName", "organizationName"), Sort.COMPANY),
    **dict.fromkeys(("email", "emailAddress", "email_address"), Sort.EMAIL),
    **dict.fromkeys(("phone", "phoneNumber", "phone_number", "mobile", "mobilePhone"), Sort.PHONE),
}
"""The attributes that are searched, and of which sort their values are."""

MAX_CHARACTERS: Final = 200
"""Of a value; what follows is not searched."""

_KINDS: Final = {Sort.EMAIL: "email", Sort.PHONE: "phone"}


def said(attributes: Mapping[str, Any]) -> list[Said]:
    """What of a source's attributes is searched."""
    return [
        Said(name, sort, value.strip()[:MAX_CHARACTERS])
        for name, sort in ATTRIBUTES.items()
        if isinstance(value := attributes.get(name), str) and value.strip()
    ]


def said_of_identifier(kind: str, value: str) -> Said:
    """What is searched of an identifier."""
    return Said("id" if kind == kinds.OWN else kind, _SORTS.get(kind, Sort.ID), value)


_SORTS: Final = {kind: sort for sort, kind in _KINDS.items()}


def keys(things: Iterable[Said]) -> set[str]:
    """The keys by which a source's profile is found."""
    by_sort: dict[Sort, list[str]] = {}
    for one in things:
        by_sort.setdefault(one.sort, []).append(one.value)
    found = word_keys(person_tokens(by_sort.get(Sort.PERSON, ())))
    found |= word_keys(company_tokens(by_sort.get(Sort.COMPANY, ())))
    for sort, kind in _KINDS.items():
        for value in by_sort.get(sort, ()):
            found |= identifier_keys(kind, value)
    return found


def names(things: Iterable[Said]) -> list[str]:
    """What is searched of a profile, as it is stored beside it."""
    return [f"{one.what}\n{one.value}" for one in things]


def said_of_names(stored: Iterable[str]) -> list[Said]:
    """The inverse of `names`; attributes that are searched no more are left out."""
    parts = (one.partition("\n") for one in stored)
    return [Said(what, ATTRIBUTES[what], value) for what, _, value in parts if what in ATTRIBUTES]


def latest(profiles: Iterable[tuple[str, Mapping[str, tuple[Any, int]]]]) -> Iterator[list[Said]]:
    """What each source says now of a customer, of its profiles given as (source, statements).

    A source has one say for each attribute, the latest, on whichever of the customer's identifiers it was said.
    """
    by_source: dict[str, dict[str, tuple[Any, int]]] = {}
    for source, statements in profiles:
        present = by_source.setdefault(source, {})
        for name, (value, at) in statements.items():
            if name in ATTRIBUTES and (name not in present or present[name][1] < at):
                present[name] = (value, at)
    for statements in by_source.values():
        yield said({name: value for name, (value, _) in statements.items()})
