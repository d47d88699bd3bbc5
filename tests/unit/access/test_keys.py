"""API keys and what callers show of themselves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from service.access import credentials, keys
from service.access.exposure import check_exposure, is_loopback
from service.access.models import OPERATOR, Caller, signed
from service.access.watches import Watches
from service.errors import BadInput, CredentialMissing, Unauthenticated
from service.settings import Auth, Settings

ID = f"key_{'0123456789abcdef' * 2}"


def test_a_key_is_read_as_it_was_written() -> None:
    secret = keys.new_secret()
    text = keys.written(ID, secret)
    assert text == f"cgk_{'0123456789abcdef' * 2}_{secret}"
    assert keys.read(text) == (ID, secret)
    key = keys.known(ID, "crm", ["record", "admin"], keys.digest_of(secret).hex(), 1_000)
    assert key.caller == Caller("crm", frozenset({"record", "admin"}), 1.0, ID)
    assert key.is_opened_by(secret)
    assert not key.is_opened_by(keys.new_secret())


def test_secrets_have_256_bits_and_are_not_kept() -> None:
    made = {keys.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(one) for one in made} == {43}
    key = keys.known(ID, "crm", [], keys.digest_of("a").hex(), None)
    assert key.digest.hex() == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text.upper(),
        lambda text: text.replace("cgk_", "cgk-"),
        lambda text: f"{text}\n",
        lambda text: f" {text}",
        lambda _text: "",
    ],
)
def test_what_is_no_key(change: Any) -> None:
    assert keys.read(change(keys.written(ID, keys.new_secret()))) is None


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        ([(b"cookie", b"a=b")], None),
        ([(b"authorization", b"Bearer abc")], "abc"),
        ([(b"authorization", b"bEARER  abc ")], "abc"),
        ([(b"x-api-key", b"abc")], "abc"),
    ],
)
def test_what_headers_show(headers: list[tuple[bytes, bytes]], found: str | None) -> None:
    assert credentials.in_headers(headers) == found


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"abc")],
        [(b"authorization", b"Basic abc")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearer ")],
        [(b"authorization", b"Bearer \xd0\xba")],
        [(b"authorization", b"Bearer " + b"x" * 8193)],
        [(b"x-api-key", b"")],
        [(b"authorization", b"Bearer abc"), (b"authorization", b"Bearer abc")],
        [(b"authorization", b"Bearer abc"), (b"x-api-key", b"abc")],
    ],
)
def test_headers_that_do_not_do(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Unauthenticated) as caught:
        credentials.in_headers(headers)
    assert not isinstance(caught.value, CredentialMissing)


def test_what_opens_a_socket_shows() -> None:
    assert credentials.in_payload({}) is None
    assert credentials.in_payload({"headers": {}, "language": "de"}) is None
    for payload in ({"Authorization": "Bearer abc"}, {"authorization": "bearer abc"}, {"apiKey": "abc"}):
        assert credentials.in_payload(payload) == "abc"
    assert credentials.in_payload({"X-Api-Key": "abc"}) == "abc"
    for wrong in ({"Authorization": 7}, {"apiKey": None}, {"apiKey": "abc", "Authorization": "Bearer abc"}):
        with pytest.raises(Unauthenticated):
            credentials.in_payload(wrong)


def test_by_is_the_caller() -> None:
    given = {"text": "called", "by": "Somebody"}
    assert signed(given, OPERATOR) == given
    assert signed(given, Caller("crm", frozenset(), id=ID)) == {"text": "called", "by": "crm"}
    assert signed({"text": "called"}, Caller("crm", frozenset(), id=ID)) == {"text": "called", "by": "crm"}


def test_who_is_over_is_told_once_and_who_is_gone_never() -> None:
    watches, told = Watches(), list[str]()
    ended, other = Caller("a", frozenset(), time.time() - 1, "sub:a"), Caller("b", frozenset(), None, "sub:b")
    watches.add(ended, lambda: told.append("one"))
    watches.add(ended, lambda: told.append("two"))
    gone = watches.add(ended, lambda: told.append("gone"))
    stays = watches.add(other, lambda: told.append("other"))
    gone()
    gone()
    for _ in range(2):
        watches.end(lambda caller: caller is ended)
    assert told == ["one", "two"]
    assert watches
    stays()
    assert not watches


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:0.0.0.0", False),
        ("192.168.1.5", False),
        ("fe80::1%eth0", False),
    ],
)
def test_nobody_else_is_served_by_mistake(address: str, loopback: bool) -> None:
    assert is_loopback(address) is loopback
    check_exposure(Settings(host=address, auth=Auth.REQUIRED), address)
    check_exposure(Settings(host=address, insecure=True), address)
    if loopback:
        check_exposure(Settings(host=address), address)
        return
    with pytest.raises(BadInput, match=r"CUSTOMER_GRAPH_AUTH=required.*--insecure"):
        check_exposure(Settings(host=address), address)
