from __future__ import annotations

import pytest

from service import errors
from service.errors import BadInput, ServiceError

KINDS = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, ServiceError) and one is not BadInput
]


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_message_an_error_says_its_docstring(kind: type[ServiceError]) -> None:
    message = kind().message
    assert message == str(kind())
    assert message == (kind.__doc__ or "").strip()
    assert message.endswith(".")
    assert "\n" not in message


def test_with_a_message_it_says_that() -> None:
    assert errors.Overloaded("busy").message == "busy"


def test_bad_input_names_its_field() -> None:
    error = BadInput("first", "from 1 to 100")
    assert (error.field, error.message, error.code) == ("first", "first: from 1 to 100", "BAD_USER_INPUT")


def test_what_clients_can_wait_for_has_a_code_of_its_own() -> None:
    assert errors.Unavailable.code == errors.NotMigrated.code == "UNAVAILABLE"
    assert errors.Overloaded.code == "OVERLOADED"
    assert errors.DeadlineExceeded.code == "DEADLINE_EXCEEDED"
    assert ServiceError.code == errors.Rejected.code == errors.EngineFailed.code == "INTERNAL"
