"""Trusted documents: with a manifest of them, no others are answered.

Clients' build tools write such manifests: Apollo's (`apollo-persisted-query-manifest`), or an object from ids to
documents, as Relay's compiler and others have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from service.api.errors import BAD_REQUEST, DOCUMENT_NOT_TRUSTED, PERSISTED_QUERY_NOT_SUPPORTED
from service.api.refusing import refusal
from service.errors import ServiceError

_APOLLO: Final = "apollo-persisted-query-manifest"
_FORM: Final = (
    f'needs {{"format": "{_APOLLO}", "version": 1, "operations": [{{"id": "…", "body": "…"}}]}}, '
    'or {"id": "document"}'
)


class ManifestWrong(ServiceError):
    """The manifest of trusted documents cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"TRUSTED_DOCUMENTS: {path}: {reason}")


def manifest(path: Path) -> dict[str, str]:
    """The documents of a manifest by their ids; raises ManifestWrong."""
    try:
        given = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ManifestWrong(path, f"cannot be read: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise ManifestWrong(path, f"is not JSON: {error}.") from None
    found: dict[str, str] = {}
    for id_, text in _entries(path, given):
        if not isinstance(id_, str) or not isinstance(text, str) or not id_:
            raise ManifestWrong(path, _FORM + ".")
        if found.setdefault(id_, text) != text:
            raise ManifestWrong(path, f"has two documents with the id {id_!r}.")
    if not found:
        raise ManifestWrong(path, "has no documents, so nothing could be asked.")
    return found


def _entries(path: Path, given: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(given, dict):
        raise ManifestWrong(path, _FORM + ".")
    if "format" not in given or "operations" not in given:
        yield from given.items()
        return
    if given["format"] != _APOLLO or given.get("version") != 1 or not isinstance(given["operations"], list):
        raise ManifestWrong(path, _FORM + ".")
    for one in given["operations"]:
        yield (one.get("id"), one.get("body")) if isinstance(one, dict) else (None, None)


def named(documents: Mapping[str, str] | None, id_: str, *, is_hash: bool) -> str:
    """The document that a request names by its id, or by its hash in Apollo's way; raises RequestRefused."""
    if documents is None:
        if is_hash:  # What Apollo's clients take for "send the document then, now and always".
            raise refusal("PersistedQueryNotSupported", PERSISTED_QUERY_NOT_SUPPORTED)
        raise refusal("documentId: there is no manifest of documents here; send the text as query.", BAD_REQUEST)
    text = documents.get(id_)
    if text is None:
        raise refusal(
            f"There is no trusted document with the id {id_[:80]!r}. Ask for one of the manifest's.",
            DOCUMENT_NOT_TRUSTED,
        )
    return text
