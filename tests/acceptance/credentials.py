"""Credentials: keys by the command line, and tokens of an issuer that a service is told to believe."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.conftest import Engine

ISSUER, AUDIENCE = "https://id.example/", "customer-graph"
SIGNER = ECKey.generate_key("P-256", {"kid": "signer"})


def command(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`customer-graph keys …` as an operator would run it, beside the service."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "keys", *arguments],
        env=engine.environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def token(scope: str, seconds: float = 600, **other: Any) -> str:
    """A token of the issuer that the service believes."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "olga", "exp": time.time() + seconds, "scope": scope} | other
    return jwt.encode({"alg": "ES256", "kid": "signer"}, claims, SIGNER)
