"""The types of Relay connections; how pages are made is told in `service.reads.connections`."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.type
class PageInfo:
    """Whether there is more, and where to go on."""

    has_next_page: bool
    """Whether there is more behind this page."""
    has_previous_page: bool
    """Whether this page was asked for behind a cursor."""
    start_cursor: str | None
    """The first place of this page."""
    end_cursor: str | None
    """The last place of this page: go on with after."""


@strawberry.type
class Edge(Generic[T]):
    """One place in a list."""

    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo
