"""Walking a connection to its end, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.asking import Api

PAGE = """edges { cursor node { id } } nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""


def of_customer(connection: str, declared: str = "", given: str = "") -> str:
    """A query of one of a customer's connections, with what its filter needs."""
    return f"""query ($by: CustomerBy!, $first: Int!, $after: String{declared}) {{ customer(by: $by) {{
      {connection}(first: $first, after: $after{given}) {{ {PAGE} }} }} }}"""


CUSTOMERS = f"""query ($filter: CustomerFilter, $orderBy: CustomerOrder!, $first: Int!, $after: String) {{
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {{ {PAGE} }} }}"""


def inside(answer: dict[str, Any]) -> dict[str, Any]:
    """The only connection of a customer."""
    (connection,) = answer.values()
    found: dict[str, Any] = connection
    return found


def itself(answer: dict[str, Any]) -> dict[str, Any]:
    """The root field's own connection."""
    return answer


async def walk(
    api: Api, query: str, first: int, pick: Callable[[dict[str, Any]], dict[str, Any]] = inside, **variables: Any
) -> list[str]:
    """The ids of all pages. Checks on the way that each page is well formed."""
    ids: list[str] = []
    after: str | None = None
    while True:
        page = pick(await api.field(query, first=first, after=after, **variables))
        edges, info = page["edges"], page["pageInfo"]
        assert [edge["node"] for edge in edges] == page["nodes"]
        assert len({edge["cursor"] for edge in edges}) == len(edges) <= first
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (
            (edges[0]["cursor"], edges[-1]["cursor"]) if edges else (None, None)
        )
        ids += [node["id"] for node in page["nodes"]]
        assert len(set(ids)) == len(ids), "a page repeats what was on one before it"
        if not info["hasNextPage"]:
            return ids
        assert len(edges) == first
        after = info["endCursor"]
