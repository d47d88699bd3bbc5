from __future__ import annotations

from typing import Any

import pytest

from service.customers.models import SourceProfile
from service.customers.survivorship import display_name, golden_values, search_key


@pytest.mark.parametrize(
    ("value", "text"),
    [("Bonn", "Bonn"), (7, "7"), (1.5, "1.5"), (True, "true"), ([1, "a"], '[1,"a"]'), ("7", "7")],
)
def test_a_golden_value_is_searched_as_it_stands_in_json(value: Any, text: str) -> None:
    assert search_key("city", value) == f"city\n{text}"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, None),
        ({"city": "Bonn"}, None),
        ({"name": " Ann Bo "}, "Ann Bo"),
        ({"name": "Ann", "firstName": "Other"}, "Ann"),
        ({"fullName": "Ann Bo"}, "Ann Bo"),
        ({"display_name": "Ann"}, "Ann"),
        ({"firstName": "Ann", "lastName": "Bo"}, "Ann Bo"),
        ({"first_name": "Ann", "last_name": " "}, "Ann"),
        ({"familyName": "Bo"}, "Bo"),
        ({"name": "  ", "firstName": "Ann"}, "Ann"),
        ({"name": 7, "lastName": "Bo"}, "Bo"),
        ({"firstName": "Ann", "last_name": "Bo"}, "Ann"),
    ],
)
def test_the_name_to_show_comes_from_attributes_that_hold_one(values: dict[str, Any], name: str | None) -> None:
    statements = {attribute: (value, 1) for attribute, value in values.items()}
    profile = SourceProfile("prf_1", "crm\nemail:a", "crm", "email:a", statements)
    assert display_name(golden_values([profile])) == name
