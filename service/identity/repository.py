"""What is read of identifiers."""

from __future__ import annotations

from typing import Final

from service.reads.relations import Node, Relation

CUSTOMER: Final = Node("c", "Customer")
"""The node that reads of a customer start from."""

OF_CUSTOMER: Final = Relation("identity/of_customer", CUSTOMER, "i", "Identifier")
BY_KEY: Final = Relation("identity/by_key", end="i", type="Identifier")
BY_ID: Final = Relation("identity/by_id", end="i", type="Identifier")
OF_TOUCHPOINT: Final = Relation("identity/of_touchpoint", Node("t", "Touchpoint"), "i", "Identifier")
IDENTIFIER: Final = Node("i", "Identifier")
"""The node that reads of an identifier start from."""

ALL_OF_CUSTOMER: Final = Relation("identity/all_of_customer", CUSTOMER, "i", "Identifier")
LINKS_OF_CUSTOMER: Final = Relation("identity/links_of_customer", CUSTOMER, "l", "IdentityLink")
LINKS_OF_IDENTIFIER: Final = Relation("identity/links_of_identifier", IDENTIFIER, "l", "IdentityLink")
HISTORY: Final = Relation("identity/history", CUSTOMER, "h", "IdentityEvent")
EVENT_BY_ID: Final = Relation("identity/event_by_id", end="h", type="IdentityEvent")
CUSTOMER_OF: Final = Relation("customers/of_identifier", end="c", type="Customer")
KINDS: Final = Relation("identity/all_kinds", end="a", type="IdentifierKind")
"""The kinds whose rules were changed."""
