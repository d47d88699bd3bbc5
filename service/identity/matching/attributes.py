"""Which attributes say what of a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.identity.matching.sorts import Sort

ATTRIBUTES: Final[Mapping[str, Sort]] = {
    **dict.fromkeys(("name", "fullname", "displayname"), Sort.FULL_NAME),
    **dict.fromkeys(("firstname", "givenname"), Sort.GIVEN_NAME),
    **dict.fromkeys(("lastname", "familyname", "surname"), Sort.FAMILY_NAME),
    **dict.fromkeys(("birthdate", "dateofbirth", "dob"), Sort.BIRTH_DATE),
    **dict.fromkeys(("email", "emailaddress"), Sort.EMAIL),
    **dict.fromkeys(("phone", "phonenumber"), Sort.PHONE),
    "city": Sort.CITY,
    "postcode": Sort.POSTCODE,
}


def sort_of(name: str) -> Sort | None:
    """What sort of thing an attribute says; None where it says nothing of who somebody is."""
    return ATTRIBUTES.get("".join(one for one in name.casefold() if one.isalnum()))
