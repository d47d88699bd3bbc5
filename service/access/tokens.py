"""Tokens of an identity provider: signed by a key of its set, for this service, at this time. Pure.

An algorithm counts only if the settings name it, and a key only for algorithms of its own type: a token cannot
choose to be verified in a weaker way than its issuer signs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from service.access.models import ALL_RIGHTS, Caller, Rights
from service.errors import Unauthenticated

ASYMMETRIC: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
SYMMETRIC: Final = ("HS256", "HS384", "HS512")
PREFIX: Final = "sub:"
"""Of the ids of callers who have a token."""
_MOST_NAME: Final = 200
_MOST_HEADER_BYTES: Final = 2_048


@dataclass(frozen=True, slots=True)
class Rules:
    """Which tokens count."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    leeway_seconds: int
    """By how much the issuer's clock may differ from this one."""


def signer(text: str, rules: Rules) -> tuple[str, str | None]:
    """The algorithm and the key's id that a token claims for itself; raises Unauthenticated."""
    try:
        header = jws.extract_compact(text.encode("ascii"), registry=_registry(rules)).headers()
    except (JoseError, ValueError, TypeError):
        raise Unauthenticated from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in rules.algorithms or not isinstance(key_id, str | None):
        raise Unauthenticated
    return str(algorithm), key_id


def caller_of(text: str, key: Key, rules: Rules, now: float) -> Caller:
    """Whom a token speaks for, `now` in seconds since the epoch; raises Unauthenticated."""
    try:
        claims = jwt.decode(text, key, algorithms=list(rules.algorithms), registry=_registry(rules)).claims
        _registered(rules, now).validate(claims)
        # Until then its socket is open; by the same leeway by which it is let in.
        ends_at = float(claims["exp"]) + rules.leeway_seconds
    except (JoseError, ValueError, TypeError, OverflowError):
        raise Unauthenticated from None
    name = claims["sub"].strip()
    # The library looks at whole seconds: what is over must be over at once, for its socket is closed then.
    if ends_at <= now or not _is_name(name):
        raise Unauthenticated
    return Caller(name, rights_of(claims), ends_at, f"{PREFIX}{name}")


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _MOST_NAME and not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text)


def rights_of(claims: Mapping[str, Any]) -> Rights:
    """The scopes that a token has: of `scope`, or where that is not there of `scp`. Only ours count."""
    given = claims.get("scope", claims.get("scp"))
    names: Sequence[Any] = given.split() if isinstance(given, str) else given if isinstance(given, list) else ()
    return frozenset(name for name in names if isinstance(name, str)) & ALL_RIGHTS


def _registry(rules: Rules) -> jws.JWSRegistry:
    # Headers that issuers add say nothing that would have to be understood, unless `crit` names them.
    registry = jws.JWSRegistry(algorithms=list(rules.algorithms), strict_check_header=False)
    registry.max_header_length = _MOST_HEADER_BYTES
    return registry


def _registered(rules: Rules, now: float) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=rules.leeway_seconds,
        iss={"essential": True, "value": rules.issuer},
        aud={"essential": True, "value": rules.audience},
        sub={"essential": True},
        exp={"essential": True},
    )
