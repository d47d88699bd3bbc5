"""Whether it is safe to listen on an address. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from service.errors import BadInput
from service.settings import Auth, Settings


def check_exposure(settings: Settings, address: str) -> None:
    """Refuses to serve everybody who reaches an address; raises BadInput.

    `address` is where is listened, as the socket says: a name may be that of any address.
    """
    if settings.auth is Auth.REQUIRED or settings.insecure or is_loopback(address):
        return
    text = (
        f"{settings.host} can be reached from other machines, and without authentication everybody there "
        "could read and change everything. Set CUSTOMER_GRAPH_AUTH=required and make a key (customer-graph keys "
        "create); or listen on 127.0.0.1; or say --insecure (CUSTOMER_GRAPH_INSECURE=true) where something else "
        "keeps strangers out."
    )
    raise BadInput("--host", text)


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped.is_loopback
    return parsed.is_loopback
