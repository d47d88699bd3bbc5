"""Tokens: which count, for whom, and until when."""

from __future__ import annotations

import base64
import hmac
import json
import random
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from service.access.models import Caller
from service.access.tokens import Rules, caller_of, rights_of, signer
from service.errors import Unauthenticated

NOW = 1_800_000_000
RULES = Rules("https://id.example/", "customer-graph", ("RS256", "ES256", "Ed25519"), 3)
RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})


def claims(**other: Any) -> dict[str, Any]:
    given = {
        "iss": RULES.issuer,
        "aud": RULES.audience,
        "sub": "olga",
        "exp": NOW + 60,
        "iat": NOW - 1,
        "scope": "openid sales:read sales:write",
    } | other
    return {name: value for name, value in given.items() if value is not None}


def token(key: Key = RSA, algorithm: str = "RS256", **other: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims(**other), key, algorithms=[algorithm])


def read(text: str, key: Key = RSA, rules: Rules = RULES, now: float = NOW) -> Caller:
    signer(text, rules)
    return caller_of(text, key, rules, now)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "Ed25519")])
def test_a_token_is_its_subject_until_it_ends(key: Key, algorithm: str) -> None:
    text = token(key, algorithm)
    assert signer(text, RULES) == (algorithm, key.kid)
    rights = frozenset({"sales:read", "sales:write"})
    assert read(text, key) == Caller("olga", rights, NOW + 63, "sub:olga")


@pytest.mark.parametrize("other", [{"aud": ["other", "customer-graph"]}, {"nbf": NOW + 3}, {"iat": NOW + 3}])
def test_what_counts_as_well(other: dict[str, Any]) -> None:
    assert read(token(**other)).name == "olga"


def test_by_the_leeway_it_goes_on_after_its_end() -> None:
    assert read(token(), now=NOW + 62).name == "olga"
    with pytest.raises(Unauthenticated):
        read(token(), now=NOW + 63)
    assert read(token(exp=NOW + 60.5), now=NOW + 63.4).ends_at == NOW + 63.5
    with pytest.raises(Unauthenticated):
        read(token(exp=NOW + 60.5), now=NOW + 63.6)


@pytest.mark.parametrize(
    "other",
    [
        {"exp": NOW - 3},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 10**400},
        {"nbf": NOW + 10},
        {"iat": NOW + 10},
        {"iss": "https://evil.example/"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": []},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": " "},
        {"sub": 7},
        {"sub": "a\u0000b"},
        {"sub": "x" * 201},
    ],
)
def test_claims_that_do_not_do(other: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        read(token(**other))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_what_is_not_signed_is_nobodys(algorithm: str) -> None:
    for signature in ("", "x"):
        with pytest.raises(Unauthenticated):
            read(f"{encoded({'alg': algorithm, 'kid': 'rsa'})}.{encoded(claims())}.{signature}")


def test_a_public_key_is_no_secret() -> None:
    """Who signs by HS256 with the public key as the secret is let in by nobody, even where HS256 is allowed."""
    public = RSA.as_pem(private=False)
    text = f"{encoded({'alg': 'HS256', 'kid': 'rsa'})}.{encoded(claims())}"
    signature = hmac.digest(public, text.encode(), "sha256")
    confused = f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    for rules in (RULES, Rules(RULES.issuer, RULES.audience, ("RS256", "HS256"), 3)):
        with pytest.raises(Unauthenticated):
            read(confused, rules=rules)


def test_an_algorithm_that_is_not_allowed() -> None:
    with pytest.raises(Unauthenticated):
        read(token(RSA, "RS512"))


def test_another_key_of_the_same_id() -> None:
    with pytest.raises(Unauthenticated):
        read(token(RSAKey.generate_key(2048, {"kid": "rsa"})))


def test_what_must_be_understood_and_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    header = {"alg": "RS256", "kid": "rsa", "crit": ["tenant"], "tenant": "x"}
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    monkeypatch.setattr(registry, "check_header", lambda _header: None)
    text = jws.serialize_compact(header, json.dumps(claims()), RSA, registry=registry)
    with pytest.raises(Unauthenticated):
        read(text)


def test_other_headers_do_not_matter() -> None:
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    header = {"alg": "RS256", "kid": "rsa", "typ": "at+jwt", "tenant": "x"}
    text = jws.serialize_compact(header, json.dumps(claims()), RSA, registry=registry)
    assert read(text).name == "olga"


def test_a_token_of_which_one_sign_is_another_is_nobodys() -> None:
    text = token()
    chance = random.Random(7)
    for _ in range(300):
        place = chance.randrange(len(text) - 1)  # The last sign has bits that say nothing.
        other = chance.choice([sign for sign in "Ab3-_.={é" if sign != text[place]])
        changed = f"{text[:place]}{other}{text[place + 1 :]}"
        with pytest.raises(Unauthenticated):
            read(changed)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "{}", "a" * 8000, "....", "é.é.é", f"{encoded([])}.e30.x"]
)
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(Unauthenticated):
        read(text)


@pytest.mark.parametrize(
    ("given", "rights"),
    [
        ({"scope": "profiles:read admin"}, {"profiles:read", "admin"}),
        ({"scp": ["profiles:read", 7, "unknown"]}, {"profiles:read"}),
        ({"scp": "record"}, {"record"}),
        ({"scope": "record", "scp": ["admin"]}, {"record"}),
        ({"scope": None, "scp": ["admin"]}, set()),
        ({"scope": {"admin": True}}, set()),
        ({}, set()),
    ],
)
def test_scopes(given: dict[str, Any], rights: set[str]) -> None:
    assert rights_of(given) == rights
