from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from service.graph.books import Books, Needs, Statement
from service.graph.client import Transaction
from service.ids import Mint
from tests.unit.examples import NOW


class Diary:
    """A book that notes when it was loaded."""

    def __init__(self, pages: list[str]) -> None:
        self.pages = pages

    async def load(self, transaction: Transaction, needs: Needs, books: Books) -> None:
        del transaction, needs, books
        self.pages.append(type(self).__name__)

    def statements(self, books: Books) -> Iterator[Statement]:
        del books
        yield Statement("empty", [])
        yield Statement(type(self).__name__, ["a row"])


class Sequel(Diary):
    """Another book."""


async def test_books_are_loaded_and_written_in_their_order_the_empty_left_out() -> None:
    pages: list[str] = []
    books = Books(Mint(NOW), [Diary(pages), Sequel(pages)])
    await books.load(cast("Transaction", None), Needs([]))
    assert pages == ["Diary", "Sequel"]
    assert [statement.query for statement in books.statements()] == ["Diary", "Sequel"]


def test_a_book_is_found_by_its_type() -> None:
    diary, sequel = Diary([]), Sequel([])
    books = Books(Mint(NOW), [diary, sequel])
    assert books[Diary] is diary
    assert books[Sequel] is sequel
    assert books.now == NOW


def test_needs_come_by_type_in_the_order_of_the_commands() -> None:
    needs = Needs(["b", 1, "a", 2.5])
    assert needs.of(str) == ["b", "a"]
    assert needs.of(int) == [1]
    assert needs.of(bytes) == []
