"""How a request is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RequestRefused(Exception):
    """The request cannot be executed; nothing was."""

    def __init__(
        self, errors: list[dict[str, Any]], status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status
        self.headers = dict(headers or {})


def refusal(message: str, code: str, **extensions: object) -> RequestRefused:
    """A refusal for one reason."""
    return RequestRefused([{"message": message, "extensions": {"code": code, **extensions}}])
