"""Where webhooks may lead: every form of an address that is not for everybody is refused."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from service.webhooks.addresses import BadUrl, refusal, target
from service.webhooks.connecting import AddressRefused, judged, resolved

_LOOPBACK = "a loopback address"
_PRIVATE = "a private address"
_LINK_LOCAL = "a link-local address"
_MULTICAST = "a multicast address"
_RESERVED = "a reserved address"
_UNSPECIFIED = "the unspecified address"
_CARRIER = "an address shared by a carrier's customers (100.64.0.0/10)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("127.0.0.1", _LOOPBACK),
        ("127.255.255.254", _LOOPBACK),
        ("::1", _LOOPBACK),
        ("::ffff:127.0.0.1", _LOOPBACK),
        ("64:ff9b::7f00:1", _LOOPBACK),
        ("10.0.0.1", _PRIVATE),
        ("172.16.0.1", _PRIVATE),
        ("172.31.255.255", _PRIVATE),
        ("192.168.1.1", _PRIVATE),
        ("::ffff:10.0.0.1", _PRIVATE),
        ("64:ff9b::a00:1", _PRIVATE),
        ("fd00::1", _PRIVATE),
        ("fc00::1", _PRIVATE),
        ("192.0.2.1", _PRIVATE),
        ("169.254.169.254", _LINK_LOCAL),
        ("::ffff:169.254.169.254", _LINK_LOCAL),
        ("64:ff9b::a9fe:a9fe", _LINK_LOCAL),
        ("fe80::1", _LINK_LOCAL),
        ("fe80::1%eth0", _LINK_LOCAL),
        ("100.64.0.1", _CARRIER),
        ("100.127.255.255", _CARRIER),
        ("::ffff:100.64.0.1", _CARRIER),
        ("224.0.0.1", _MULTICAST),
        ("239.255.255.255", _MULTICAST),
        ("ff02::1", _MULTICAST),
        ("ff0e::1", _MULTICAST),
        ("0.0.0.0", _UNSPECIFIED),
        ("::", _UNSPECIFIED),
        ("::ffff:0.0.0.0", _UNSPECIFIED),
        ("0.1.2.3", _RESERVED),
        ("240.0.0.1", _RESERVED),
        ("255.255.255.255", _RESERVED),
        ("192.0.0.8", _RESERVED),
        ("192.88.99.1", _RESERVED),
        ("198.18.0.1", _RESERVED),
        ("::10.0.0.1", _RESERVED),
        ("2002:a00:1::1", _RESERVED),
        ("2002:808:808::1", _RESERVED),
        ("2001::1", _RESERVED),
        ("2001:db8::1", _RESERVED),
        ("64:ff9b:1::808:808", _RESERVED),
        ("fec0::1", _RESERVED),
        ("100::1", _RESERVED),
        ("8.8.8.8", None),
        ("172.32.0.1", None),
        ("100.128.0.1", None),
        ("::ffff:8.8.8.8", None),
        ("64:ff9b::808:808", None),
        ("2606:4700::1111", None),
    ],
)
def test_only_addresses_of_the_whole_internet_are_delivered_to(text: str, why: str | None) -> None:
    assert refusal(ip_address(text), secure=True, loopback=False) == why
    # In development loopback is allowed beside, and nothing else.
    assert refusal(ip_address(text), secure=True, loopback=True) == (None if why == _LOOPBACK else why)


def test_http_leads_to_loopback_only() -> None:
    assert refusal(ip_address("127.0.0.1"), secure=False, loopback=True) is None
    assert refusal(ip_address("127.0.0.1"), secure=False, loopback=False) == _LOOPBACK
    assert refusal(ip_address("10.0.0.1"), secure=False, loopback=True) == _PRIVATE
    why = refusal(ip_address("8.8.8.8"), secure=False, loopback=True)
    assert why == "not a loopback address, and http is for those only"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://2130706433/", "127.0.0.1"),
        ("https://0x7f000001/", "127.0.0.1"),
        ("https://0177.0.0.1/", "127.0.0.1"),
        ("https://127.1/", "127.0.0.1"),
        ("https://[::FFFF:10.0.0.1]/", "::ffff:a00:1"),
        ("https://%31%30.0.0.1/", "10.0.0.1"),
        ("https://１０.0.0.1/", "10.0.0.1"),
    ],
)
async def test_an_address_in_another_form_is_the_address_that_it_means(text: str, host: str) -> None:
    where = target(text, loopback=False)
    assert where.host == host
    with pytest.raises(AddressRefused, match=r"a (loopback|private) address"):
        await judged(where.host, where.port, secure=True, loopback=False, resolve=_never)


def test_a_url_is_read_as_browsers_do() -> None:
    where = target("HTTPS://CRM.Bücher.example:8443/in/äx?a=b&c=ü", loopback=False)
    assert (where.secure, where.host, where.port) == (True, "crm.xn--bcher-kva.example", 8443)
    assert where.path == "/in/%C3%A4x?a=b&c=%C3%BC"
    assert where.authority == "crm.xn--bcher-kva.example:8443"
    assert target("https://crm.example", loopback=False).url == "https://crm.example/"
    assert target("https://crm.example:443/", loopback=False).authority == "crm.example"
    assert target("http://[::1]:80/", loopback=True).authority == "[::1]"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "an https URL is needed"),
        ("crm.example/changes", "an https URL is needed"),
        ("ftp://crm.example/", "an https URL is needed"),
        ("file:///etc/passwd", "an https URL is needed"),
        ("https:crm.example", "an https URL is needed"),
        ("https://crm.example\\@10.0.0.1/", "an https URL is needed"),
        ("https://crm.example/ x", "an https URL is needed"),
        ("https://crm.example/\n", "an https URL is needed"),
        ("https://1.2.3.4.5/", "not a URL: invalid IPv4 address"),
        ("https://[::1/", "not a URL: invalid IPv6 address"),
        ("https://crm.example:99999/", "not a URL: invalid port number"),
        ("https://crm.example:0/", "it must name a host and a port above 0"),
        ("http://crm.example/", "only https"),
        ("https://user@crm.example/", "it must not have a user or a password"),
        ("https://:secret@crm.example/", "it must not have a user or a password"),
        ("https://crm.example/#part", "it must not have a fragment"),
        ("https://crm.example/#", "it must not have a fragment"),
        (f"https://crm.example/{'ü' * 400}", "at most 2000 characters"),
    ],
)
def test_what_is_no_url_of_a_webhook_is_told_why(text: str, why: str) -> None:
    with pytest.raises(BadUrl) as caught:
        target(text, loopback=False)
    assert str(caught.value).startswith(why)


async def _never(_host: str, _port: int) -> Sequence[str]:
    raise AssertionError("an address is not looked up")


async def test_one_bad_address_of_a_name_is_enough() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(AddressRefused, match=r"the name crm\.example leads to a private address"):
        await judged("crm.example", 443, secure=True, loopback=False, resolve=resolve)


async def test_localhost_is_resolved_by_the_system_and_refused() -> None:
    with pytest.raises(AddressRefused, match="the name localhost leads to a loopback address"):
        await judged("localhost", 443, secure=True, loopback=False)
    assert {one.is_loopback for one in await judged("localhost", 80, secure=False, loopback=True)} == {True}


async def test_a_name_that_cannot_be_looked_up_has_no_address() -> None:
    with pytest.raises(OSError):  # noqa: PT011 -- in the words of the system
        await resolved(f"{'x' * 64}.example", 443)
