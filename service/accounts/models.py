"""Accounts as they come in, and where customers stand in them."""

from __future__ import annotations

from typing import Final

from service.inputs import Input, Name

MAX_MEMBERS: Final = 500
"""Customers that belong to one account by hand; by its domain any number does."""
BY_HAND: Final = "1"
"""What the place of a membership by hand begins with: before all by domain."""
BY_DOMAIN: Final = "0"
MAX_DOMAIN_CHARACTERS: Final = 253
"""Of a domain: RFC 1035."""


class UpsertAccountInput(Input):
    """An account; without an id, a new one. What is left out stays, null clears."""

    id: str | None = None
    name: Name
    domain: Name | None = None
    customer_ids: tuple[str, ...] | None = None
