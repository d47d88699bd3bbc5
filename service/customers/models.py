"""What sources say about customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator

from service.identity.events import EventInput, Source
from service.inputs import Input, JsonObject

MAX_ATTRIBUTES: Final = 200
MAX_NAME_CHARACTERS: Final = 100
MAX_KEPT_ATTRIBUTES: Final = 1000
"""Of what one source said of one identifier, withdrawn ones too. A CRM's card has some tens; a source that never
stops finding new names puts values into them."""
MAX_KEPT_BYTES: Final = 256 * 1024
"""The same as JSON: it is read whole whenever the customer's attributes are."""


def _named(attributes: dict[str, Any] | None) -> dict[str, Any]:
    if attributes is None:
        raise ValueError("a JSON object is needed, such as {}")
    if len(attributes) > MAX_ATTRIBUTES:
        raise ValueError(f"at most {MAX_ATTRIBUTES} attributes at once")
    for name in attributes:
        if not name.strip() or len(name) > MAX_NAME_CHARACTERS or "\n" in name:
            raise ValueError(f"{name[:20]!r} cannot be a name: 1 to {MAX_NAME_CHARACTERS} characters, one line")
    return attributes


Attributes = Annotated[JsonObject, AfterValidator(_named)]
"""What is said of a customer, by name."""


class IdentifyInput(EventInput):
    """What a source knows about somebody. Left out: unchanged; null: the source withdraws its value."""

    source: Source  # Without a default: what is known is kept by source.
    attributes: Attributes


class UpdateCustomerInput(Input):
    """Attributes set by hand. Left out: unchanged; null: the value that was set by hand is withdrawn."""

    customer_id: str
    attributes: Attributes
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """What one source said of one identifier: of each attribute its last value, and when (epoch ms).

    A value of None withdraws what the source said before. `firsts` has the first value since then, and when, of
    the attributes where that is another statement than the last.
    """

    id: str
    key: str
    source: str
    anchor: str
    statements: dict[str, tuple[Any, int]]
    firsts: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def texts(self) -> tuple[str, str | None]:
        """The statements and the first ones as JSON, in which they are stored."""
        firsts = orjson.dumps(self.firsts).decode() if self.firsts else None
        return orjson.dumps(self.statements).decode(), firsts

    def excess(self) -> str | None:
        """Why it is more than is kept of one source about one identifier, and what to do; None if it is not."""
        if len(self.statements) > MAX_KEPT_ATTRIBUTES:
            return (
                f"{self.source} would have told {len(self.statements)} attributes of one identifier, withdrawn "
                f"ones too; at most {MAX_KEPT_ATTRIBUTES} are kept, so put what varies into values, not into names"
            )
        size = sum(len(text.encode()) for text in self.texts() if text)
        if size > MAX_KEPT_BYTES:
            return (
                f"{self.source} would have told {size} bytes of one identifier, as JSON; at most {MAX_KEPT_BYTES} "
                "are kept, so withdraw some with null first"
            )
        return None


def statements_of(text: str | None) -> dict[str, tuple[Any, int]]:
    """A profile's statements from their JSON."""
    return {name: (value, at) for name, (value, at) in orjson.loads(text).items()} if text else {}
