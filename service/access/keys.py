"""API keys: how they are made, written and recognised. Pure but for the system's random numbers.

A key's text is `cgk_<id>_<secret>`. The id is public: it names the key in lists and leads to it. The secret has
256 random bits, so one SHA-256 of it is enough at rest: slow hashes are for what people choose, which can be
guessed; this cannot be, and a slow hash would be a burden at every request, and a gift to who sends wrong keys.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

from service import ids
from service.access.models import Caller, Rights

PREFIX: Final = "cgk_"
"""By which a key is told from a token, and found by scanners in what should not contain it."""
_SECRET_BYTES: Final = 32
_FORM: Final = re.compile(r"cgk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is valid, as a process knows it."""

    caller: Caller
    digest: bytes
    """Of the secret."""

    def is_opened_by(self, secret: str) -> bool:
        """Whether this is its secret; takes as long for a wrong one, wherever that differs."""
        return hmac.compare_digest(self.digest, digest_of(secret))


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("ascii")).digest()


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def written(key_id: str, secret: str) -> str:
    """A key as its owner sends it."""
    return f"{PREFIX}{key_id.removeprefix(ids.API_KEY)}_{secret}"


def read(text: str) -> tuple[str, str] | None:
    """The id and the secret of a key's text; None where it is not the text of a key."""
    found = _FORM.fullmatch(text)
    return (f"{ids.API_KEY}{found[1]}", found[2]) if found else None


def known(key_id: str, name: str, scopes: list[str], digest: str, expires_at: int | None) -> Key:
    """A key from what is stored of it; times are epoch milliseconds."""
    rights: Rights = frozenset(scopes)
    ends_at = expires_at / 1000 if expires_at is not None else None
    return Key(Caller(name, rights, ends_at, key_id), bytes.fromhex(digest))
