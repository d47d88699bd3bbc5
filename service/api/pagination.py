"""Relay connections over keyset cursors. A cursor is a position (time, id), opaque to clients."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from service.errors import BadInput
from service.positions import is_position

MAX_FIRST = 100

T = TypeVar("T")
R = TypeVar("R")


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


def page_size(first: int) -> int:
    """A checked `first`."""
    if not 1 <= first <= MAX_FIRST:
        raise BadInput("first", f"from 1 to {MAX_FIRST} at once; page on with after: pageInfo.endCursor")
    return first


def cursor(position: str) -> str:
    """The cursor of a position."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def position_of(after: str) -> str:
    """The position that a cursor stands for."""
    try:
        position = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        position = ""
    if not is_position(position) or cursor(position) != after:
        raise BadInput("after", "not a cursor of this list; use a pageInfo.endCursor of the same list")
    return position


def page_info(positions: Sequence[str], size: int, *, has_previous: bool) -> PageInfo:
    """Page information of rows that were read with one more than the page's size."""
    shown = positions[:size]
    return PageInfo(
        has_next_page=len(positions) > size,
        has_previous_page=has_previous,
        start_cursor=cursor(shown[0]) if shown else None,
        end_cursor=cursor(shown[-1]) if shown else None,
    )


def connection(
    rows: Sequence[R], size: int, position: Callable[[R], str], node: Callable[[R], T], *, has_previous: bool
) -> Connection[T]:
    """A page from rows that were read with one more than the page's size."""
    nodes = [node(row) for row in rows[:size]]
    return Connection(
        edges=[Edge(cursor=cursor(position(row)), node=one) for row, one in zip(rows, nodes, strict=False)],
        nodes=nodes,
        page_info=page_info([position(row) for row in rows], size, has_previous=has_previous),
    )
