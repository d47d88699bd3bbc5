"""What is read of notes."""

from __future__ import annotations

from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Node, Relation

NOTE_BY_ID: Final = Relation("notes/by_id", end="n", type="Note")
OF_CUSTOMER: Final = Relation("notes/of_customer", CUSTOMER, "n", "Note")
OF_DEAL: Final = Relation("notes/of_subject", Node("s", "Deal"), "n", "Note")
OF_LEAD: Final = Relation("notes/of_subject", Node("s", "Lead"), "n", "Note")
OF_TICKET: Final = Relation("notes/of_subject", Node("s", "Ticket"), "n", "Note")
SUBJECT: Final = Relation(
    "notes/subject", Node("n", "Note"), "s", tag="y", types=("Customer", "Lead", "Deal", "Ticket")
)
