"""Reading the log."""

from __future__ import annotations

from typing import Final

from service.changes.models import place
from service.graph.client import Graph

_SLICE: Final = 5_000
"""Changes that a statement reads."""


async def end(graph: Graph) -> int:
    """The number of the last change; 0 before the first."""
    ((number,),) = await graph.rows("changes/end")
    return int(number)


async def concerned(graph: Graph, after: int, upto: int) -> set[str] | None:
    """Ids of the customers that changes behind one number up to another are about, and of those they were before.

    None where the log does not have all of these changes any more.
    """
    found: set[str] = set()
    for first in range(after, upto, _SLICE):
        last = min(first + _SLICE, upto)
        rows = await graph.rows("changes/concerned", after=place(first), upto=place(last))
        if len(rows) < last - first:
            return None
        for customer_id, previous_ids in rows:
            found.update(previous_ids or ())
            if customer_id is not None:
                found.add(customer_id)
    return found
