"""Whose certificates are believed where this process connects to others."""

from __future__ import annotations

import ssl
from functools import cache

import httpcore


@cache
def authorities() -> ssl.SSLContext:
    """The usual authorities, and those of the system (or SSL_CERT_FILE)."""
    context = httpcore.default_ssl_context()
    context.load_default_certs()
    return context
