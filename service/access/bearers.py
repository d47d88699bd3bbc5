"""Who has a token: each is verified once, and known until it ends or its issuer has other keys."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from service.access import tokens
from service.access.exposure import is_loopback
from service.access.key_sets import KeySet, Read, from_address, from_file
from service.access.keyring import is_over
from service.access.models import Caller
from service.access.tokens import ASYMMETRIC, SYMMETRIC, Rules
from service.errors import BadInput
from service.settings import Settings

_KNOWN: Final = 10_000


class Bearers:
    """The callers with a token, of late."""

    def __init__(self, rules: Rules, read: Read) -> None:
        self._rules = rules
        self._keys = KeySet(read, self._forget)
        self._known: OrderedDict[bytes, Caller] = OrderedDict()

    async def caller(self, text: str) -> Caller:
        """Whom a token speaks for.

        Raises:
            Unauthenticated: nobody, or not any more.
            Unavailable: that cannot be found out.
        """
        # By its digest: what is kept opens nothing.
        digest = hashlib.sha256(text.encode()).digest()
        known = self._known.get(digest)
        if known is not None and not is_over(known):
            self._known.move_to_end(digest)
            return known
        algorithm, key_id = tokens.signer(text, self._rules)
        key = await self._keys.key(key_id, algorithm)
        caller = tokens.caller_of(text, key, self._rules, time.time())
        self._known[digest] = caller
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return caller

    def _forget(self) -> None:
        """Tokens signed with a key that was withdrawn are verified anew, in vain."""
        self._known.clear()


def bearers_of(settings: Settings) -> Bearers | None:
    """Who has a token, where the settings name an issuer; raises BadInput where they do not fit together."""
    issuer, audience, keys = settings.jwt_issuer, settings.jwt_audience, settings.jwt_keys
    if issuer is None and audience is None and keys is None:
        return None
    if issuer is None or audience is None or keys is None:
        missing = next(
            name
            for name, value in (("JWT_ISSUER", issuer), ("JWT_AUDIENCE", audience), ("JWT_KEYS", keys))
            if value is None
        )
        raise _wrong(missing, "JWT_ISSUER, JWT_AUDIENCE and JWT_KEYS are needed together")
    algorithms = settings.jwt_algorithms
    unknown = [name for name in algorithms if name not in (*ASYMMETRIC, *SYMMETRIC)]
    if unknown or not algorithms:
        known = ", ".join((*ASYMMETRIC, *SYMMETRIC))
        raise _wrong("JWT_ALGORITHMS", f"{', '.join(unknown) or 'none'} cannot be used; choose of {known}")
    if any(name in SYMMETRIC for name in algorithms) and "://" in keys:
        raise _wrong("JWT_ALGORITHMS", "HS… needs a secret, which is in a file and never at an address")
    rules = Rules(issuer, audience, algorithms, settings.jwt_leeway_seconds)
    return Bearers(rules, _reader(keys))


def _reader(keys: str) -> Read:
    if "://" not in keys:
        return from_file(Path(keys))
    parts = urlsplit(keys)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return from_address(keys)
    if parts.scheme == "http" and (host == "localhost" or _is_loopback(host)):
        return from_address(keys)
    raise _wrong("JWT_KEYS", "the path of a file is needed, or an https address (http only on loopback)")


def _is_loopback(host: str) -> bool:
    try:
        return is_loopback(host)
    except ValueError:
        return False


def _wrong(setting: str, message: str) -> BadInput:
    return BadInput(f"CUSTOMER_GRAPH_{setting}", message)
