"""Settings of tokens, and tokens that are verified once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from service.access.authenticator import authenticating
from service.access.bearers import bearers_of
from service.access.models import OPERATOR, Caller
from service.errors import BadInput, Unauthenticated
from service.graph.client import Graph
from service.settings import Settings

WHOLE: dict[str, Any] = {"jwt_issuer": "https://id.example/", "jwt_audience": "graph", "jwt_keys": "keys.json"}


def test_without_an_issuer_there_are_no_tokens() -> None:
    assert bearers_of(Settings()) is None


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"jwt_issuer": None},
            "CUSTOMER_GRAPH_JWT_ISSUER: JWT_ISSUER, JWT_AUDIENCE and JWT_KEYS are needed together",
        ),
        ({"jwt_audience": None}, "CUSTOMER_GRAPH_JWT_AUDIENCE: .* are needed together"),
        ({"jwt_keys": None}, "CUSTOMER_GRAPH_JWT_KEYS: .* are needed together"),
        ({"jwt_algorithms": ("RS256", "none")}, "CUSTOMER_GRAPH_JWT_ALGORITHMS: none cannot be used"),
        ({"jwt_algorithms": ()}, "CUSTOMER_GRAPH_JWT_ALGORITHMS: none cannot be used"),
        (
            {"jwt_algorithms": ("HS256",), "jwt_keys": "https://id.example/jwks"},
            "JWT_ALGORITHMS: HS… needs a secret",
        ),
        ({"jwt_keys": "http://id.example/jwks"}, "CUSTOMER_GRAPH_JWT_KEYS: .*an https address"),
        ({"jwt_keys": "ftp://id.example/jwks"}, "CUSTOMER_GRAPH_JWT_KEYS: .*an https address"),
        ({"jwt_keys": "https://"}, "CUSTOMER_GRAPH_JWT_KEYS: .*an https address"),
    ],
)
def test_settings_that_do_not_fit_together(other: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        bearers_of(Settings(**(WHOLE | other)))


@pytest.mark.parametrize(
    "keys", ["https://id.example/jwks", "http://127.0.0.1:1/jwks", "http://[::1]/", "/etc/jwks"]
)
def test_where_keys_may_be(keys: str) -> None:
    assert bearers_of(Settings(**(WHOLE | {"jwt_keys": keys}))) is not None


async def test_tokens_without_authentication_are_a_mistake() -> None:
    graph = cast("Graph", None)
    with pytest.raises(BadInput, match="CUSTOMER_GRAPH_AUTH=required only"):
        async with authenticating(Settings(**WHOLE), graph, asyncio.Event()):
            pass
    async with authenticating(Settings(), graph, asyncio.Event()) as anybody:
        assert await anybody.caller("whatever") is OPERATOR


async def test_a_token_is_verified_once_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = RSAKey.generate_key(2048, {"kid": "one"})
    file = tmp_path / "jwks.json"
    file.write_bytes(orjson.dumps({"keys": [key.as_dict(private=False)]}))
    bearers = bearers_of(Settings(**(WHOLE | {"jwt_keys": str(file)})))
    assert bearers is not None
    now = time.time()
    claims = {"iss": WHOLE["jwt_issuer"], "aud": "graph", "sub": "olga", "exp": now + 60, "scope": "admin"}
    text = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
    caller = await bearers.caller(text)
    assert caller == Caller("olga", frozenset({"admin"}), now + 63, "sub:olga")
    assert await bearers.caller(text) is caller
    monkeypatch.setattr(time, "time", lambda: now + 64)
    with pytest.raises(Unauthenticated):
        await bearers.caller(text)
