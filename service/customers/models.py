"""What sources say about customers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator

from service.identity.events import EventInput
from service.inputs import JsonObject, Name

MAX_ATTRIBUTES: Final = 200
MAX_NAME_CHARACTERS: Final = 100


class SurvivorshipRule(Enum):
    """How a golden value is chosen among what the sources say."""

    MOST_RECENT = "MOST_RECENT"
    """What was observed last."""


def _named(attributes: dict[str, Any] | None) -> dict[str, Any]:
    if attributes is None:
        raise ValueError("a JSON object is needed, such as {}")
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValueError(f"at most {MAX_ATTRIBUTES} attributes at once")
    for name in attributes:
        if not name.strip() or len(name) > MAX_NAME_CHARACTERS or "\n" in name:
            raise ValueError(f"{name[:20]!r} cannot be a name: 1 to {MAX_NAME_CHARACTERS} characters, one line")
    return attributes


class IdentifyInput(EventInput):
    """What a source knows about somebody. Left out: unchanged; null: the source withdraws its value."""

    source: Name  # Without a default: what is known is kept by source.
    attributes: Annotated[JsonObject, AfterValidator(_named)]


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """What one source said of one identifier: of each attribute its last value, and when (epoch ms).

    A value of None withdraws what the source said before.
    """

    id: str
    key: str
    source: str
    anchor: str
    statements: dict[str, tuple[Any, int]]


def statements_of(text: str) -> dict[str, tuple[Any, int]]:
    """A profile's statements from their JSON."""
    return {name: (value, at) for name, (value, at) in orjson.loads(text).items()}
