"""The change log as tests look at it: of some subjects, in the order of commits."""

from __future__ import annotations

from typing import Any

from service.graph.client import Graph


async def told(graph: Graph, *subject_ids: str) -> list[tuple[str, str | None, list[str], list[str]]]:
    """Kind, customer, changed fields and owners of the changes of subjects."""
    statement = """MATCH (c:Change) WHERE c.subjectId IN $ids WITH c ORDER BY c.place
      RETURN collect([c.kind, c.customerId, c.fields, c.owners])"""
    ((rows,),) = await graph.run(statement, ids=list(subject_ids))
    found: list[Any] = [tuple(row) for row in rows]
    return found


async def kinds(graph: Graph, *subject_ids: str) -> list[str]:
    """Only the kinds."""
    return [kind for kind, *_ in await told(graph, *subject_ids)]
