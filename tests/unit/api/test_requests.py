from __future__ import annotations

import pytest

from service.api.requests import (
    LEGACY_MEDIA_TYPE,
    MEDIA_TYPE,
    STREAM_MEDIA_TYPE,
    Accepted,
    BadRequest,
    Parameters,
    accepted,
    check_content,
    from_query_string,
)

JSON, NEW, SSE = LEGACY_MEDIA_TYPE, MEDIA_TYPE, STREAM_MEDIA_TYPE


@pytest.mark.parametrize(
    ("accept", "media_type", "streams"),
    [
        ("", JSON, False),
        ("*/*", JSON, False),
        (f"{JSON};q=0.5, {NEW};q=0.9", NEW, False),
        (f"{JSON};q=0.9, {NEW};q=0.5", JSON, False),
        (f"{NEW}, {JSON}, {SSE}", NEW, True),
        (f"{SSE}, {JSON}", SSE, True),
        (f"{SSE}, {JSON};q=0.9", SSE, True),
        (f"{SSE};q=0.1, */*", JSON, True),
        (f"{SSE};q=0, */*", JSON, False),
        # The most specific range speaks for a type.
        (f"*/*, {JSON};q=0", NEW, False),
        (f"application/*;q=0.2, {NEW};q=0.1", JSON, False),
        (f"{NEW};q=0, {JSON};q=0, {SSE}", SSE, True),
        ("text/*;q=1, */*;q=0.1", JSON, False),
        (f" {NEW.upper()} ; Q=0.8 ,", NEW, False),
        # What cannot be read of a quality counts as not given.
        (f"{NEW};q=high, {JSON};q=0.9", NEW, False),
        (f"{NEW};q=0.9;v=b3, {JSON}", JSON, False),
        (f"{NEW};q=0.9, {NEW}", NEW, False),
    ],
)
def test_what_is_accepted_most_is_answered_in(accept: str, media_type: str, streams: bool) -> None:
    assert accepted(accept) == Accepted(media_type, streams)


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/*",
        "application/xml, image/*",
        "*/*;q=0",
        f"{JSON};q=0",
        f"{JSON};q=0.000, text/html",
        ",",
        f"{JSON}, " + "a/b, " * 200,
    ],
)
def test_what_accepts_nothing_of_ours_is_406(accept: str) -> None:
    with pytest.raises(BadRequest) as error:
        accepted(accept)
    assert error.value.status == 406


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
def test_a_compressed_body_is_415_and_told_how_to_send_it(encoding: str) -> None:
    with pytest.raises(BadRequest) as error:
        check_content(JSON, encoding)
    assert (error.value.status, error.value.headers) == (415, {"Accept-Encoding": "identity"})
    check_content(JSON, "Identity")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; application/json",
        "text/plain;x=application/json",
        "application/json, text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
    ],
)
def test_what_a_foreign_page_could_send_without_asking_is_415(content_type: str) -> None:
    with pytest.raises(BadRequest) as error:
        check_content(content_type, "")
    assert (error.value.status, error.value.headers) == (415, {"Accept": JSON})


def test_a_long_content_type_is_not_read() -> None:
    """Its parameters would be read in a time that grows with the square of their number: here, hours."""
    with pytest.raises(BadRequest) as error:
        check_content(f'{JSON};a="' + ";" * 1_000_000, "")
    assert error.value.status == 415
    check_content(f'{JSON}; charset="utf-8"; a=b', "")


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        (b"query=%7Ba%7D&query=%7Bb%7D", "query: is there twice."),
        (b"query=%7Ba%7D&variables=&variables=", "variables: is there twice."),
        (b"query=%zz", "The query string has a % without two hexadecimal digits; write %25 for a % itself."),
        (b"query=%7Ba%7D&operationName=a%", "The query string has a % without two hexadecimal digits; "),
        (b"query=%ff", "The query string is not in UTF-8."),
        (b"query=\xff", "The query string is not in UTF-8."),
        (b"query=%ED%A0%80", "The query string is not in UTF-8."),
        (b"&".join(b"a%d=" % n for n in range(101)), "The query string has more than 100 parameters."),
        (b"query=%7Ba%7D&variables=NaN", "The variables is not JSON in UTF-8: "),
        (b"query=%7Ba%7D&variables=null", "The variables must be a JSON object."),
    ],
)
def test_a_query_string_that_cannot_be_read_is_400(query_string: bytes, message: str) -> None:
    with pytest.raises(BadRequest) as error:
        from_query_string(query_string)
    assert error.value.status == 400
    assert error.value.message.startswith(message)


def test_a_query_string_is_read() -> None:
    expected = Parameters('{ a(b: "ü+ %") }', {"x": 1}, "A")
    encoded = b"query=%7B+a(b:+%22%C3%BC%2B%20%25%22)+%7D&variables=%7B%22x%22%3A1%7D&operationName=A&_=1&_=2"
    assert from_query_string(encoded) == expected
    assert from_query_string(encoded.replace(b"%C3%BC", "ü".encode())) == expected
