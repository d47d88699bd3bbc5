"""Where a webhook may lead: addresses that belong to the whole internet. Pure.

An endpoint's address is chosen by whoever registers it, and the service connects from inside the operator's
network: whatever is not reachable by everybody is refused. It is the resolved address that is judged, at every
connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from pydantic_core import Url, ValidationError

from service.webhooks.models import MAX_URL

Address = IPv4Address | IPv6Address

_FORM: Final = re.compile(r"https?://[^\s\\\x00-\x20\x7f]+", re.IGNORECASE)
_NAT64: Final = ip_network("64:ff9b::/96")
_SHARED: Final = ip_network("100.64.0.0/10")
# What some versions of Python take for global, or would have to be looked into: nobody serves webhooks there.
_OTHERS: Final = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL, in the parts that a request is made of."""

    url: str
    """As browsers would write it."""
    secure: bool
    host: str
    """Without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """The Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.secure else 80) else f"{name}:{self.port}"


class BadUrl(ValueError):
    """A URL that no webhook can have; says why."""


def target(text: str, *, loopback: bool) -> Target:
    """The parts of a URL, read as browsers do: decimal and other forms of addresses are the addresses they mean.

    `loopback`: whether http is allowed, for which only loopback addresses are.

    Raises:
        BadUrl: it is none that a webhook can have.
    """
    if not _FORM.fullmatch(text):
        raise BadUrl("an https URL is needed, such as https://crm.example/changes")
    try:
        url = Url(text)
    except ValidationError as error:
        raise BadUrl(f"not a URL: {error.errors()[0]['msg'].rpartition(', ')[2]}") from None
    secure = url.scheme == "https"
    if not secure and not loopback:
        raise BadUrl("only https: what is delivered must not be read on its way")
    if url.username is not None or url.password is not None:
        raise BadUrl("it must not have a user or a password; the signature tells who delivers")
    if url.fragment is not None:
        raise BadUrl("it must not have a fragment (#…), which is never sent")
    written, host = str(url), (url.host or "").removeprefix("[").removesuffix("]")
    if not host or not url.port:
        raise BadUrl("it must name a host and a port above 0")
    if len(written) > MAX_URL:
        raise BadUrl(f"at most {MAX_URL} characters")
    return Target(written, secure, host, url.port, (url.path or "/") + (f"?{url.query}" if url.query else ""))


def literal(host: str) -> Address | None:
    """The address that a host is, if it is no name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def refusal(address: Address, *, secure: bool, loopback: bool) -> str | None:
    """What sort of address it is, if nothing may be delivered there; it may be shown.

    Args:
        address: as it was resolved.
        secure: whether by https; http goes to loopback only.
        loopback: whether loopback addresses are allowed, for development.
    """
    meant = _meant(address)
    if meant.is_loopback:
        return None if loopback else "a loopback address"
    sort = _sort(meant)
    if sort is None and not secure:
        return "not a loopback address, and http is for those only"
    return sort


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it is mapped or translated."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _sort(address: Address) -> str | None:
    if address.is_unspecified:
        return "the unspecified address"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address in _SHARED:
        return "an address shared by a carrier's customers (100.64.0.0/10)"
    if any(address in one for one in _OTHERS) or address.is_reserved:
        return "a reserved address"
    return None if address.is_global else "a private address"
