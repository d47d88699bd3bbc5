from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from service.errors import BadInput, Unavailable
from service.observing import logs, operation
from service.observing.operation import Observed
from service.settings import LogFormat

MARK = "anna@example.com"
Start = Callable[..., Callable[[], list[dict[str, Any]]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts logging; gives what reads the lines."""
    root, names = logging.getLogger(), ("service", "uvicorn")
    before = root.handlers, root.level, [logging.getLogger(name).level for name in names]

    def started(level: str = "DEBUG", form: LogFormat = LogFormat.JSON) -> Callable[[], list[dict[str, Any]]]:
        stream = io.StringIO()
        logs.start(level, form, stream)
        return lambda: [orjson.loads(line) for line in stream.getvalue().splitlines()]

    yield started
    root.handlers, level, levels = before
    logs._lines = None
    root.setLevel(level)
    for name, one in zip(names, levels, strict=True):
        logging.getLogger(name).setLevel(one)


def failed(log: str = "service.part") -> None:
    """Logs an error whose messages have data in them."""
    try:
        try:
            raise ValueError(MARK)
        except ValueError as error:
            raise Unavailable from error
    except Unavailable:
        logging.getLogger(log).exception("it failed")


def test_an_event_is_one_line_of_json_with_its_time_level_logger_and_fields(start: Start) -> None:
    lines = start()
    logging.getLogger("service.part").info("%d done", 3, extra={"rows": 3, "email": MARK})
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {"event": "3 done", "level": "info", "logger": "service.part", "rows": 3}


def test_an_exception_is_its_types_and_places_and_only_our_own_fixed_sentences(start: Start) -> None:
    lines = start()
    failed()
    (line,) = lines()
    outer, cause = line["exceptions"]
    assert outer["type"] == "service.errors.Unavailable (UNAVAILABLE)"
    assert outer["message"] == Unavailable.__doc__
    assert cause["type"] == "ValueError"
    assert "message" not in cause
    assert cause["at"][0].startswith("tests/unit/observing/test_logs.py:")
    assert cause["at"][0].endswith(" failed")
    assert MARK not in str(line)


def test_a_sentence_of_ours_that_has_a_value_in_it_is_left_out(start: Start) -> None:
    lines = start()
    logging.getLogger("service.part").error("it failed", exc_info=BadInput("email", f"{MARK} is none"))
    (line,) = lines()
    assert line["exceptions"] == [{"type": "service.errors.BadInput (BAD_USER_INPUT)", "at": []}]


def test_an_exception_that_leads_to_itself_ends(start: Start) -> None:
    lines = start()
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    logging.getLogger("service.part").error("it failed", exc_info=one)
    assert [each["type"] for each in lines()[0]["exceptions"]] == ["ValueError", "KeyError"]


@pytest.mark.parametrize("name", ["neo4j.io", "httpcore.http11", "asyncio", "websockets.server"])
def test_others_are_heard_from_a_warning_on_and_by_their_form(start: Start, name: str) -> None:
    lines = start("DEBUG")
    log = logging.getLogger(name)
    log.debug("RUN %s", MARK)
    log.info("sent %s", MARK)
    log.warning("%s is odd", MARK)
    log.error("a task failed\nfuture: <Task exception=ValueError('%s')>" % MARK)  # noqa: UP031
    assert [line["event"] for line in lines()] == ["%s is odd", "a task failed"]


def test_the_server_says_what_it_does_but_not_which_addresses_sockets_come_to(start: Start) -> None:
    lines = start("DEBUG")
    log = logging.getLogger("uvicorn.error")
    log.debug("> TEXT '%s'", MARK)
    log.info("Started server process [%d]", 7)
    log.info('%s - "WebSocket %s" [accepted]', "127.0.0.1", f"/graphql?who={MARK}")
    assert [line["event"] for line in lines()] == ["Started server process [7]", '%s - "WebSocket %s" [accepted]']


def test_a_level_is_for_our_own_events(start: Start) -> None:
    lines = start("WARNING")
    logging.getLogger("service.part").info("done")
    logging.getLogger("uvicorn.error").info("Started")
    logging.getLogger("service.part").warning("odd")
    assert [line["event"] for line in lines()] == ["odd"]


def test_an_event_has_the_id_of_the_request_that_it_is_of(start: Start) -> None:
    lines = start()
    token = operation.enter(Observed("r-1", "http"))
    logging.getLogger("service.part").info("one")
    operation.leave(token)
    logging.getLogger("service.part").info("two")
    assert [line.get("request_id") for line in lines()] == ["r-1", None]


def test_for_people_an_exception_is_as_short_of_values(start: Start) -> None:
    stream = io.StringIO()
    start()
    logs.start("DEBUG", LogFormat.CONSOLE, stream)
    failed()
    text = stream.getvalue()
    assert "it failed" in text
    assert "  at tests/unit/observing/test_logs.py:" in text
    assert MARK not in text


def test_a_stream_that_is_no_terminal_gets_json(start: Start) -> None:
    lines = start(form=LogFormat.AUTO)
    logging.getLogger("service.part").info("done")
    assert lines()[0]["event"] == "done"


def test_what_fails_in_a_task_that_nobody_waits_for_is_logged_without_its_values(start: Start) -> None:
    lines = start()

    async def work() -> None:
        asyncio.get_running_loop().set_exception_handler(logs.on_loop_error)
        asyncio.get_running_loop().call_soon(lambda: int(MARK))
        await asyncio.sleep(0.01)

    asyncio.run(work())
    (line,) = lines()
    assert line["event"] == "a task failed that nobody waited for"
    assert line["exceptions"][0]["type"] == "ValueError"
    assert MARK not in str(line)
