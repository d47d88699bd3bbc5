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
CUSTOMER_OF: Final = Relation("customers/of_identifier", end="c", type="Customer")
