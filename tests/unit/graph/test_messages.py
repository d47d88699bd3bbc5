from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.graph.messages import Message, Messages, command_key, recording_key
from tests.unit.examples import empty_books

MESSAGE = Message("shop\nm1", "order", "ord_1", "cookie:c", "[]")
names = st.text("ab ", min_size=1, max_size=3)


@given(names, names, names, names)
def test_two_pairs_of_source_and_message_id_have_two_keys(a: str, b: str, c: str, d: str) -> None:
    assert (recording_key(a, b) == recording_key(c, d)) == ((a, b) == (c, d))


@given(names, names, names, names)
def test_a_command_never_has_the_key_of_a_recording(a: str, b: str, c: str, d: str) -> None:
    assert command_key(a, b) != recording_key(c, d)


def test_an_entered_message_is_known_to_the_commands_after_it() -> None:
    messages = Messages()
    assert messages["shop\nm1"] is None
    messages.enter(MESSAGE, has_node=True)
    assert messages["shop\nm1"] is MESSAGE


def test_only_a_message_without_a_fact_of_its_own_is_written() -> None:
    messages = Messages()
    messages.enter(MESSAGE, has_node=False)
    messages.enter(Message("shop\nm2", "touchpoint", "tp_1", "cookie:c", "[]"), has_node=True)
    (statement,) = messages.statements(empty_books())
    assert statement.query == "graph/create_messages"
    assert statement.rows == [
        {
            "key": "shop\nm1",
            "messageKind": "order",
            "subjectId": "ord_1",
            "identifierKey": "cookie:c",
            "refused": "[]",
        }
    ]
