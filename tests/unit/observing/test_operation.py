from __future__ import annotations

import re

import pytest

from service.observing import operation
from service.observing.operation import Observed, part_id, request_id


@pytest.mark.parametrize("given", ["a", "0af7651916cd43dd", "Root=1-67891233-abc", "a/b:c_d.e", "x" * 128])
def test_a_callers_id_is_kept(given: str) -> None:
    assert request_id([(b"accept", b"*/*"), (b"x-request-id", given.encode())]) == given


@pytest.mark.parametrize(
    "given", [b"", b"x" * 129, b"anna@example.com", b"a b", b'a"b', b"a\n", "ä".encode(), b"\xff", b"{}"]
)
def test_an_id_that_may_not_stand_in_a_log_is_not(given: bytes) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", request_id([(b"x-request-id", given)]))


def test_who_sends_none_gets_a_new_one_each_time() -> None:
    assert len({request_id([]) for _ in range(100)}) == 100


def test_an_operation_of_a_connection_has_the_clients_id_or_its_number() -> None:
    assert part_id("c", "7-a", 1) == "c/7-a"
    assert part_id("c", "anna@example.com", 2) == "c/2"
    assert part_id("c", "ä", 3) == "c/3"


def test_what_is_noted_is_noted_of_the_operation_that_is_being_answered() -> None:
    operation.begun("query", "A")  # Of none.
    observed = Observed("r", "http")
    token = operation.enter(observed)
    operation.begun("query", "A")
    operation.answered({"data": None, "errors": [{"extensions": {"code": "A_CODE"}}, {"extensions": {}}]})
    operation.answered({"data": {}})
    operation.spent(7)
    operation.leave(token)
    assert (observed.kind, observed.name, observed.code, observed.cost) == ("query", "A", "A_CODE", 7)
    assert operation.current() is None
