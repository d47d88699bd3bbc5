from __future__ import annotations

from typing import Any

import pytest

from service.customers.survivorship import search_key


@pytest.mark.parametrize(
    ("value", "text"),
    [("Bonn", "Bonn"), (7, "7"), (1.5, "1.5"), (True, "true"), ([1, "a"], '[1,"a"]'), ("7", "7")],
)
def test_a_golden_value_is_searched_as_it_stands_in_json(value: Any, text: str) -> None:
    assert search_key("city", value) == f"city\n{text}"
