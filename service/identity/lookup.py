"""Naming a customer by an id or any identifier: which key of the graph that is."""

from __future__ import annotations

from service import ids
from service.identity import kinds
from service.identity.kinds import Kinds
from service.identity.models import RawIdentifier
from service.identity.normalising import Unusable, normalise
from service.identity.records import own_key


class NotACustomer(ValueError):
    """The text cannot name a customer; its message says why."""


def key_of(kind: str, value: str, region: str | None, rules: Kinds = kinds.DEFAULTS) -> str:
    """The key of the identifier that a value names; for the kind `id`, of that customer's own identifier.

    Raises:
        NotACustomer: for a malformed value.
    """
    if kind == "id":
        if ids.prefix_of(value) != ids.CUSTOMER:
            raise NotACustomer(f"{value[:64]!r} is not a customer's id; those begin with {ids.CUSTOMER}")
        return own_key(value)
    try:
        return normalise(RawIdentifier(kind, value), region, rules).key
    except Unusable as unusable:
        raise NotACustomer(unusable.message) from None
